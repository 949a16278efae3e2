"""`persimg profile`: what a person sees, bad input, no torch, no network, and what is stored without being asked (nothing)."""

import io
import json
import os
import pty
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from helpers import tiny_pipeline
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from persimg import files, mini
from persimg.cli.main import main
from persimg.preferences.claims import claim, sure
from persimg.preferences.estimate import profile_of
from persimg.preferences.events import Event, Shown
from persimg.preferences.lexicon import lexicon
from persimg.preferences.naming import attribute_id, called, told
from persimg.preferences.pictures import of_pictures, of_pixels
from persimg.preferences.profile import Belief
from persimg.preferences.store import Store

ATTRIBUTES = [a for a in lexicon().attributes.values() if not a.is_sensitive and not lexicon().categories[a.category].is_content]
FIRST, SECOND = (next(a for a in ATTRIBUTES if a.category == category) for category in sorted({a.category for a in ATTRIBUTES})[:2])
RUNNER = """
import contextlib, io, json, sys
calls, OUT = [], ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.bind", "socket.sendto", "socket.sendmsg")
sys.addaudithook(lambda event, args: calls.append(event) if event.startswith(OUT) else None)
from persimg.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted({"torch", "diffusers", "transformers", "open_clip"} & set(sys.modules)), calls]), file=sys.stderr)
"""


def run(*words):
    """(exit code, stdout) of a program of its own, which has neither torch nor a socket."""
    done = subprocess.run([sys.executable, "-c", RUNNER, "profile", *map(str, words)], capture_output=True, text=True)
    code, heavy, calls = json.loads(done.stderr.splitlines()[-1])
    assert (heavy, calls) == ([], [])
    return code, done.stdout


