import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import random_concept, tiny_base

from persimg.concepts import library, store
from persimg.errors import UserError
from persimg.spaces import TokenEmbeddings
from persimg_demo import login, shelf
from persimg_demo.homes import Home, home_of, is_id, new_id, serve, sweep, sweep_homes
from persimg_demo.settings import Limits


@pytest.fixture
def home(tmp_path):
    """With a concept in it."""
    home = home_of(tmp_path, new_id())
    with home.inside():
        library.put(random_concept(tiny_base(), TokenEmbeddings("<mycat>", 2)))
    return home


def test_homes_do_not_meet_and_do_not_tell_ids(tmp_path):
    first, second = new_id(), new_id()
    assert home_of(tmp_path, first) == home_of(tmp_path, first) != home_of(tmp_path, second)
    assert first not in str(home_of(tmp_path, first).folder)
    assert home_of(tmp_path, "../../x").folder.parent == tmp_path / "users"
    with pytest.raises(UserError):
        home_of(tmp_path, "")


def test_a_home_is_only_the_home_of_its_own_thread(home):
    assert home.owns("mycat") and not library.has("mycat")


@pytest.mark.parametrize("name", ["../secret", "a/../../b.png", "", ".", "nothing.png"])
def test_pictures_are_found_by_plain_names_alone(home, name):
    (home.folder / "secret").write_text("x")
    with pytest.raises(UserError):
        home.picture_path(name)
    with pytest.raises(UserError):
        home.concept_path(name)


def test_a_renamed_concept_draws_the_same(home):
    import persimg

    before = persimg.load_concept(home.concept_path("mycat"))
    shelf.rename(home, "mycat", "kuro")
    after = persimg.load_concept(home.concept_path("kuro"))
    assert not home.owns("mycat") and after.card.expansion == "<kuro> <kuro>_1"
    base = tiny_base()
    pictures = [
        persimg.Sampler(base, [concept]).draw([f"a {concept.card.placeholder}"], [0], steps=2)[0].tobytes() for concept in (before, after)
    ]  # fmt: skip
    assert pictures[0] == pictures[1]


def test_what_was_deleted_comes_back(home):
    digest = store.load(home.concept_path("mycat")).digest
    shelf.delete(home, "mycat")
    assert not home.owns("mycat")
    assert shelf.take_back(home) == "mycat" and store.load(home.concept_path("mycat")).digest == digest
    with pytest.raises(UserError):
        shelf.take_back(home)


def test_pictures_curve_and_report_follow_their_concept(home):
    for kept in (home.runs, home.reports):
        (kept / "mycat").mkdir(parents=True)
        (kept / "mycat" / "kept.txt").write_text(kept.name)
        (kept / "kuro").mkdir()  # of another concept of that name, which is gone
    shelf.rename(home, "mycat", "kuro")
    shelf.delete(home, "kuro")
    assert not any((kept / name).exists() for kept in (home.runs, home.reports) for name in ("mycat", "kuro"))
    shelf.take_back(home)
    assert [(kept / "kuro" / "kept.txt").read_text() for kept in (home.runs, home.reports)] == ["runs", "reports"]
    shelf.forget_pictures(home, "kuro")
    assert not (home.runs / "kuro").exists() and not (home.reports / "kuro").exists()


def test_an_id_is_no_login_and_no_session():
    assert is_id(new_id())
    assert not any(map(is_id, ("login:ann@example.com.and.more", "login:ann@example.c", "session 0123456789abcdef", "", None, ["x"] * 24)))


def test_old_trash_and_the_homes_of_programs_are_swept(home, tmp_path):
    program = home_of(tmp_path, "session 1")
    program.pictures.mkdir(parents=True)
    (program.pictures / "a.png").write_bytes(b"x")
    place = shelf.delete(home, "mycat")
    sweep_homes(tmp_path, Limits())
    assert place.is_dir() and program.pictures.is_dir()
    old = time.time() - 31 * 86_400
    for path in (place, program.pictures / "a.png", program.pictures, program.folder):
        os.utime(path, (old, old))
    sweep_homes(tmp_path, Limits())
    assert not place.exists() and not program.folder.exists() and home.folder.is_dir()


def test_shared_concepts_are_used_not_taken(home, tmp_path):
    home.shared.mkdir()
    with home.inside():
        os.replace(library.path_of("mycat"), home.shared / "mycat.safetensors")
    assert home.concept_path("mycat").parent == home.shared and not home.owns("mycat")
    with pytest.raises(UserError):
        shelf.export(home, "mycat", "persimg", tmp_path)
    with pytest.raises(UserError):
        shelf.delete(home, "mycat")


def test_temporary_files_are_swept(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    old, new = (serve(tmp_path / "a.png", tmp_path / "cache") for _ in range(2))
    os.utime(old, (time.time() - 7 * 3600,) * 2)
    assert sweep(tmp_path / "cache", 6) == 1 and os.path.exists(new) and not os.path.exists(os.path.dirname(old))


def test_logins(tmp_path):
    path = tmp_path / "logins"
    login.add(path, "ann", "a long password")
    login.add(path, "ben", "another password")
    may_enter = login.checker(path)
    assert may_enter("ann", "a long password") and not may_enter("ann", "another password") and not may_enter("eve", "")
    assert path.stat().st_mode & 0o077 == 0 and "long" not in path.read_text()
    for name, password in (("a:b", "long enough"), ("ann", "short"), ("", "long enough")):
        with pytest.raises(UserError):
            login.add(path, name, password)
    path.write_text("ann:plain\n")
    with pytest.raises(UserError):
        login.checker(path)


def test_examples_chosen_at_once_leave_one_whole(tmp_path, monkeypatch):
    """Arrow keys go through the list faster than pictures are drawn; what is shown is never half of one and half of another."""
    from persimg_demo import teach

    home = Home("a-user", tmp_path / "a-user", tmp_path / "shared")
    monkeypatch.setattr(teach.gr, "Gallery", lambda paths, visible: [Path(path).read_bytes() for path in paths])

    def served(path):
        time.sleep(0.02)  # the others go on meanwhile
        return serve(path, tmp_path / "cache")

    handlers = teach._Handlers(SimpleNamespace(home=lambda who: home, served=served))
    keys = [example.key for example in teach.examples()[:4]]
    drawn = []
    for key in keys:
        teach.draw_example(key, tmp_path / key)
        drawn.append([path.read_bytes() for path in sorted((tmp_path / key).iterdir())])
    with ThreadPoolExecutor(len(keys) + 1) as threads:
        chosen = [threads.submit(handlers.take_example, "a-user", key) for key in keys]
        looks = [threads.submit(handlers.preview, "a-user") for _ in range(8)]
    assert all(one.result()[0] in drawn for one in chosen) and all(one.result() in [[], *drawn] for one in looks)
    assert handlers.drop_all("a-user")[0] == []
    handlers.take_example("a-user", keys[0])
    assert [path.read_bytes() for path in sorted(home.uploads.iterdir())] == drawn[0] and list(home.folder.iterdir()) == [home.uploads]
