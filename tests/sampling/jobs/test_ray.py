"""A job on a local Ray with two actors, one of which is killed."""

import os
import signal

import pytest
from helpers import tiny_pipeline

from persimg import files
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
        run, killed, said = RayRun(job, tmp_path / "out", options=options), None, []
        for progress in run:
            said += progress.said
            if killed is None and progress.done:
                killed = ray.get(next(iter(run.team.actors.values())).process.remote())
                os.kill(killed, signal.SIGKILL)
    finally:
        ray.shutdown()
    assert any("was lost" in line for line in said)
    assert summary(tmp_path / "out")["done"] == 64 and pictures(tmp_path / "out") == pictures(tmp_path / "calm")