def asked(capsys, *words):
    """The JSON that the command gives."""
    capsys.readouterr()
    assert main(["profile", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def drawn_for(path, prompt, key="persimg"):
    info = PngInfo()
    info.add_text(key, json.dumps({"prompt": prompt}) if key == "persimg" else prompt)
    Image.new("RGB", (16, 16), "red").save(path, pnginfo=info)
    return path


def test_every_command_runs_without_torch_and_without_network(tmp_path):
    picture = drawn_for(tmp_path / "a.png", f"a castle, {FIRST.phrases[0]}")
    assert run("add", "comment", f"I love {FIRST.name}", "--user", "ann")[0] == 0
    assert run("add", "like", "--picture", picture, "--user", "ann")[0] == 0
    assert run("edit", "--user", "ann", "--pin", f"{SECOND.name}=-2")[0] == 0
    code, said = run("show", "--user", "ann")
    assert code == 0 and called(FIRST.id, lexicon()) in said
    assert run("export", "--user", "ann", "--out", tmp_path / "ann.json")[0] == 0
    assert run("import", tmp_path / "ann.json", "--user", "bob")[0] == 0
    code, said = run("list")
    assert code == 0 and "ann" in said and "bob" in said
    assert run("forget", "--user", "ann", "--yes")[0] == 0
    assert "ann " not in run("list")[1]


def test_what_is_known_is_told_with_its_reasons(capsys):
    for _ in range(6):
        asked(capsys, "add", "comment", f"I love {FIRST.name}", "--user", "ann", "--prompt", "a cat")
    asked(capsys, "add", "prompt", f"a dog, {SECOND.phrases[0]}", "--user", "ann")
    asked(capsys, "add", "like", "--prompt", "a castle", "--user", "ann")
    said = asked(capsys, "add", "say", "I like wobblefrobs", "--user", "ann")
    assert main(["profile", "show", "--user", "ann"]) == 0
    shown = capsys.readouterr().out
    parts = {part.splitlines()[0]: part for part in shown.split("\n\n")}
    assert "ann: 9 events, 1 prompt typed" in parts
    assert called(FIRST.id, lexicon()) in parts["You like"] and "of 6 pictures" in parts["You like"] and "% sure" in parts["You like"]
    assert f"I love {FIRST.name}" in parts["You like"] and "and 3 more" in parts["You like"]
    assert called(SECOND.id, lexicon()) in parts["Perhaps you like (a guess: too little to tell)"]
    assert "wobblefrobs" in parts["Said, but no attribute has a name for it"] and said["event"] in shown
    record = asked(capsys, "show", "--user", "ann")
    assert (record["events"], record["prompts"], record["beliefs"][0]["claim"]) == (9, 1, "likes")
    with Store() as store:
        assert store.profile("ann") == profile_of("ann", store.events("ann")) and record["revision"] == store.profile("ann").revision


def test_a_guess_is_not_told_as_a_fact():
    fact, guess = Belief("a", 1.0, 0.5, {"1": 0.5}, {"like": 2}), Belief("a", -1.0, 2.0, {"1": 0.5}, {"dislike": 2})
    pinned = Belief("a", -1.0, 0.0, {}, {}, "pinned")
    assert [claim(b) for b in (fact, guess, pinned)] == ["likes", "may dislike", "dislikes"]
    assert [claim(Belief("a", w, 1.0, {}, {}, s)) for w, s in ((2.0, "muted"), (0.0, "active"))] == ["never used", ""]
    assert sure(fact) == pytest.approx(0.977, abs=1e-3) and sure(pinned) == 1 and 0.5 < sure(guess) < 0.7


def test_edits_are_events_and_are_taken_back(capsys):
    def known():
        return {b["attribute"]: (b["status"], b["claim"]) for b in asked(capsys, "show", "--user", "ann")["beliefs"]}

    asked(capsys, "edit", "--user", "ann", "--pin", f"{FIRST.name.upper()}=2", "--mute", SECOND.id)
    assert known()[FIRST.id] == ("pinned", "likes") and known()[SECOND.id] == ("muted", "never used")
    edits = asked(capsys, "edit", "--user", "ann", "--reset", FIRST.id, "--pin", f"{SECOND.id}=-1.5")["edits"]
    assert FIRST.id not in known() and known()[SECOND.id] == ("pinned", "dislikes")
    assert edits == [{"edit": "reset", "attribute": FIRST.id, "weight": None}, {"edit": "pin", "attribute": SECOND.id, "weight": -1.5}]
    with Store() as store:
        assert sorted(e.text for e in store.events("ann")) == ["mute", "pin", "pin", "reset"]


def test_every_name_of_an_attribute_finds_it_or_says_which_ones():
    table = lexicon()
    for attribute in table.attributes.values():
        assert attribute_id(attribute.id, table) == attribute.id
        same = [a.id for a in table.attributes.values() if attribute.name.casefold() in map(str.casefold, a.names)]
        assert len(same) > 1 or attribute_id(attribute.name, table) == attribute.id


def test_pictures_are_read_from_their_prompts_and_kept_as_digests(tmp_path, capsys):
    ours = drawn_for(tmp_path / "private-name.png", f"a cat, {FIRST.phrases[0]}")
    theirs = drawn_for(tmp_path / "b.png", f"a dog,\n{SECOND.phrases[0]}\nNegative prompt: x\nSteps: 20, Seed: 3", key="parameters")
    told = asked(capsys, "add", "choose", "--picture", ours, theirs, "--chosen", "2", "--subject", "pet", "--user", "ann")
    with Store() as store:
        event = store.event("ann", told["event"])
    assert (event.kind, event.chosen, event.subject) == ("choice", 1, "pet")
    assert [s.asked for s in event.shown] == [f"a cat, {FIRST.phrases[0]}", f"a dog,\n{SECOND.phrases[0]}"]
    assert FIRST.id in event.shown[0].attributes and SECOND.id in event.shown[1].attributes
    assert event.shown[0].picture == files.digest_file(ours)[:16]
    stored = (files.home() / "profiles.sqlite").read_bytes()
    assert b"private-name" not in stored and str(tmp_path).encode() not in stored


def test_what_a_picture_says_is_not_trusted(tmp_path, capsys):
    for i, text in enumerate(["[" * 100_000, "3", '{"prompt": 3}', '{"prompt": "\\ud800 neon"}', json.dumps({"prompt": "x" * 30_000})]):
        info = PngInfo()
        info.add_text("persimg", text)
        Image.new("RGB", (16, 16)).save(tmp_path / f"{i}.png", pnginfo=info)
        told = asked(capsys, "add", "like", "--picture", tmp_path / f"{i}.png", "--prompt", "a cat", "--user", "ann")
        with Store() as store:
            assert store.event("ann", told["event"]).shown[0].asked == (" neon" if i == 3 else "a cat")


def test_a_picture_without_a_prompt_is_measured_and_looked_at_only_by_a_clip_that_is_named(tmp_path, capsys):
    """The embedded CLIP sees glasses and fog in a grey square."""
    grey, red = tmp_path / "grey.png", tmp_path / "red.png"
    Image.new("RGB", (64, 64), (140, 140, 140)).save(grey)
    Image.new("RGB", (64, 64), "red").save(red)
    like = ["add", "choose", "--picture", grey, red, "--chosen", "2", "--user", "ann"]
    measured = [of_pixels(Image.open(path)) for path in (grey, red)]
    assert asked(capsys, *like)["shown"] == measured
    assert main(["profile", *map(str, like)]) == 0 and "only measured; --clip NAME looks at it" in capsys.readouterr().out
    seen = asked(capsys, *like, "--clip", mini.path("clip"))["shown"]
    assert seen == of_pictures([Image.open(path) for path in (grey, red)], "mini") != measured
    rank = ["rank", grey, red, "--user", "ann"]
    assert [set(r["why"]) <= set(of_pixels(Image.open(r["picture"]))) for r in asked(capsys, *rank)["ranking"]] == [True, True]
    assert main(["profile", *map(str, rank)]) == 0 and "2 of 2 have no prompt in them and were only measured" in capsys.readouterr().out
    seen_too = {id for r in asked(capsys, *rank, "--clip", "mini")["ranking"] for id in r["why"]}
    assert not seen_too <= set(measured[0]) | set(measured[1])


# --- bad input --------------------------------------------------------------------------------------------------------

USER = ["--user", "ann"]
BAD = {
    "no action": ([], 2, "the following arguments are required: ACTION"),
    "no user": (["show"], 2, "the following arguments are required: --user"),
    "empty user": (["show", "--user", " "], 2, "the user ' ' can't be used"),
    "long user": (["show", "--user", "x" * 201], 2, "can't be used"),
    "unknown kind": (["add", "lick", *USER], 2, "invalid choice: 'lick'"),
    "nothing said": (["add", "comment", *USER], 2, "TEXT"),
    "empty comment": (["add", "comment", " ", *USER], 3, "its text is empty"),
    "long comment": (["add", "comment", "x" * 50_000, *USER], 3, "its text has 50000 characters; keep it under 20000"),
    "bytes of no encoding": (["add", "comment", "x\udcff", *USER], 3, "its text is no valid Unicode"),
    "like of nothing": (["add", "like", *USER], 3, "it is about no picture"),
    "text of a like": (["add", "like", "so nice", "--prompt", "a cat", *USER], 2, "unrecognized arguments: so nice"),
    "no such picture": (["add", "like", "--picture", "nowhere.png", *USER], 3, "nowhere.png doesn't exist"),
    "no picture at all": (["add", "like", "--picture", __file__, *USER], 3, "is not a picture"),
    "clip that is none": (["add", "like", "--picture", "A", "--clip", "nothing", *USER], 2, "--clip nothing is no backbone"),
    "clip that is none, for a ranking": (["rank", "A", "--clip", "/nowhere", *USER], 2, "--clip /nowhere is no backbone"),
    "choice of one": (["add", "choose", "--prompt", "a cat", "--chosen", "1", *USER], 3, "a choice needs two pictures"),
    "choice of the third of two": (["add", "choose", "--picture", "A", "A", "--chosen", "3", *USER], 3, "a choice needs two pictures"),
    "choice of none": (["add", "choose", "--picture", "A", "A", "--chosen", "0", *USER], 3, "a choice needs two pictures"),
    "no choice": (["add", "choose", "--picture", "A", "A", *USER], 2, "--chosen"),
    "four stars": (["add", "rate", "--rating", "4", "--prompt", "a cat", *USER], 3, "a rating is between 0 and 1"),
    "no rating": (["add", "rate", "--rating", "nan", "--prompt", "a cat", *USER], 3, "out of range"),
    "no edit": (["edit", *USER], 2, "nothing is to be edited"),
    "unknown attribute": (["edit", "--mute", "wobblefrob", *USER], 2, "no attribute is called 'wobblefrob'"),
    "pin without a weight": (["edit", "--pin", FIRST.id, *USER], 2, "has no weight; write ATTR=WEIGHT"),
    "pin of no number": (["edit", "--pin", f"{FIRST.id}=much", *USER], 2, "has no weight"),
    "pin beyond the scale": (["edit", "--pin", f"{FIRST.id}=nan", *USER], 2, "weight from -10 to 10"),
    "edited twice": (["edit", "--pin", f"{FIRST.id}=1", "--mute", FIRST.name, *USER], 2, "is named twice"),
    "export of nobody": (["export", "--user", "bob"], 2, "nothing is stored of bob"),
    "export over a file": (["export", "--out", "BAD", *USER], 2, "exists; name another file or pass --replace"),
    "import of nothing": (["import", "nowhere.json"], 3, "nowhere.json could not be read"),
    "import of no JSON": (["import", "BAD"], 3, "is not valid JSON"),
    "import of deep JSON": (["import", "DEEP"], 3, "is nested too deeply"),
    "import of other JSON": (["import", "OTHER"], 3, "this is no exported profile"),
    "import of a newer schema": (["import", "NEWER"], 3, "is of schema 9, this persimg knows 1; update persimg"),
    "import over a user": (["import", "GOOD", *USER], 2, "there is a profile of ann already"),
    "forget without asking": (["forget", *USER], 2, "there is nobody to ask whether to delete; pass --yes"),
    "forget nobody": (["forget", "--user", "bob", "--yes"], 2, "nothing is stored of bob"),
    "forget no event": (["forget", *USER, "--event", "'; DROP TABLE events", "--yes"], 2, "there is no event '; DROP TABLE events of ann"),
    "forget an event without an id": (["forget", *USER, "--event", "", "--yes"], 2, "the id '' can't be used"),
    "forget in two ways": (["forget", *USER, "--event", "x", "--older-than", "3", "--yes"], 2, "not allowed with argument"),
    "forget an unknown attribute": (["forget", *USER, "--attribute", "wobblefrob", "--yes"], 2, "no attribute is called 'wobblefrob'"),
    "forget an attribute without a name": (["forget", *USER, "--attribute", "", "--yes"], 2, "no attribute is called ''"),
    "forget what is yet to come": (["forget", *USER, "--older-than", "-1", "--yes"], 2, "--older-than -1 is out of range"),
    "forget what is older than no number": (["forget", *USER, "--older-than", "nan", "--yes"], 2, "--older-than nan is out of range"),
    "store of no use": (["list", "--store", "://"], 2, "--store is no database URL"),
    "store that is a text": (["list", "--store", "BAD"], 3, "is damaged or no SQLite database"),
    "store that is a folder": (["show", *USER, "--store", "."], 3, "is a folder"),
}


@pytest.fixture
def placed(tmp_path):
    """Words of a command, with the names of files replaced by their paths."""
    texts = {"BAD": "Dear diary", "DEEP": "[" * 100_000, "OTHER": "{}", "NEWER": '{"format": "persimg profile", "schema": 9}'}
    texts["GOOD"] = '{"format": "persimg profile", "schema": 1, "user": "bob", "events": []}'
    paths = {name: str(tmp_path / name) for name in texts} | {"A": str(drawn_for(tmp_path / "a.png", "a cat"))}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return lambda words: [paths.get(word, word) for word in words]


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_stores_nothing(case, placed, capsys, monkeypatch):
    argv, code, text = BAD[case]
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["profile", "add", "prompt", "a cat", "--user", "ann"]) == 0
    with Store() as store:
        before = store.export("ann")
    capsys.readouterr()
    assert main(["profile", *placed(argv)]) == code
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and text in said.err and "Traceback" not in said.err, said.err
    assert main(["profile", *placed(argv), "--json"]) == code and text in json.loads(capsys.readouterr().out)["error"]
    with Store() as store:
        assert store.users() == ["ann"] and store.export("ann") == before


def test_a_terminal_is_asked_before_anything_is_deleted(capsys):
    def answer(text):
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "persimg", "profile", "forget", "--user", "ann"]
        process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, text=True)
        os.write(ours, text)
        said = process.communicate(timeout=50)[0]
        os.close(ours), os.close(theirs)
        return process.returncode, said

    asked(capsys, "add", "prompt", "a cat", "--user", "ann")
    for text in (b"n\n", b"\n", b"\x04"):
        code, said = answer(text)
        assert code == 0 and "delete all that is stored of ann for good? [y/N]" in said and "nothing was deleted" in said
    assert answer(b"y\n")[1].endswith("deleted 1 event and all that was concluded from it\n")
    assert asked(capsys, "list")["users"] == []


