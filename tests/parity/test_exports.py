"""Exported files, loaded by diffusers' own loaders, act as our attached spaces do."""

import pytest
import torch
from helpers import KINDS, random_concept, tiny_base

from persimg.concepts.concept import Concept
from persimg.concepts.exporting import export
from persimg.concepts.importing import import_file
from persimg.errors import UserError
from persimg.spaces import Lora, TokenEmbeddings, attach_concept


def predict(base, prompt):
    z = torch.randn((1, *base.latent_shape(32, 32)), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        return base.predict(z, torch.tensor([500]), base.encode_prompts([prompt]))


def made(base, *spaces):
    """A concept of random weights, and what the base predicts with it."""
    concept = random_concept(base, *spaces)
    stack = attach_concept(base, concept)
    expected = predict(base, f"a {concept.card.expansion} in the snow")
    stack.detach()
    return concept, expected


LORAS = {
    "alpha": {"rank": 4, "alpha": 16},
    "text": {"rank": 2, "text_encoder": True},
    "convolutions": {"rank": 2, "targets": "all"},
    "dora": {"rank": 2, "dora": True},
}


@pytest.mark.parametrize("name", LORAS)
@pytest.mark.parametrize("kind", ["sd_epsilon", "sdxl"])
def test_lora_in_diffusers(kind, name, tmp_path):
    concept, expected = made(tiny_base(kind), Lora(**LORAS[name]))
    export(concept, "diffusers", tmp_path / "lora.safetensors")
    plain = tiny_base(kind)
    before = predict(plain, "a sks cat in the snow")
    plain.pipeline.load_lora_weights(tmp_path, weight_name="lora.safetensors")
    found = predict(plain, "a sks cat in the snow")
    # fp32 sums in another order
    assert (found - expected).abs().max() < 1e-5 and (found - before).abs().max() > 1e-3


# not "dora": diffusers drops dora_scale from kohya's files, with a warning alone
@pytest.mark.parametrize("name", ["alpha", "text", "convolutions"])
@pytest.mark.parametrize("kind", ["sd_epsilon", "sdxl"])
def test_lora_in_kohyas_names(kind, name, tmp_path):
    concept, expected = made(tiny_base(kind), Lora(**LORAS[name]))
    export(concept, "kohya", tmp_path / "lora.safetensors")
    plain = tiny_base(kind)
    plain.pipeline.load_lora_weights(tmp_path, weight_name="lora.safetensors")
    assert (predict(plain, "a sks cat in the snow") - expected).abs().max() < 1e-5


@pytest.mark.parametrize("format", ["diffusers", "a1111"])
def test_token_in_diffusers(format, tmp_path):
    concept, expected = made(tiny_base(), TokenEmbeddings("<mycat>", 2, "cat"))
    export(concept, format, tmp_path / "rows.safetensors")
    plain = tiny_base()
    plain.pipeline.load_textual_inversion(tmp_path, weight_name="rows.safetensors", token="<mycat>" if format == "a1111" else None)
    prompt = plain.pipeline.maybe_convert_prompt("a <mycat> in the snow", plain.pipeline.tokenizer)
    assert (predict(plain, prompt) - expected).abs().max() < 1e-5


def test_token_of_two_encoders_in_diffusers(tmp_path):
    from safetensors.torch import load_file

    concept, expected = made(tiny_base("sdxl"), TokenEmbeddings("<mycat>", 2, "cat"))
    rows = load_file(export(concept, "diffusers", tmp_path / "rows.safetensors")[0])
    pipeline = (plain := tiny_base("sdxl")).pipeline
    pipeline.load_textual_inversion(rows["clip_l"], token="<mycat>", text_encoder=pipeline.text_encoder, tokenizer=pipeline.tokenizer)
    pipeline.load_textual_inversion(rows["clip_g"], token="<mycat>", text_encoder=pipeline.text_encoder_2, tokenizer=pipeline.tokenizer_2)
    prompt = pipeline.maybe_convert_prompt("a <mycat> in the snow", pipeline.tokenizer)
    assert (predict(plain, prompt) - expected).abs().max() < 1e-5


def test_several_spaces_make_a_folder(tmp_path):
    concept, _ = made(tiny_base(), TokenEmbeddings("<mycat>", 1, "cat"), Lora(rank=2))
    names = [p.name for p in export(concept, "diffusers", tmp_path / "out")]
    assert names == ["learned_embeds.safetensors", "pytorch_lora_weights.safetensors", "PROMPT.txt"]
    assert (tmp_path / "out" / "PROMPT.txt").read_text() == "<mycat>\n"


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_rows_and_lora_in_diffusers(kind, tmp_path):
    from safetensors.torch import load_file

    concept, expected = made(tiny_base(kind), TokenEmbeddings("<mycat>", 2, "cat"), Lora(rank=2, alpha=6, text_encoder=True))
    export(concept, "diffusers", tmp_path / "out")
    pipeline = (plain := tiny_base(kind)).pipeline
    before = predict(plain, "a cat in the snow")
    if kind == "sdxl":
        rows = load_file(tmp_path / "out" / "learned_embeds.safetensors")
        for key, encoder, tokenizer in (("clip_l", "text_encoder", "tokenizer"), ("clip_g", "text_encoder_2", "tokenizer_2")):
            pipeline.load_textual_inversion(
                rows[key], token="<mycat>", text_encoder=getattr(pipeline, encoder), tokenizer=getattr(pipeline, tokenizer)
            )
    else:
        pipeline.load_textual_inversion(tmp_path / "out", weight_name="learned_embeds.safetensors")
    pipeline.load_lora_weights(tmp_path / "out", weight_name="pytorch_lora_weights.safetensors")
    says = (tmp_path / "out" / "PROMPT.txt").read_text().strip()
    found = predict(plain, pipeline.maybe_convert_prompt(f"a {says} in the snow", pipeline.tokenizer))
    assert (found - expected).abs().max() < 1e-5 and (found - before).abs().max() > 1e-3


def test_what_has_no_format_is_refused(tmp_path):
    concept, _ = made(tiny_base(), Lora(rank=2))
    with pytest.raises(UserError, match="whole model"):
        export(Concept(concept.card, {"full": {}}), "diffusers", tmp_path / "x.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", LORAS)
@pytest.mark.parametrize("format", ["diffusers", "kohya"])
@pytest.mark.parametrize("kind", ["sd_epsilon", "sdxl"])
def test_imported_exports_are_the_concept(kind, format, name, tmp_path):
    """The same tensors, the same rank and alpha, hence the same predictions, bit for bit."""
    base = tiny_base(kind)
    concept, expected = made(base, Lora(**LORAS[name]))
    path = export(concept, format, tmp_path / "lora.safetensors")[0]
    again = import_file(path, "again", "cat", "sks cat", base)
    assert again.weights["lora"].keys() == concept.weights["lora"].keys()
    assert all(torch.equal(again.weights["lora"][key], tensor) for key, tensor in concept.weights["lora"].items())
    assert all(again.card.spaces["lora"][key] == concept.card.spaces["lora"][key] for key in ("rank", "alpha", "dora", "text_encoder"))
    stack = attach_concept(base, again)
    assert torch.equal(predict(base, f"a {again.card.expansion} in the snow"), expected)
    stack.detach()


def test_alphas_of_their_own_are_folded_in(tmp_path):
    """diffusers' own loader reads kohya files with an alpha a module wrongly."""
    from safetensors.torch import load_file, save_file

    base = tiny_base()
    concept, _ = made(base, Lora(rank=4))
    tensors = load_file(export(concept, "kohya", tmp_path / "lora.safetensors")[0])
    names = sorted(n for n in tensors if n.endswith(".alpha"))
    for i, name in enumerate(names):
        tensors[name] = torch.tensor(1.0 + i)
    save_file(tensors, tmp_path / "lora.safetensors")
    again = import_file(tmp_path / "lora.safetensors", "again", "cat", "", base).weights["lora"]
    for name, own in concept.weights["lora"].items():
        flat = "lora_unet_" + name.split(".lora_")[0].removeprefix("unet.").replace(".", "_") + ".alpha"
        factor = (1.0 + names.index(flat)) / 4 if ".lora_B." in name else 1
        assert torch.allclose(again[name], own * factor, atol=1e-6)


def test_tokens_come_back_and_foreign_files_are_named(tmp_path):
    from safetensors.torch import save_file

    base = tiny_base()
    concept, expected = made(base, TokenEmbeddings("<mycat>", 2, "cat"))
    again = import_file(export(concept, "a1111", tmp_path / "rows.safetensors")[0], "again", "cat", "", base)
    stack = attach_concept(base, again)
    assert torch.equal(predict(base, "a <again> <again>_1 in the snow"), expected)
    stack.detach()
    for tensors, text in (({"x.hada_w1_a": torch.zeros(1)}, "LyCORIS"), ({f"n{i}": torch.zeros(2, 2, 2) for i in range(3)}, "neither")):
        save_file(tensors, tmp_path / "odd.safetensors")
        with pytest.raises(UserError, match=text) as caught:
            import_file(tmp_path / "odd.safetensors", "odd", "cat", "", base)
        assert caught.value.exit_code == 3
