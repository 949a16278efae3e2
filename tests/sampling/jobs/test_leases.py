"""Who draws what, without drawing."""

import pytest

from persimg.sampling.jobs.leases import Leases
from persimg.sampling.jobs.ledger import Ledger, from_json, group_key, inner, only_one, picture_path, summary, to_json
from persimg.sampling.task import ConceptUse, GuideUse, Task


def tasks(prompts=("a", "b"), seeds=range(5), concepts=((),), **settings):
    made = [Task(p, concepts=c, base="f", seed=s, **settings) for c in concepts for p in prompts for s in seeds]
    return {task.id: task for task in made}


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "out")
    yield opened
    opened.close()


def leases(ledger, planned, **options):
    ledger.take(planned)
    ledger.reconcile()
    return Leases(ledger, **options)


def test_a_task_survives_json():
    task = Task("a <b>", "no", (ConceptUse("b", "d", 0.5),), "f", 3, 64, 32, 5, 2.0, "ddim", "p", 0.5, (GuideUse("taste", '{"beta": 1}'),))
    assert from_json(to_json(task)) == task and from_json(to_json(Task("a"))) == Task("a")


def test_groups_are_kept_together_and_concepts_seldom_switched(ledger):
    uses = [(), (ConceptUse("x", "d"),)]
    plan = tasks(concepts=uses) | tasks(concepts=uses, width=64, height=64)
    queue, seen, group = leases(ledger, plan), [], None
    while (lease := queue.lease("w", 4, group)) is not None:
        group = lease.group
        seen.append(group)
        assert all(group_key(from_json(text)) == group for text in lease.tasks.values())
        for id in lease.tasks:
            assert queue.done("w", id, 0.1, 4)
    switches = [a for a, b in zip(seen, seen[1:]) if a != b]
    assert len(switches) == 3 and len(seen) == 4 * 3
    loaded = [group.partition("]] ")[0] for group in seen]
    assert sum(a != b for a, b in zip(loaded, loaded[1:])) == 1, "sizes turn before concepts"
    assert summary(ledger.out)["total"] == len(plan)


def test_two_workers_take_different_groups(ledger):
    queue = leases(ledger, tasks(concepts=[(), (ConceptUse("x", "d"),)]))
    assert queue.lease("a", 4).group != queue.lease("b", 4).group


def test_what_would_fail_again_is_given_up_at_once(ledger):
    queue = leases(ledger, tasks(("a",), range(2)), attempts=3)
    first, second = queue.lease("w", 2).tasks
    assert queue.failed("w", first, "flagged", is_final=True) and not queue.failed("w", second, "no luck")
    assert (queue.pending, ledger.counts()) == (1, (0, 1, 2)) and summary(ledger.out)["failed"] == 0


def test_a_lost_worker_gives_its_tasks_back_alone(ledger):
    queue = leases(ledger, tasks(("a",)))
    first = queue.lease("a", 4)
    _drawn(ledger.out, list(first.tasks)[0])
    picture_path(ledger.out, list(first.tasks)[1]).write_bytes(b"\x89PNG\r\n")
    queue.lost("a", "gone")
    assert queue.lease("b", 4).tasks.keys() == tasks(("a",)).keys() - first.tasks.keys()
    assert queue.lease("b", 4) is None, "suspects only for who holds nothing else"
    alone = [queue.lease(f"c{n}", 4) for n in range(3)]
    assert all(lease.alone and len(lease.tasks) == 1 for lease in alone)
    assert {id for lease in alone for id in lease.tasks} == set(list(first.tasks)[1:])


def test_a_task_that_kills_its_worker_is_given_up_and_takes_no_other_with_it(ledger):
    plan = tasks(("a",), range(4))
    queue, killer, deaths = leases(ledger, plan, attempts=3), list(plan)[2], 0
    while queue.pending + queue.running:
        lease = queue.lease("w", 4)
        if killer in lease.tasks:
            deaths += 1
            queue.lost("w", "killed by SIGSEGV")
        else:
            for id in lease.tasks:
                queue.done("w", id, 0.1, 4)
    ledger.commit()
    found = summary(ledger.out)
    assert deaths == 4 and found["done"] == 3 and found["errors"] == {killer: "killed by SIGSEGV"}


def test_a_failing_task_is_tried_so_often(ledger):
    queue, tries = leases(ledger, tasks(("a",), [0]), attempts=3), 0
    while (lease := queue.lease("w", 4)) is not None:
        tries += 1
        (id,) = lease.tasks
        queue.failed("w", id, "no")
    assert tries == 3 and not queue.pending