def test_what_was_understood_is_said(capsys):
    def said(*words):
        assert main(["profile", "add", *words, "--user", "ann"]) == 0
        return capsys.readouterr().out.splitlines()[:-1]

    drawn = ["--prompt", f"a cat, {FIRST.phrases[0]}"]
    like, dislike = (called(attribute.id, lexicon()) for attribute in (FIRST, SECOND))
    assert said("say", f"I love {FIRST.name} and I hate {SECOND.name}") == [f"understood: likes {like}; dislikes {dislike}"]
    assert said("comment", "I hate the neon style", *drawn) == [f"understood: dislikes {called('medium.neon', lexicon())}"]
    assert said("comment", "hmm", *drawn) == ["understood nothing that the lexicon names"]
    nothing, missed = said("say", "I like the \x1b[31mwobblefrobs")
    assert nothing == "understood nothing that the lexicon names"
    assert missed.startswith("and '") and missed.endswith(" [31mwobblefrobs', which has no name in the lexicon")
    assert said("say", "I love the lighting")[1:] == ["and the lighting, which isn't known of the picture"]
    record = asked(capsys, "add", "say", f"I love {FIRST.name}", "--user", "ann")
    assert record["understood"] == {"likes": [FIRST.id], "dislikes": []} and "understood" not in asked(capsys, "add", "prompt", "x", "--user", "ann")


