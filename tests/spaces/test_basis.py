import itertools

import numpy as np
import pytest
import torch
from helpers import tiny_base
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg.errors import UserError
from persimg.spaces import basis as bases

WORDS = "cat dog robot car hat red blue green snow beach city forest".split()
K = 5


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def base(request):
    return tiny_base(request.param)


@pytest.fixture(scope="module")
def names(base):
    known = [word for word in WORDS if not base.unknown_words(word) and all(len(t(word, add_special_tokens=False).input_ids) == 1 for t in base.tokenizers.values())]
    assert len(known) >= 8
    return [f"{a} {b}" for a, b in itertools.product(known[:8], known[:8]) if a != b]


def test_components_are_orthonormal_and_explain_in_falling_order(base, names):
    found = bases.build(base, names, K)
    assert set(found.parts) == set(base.text_encoders)
    for part in found.parts.values():
        gram = part.components @ part.components.mT
        torch.testing.assert_close(gram, torch.eye(K).expand_as(gram), atol=1e-5, rtol=0)
        assert (part.explained.diff(dim=1) <= 1e-6).all() and (part.explained.sum(1) <= 1 + 1e-5).all() and part.num_tokens == (8, 8)
    assert found.card["num_names"] == len(names) and found.digest == bases.build(base, names[::-1], K).digest


def test_the_card_says_how_much_of_the_variance_is_explained(base, names):
    found = {k: bases.build(base, names, k) for k in (1, 3, 7)}
    for key, part in found[7].parts.items():
        table = base.text_encoders[key].get_input_embeddings().weight.detach().double().numpy()
        for position in range(2):
            tokens = sorted({base.tokenizers[key](name, add_special_tokens=False).input_ids[position] for name in names})
            squares = np.linalg.svd(table[tokens] - table[tokens].mean(0), compute_uv=False) ** 2
            shares = np.cumsum(squares) / squares.sum()
            told = [made.card["explained"][key][position] for made in found.values()]
            assert told == pytest.approx([shares[k - 1] for k in found], abs=1e-4) and 0 < told[0] < told[1] < told[2] <= 1
            np.testing.assert_allclose(part.explained[position].cumsum(0), shares[:7], atol=1e-5)


