"""The second person of prompts: who is meant, by which pictures they are known, and what can't be."""

import json

import pytest

pytest.importorskip("insightface")

import torch  # noqa: E402
from helpers import tiny_pipeline  # noqa: E402
from PIL import Image  # noqa: E402

import persimg  # noqa: E402
from persimg.cli.main import main  # noqa: E402
from persimg.concepts import library, store  # noqa: E402
from persimg.concepts.concept import Card, Concept  # noqa: E402
from persimg.errors import UserError  # noqa: E402
from persimg.evaluation import others, renders  # noqa: E402
from persimg.evaluation.suite import SELECTION, SUITES, is_drawn, load_suite, usual_suite  # noqa: E402
from persimg.mini.world.people import PEOPLE  # noqa: E402

KNOWN = PEOPLE[3].name
PAIR = "{} left of {other} in the snow, flat style"


def drawn(folder, *prompts, captions=()):
    """Pictures of prompts of the drawn world, with captions beside them."""
    folder.mkdir(parents=True)
    for i, prompt in enumerate(prompts):
        renders.render(prompt, "test", i).save(folder / f"{i}.png")
    for i, caption in enumerate(captions):
        (folder / f"{i}.txt").write_text(caption)
    return str(folder)


def person(path, name="ann", noun="woman", **of):
    """A concept of one embedding, of no use but to be loaded."""
    config = {"token": {"placeholder": f"<{name}>", "num_vectors": 1}}
    store.save(Concept(Card(name, noun, f"<{name}>", of, spaces=config, consent="nobody"), {"token": {"clip_l": torch.zeros(1, 16)}}), path)
    return path


def scored(argv, out):
    assert main(["evaluate", *argv, "--out", str(out)]) == 0
    record = json.loads((out / "scores.json").read_text())
    return record, record["rows"][0]["scores"]


def two_people(tmp_path):
    """A picture with ann on the left and bob on the right, and one the other way round; what else evaluate needs."""
    prompt = "face:{} left of face:{} in the snow, flat style"
    folder = drawn(tmp_path / "mine", prompt.format(0, 1), prompt.format(1, 0), captions=["<ann> left of <bob> in the snow, flat style"] * 2)
    own = drawn(tmp_path / "ann", *[f"face:0 {place}, flat style" for place in renders.REFERENCE_PLACES[:3]])
    return [folder, "--references", own, "--class-noun", "woman", "--metrics", "identity_verified,both_recognised,joint,blended,swapped"]


def test_of_a_folder_the_second_person_is_told_apart(tmp_path, capsys):
    words = two_people(tmp_path)
    theirs = drawn(tmp_path / "bob", *[f"face:1 {place}, flat style" for place in renders.REFERENCE_PLACES[:3]])
    record, scores = scored([*words, "--other", "bob", "--other-references", theirs], tmp_path / "out")
    assert record["prompts"] == [PAIR] and record["other"] == {"said": "bob", "references": 3}
    assert scores["both_recognised"]["values"] == scores["joint"]["values"] == [1, 1]
    assert scores["swapped"]["values"] == [0, 1] and scores["blended"]["mean"] == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Beside bob, of whom there are 3 references." in page and "… left of the other in the snow" in page and "{other}" not in page.split("What the numbers are")[0]
    library.put(store.load(person(tmp_path / "bob.safetensors", "bob")))
    record, scores = scored([*words, "--other", "bob", "--other-references", theirs], tmp_path / "again")
    assert record["other"]["said"] == "<bob>" and record["other"]["digest"] and scores["both_recognised"]["values"] == [1, 1]


def test_of_a_folder_a_concept_is_told_by_its_name_in_words_too(tmp_path):
    words = two_people(tmp_path)
    for caption in (tmp_path / "mine").glob("*.txt"):
        caption.write_text("<ann> left of bob in the snow, flat style")
    library.put(store.load(person(tmp_path / "bob.safetensors", "bob")))
    record, _ = scored([*words, "--other", "bob"], tmp_path / "out")
    assert record["prompts"] == [PAIR] and record["other"]["said"] == "<bob>"


def test_of_a_folder_without_other_all_names_are_the_subject_and_it_says_so(tmp_path, capsys):
    record, scores = scored(two_people(tmp_path), tmp_path / "out")
    assert record["prompts"] == ["{} left of {} in the snow, flat style"] and "no prompt names two people" in scores["joint"]["not_measured"]
    assert "<ann> and <bob> are named together and all count as the subject" in capsys.readouterr().out and "other" not in record


def test_somebody_with_a_name_is_compared_to_true_renders(tmp_path):
    caption = f"<ann> left of {KNOWN} in the snow, flat style"
    folder = drawn(tmp_path / "mine", f"face:0 left of {KNOWN} in the snow, flat style", f"face:0 left of {PEOPLE[4].name} in the snow, flat style", captions=[caption] * 2)
    own = drawn(tmp_path / "ann", "face:0 in the city, flat style", "face:0 in a room, flat style")
    record, scores = scored([folder, "--references", own, "--class-noun", "woman", "--other", KNOWN.title(), "--metrics", "both_recognised"], tmp_path / "out")
    assert record["prompts"] == [PAIR] and record["other"] == {"said": KNOWN, "references": 6} and scores["both_recognised"]["values"] == [1, 0]