# --- forgetting some of it, and nothing new ---------------------------------------------------------------------------


def test_forgetting_a_user_of_whom_only_a_freeze_is_there_says_so(capsys):
    assert main(["profile", "freeze", "--user", "zed"]) == 0
    assert main(["profile", "forget", "--user", "zed", "--yes"]) == 0
    assert "zed is frozen no more; there was nothing else" in capsys.readouterr().out
    asked(capsys, "add", "say", "I like fog", "--user", "zed")
    assert main(["profile", "forget", "--user", "nobody", "--yes"]) == 2


def test_all_that_names_an_attribute_is_listed_and_forgotten(tmp_path, capsys):
    table = lexicon()
    asked(capsys, "add", "prompt", "a castle in the fog", "--user", "ann")
    asked(capsys, "add", "like", "--picture", drawn_for(tmp_path / "a.png", "a dog, foggy"), "--user", "ann")
    asked(capsys, "add", "comment", "no Fog please", "--prompt", "a cat", "--user", "ann")
    asked(capsys, "edit", "--mute", "fog", "--user", "ann")
    asked(capsys, "add", "prompt", "a fogbound cat", "--user", "ann")
    asked(capsys, "add", "say", "I like neon", "--user", "ann")
    asked(capsys, "add", "prompt", "a lake without mists", "--user", "ann")
    asked(capsys, "add", "like", "--prompt", "a lake", "--subject", "fog", "--user", "ann")
    assert main(["profile", "forget", "--user", "ann", "--attribute", "fog", "--yes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    kinds = ["prompt:", "like:", "comment:", "edit:", "prompt:", "like:"]
    assert [line.split()[1] for line in lines[:-1]] == kinds and lines[-1].startswith("deleted 6 events")
    with Store() as store:
        assert [event.text for event in store.events("ann")] == ["a fogbound cat", "I like neon"]
        assert attribute_id("fog", table) not in store.profile("ann").beliefs
    assert main(["profile", "forget", "--user", "ann", "--attribute", "fog", "--yes"]) == 0
    assert "no event of ann is about fog (weather): nothing was deleted" in capsys.readouterr().out


def test_what_was_done_grows_old_and_what_was_said_of_oneself_does_not(capsys):
    def event(id, days, kind, **more):
        at = (datetime.now(timezone.utc) - timedelta(days=days)).isoformat(timespec="milliseconds")
        return Event(id, "ann", at, kind, **more)

    with Store() as store:
        store.add_all([
            event("1", 400, "prompt", text="a cat"), event("2", 400, "like", shown=(Shown("a"),)), event("3", 400, "comment", text="so dark"),
            event("4", 400, "statement", text="I like fog"), event("5", 400, "edit", text="mute", attribute=FIRST.id),
            event("6", 364, "prompt", text="a dog"),
        ])  # fmt: skip
    old = ["forget", "--user", "ann", "--older-than", "365", "--yes"]
    assert asked(capsys, *old) == {"user": "ann", "deleted": 3} and asked(capsys, *old) == {"user": "ann", "deleted": 0}
    with Store() as store:
        assert [event.id for event in store.events("ann")] == ["4", "5", "6"]


def test_a_frozen_profile_is_used_and_records_nothing(tmp_path, capsys):
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    asked(capsys, "add", "say", f"I like {FIRST.name}", "--user", "ann")
    before = asked(capsys, "export", "--user", "ann")
    assert asked(capsys, "freeze", "--user", "ann") == {"user": "ann", "frozen": True}
    for words in (["add", "prompt", "a cat"], ["edit", "--mute", "fog"], ["ask", "--out", str(tmp_path / "asked")]):
        assert main(["profile", *words, "--user", "ann"]) == 2
        said = capsys.readouterr()
        assert said.out == "" and said.err.count("\n") == 1 and "is frozen: nothing new is recorded" in said.err
    assert not (tmp_path / "asked").exists()
    assert main(["rewrite", "a cat", "--user", "ann"]) == 0 and FIRST.phrases[0] in capsys.readouterr().out
    draw = ["generate", "a cat", "--base", str(tmp_path / "base"), "--steps", "1", "--out", str(tmp_path / "out"), "--profile", "ann"]
    assert main(draw) == 0 and capsys.readouterr().err.count("the profile of ann is frozen: nothing new is recorded") == 1
    assert asked(capsys, "show", "--user", "ann")["frozen"] and asked(capsys, "export", "--user", "ann") == before
    assert main(["profile", "show", "--user", "ann"]) == 0 and "frozen: nothing new is recorded" in capsys.readouterr().out
    asked(capsys, "freeze", "--user", "ann", "--off")
    asked(capsys, "add", "prompt", "a cat", "--user", "ann")
    assert len(asked(capsys, "export", "--user", "ann")["events"]) == 2


def test_text_cannot_steer_a_terminal(capsys):
    asked(capsys, "add", "like", "--prompt", f"\x1b[31m{FIRST.phrases[0]}", "--user", "ann")
    asked(capsys, "add", "say", "I like \x1b]0;wobblefrobs\x07", "--user", "ann")
    assert main(["profile", "show", "--user", "ann"]) == 0
    assert not {"\x1b", "\x07"} & set(capsys.readouterr().out)


def test_export_is_for_the_owner_alone_and_comes_back(tmp_path, capsys):
    asked(capsys, "add", "say", f"I like {FIRST.name}", "--user", "ann")
    file = tmp_path / "ann.json"
    assert asked(capsys, "export", "--user", "ann", "--out", file) == {"file": str(file), "events": 1}
    assert file.stat().st_mode & 0o777 == 0o600 and json.loads(file.read_text()) == asked(capsys, "export", "--user", "ann")
    before = asked(capsys, "show", "--user", "ann")
    asked(capsys, "forget", "--user", "ann", "--yes")
    assert asked(capsys, "show", "--user", "ann")["beliefs"] == []
    asked(capsys, "import", file)
    assert asked(capsys, "show", "--user", "ann") == before
    asked(capsys, "import", file, "--replace")
    id = asked(capsys, "export", "--user", "ann")["events"][0]["id"]
    assert asked(capsys, "forget", "--user", "ann", "--event", id, "--yes") == {"user": "ann", "deleted": 1}


def test_an_event_is_told_in_one_short_clean_line_by_the_picture_that_it_is_about():
    shown = Shown("a", asked="a cat in ink"), Shown("b", asked="a cat\x1b[31m in neon\n" + "x" * 300), Shown("c")
    choice = told(Event("1", "ann", "2026-01-05T10:00:00.000+00:00", "choice", shown=shown, chosen=1), "1")
    assert choice.startswith("2026-01-05 choice: a cat [31m in neon x") and choice.endswith("…  [1]") and len(choice) < 130
    comment = told(Event("2", "ann", "2026-01-05T10:00:00.000+00:00", "comment", "so\x07 " + "soft " * 100, shown=shown), "2")
    assert comment.startswith("2026-01-05 comment: 'so  soft") and comment.endswith("of 'a cat in ink'  [2]") and len(comment) < 150
    assert told(Event("3", "ann", "2026-01-05T10:00:00.000+00:00", "like", shown=shown[2:]), "3") == "2026-01-05 like: c  [3]"
    assert told(None, "4\x1b") == "4 "


# --- what nobody asked to store ---------------------------------------------------------------------------------------


def test_prompts_are_recorded_only_for_a_user_who_is_named(tmp_path, capsys):
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    draw = ["generate", "a cat in the snow", "--base", str(tmp_path / "base"), "--steps", "1", "--out", str(tmp_path / "out")]
    assert main(draw) == 0
    assert not Path(files.home()).exists() or not any(p.is_file() for p in Path(files.home()).rglob("*"))
    assert main([*draw, "--profile", "ann"]) == 0
    with Store() as store:
        assert [(e.kind, e.text) for e in store.events("ann")] == [("prompt", "a cat in the snow")] and store.users() == ["ann"]


# --- the average of users who agreed ----------------------------------------------------------------------------------


def test_a_population_is_where_profiles_begin(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path))
    agreed, liked = tmp_path / "agreed.txt", FIRST.id
    with Store() as store:
        for i in range(25):
            shown = (Shown("a", {liked: 1.0}), Shown("b", {SECOND.id: 1.0}))
            store.add(Event(f"E{i}", f"user {i}", "2026-01-05T10:00:00.000+00:00", "choice", shown=shown, chosen=0))
        store.add(Event("E99", "new", "2026-01-05T10:00:00.000+00:00", "prompt", "a cat"))
        assert liked not in store.profile("new").beliefs
    agreed.write_text("\n".join(f"user {i}" for i in range(25)))
    assert main(["profile", "population", "--agreed", str(agreed)]) == 0 and "25 users" in capsys.readouterr().out
    with Store() as store:
        assert store.profile("new").beliefs[liked].common > 0
    (tmp_path / "population.json").unlink()
    with Store() as store:
        assert liked not in store.profile("new").beliefs


def test_too_few_who_agreed_are_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path))
    (tmp_path / "agreed.txt").write_text("ann\n")
    assert main(["profile", "population", "--agreed", str(tmp_path / "agreed.txt")]) == 2 and "too few" in capsys.readouterr().err
    assert main(["profile", "population", "--agreed", str(tmp_path / "none.txt")]) == 2 and "can't be read" in capsys.readouterr().err
