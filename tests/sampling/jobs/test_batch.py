"""persimg batch, with workers as processes of their own."""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from helpers import tiny_checker, tiny_pipeline
from PIL import Image

from persimg import files
from persimg.cli import batch
from persimg.cli.main import main
from persimg.errors import UserError
from persimg.sampling import provenance
from persimg.sampling.jobs import entries
from persimg.sampling.jobs.coordinator import LOADING, STUCK, Peer
from persimg.sampling.jobs.ledger import Ledger, inner, summary
from persimg.sampling.jobs.manifest import plan
from persimg.sampling.jobs.run import BatchRun, Options, sheet
from persimg.sampling.jobs.wire import Address, listening
from persimg.sampling.jobs.worker import own_device
from persimg.sampling.task import Task

RUN = [sys.executable, "-m", "persimg", "batch", "run"]


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    tiny_pipeline("sd_v").save_pretrained(folder / "base")
    (folder / "job.yaml").write_text("base: base\nsteps: 3\nprompts: [a cat, a red dog]\nseeds: 0-9\n")
    return folder / "job.yaml"


@pytest.fixture(autouse=True)
def one_home(job, monkeypatch):
    """What is known of the base is asked once."""
    monkeypatch.setenv("PERSIMG_HOME", str(job.parent / "home"))


def pictures(out):
    return {path.name: files.open_picture(path).tobytes() for path in out.glob("*.png")}


@pytest.fixture(scope="module")
def calm(job):
    """The pictures of an undisturbed run."""
    out = job.parent / "calm"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSIMG_HOME", str(job.parent / "home"))
        for _ in BatchRun(entries.read(job), out, options=Options(threads=1, device="cpu")):
            pass
    return pictures(out)


def begun(job, out, *options, steps=None):
    """A run of its own, once its first pictures are there."""
    command = [*RUN, str(job), "--out", str(out), "--threads", "1", "--device", "cpu", *options]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 90
    while len(list(out.glob("*.png"))) < 4 and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return running


def long_job(job, seeds="0-19"):
    path = job.with_name("long.yaml")
    path.write_text(f"base: base\nsteps: 40\nprompts: [a cat, a red dog]\nseeds: {seeds}\n")
    return path