def test_words_of_a_name_are_whole_words():
    from persimg.evaluation.sources import _with_other

    assert _with_other("<ann> and Bob next to bobby", "bob") == "<ann> and {other} next to bobby"
    assert _with_other("<ann> and <bob>, bob", "<bob>") == "<ann> and {other}, bob"
    assert _with_other("<ann> and Bob next to bobby", "<bob>") == "<ann> and {other} next to bobby", "a word, where no prompt marks them"
    assert _with_other("<ann-bob-1> and <bob-2>, bob", "bob") == "<ann-bob-1> and <bob-2>, {other}", "mixes of them are others"


def test_references_without_a_face_are_said_to_be(tmp_path):
    (tmp_path / "bob").mkdir()
    Image.new("RGB", (128, 128), "red").save(tmp_path / "bob" / "0.png")
    _, scores = scored([*two_people(tmp_path), "--other", "bob", "--other-references", str(tmp_path / "bob")], tmp_path / "out")
    assert scores["both_recognised"]["not_measured"] == "no face is found in the references of the second person"
    _, scores = scored([*two_people(tmp_path / "more"), "--other", "bob"], tmp_path / "none")
    assert scores["both_recognised"]["not_measured"] == "no references of the second person: not measured"


BAD = {
    "a second person and nobody meant": (["--suite", "PAIRS"], 2, "say who that is with --other"),
    "a suite without a place for them": (["--suite", "drawn", "--other", KNOWN], 2, f"no prompt of the suite drawn has a place for {KNOWN}"),
    "pictures of nobody": (["--other-references", "."], 2, "pictures of nobody yet"),
    "no folder": (["--other", KNOWN, "--other-references", "nowhere"], 2, "--other-references nowhere is not a folder"),
    "no file": (["--other", "nowhere.safetensors"], 2, "nowhere.safetensors doesn't exist"),
    "nobody": (["--other", " "], 2, "--other is empty"),
    "a stranger": (["--other", "nemo nobody"], 2, "nemo nobody is neither a concept nor somebody whom the base knows"),
    "the subject": (["--other", "SUBJECT"], 2, "--other <ann> is the subject"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_second_person_that_cannot_be_is_one_line(case, tmp_path, capsys):
    (tmp_path / "pairs.txt").write_text(PAIR)
    places = {"PAIRS": str(tmp_path / "pairs.txt"), "SUBJECT": str(person(tmp_path / "ann.safetensors"))}
    argv = ["evaluate", places["SUBJECT"], *(places.get(word, word) for word in BAD[case][0]), "--out", str(tmp_path / "out")]
    assert main(argv) == BAD[case][1]
    told = capsys.readouterr().err
    assert BAD[case][2] in told and told.count("\n") == 1 and not (tmp_path / "out").exists()


def test_of_a_folder_too(tmp_path, capsys):
    words = ["evaluate", drawn(tmp_path / "mine", "face:0 in the snow", captions=["<ann> in the snow"]), "--class-noun", "woman", "--out", str(tmp_path / "out")]
    assert main([*words, "--other", "bob"]) == 2 and "names bob; give --other as the prompts say it" in capsys.readouterr().err
    (tmp_path / "mine" / "0.txt").write_text(PAIR)
    assert main(words) == 2 and "say who that is with --other" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_the_usual_suite_fits_the_base_and_the_subject():
    found = [usual_suite(*given).name for given in ((True, "woman"), (False, "old man"), (False, "dog"), (True, "cat", True), (False, "woman", True))]
    assert found == ["drawn", "people", "dreambench-object", "drawn-pairs", "people-pairs"]
    with pytest.raises(UserError, match="no suite of two for a dog"):
        usual_suite(False, "dog", True)
    assert is_drawn(SUITES["drawn-pairs"].prompts) and not is_drawn(SUITES["people"].prompts) and not is_drawn(SUITES["people-pairs"].prompts)
    pairs = [p for suite in SUITES.values() for p in suite.prompts if "{other}" in p]
    assert pairs == [*load_suite("drawn-pairs").prompts, *load_suite("people-pairs").prompts] and all(p.count("{}") == 1 for p in pairs)
    assert not set(SUITES["people"].prompts) & set(SELECTION) and len(set(SUITES["people"].prompts)) == 20


def test_people_on_other_bases_get_prompts_of_people(tmp_path):
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    base = persimg.load_base(str(tmp_path / "base"))
    settings = {"base": base, "steps": 1, "seeds_per_prompt": 1, "metrics": ["clip_t"]}
    record = persimg.evaluate(person(tmp_path / "ann.safetensors", family="sd", fingerprint=base.fingerprint), tmp_path / "one", **settings)
    assert record["suite"] == "people" and len(record["rows"][0]["pictures"]) == 20
    record = persimg.evaluate(tmp_path / "ann.safetensors", tmp_path / "two", other="Bob Smith", **settings)
    assert record["suite"] == "people-pairs" and record["other"] == {"said": "Bob Smith", "references": 0}
    from persimg.sampling import provenance

    shown = [provenance.read(tmp_path / "two" / row["pictures"][0])["prompt"] for row in record["rows"][:2]]
    assert shown == [f"a photo of {subject} shaking hands with Bob Smith" for subject in ("<ann>", "woman")]


def test_a_concept_is_who_its_card_says(tmp_path):
    path = person(tmp_path / "file.safetensors", "bob", noun="")
    assert others.find(path, None) == others.Other("<bob>", "person", path)
    assert others.find("Ann  Lee", None) == others.Other("Ann Lee", "Ann Lee") and others.find(None, None) is None
