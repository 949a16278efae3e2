import pytest
import torch
from helpers import KINDS, assert_same_tensors, tensors, tiny_base

from persimg.concepts import store
from persimg.concepts.concept import Card, Concept
from persimg.errors import UserError
from persimg.spaces import FullWeights, Lora, Stack, TokenEmbeddings, attach_concept

SPACES = {
    "token": lambda: TokenEmbeddings("<mycat>", num_vectors=2, init="cat", lr=1e-2),
    "lora": lambda: Lora(rank=2, alpha=8, lr=1e-2),
    "lora_all": lambda: Lora(rank=2, targets="all", lr=1e-2),
    "lora_text": lambda: Lora(rank=2, text_encoder=True, lr=1e-2),
    "dora": lambda: Lora(rank=2, dora=True, lr=1e-2),
    "full": lambda: FullWeights(lr=1e-3),
    "full_text": lambda: FullWeights(text_encoder=True, lr=1e-3),
}
PROMPT = {"token": "a photo of <mycat> <mycat>_1 in the snow"}


@pytest.fixture(scope="module", params=KINDS)
def base(request):
    return tiny_base(request.param)


def predict(base, prompt="a photo of a cat in the snow"):
    rng = torch.Generator().manual_seed(3)
    z = torch.randn((1, *base.latent_shape(32, 32)), generator=rng)
    with torch.no_grad():
        return base.predict(z, torch.tensor([500]), base.encode_prompts([prompt]))


def learn(base, space, prompt, steps=3):
    """A few real steps of AdamW with weight decay on every group that a naive port would give it."""
    optimizer = torch.optim.AdamW(space.param_groups())
    rng = torch.Generator().manual_seed(5)
    for step in range(steps):
        z = torch.randn((2, *base.latent_shape(32, 32)), generator=rng)
        pred = base.predict(z, torch.tensor([300, 700]), base.encode_prompts([prompt] * 2))
        (pred - z).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
        space.after_step(step + 1)


@pytest.mark.parametrize("name", SPACES)
def test_training_is_local_and_detach_is_exact(base, name):
    before, prompt = tensors(base), PROMPT.get(name, "a photo of a cat")
    plain, tokenizer = predict(base), base.pipeline.tokenizer
    space = SPACES[name]()
    space.attach(base)
    if not name.startswith("full"):
        trained = {id(p) for g in space.param_groups() for p in g["params"]}
        assert all(not p.requires_grad for p in base.denoiser.parameters() if id(p) not in trained)
    learn(base, space, prompt)
    learned, weights = predict(base, prompt), space.weights()
    space.detach()
    assert_same_tensors(before, tensors(base))
    assert base.pipeline.tokenizer is tokenizer
    assert torch.equal(predict(base), plain)

    again = type(space).from_config(space.config())
    again.attach(base, weights)
    # the delta of full weights is kept as fp16; everything else comes back bit for bit
    tolerance = 1e-4 if name.startswith("full") else 0
    assert (predict(base, prompt) - learned).abs().max() <= tolerance
    assert not torch.equal(predict(base, prompt), plain)
    again.detach()
    assert_same_tensors(before, tensors(base))


@pytest.mark.parametrize("name", [n for n in SPACES if n != "token"])
def test_scale_zero_is_the_base(base, name):
    plain, space = predict(base), SPACES[name]()
    space.attach(base)
    learn(base, space, "a cat")
    weights = space.weights()
    space.detach()
    zero = type(space).from_config(space.config())
    zero.attach(base, weights, scale=0.0)
    assert torch.equal(predict(base), plain)
    zero.detach()


@pytest.mark.parametrize("targets", [None, "all"])
def test_dora_at_a_scale_lies_between_the_base_and_the_learned_magnitude(base, targets):
    space = Lora(rank=2, alpha=4, dora=True, targets=targets, lr=1e-2)
    space.attach(base)
    learn(base, space, "a cat")
    weights, scale = space.weights(), 0.4
    space.detach()
    space = Lora(rank=2, alpha=4, dora=True, targets=targets)
    space.attach(base, weights, scale)
    originals = [(name, layer, layer.get_base_layer().weight.clone()) for name, layer in space._layers()]
    expected = {}
    for name, _, w in originals:
        rows = w.flatten(1)
        down, up, magnitude = (weights[f"{name}.{part}"] for part in ("lora_A.weight", "lora_B.weight", "lora_magnitude_vector.weight"))
        moved = rows + scale * 2 * up.flatten(1) @ down.flatten(1)
        wanted = (1 - scale) * rows.norm(dim=1) + scale * magnitude.flatten()
        expected[name] = (moved * (wanted / moved.norm(dim=1))[:, None]).reshape(w.shape)
    found = predict(base)
    space.detach()
    for name, _, _ in originals:
        model = base.denoiser if name.startswith("unet.") else base.pipeline.text_encoder
        model.get_submodule(name.split(".", 1)[1]).weight.data = expected[name]
    merged = predict(base)
    for name, _, w in originals:
        base.denoiser.get_submodule(name.split(".", 1)[1]).weight.data = w
    assert (found - merged).abs().max() < 1e-5 < (found - predict(base)).abs().max()