def test_a_job_from_the_command_line(job, calm, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["batch", "run", str(job), "--out", str(out), "--workers", "2", "--threads", "1", "--device", "cpu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 20
    assert pictures(out) == calm and len(calm) == 20
    assert (inner(out) / "sheet.png").exists() and not list((inner(out) / "tmp").iterdir())
    assert main(["batch", "status", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["total"], found["done"], found["failed"], found["running"], found["state"]) == (20, 20, 0, 0, "finished")
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.png")}
    next(iter(before)).unlink()
    assert main(["batch", "run", str(job), "--out", str(out), "--device", "cpu"]) == 0
    assert sum(path.stat().st_mtime_ns != mark for path, mark in before.items()) == 1, "only what was missing is drawn"
    assert pictures(out) == calm
    with pytest.raises(UserError, match="begun with batch 4, not 2"):
        list(BatchRun(entries.read(job), out, options=Options(batch=2)))


def test_a_sheet_leaves_out_what_can_not_be_read(tmp_path):
    task = Task("a", base="base")
    with contextlib.closing(Ledger(tmp_path)) as ledger:
        ledger.take({id: replace(task, seed=n) for n, id in enumerate(("whole", "cut", "gone", "other"))})
        for id in ("whole", "cut", "gone", "other"):
            ledger.finished(id, "w0", 1.0, 1)
    for id in ("whole", "cut"):
        Image.effect_noise((64, 64), 50).save(tmp_path / f"{id}.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:500])
    (tmp_path / "other.png").write_text("no picture")
    assert sheet(tmp_path).exists()
    (tmp_path / "whole.png").unlink()
    assert sheet(tmp_path) is None


def settled(job, out, gpus, **options):
    """Device, precision and workers' devices of a run on a machine with so many GPUs."""
    run = BatchRun(entries.read(job), out, options=Options(**options))
    run.manifest = replace(plan(run.job), gpus=gpus)
    with contextlib.closing(Ledger(out)) as ledger:
        settings = run._settings(ledger, run.manifest)
    (out / "drawn.png").touch()  # settings are a folder's own once it has pictures
    return settings.device, settings.dtype, run._devices(settings.device)


def test_the_kind_of_device_is_the_folders(job, tmp_path):
    for options in ({"device": "cpu"}, {}):
        assert settled(job, tmp_path / "cpu", 2, **options) == ("cpu", "fp32", ["cpu"]), "also where there are GPUs"
    with pytest.raises(UserError, match="begun with device cpu, not cuda; draw it on cpu or"):
        settled(job, tmp_path / "cpu", 2, device="cuda")
    assert settled(job, tmp_path / "cuda", 2) == ("cuda", "fp16", ["cuda:0", "cuda:1"])
    with pytest.raises(UserError, match="begun with device cuda, but there is no CUDA device"):
        settled(job, tmp_path / "cuda", 0)
    with pytest.raises(UserError, match="to be drawn on cuda, but there is no"):
        settled(job, tmp_path / "new", 0, device="cuda")
    assert settled(job, tmp_path / "new", 0)[0] == "cpu", "what was refused isn't kept"
    assert settled(job, tmp_path / "launched", 2, devices=("cpu",), sharers=2) == ("cpu", "fp32", ["cpu"])


def test_a_launchers_number_of_processes_is_not_asked_for(job, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(8))
    for processes in (2, 4):
        monkeypatch.setenv("LOCAL_WORLD_SIZE", str(processes))
        monkeypatch.setenv("ACCELERATE_USE_CPU", "1")
        given = batch._launched(argparse.Namespace(device=None, listen=None, threads=None), processes)
        settled(job, tmp_path, 0, **given)
        assert summary(tmp_path)["threads"] == 4, "the folder's"
    monkeypatch.setenv("RANK", "1")
    assert main(["batch", "run", str(job), "--out", str(tmp_path), "--dry-run"]) == 0, "waits for nobody"


def test_loading_models_is_no_hanging():
    peer = Peer("w0", 1, "here", None, True, beat=9.0)
    peer.group = "cats"
    assert peer.grace == LOADING
    peer.drew()
    assert (peer.grace, peer.progress) == (STUCK, 9.0)
    peer.group = "dogs"
    assert peer.grace == LOADING


def test_a_workers_device_is_of_the_jobs_kind(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert [own_device(None, "cuda", n) for n in range(3)] == ["cuda:0", "cuda:1", "cuda:0"]
    assert (own_device("cuda", "cuda", 1), own_device("cuda:0", "cuda", 1), own_device(None, "cpu", 1)) == ("cuda:1", "cuda:0", "cpu")
    with pytest.raises(UserError, match="drawn on cuda, not cpu"):
        own_device("cpu", "cuda", 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_finishes_what_is_in_flight_and_goes_on_later(job, tmp_path, number):
    running = begun(long_job(job), tmp_path)
    second = subprocess.run([*RUN, str(job), "--out", str(tmp_path)], capture_output=True, text=True)
    assert second.returncode == 2 and "another run is at work" in second.stderr and second.stderr.count("\n") == 1
    assert summary(tmp_path)["is_running"]
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    found = summary(tmp_path)
    assert running.returncode == 130 and "the same command goes on" in said and "Traceback" not in said
    assert 4 <= found["done"] < 40 and found["done"] == len(pictures(tmp_path)) and found["done"] % 4 == 0 and not found["is_running"]


def test_workers_leave_when_the_coordinator_is_lost(job, tmp_path):
    running = begun(long_job(job), tmp_path)
    running.kill()
    running.communicate()
    deadline = time.monotonic() + 30
    from persimg.sampling.jobs.ledger import only_one

    with only_one(inner(tmp_path) / "workers", patience=30) as are_gone:
        assert are_gone and time.monotonic() < deadline
    drawn = len(pictures(tmp_path))
    assert drawn % 4 == 0 and 4 <= drawn < 40, "what was in flight was finished"
    assert "lost the coordinator" in (inner(tmp_path) / "logs" / "w0.log").read_text()
    found = summary(tmp_path)
    assert found["running"] == 0 and not found["is_running"]


def busy(out):
    """Names of the workers that have drawn something."""
    return {worker["name"] for worker in summary(out)["workers"]}


def test_helpers_draw_a_share_and_one_that_can_not_leaves_alone(job, tmp_path, capsys):
    running = begun(long_job(job, "0-59"), tmp_path, "--listen", "0.0.0.0:0")
    assert Address.load(inner(tmp_path) / "address.json").host not in ("", "0.0.0.0")
    assert main(["batch", "work", str(tmp_path), "--device", "cuda"]) == 3
    said = capsys.readouterr().err
    assert "drawn on cpu, not cuda" in said and said.count("\n") == 1 and running.poll() is None
    assert main(["batch", "work", str(tmp_path), "--device", "cpu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"workers": 1, "lost": 0}
    _, said = running.communicate(timeout=60)
    assert running.returncode == 0 and "leaves: this job's pictures are drawn on cpu" in said
    assert summary(tmp_path)["done"] == 120 and len(busy(tmp_path)) == 2


def test_stopping_help_finishes_what_it_holds(job, tmp_path):
    running = begun(long_job(job, "0-59"), tmp_path)
    helping = subprocess.Popen([*RUN[:-1], "work", str(tmp_path)], stderr=subprocess.PIPE, text=True)
    while len(busy(tmp_path)) < 2 and running.poll() is None:
        time.sleep(0.1)
    helping.send_signal(signal.SIGTERM)
    _, said = helping.communicate(timeout=60)
    assert helping.returncode == 130 and "finishing the pictures in flight" in said and "Traceback" not in said
    running.communicate(timeout=60)
    with contextlib.closing(Ledger(tmp_path)) as ledger:
        found = ledger.db.execute("SELECT count(*), sum(attempts), sum(deaths) FROM tasks WHERE state = 'done'").fetchone()
    assert running.returncode == 0 and found == (120, 120, 0), "nothing was drawn twice or given back as lost"


def test_nothing_is_lost_or_drawn_twice_when_processes_are_killed(job, tmp_path, capsys):
    base = str(job.parent / "base")
    argv = ["bench", "kill", "--base", base, "--tasks", "40", "--kills", "4", "--steps", "20", "--out", str(tmp_path), "--json"]
    assert main(argv) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["workers_killed"] + found["coordinators_killed"] == 4
    assert {found[key] for key in ("missing", "extra", "broken", "different", "not_done")} == {0}


def test_a_worker_that_hangs_loses_its_lease(job, tmp_path):
    run = BatchRun(entries.read(long_job(job)), tmp_path, options=Options(threads=1, device="cpu", patience=3))
    stopped, said = False, []
    for progress in run:
        said += progress.said
        if progress.done and not stopped:
            stopped = True
            os.kill(run.coordinator.crew.members[0].process.pid, signal.SIGSTOP)
    assert any("is silent" in line for line in said) and summary(tmp_path)["done"] == 40


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KB, and what makes it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield folder, lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_it_and_with_space_it_goes_on(job, small_disk, capsys):
    folder, enlarge = small_disk
    argv = ["batch", "run", str(long_job(job)), "--out", str(folder / "out"), "--threads", "1", "--device", "cpu", "--restarts", "0"]
    assert main(argv) == 3
    said = capsys.readouterr().err
    assert "free space" in said and "Traceback" not in said
    enlarge()
    assert main(argv) == 0
    assert summary(folder / "out")["done"] == len(pictures(folder / "out")) == 40


def test_failing_tasks_are_reported_and_the_rest_is_drawn(tmp_path, capsys):
    (tmp_path / "job.yaml").write_text("steps: 1\nstrict: true\nprompts: [a cat, a qwxyz, a dog]\n")
    code = main(["batch", "run", str(tmp_path / "job.yaml"), "--out", str(tmp_path / "out"), "--device", "cpu"])
    said = capsys.readouterr().err
    found = summary(tmp_path / "out")
    assert code == 3 and (found["done"], found["failed"]) == (2, 1)
    assert "doesn't know the word 'qwxyz'" in said and "Traceback" not in said


def test_what_the_checker_blocks_is_tried_once_and_said(job, tmp_path, capsys):
    tiny_checker(tmp_path / "checker", True)
    text = f"base: {job.parent / 'base'}\nsteps: 1\nprompts: [a cat, a dog]\nsafety: block\nsafety_checker: checker\n"
    (tmp_path / "job.yaml").write_text(text)
    assert main(["batch", "run", str(tmp_path / "job.yaml"), "--out", str(tmp_path / "out"), "--device", "cpu"]) == 3
    assert capsys.readouterr().err.count("(flagged by the safety checker: the picture isn't kept)") == 2
    with contextlib.closing(Ledger(tmp_path / "out")) as ledger:
        assert ledger.db.execute("SELECT state, attempts FROM tasks").fetchall() == [("failed", 1)] * 2
    assert not pictures(tmp_path / "out")


def test_a_stranger_gets_no_lease(job, tmp_path):
    """Over TCP, and without the token."""
    run = BatchRun(entries.read(long_job(job)), tmp_path, options=Options(threads=1, device="cpu", listen="127.0.0.1:0"))
    answers = []
    for progress in run:
        if progress.done and not answers:
            address = Address.load(inner(tmp_path) / "address.json")
            assert (inner(tmp_path) / "address.json").stat().st_mode & 0o077 == 0
            for hello in (b'{"hello": "x", "token": "guess", "pid": 1, "host": "h", "device": null}\n', b"GET / HTTP/1.1\r\n\r\n", b"\x00\xff\n"):
                with socket.create_connection((address.host, address.port)) as stranger:
                    stranger.sendall(hello)
                    answers.append(stranger)
            run.stop()
    assert len(answers) == 3 and summary(tmp_path)["done"] >= 4


@pytest.mark.parametrize("machines", [1, 2])
def test_one_worker_a_launched_process(job, calm, tmp_path, machines):
    # accelerate launch --cpu starts a single process; on GPUs it launches as torchrun does
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = ["--master_addr", "127.0.0.1", "--master_port", str(free.getsockname()[1])]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nnodes", str(machines), "--nproc_per_node", str(2 // machines), *where]
    command = ["-m", *RUN[2:], str(job), "--out", str(tmp_path), "--threads", "1"]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "1"}
    launched = [
        subprocess.Popen([*launcher, "--node_rank", str(n), *command], stderr=subprocess.PIPE, text=True, env=environment) for n in range(machines)
    ]  # fmt: skip
    said = [process.communicate(timeout=120)[1] for process in launched]
    assert [process.returncode for process in launched] == [0] * machines, said
    assert pictures(tmp_path) == calm
    assert len(list((inner(tmp_path) / "logs").glob("*.log"))) == 2


@pytest.mark.parametrize(("environment", "said"), [({"RANK": "1"}, "LOCAL_RANK isn't"), ({"RANK": "x"}, "RANK is 'x'")])
def test_half_a_launcher(job, tmp_path, monkeypatch, capsys, environment, said):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["batch", "run", str(job), "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_profiles_rewrite_the_prompts(tmp_path):
    assert main(["profile", "add", "say", "--user", "anna", "I love pastel drawings"]) == 0
    (tmp_path / "job.yaml").write_text("steps: 1\nprompts: [a dog]\nprofiles: [null, anna]\n")
    assert main(["batch", "run", str(tmp_path / "job.yaml"), "--out", str(tmp_path / "out"), "--device", "cpu"]) == 0
    asked = {provenance.read(path)["prompt"] for path in (tmp_path / "out").glob("*.png")}
    assert len(asked) == 2 and "a dog" in asked and all(prompt.startswith("a dog") for prompt in asked)


@pytest.mark.parametrize(
    ("argv", "code", "expected"),
    [
        (["status", "nowhere"], 3, "holds no job"),
        (["work", "nowhere"], 3, "no job runs in"),
        (["run", "none.yaml", "--out", "out"], 3, "could not be read"),
        (["run", "job.yaml", "--out", "out", "--workers", "0"], 2, "--workers 0 is out of range"),
        (["run", "job.yaml", "--out", "out", "--patience", "0"], 2, "--patience 0 is out of range"),
        (["run", "job.yaml", "--out", "job.yaml"], 2, "is a file"),
        (["run", "job.yaml", "--out", "out", "--base", "nothing"], 2, "doesn't exist"),
        (["run", "job.yaml", "--out", "out", "--listen", "here:99999"], 2, "is not an address"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, capsys, argv, code, expected):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.yaml").write_text("prompt: a\n")
    assert main(["batch", *argv]) == code
    said = capsys.readouterr().err
    assert expected in said and said.count("\n") == 1
    assert "--listen" not in argv or listening("here:7") == ("here", 7)
