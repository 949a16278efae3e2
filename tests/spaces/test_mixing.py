import dataclasses
import itertools
import math

import pytest
import torch
from helpers import assert_same_tensors, random_concept, random_person, tensors, tiny_base
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg.concepts import consent, store
from persimg.concepts.concept import Concept
from persimg.errors import UserError
from persimg.sampling.sampler import Sampler
from persimg.spaces import TokenEmbeddings
from persimg.spaces import basis as bases
from persimg.spaces.mixing import angle, degrees, mixed, slerp

WORDS = "cat dog robot car hat red blue green".split()
K = 6


def built(base, words=WORDS, k=K):
    return bases.build(base, [f"{a} {b}" for a, b in itertools.permutations(words, 2)], k)


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def base(request):
    return tiny_base(request.param)


@pytest.fixture(scope="module")
def basis(base):
    return built(base)


@pytest.fixture(scope="module")
def two(base, basis):
    return random_person(base, basis, "ann", 3), random_person(base, basis, "bob", 4)


def coefficients(concept):
    return {key: tensor for key, tensor in concept.weights["identity_basis"].items() if key.endswith("_coefficients")}


def test_the_ends_are_the_two_as_they_are(two, basis):
    first, *between, second = mixed(*two, basis, 5)
    assert [end.digest for end in (first, second)] == [concept.digest for concept in two] and len(between) == 3
    for end, concept in zip((first, second), two):
        assert_same_tensors(concept.weights["identity_basis"], end.weights["identity_basis"])
    assert mixed(*two, basis, 2) == list(two)


@pytest.mark.parametrize("radius", ["one", "names"])
def test_between_lie_points_of_the_same_sphere_equal_angles_apart(base, basis, radius):
    pair = random_person(base, basis, "ann", 3, radius=radius), random_person(base, basis, "bob", 4, radius=radius)
    strip = mixed(*pair, basis, 5)
    for key in coefficients(pair[0]):
        rows = torch.stack([concept.weights["identity_basis"][key] for concept in strip])
        torch.testing.assert_close(rows.norm(dim=-1), rows[:1].norm(dim=-1).expand(5, 2), atol=1e-5, rtol=0)
        torch.testing.assert_close(angle(rows[:-1], rows[1:]), angle(rows[0], rows[-1]).expand(4, 2) / 4, atol=1e-5, rtol=0)
    for key, part in basis.parts.items():
        for concept in strip:
            weights = concept.weights["identity_basis"]
            torch.testing.assert_close(weights[key], part.expand(weights[f"{key}_coefficients"]), atol=1e-5, rtol=0)
    assert all(0 < place < 180 for places in degrees(*pair).values() for place in places)


def test_the_other_way_round_is_the_same_strip_backwards(two, basis):
    there, back = mixed(*two, basis, 4), mixed(*two[::-1], basis, 4)
    for one, other in zip(there, back[::-1]):
        for name, tensor in one.weights["identity_basis"].items():
            torch.testing.assert_close(tensor, other.weights["identity_basis"][name], atol=1e-6, rtol=0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.floats(0, 1))
def test_slerp_keeps_to_the_sphere_and_to_its_share_of_the_angle(seed, k, share):
    u, v = (bases.unit(torch.randn(3, k, generator=torch.Generator().manual_seed(seed + i), dtype=torch.float64)) for i in (0, 20_000))
    found = slerp(u, v, share)
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(angle(u, found), share * angle(u, v), atol=1e-6, rtol=0)


def test_slerp_of_what_hardly_differs_and_of_opposites():
    u = torch.tensor([[1.0, 0.0]])
    near = torch.tensor([[1.0, 1e-7]])
    assert torch.equal(slerp(u, u, 0.3), u) and torch.isfinite(slerp(u, near, 0.5)).all()
    assert angle(u, torch.tensor([[0.0, 2.0]])) == pytest.approx(math.pi / 2)
    with pytest.raises(UserError, match="opposite"):
        slerp(u, -u, 0.5)


def test_a_mix_is_a_concept_like_any_other(base, basis, two, tmp_path):
    before, middle = tensors(base), mixed(*two, basis, 3)[1]
    store.save(middle, tmp_path / "m.safetensors")
    again = store.load(tmp_path / "m.safetensors")
    assert again.digest == middle.digest and (again.card.name, again.card.placeholder) == ("ann-bob-1", "<ann-bob-1>")
    assert again.card.notes == "1/2 of the way from ann to bob" and again.card.consent == "ann: ann agreed; bob: bob agreed"
    drawn = [Sampler(base, [c], batch=1).draw([f"a {c.card.placeholder}"], [5], steps=2)[0] for c in (two[0], again, two[1])]
    assert len({picture.tobytes() for picture in drawn}) == 3
    with Sampler(base, [*two, again], batch=1) as sampler:
        sampler.draw(["<ann> beside <ann-bob-1>"], [0], steps=1)
    assert_same_tensors(before, tensors(base))


def test_who_revokes_consent_takes_every_mix_along(basis, two, tmp_path):
    store.save(two[1], tmp_path / "bob.safetensors")
    inner = mixed(*two, basis, 3)[1]
    outer = mixed(two[0], inner, basis, 3)[1]
    for name, concept in (("inner", inner), ("outer", outer)):
        store.save(concept, tmp_path / f"{name}.safetensors")
        store.load(tmp_path / f"{name}.safetensors")
    consent.revoke(tmp_path / "bob.safetensors")
    for name in ("inner", "outer"):
        with pytest.raises(UserError, match="the consent for bob .* was revoked"):
            store.load(tmp_path / f"{name}.safetensors")


def test_what_lies_on_no_common_sphere_is_refused(base, basis, two):
    ann = two[0]
    elsewhere = random_person(base, built(base, WORDS[:-1], 4), "bob", 4)
    wider = random_person(base, basis, "bob", 4, radius="names")
    stranger = dataclasses.replace(two[1], card=dataclasses.replace(two[1].card, base={**two[1].card.base, "fingerprint": "other"}))
    broken = Concept(two[1].card, {"identity_basis": {key: tensor[:, :3] for key, tensor in two[1].weights["identity_basis"].items()}})
    token = random_concept(base, TokenEmbeddings("<mycat>", init="cat"))
    wrong = {
        "mycat was learned in the space token": token, "different identity bases": elsewhere,
        "spheres of different radius": wider, "were trained on different bases": stranger, "bob lacks the coefficients of": broken,
    }  # fmt: skip
    for said, other in wrong.items():
        with pytest.raises(UserError, match=said):
            mixed(ann, other, basis, 3)
    with pytest.raises(UserError, match="name its file with --basis"):
        mixed(*two, built(base, WORDS[:-1], 4), 3)
    with pytest.raises(UserError, match="--steps 1 is out of range"):
        mixed(*two, basis, 1)