def test_work_of_a_worker_that_lost_its_lease_is_not_counted_twice(ledger):
    queue = leases(ledger, tasks(("a",), [0]))
    (id,) = queue.lease("slow", 4).tasks
    queue.lost("slow", "silent")
    assert list(queue.lease("other", 4).tasks) == [id]
    assert not queue.done("slow", id, 1, 4) and queue.done("other", id, 1, 4) and not queue.done("other", id, 1, 4)


def test_a_changed_plan_wants_other_tasks_and_keeps_what_is_done(ledger):
    old, new = tasks(("a", "b"), [0]), tasks(("b", "c"), [0])
    queue = leases(ledger, old)
    for id in queue.lease("w", 4).tasks:
        queue.done("w", id, 1, 4)
        _drawn(ledger.out, id)
    queue = leases(ledger, new)
    assert list(queue.lease("w", 4).tasks) == [id for id in new if id not in old]
    ledger.commit()
    found = summary(ledger.out)
    assert (found["total"], found["done"], found["leftover"]) == (2, 1, 1)


def test_a_plan_is_drawn_in_its_order_also_after_it_came_back(ledger):
    first, second = list(tasks(("a",), range(6))), list(tasks(("a",), [5, 3, 1]))
    for seeds, expected in ((range(6), first), ([5, 3, 1], second), (range(6), first)):
        ledger.take(tasks(("a",), seeds))
        assert [id for id, _ in ledger.pending()] == expected and ledger.counts() == (0, 0, len(expected))


def _drawn(out, id):
    from PIL import Image, PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("persimg", f'{{"task": "{id}"}}')
    Image.new("RGB", (16, 16)).save(picture_path(out, id), pnginfo=info)


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-20], lambda whole: whole[:-20] + bytes(20)])
def test_a_picture_that_a_crash_left_cut_is_drawn_again(ledger, damage):
    plan = tasks(("a",), range(4))
    queue = leases(ledger, plan)
    for id in queue.lease("w", 4).tasks:
        queue.done("w", id, 1, 4)
        _drawn(ledger.out, id)
    path = picture_path(ledger.out, list(plan)[2])
    path.write_bytes(damage(path.read_bytes()))
    ledger.reconcile()
    assert [id for id, _ in ledger.pending()] == [list(plan)[2]]


def test_files_and_rows_are_brought_together(ledger):
    plan = tasks(("a",), range(4))
    queue = leases(ledger, plan)
    lost, drawn, cut, foreign = plan
    for id in queue.lease("w", 4).tasks:
        if id == lost:
            queue.done("w", id, 1, 4)  # its picture is deleted: drawn again
    _drawn(ledger.out, drawn)  # its row was never written: done
    picture_path(ledger.out, cut).write_bytes(b"\x89PNG\r\n")
    _drawn(ledger.out, foreign)
    picture_path(ledger.out, foreign).write_bytes(picture_path(ledger.out, drawn).read_bytes())  # another task's picture
    ledger.reconcile()
    assert {id for id, _ in ledger.pending()} == {lost, cut, foreign}


def test_a_refused_command_changes_nothing(tmp_path, monkeypatch):
    """The plan and settings of the folder stay; without pictures, other settings may be chosen."""
    from persimg.errors import UserError
    from persimg.sampling.jobs import run
    from persimg.sampling.jobs.entries import JobFile
    from persimg.sampling.jobs.manifest import Manifest

    plans = [Manifest(tasks(("a",), range(count)), {}) for count in (3, 5, 2, 4)]
    monkeypatch.setattr(run, "plan", lambda *a: plans.pop(0))
    monkeypatch.setattr(run.BatchRun, "_draw", lambda *a: iter(()))

    def begin(batch):
        list(run.BatchRun(JobFile(()), tmp_path, options=run.Options(batch=batch)))
        return summary(tmp_path)["batch"], summary(tmp_path)["total"]

    assert begin(2) == (2, 3) and begin(4) == (4, 5)
    _drawn(tmp_path, "0" * 16)
    with pytest.raises(UserError, match="begun with batch 4, not 8"):
        begin(8)
    assert summary(tmp_path)["total"] == 5 and begin(4) == (4, 4)


def test_a_locked_file_is_not_had_twice(tmp_path):
    with only_one(tmp_path / "lock") as first, only_one(tmp_path / "lock") as second:
        assert first and not second
    with only_one(tmp_path / "lock") as again:
        assert again


def test_a_damaged_table_is_kept_and_said(tmp_path):
    from persimg.errors import UserError

    path = inner(tmp_path) / "ledger.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"not a database, by far" * 100)
    for opened in (Ledger, summary):
        with pytest.raises(UserError, match="damaged"):
            opened(tmp_path)
    assert path.read_bytes().startswith(b"not a database")