@pytest.mark.parametrize("others", [["lora"], ["dora"], ["token"], ["token", "lora_text"]])
def test_whole_weights_go_in_first_in_any_order(base, others):
    before, names = tensors(base), ["full_text", *others]
    prompt = PROMPT["token"] if "token" in others else "a photo of a cat"
    weights = {}
    for name in names:
        space = SPACES[name]()
        space.attach(base)
        learn(base, space, PROMPT.get(name, "a cat"))
        weights[name] = (space.config(), space.weights())
        space.detach()
    found = []
    for order in (names, names[::-1]):
        spaces = [type(SPACES[name]()).from_config(weights[name][0]) for name in order]
        stack = Stack(*spaces)
        stack.attach(base, {space.kind: weights[name][1] for name, space in zip(order, spaces)})
        found.append(predict(base, prompt))
        stack.detach()
        assert_same_tensors(before, tensors(base))
    assert torch.equal(*found)


def test_fresh_lora_is_the_base_and_first_gradients_reach_b_alone(base):
    plain, space = predict(base), Lora(rank=2)
    space.attach(base)
    assert torch.equal(predict(base), plain)
    base.predict(torch.ones(1, *base.latent_shape(32, 32)), torch.tensor([5]), base.encode_prompts(["a cat"])).sum().backward()
    grads = {n: p.grad for n, p in space._named()}
    assert all(grad.abs().sum() == 0 for n, grad in grads.items() if ".lora_A." in n)
    assert any(grad.abs().sum() > 0 for n, grad in grads.items() if ".lora_B." in n)
    space.detach()


@pytest.fixture(scope="module")
def fresh(base):
    """The same base, loaded once more."""
    return tiny_base(base.name.removeprefix("tiny_"))


@pytest.mark.parametrize("name", SPACES)
def test_a_saved_file_in_a_fresh_base_predicts_the_same(base, fresh, name, tmp_path):
    prompt = PROMPT.get(name, "a photo of a cat")
    space = SPACES[name]()
    space.attach(base)
    learn(base, space, prompt)
    store.save(concept(base, space), tmp_path / "mycat.safetensors")
    space.round()
    learned = predict(base, prompt)
    space.detach()
    plain = predict(fresh)
    stack = attach_concept(fresh, store.load(tmp_path / "mycat.safetensors"))
    assert torch.equal(predict(fresh, prompt), learned)
    stack.detach()
    assert torch.equal(predict(fresh), plain)
    zero = attach_concept(fresh, store.load(tmp_path / "mycat.safetensors"), scale=0.0) if name != "token" else None
    if zero:
        assert torch.equal(predict(fresh), plain)
        zero.detach()


def stored_elements(base, name):
    """By the formulas: rows times width; rank (i + o) a layer, o more with DoRA; everything that whole weights cover."""
    if name == "token":
        return 2 * sum(e.get_input_embeddings().weight.shape[1] for e in base.text_encoders.values())
    if name.startswith("full"):
        parts = [base.denoiser, *(base.text_encoders.values() if name == "full_text" else [])]
        return sum(p.numel() for part in parts for p in part.parameters())
    space = SPACES[name]()
    space.attach(base)
    shapes = [layer.get_base_layer().weight.shape for _, layer in space._layers()]
    space.detach()
    return sum(2 * (i * area + o) + (o if name == "dora" else 0) for o, i, *sides in shapes for area in [torch.Size(sides).numel()])


@pytest.mark.parametrize("name", SPACES)
def test_files_hold_what_the_formula_says_and_nothing_of_the_base(base, name, tmp_path):
    count, space, path = stored_elements(base, name), SPACES[name](), tmp_path / "mycat.safetensors"
    space.attach(base)
    made = concept(base, space)
    space.detach()
    store.save(made, path)
    header = {key: entry for key, entry in store.read_header(path).items() if key != "__metadata__"}
    assert sum(torch.Size(entry["shape"]).numel() for entry in header.values()) == count > 0
    bytes_each, dtypes = (2, {"F16"}) if name.startswith("full") else (4, {"F32"})
    assert {entry["dtype"] for entry in header.values()} == dtypes
    assert max(entry["data_offsets"][1] for entry in header.values()) == count * bytes_each


