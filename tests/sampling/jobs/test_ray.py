"""A job on a local Ray with two actors, one of which is killed."""

import contextlib
import os
import signal

import pytest
from helpers import tiny_pipeline

from persimg import files
from persimg.errors import UserError
from persimg.sampling.jobs import entries
from persimg.sampling.jobs.ledger import summary
from persimg.sampling.jobs.run import BatchRun, Options

ray = pytest.importorskip("ray")


def pictures(out):
    return {path.name: files.open_picture(path).tobytes() for path in out.glob("*.png")}


def test_a_killed_actor_is_replaced(tmp_path):
    from persimg.sampling.jobs.ray_engine import RayRun

    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    (tmp_path / "job.yaml").write_text("base: base\nsteps: 40\nprompts: [a cat, a red dog]\nseeds: 0-31\n")
    job, options = entries.read(tmp_path / "job.yaml"), Options(workers=2, threads=1, device="cpu")
    for _ in BatchRun(job, tmp_path / "calm", options=options):
        pass
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        run, killed, said, rates = RayRun(job, tmp_path / "out", options=options), None, [], []
        for progress in run:
            said += progress.said
            rates.append(progress.rate)
            if killed is None and progress.done:
                killed = ray.get(next(iter(run.team.actors.values())).process.remote())
                os.kill(killed, signal.SIGKILL)
    finally:
        ray.shutdown()
    assert any("was lost" in line for line in said) and max(rates) > 0
    assert summary(tmp_path / "out")["done"] == 64 and pictures(tmp_path / "out") == pictures(tmp_path / "calm")


class FewActors:
    """As much of Ray as a team needs that loses actors."""

    def cluster_resources(self):
        return {"CPU": 2}

    def kill(self, actor):
        pass


def test_each_actor_has_restarts_of_its_own(tmp_path):
    from persimg.sampling.jobs.drawing import Settings
    from persimg.sampling.jobs.leases import Leases
    from persimg.sampling.jobs.ledger import Ledger
    from persimg.sampling.jobs.ray_engine import RayRun, _Team

    run = RayRun(None, tmp_path, options=Options(restarts=1))
    with contextlib.closing(Ledger(tmp_path)) as ledger:
        team = _Team(FewActors(), Settings(str(tmp_path), device="cpu"), run, Leases(ledger), ledger)
        team.actors = {"ray0": None, "ray1": None}
        for _ in range(2):
            team._lose("ray0", "killed")
            team.actors.setdefault("ray0", None)
        del team.actors["ray0"]
        assert team._open_places() == [] and team.actors.keys() == {"ray1"}, "the other goes on"
        team._lose("ray1", "killed")
        assert team._open_places() == ["ray1"]
        team.actors["ray1"] = None
        with pytest.raises(UserError, match="all workers are lost"):
            team._lose("ray1", "killed")


def test_what_signals_do_stays_as_it_was_when_ray_begins(monkeypatch):
    from persimg.sampling.jobs import ray_engine

    before = signal.signal(signal.SIGTERM, ours := lambda *_: None)
    try:
        monkeypatch.setattr(ray, "init", lambda **_: signal.signal(signal.SIGTERM, signal.SIG_DFL))
        ray_engine._begin(ray)
        assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)