def test_with_full_rank_every_name_is_in_its_own_coefficients(base, names):
    found = bases.build(base, names, 7)
    for key, part in found.parts.items():
        table, tokenizer = base.text_encoders[key].get_input_embeddings().weight, base.tokenizers[key]
        for name in names[:10]:
            rows = table[tokenizer(name, add_special_tokens=False).input_ids].detach().float()
            torch.testing.assert_close(part.expand(part.project(rows)), rows, atol=1e-4, rtol=0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_point_on_the_sphere_lies_one_from_the_mean(seed):
    part = bases.Part(torch.randn(2, 16), torch.linalg.qr(torch.randn(2, 16, K))[0].mT, torch.zeros(2, K), torch.ones(2), (9, 9))
    alpha = bases.unit(torch.randn(3, 2, K, generator=torch.Generator().manual_seed(seed)))
    rows = part.expand(alpha)
    torch.testing.assert_close((rows - part.mean).norm(dim=-1), torch.ones(3, 2), atol=1e-5, rtol=0)
    torch.testing.assert_close(part.project(rows), alpha, atol=1e-5, rtol=0)


def test_a_word_that_many_names_share_counts_once(base, names):
    once = bases.build(base, names, K)
    assert once.digest == bases.build(base, [*names, *names], K).digest == bases.build(base, [f"  {name.replace(' ', '   ')} " for name in names], K).digest


def test_names_that_do_not_do_are_left_out_and_counted(base, names):
    found = bases.build(base, [*names, "cat", "", "dog"], K, keep=lambda known: [name for name in known if name != names[0]])
    assert found.card["left_out"] == {"not two known words": 2, "drawn badly": 1} and found.card["num_names"] == len(names) - 1


def test_names_are_not_judged_where_they_are_too_few_anyway(base, names):
    def never(known):
        raise AssertionError("they were drawn")

    for k in (30, 17):
        with pytest.raises(UserError, match="components were asked for"):
            bases.build(base, names, k, keep=never)


def test_too_few_names_say_how_many_dimensions_they_span(base, names):
    for given_names in ([], names[:1], names):
        with pytest.raises(UserError, match=r"names are left, with \d+ different words at place 1: they span \d+ dimensions, 30 components") as caught:
            bases.build(base, given_names, 30)
        assert caught.value.exit_code == 3


def test_more_components_than_a_word_has_numbers(base):
    words = [w for w in "a cat dog robot car hat red blue green snow beach city forest the in on wearing and style flat photo of bird fish night sunset".split() if not base.unknown_words(w)]
    width = base.text_encoders["clip_l"].get_input_embeddings().weight.shape[1]
    with pytest.raises(UserError, match=f"words of clip_l have {width} dimensions"):
        bases.build(base, [f"{a} {b}" for a in words for b in words[:3]] + [f"{a} {b}" for a in words[:3] for b in words], width + 1)


def test_the_file_holds_every_bit_and_refuses_another_base(base, names, tmp_path):
    found = bases.build(base, names, K)
    bases.save(found, tmp_path / "b.safetensors")
    again = bases.load(tmp_path / "b.safetensors")
    assert again.digest == found.digest and again.card == found.card and again.num_components == K
    again.check(base)
    with pytest.raises(UserError, match="was built from"):
        again.check(tiny_base("sd_epsilon", seed=3))


def test_files_that_are_none(base, names, tmp_path):
    from safetensors.torch import save_file

    good = tmp_path / "good.safetensors"
    bases.save(bases.build(base, names, K), good)
    (tmp_path / "text").write_text("hello")
    (tmp_path / "cut").write_bytes(good.read_bytes()[:-7])
    save_file({"a": torch.zeros(2)}, tmp_path / "other")
    for name in ("text", "cut", "other"):
        with pytest.raises(UserError, match="is no identity basis"):
            bases.load(tmp_path / name)
    with pytest.raises(UserError, match="doesn't exist"):
        bases.load(tmp_path / "nowhere")


def test_build_and_show_on_the_command_line(base, names, tmp_path, capsys):
    import json

    from persimg.cli.main import main

    base.pipeline.save_pretrained(tmp_path / "base")
    (tmp_path / "names.txt").write_text("\ufeff# people\n" + "\n".join(names) + "\n\nnobody\n", encoding="utf-8")
    words = ["basis", "build", "--base", str(tmp_path / "base"), "--names", str(tmp_path / "names.txt"), "--k", "4", "--out", str(tmp_path / "b.safetensors")]
    assert main([*words, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["num_names"] == len(names) and made["fingerprint"] == base.fingerprint and (tmp_path / "b.safetensors").stat().st_size < 20_000
    assert main(["basis", "show", made["path"], "--json"]) == 0 and json.loads(capsys.readouterr().out) == made


BAD = {
    "exists": (["--names", "{}/names.txt", "--out", "{}/names.txt"], 2, "exists"),
    "no names": (["--names", "{}/empty.txt"], 3, "has no names"),
    "not text": (["--names", "{}/binary"], 3, "no UTF-8"),
    "missing file": (["--names", "{}/nowhere"], 3, "nowhere"),
    "k": (["--names", "{}/names.txt", "--k", "-3"], 2, "out of range"),
    "no k": (["--names", "{}/names.txt", "--k", "0"], 2, "--k 0 is out of range"),
    "unknown people": (["--base", "some/base"], 2, "give their names"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line(case, tmp_path, capsys):
    from persimg.cli.main import main

    (tmp_path / "names.txt").write_text("a b")
    (tmp_path / "empty.txt").write_text("# nobody\n\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    extra, code, said = BAD[case]
    words = ["basis", "build", *(word.format(tmp_path) for word in extra)]
    words += [] if "--out" in extra else ["--out", str(tmp_path / "b.safetensors")]
    assert main(words) == code
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1 and not (tmp_path / "b.safetensors").exists()