def test_one_row_that_equals_a_word_is_that_word(base):
    space = TokenEmbeddings("<same>", init="cat")
    space.attach(base)
    assert torch.equal(predict(base, "a <same> in the snow"), predict(base, "a cat in the snow"))
    space.detach()


def test_rows_follow_each_other_in_the_prompt(base):
    space = SPACES["token"]()
    space.attach(base)
    for tokenizer in base.tokenizers.values():
        ids = tokenizer(f"a {space.expansion} here", add_special_tokens=False).input_ids
        first = tokenizer.convert_tokens_to_ids("<mycat>")
        assert [i for i in ids if i >= first] == [first, first + 1]
    space.detach()


def test_norms_are_kept_where_asked(base):
    fixed = TokenEmbeddings("<mycat>", init="cat", lr=1.0, norm="fixed")
    capped = TokenEmbeddings("<mycat>", init="cat", lr=10.0, norm="cap")
    for space, expected in ((fixed, 1.0), (capped, 3.0)):
        space.attach(base)
        learn(base, space, "a <mycat>", steps=2)
        assert space.relative_norm() == pytest.approx(expected, rel=1e-4)
        space.detach()


def test_stopped_token_and_started_lora(base):
    stack = Stack(TokenEmbeddings("<mycat>", init="cat", lr=0.1, stop_step=1), Lora(rank=2, lr=0.1, start_step=1))
    stack.attach(base)
    stack.after_step(0)
    start = stack.weights()
    learn(base, stack, "a <mycat>", steps=1)
    pivot = stack.weights()
    assert not torch.equal(start["token"]["clip_l"], pivot["token"]["clip_l"])
    assert all(torch.equal(start["lora"][n], pivot["lora"][n]) for n in pivot["lora"])
    learn(base, stack, "a <mycat>", steps=2)
    end = stack.weights()
    assert torch.equal(end["token"]["clip_l"], pivot["token"]["clip_l"])
    assert any(not torch.equal(end["lora"][n], pivot["lora"][n]) for n in end["lora"])
    stack.detach()


def test_several_concepts_add_up_and_leave_in_reverse(base):
    before, weights = tensors(base), {}
    for name in ("one", "two"):
        space = Lora(rank=2, seed=len(weights))
        space.attach(base)
        learn(base, space, "a cat" if name == "one" else "a dog")
        weights[name] = space.weights()
        space.detach()
    one, two = Lora(rank=2), Lora(rank=2)
    one.attach(base, weights["one"], 0.5)
    only_one = predict(base)
    two.attach(base, weights["two"], 0.7)
    both = predict(base)
    two.detach()
    assert torch.equal(predict(base), only_one) and not torch.equal(both, only_one)
    one.detach()
    assert_same_tensors(before, tensors(base))


def test_taken_placeholder_is_refused(base):
    first = SPACES["token"]()
    first.attach(base)
    with pytest.raises(UserError, match="already has <mycat>"):
        SPACES["token"]().attach(base)
    first.detach()


def concept(base, space, **card):
    trained = {"name": base.name, "family": base.family, "fingerprint": base.fingerprint}
    return Concept(Card("mycat", base=trained | card, spaces={space.kind: space.config()}), {space.kind: space.weights()})


def test_wrong_base_is_refused_and_forced(base):
    space = Lora(rank=2)
    space.attach(base)
    made = concept(base, space)
    space.detach()
    before = tensors(base)
    attach_concept(base, made).detach()
    with pytest.raises(UserError, match="was trained on"):
        attach_concept(base, Concept(made.card.__class__(**{**vars(made.card), "base": {**made.card.base, "fingerprint": "0" * 12}}), made.weights))
    with pytest.raises(UserError, match="family|flux"):
        attach_concept(base, Concept(made.card.__class__(**{**vars(made.card), "base": {**made.card.base, "family": "flux"}}), made.weights))
    short = {"lora": dict(list(made.weights["lora"].items())[1:])}
    with pytest.raises(UserError, match="fit .* of .* tensors"):
        attach_concept(base, Concept(made.card, short), force=True)
    assert_same_tensors(before, tensors(base))
