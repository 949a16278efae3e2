"""Leases drawn in this process."""

import dataclasses
import json
import shutil

import pytest
from helpers import random_concept, tiny_base, tiny_checker, tiny_pipeline

from persimg import files
from persimg.concepts import store
from persimg.errors import UserError
from persimg.sampling.jobs import drawing, entries
from persimg.sampling.jobs.drawing import Absent, Drawer, OutOfMemory, Settings, one_line
from persimg.sampling.jobs.leases import Lease
from persimg.sampling.jobs.ledger import from_json, group_key, inner, picture_path, to_json
from persimg.sampling.jobs.manifest import plan
from persimg.sampling.sampler import Sampler
from persimg.spaces import Lora, TokenEmbeddings


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a base, two concepts and a picture, looked at once."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("models")
    tiny_pipeline("sd_v").save_pretrained(folder / "base")
    base = tiny_base("sd_v")
    for name in ("mycat", "changing"):
        store.save(random_concept(base, TokenEmbeddings("mycat", init="cat")), folder / f"{name}.safetensors")
    Image.new("RGB", (32, 32), "red").save(folder / "red.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSIMG_HOME", str(folder / "home"))
        _look(folder)
    return folder


def _look(folder):
    (folder / "all.yaml").write_text("base: base\nprompt: a\nconcepts: [[mycat.safetensors], [changing.safetensors]]\n")
    plan(entries.read(folder / "all.yaml"))


@pytest.fixture
def world(models, monkeypatch):
    monkeypatch.setenv("PERSIMG_HOME", str(models / "home"))
    yield models
    shutil.rmtree(models / "out", ignore_errors=True)


def planned(world, text):
    base = "" if "bases:" in text else "base: base\n"
    (world / "job.yaml").write_text(f"{base}steps: 2\n{text}")
    return plan(entries.read(world / "job.yaml"))


def settings(world, manifest, **options):
    out = world / "out"
    (inner(out) / "tmp").mkdir(parents=True)
    return Settings(str(out), manifest.bases, manifest.concepts, manifest.pictures, **options)


def leases(manifest):
    groups = {}
    for id, task in manifest.tasks.items():
        groups.setdefault(group_key(task), {})[id] = to_json(task)
    return [Lease(group, tasks) for group, tasks in groups.items()]


def drawn(world, manifest, order=1, **options):
    drawer = Drawer(settings(world, manifest, **options), "cpu")
    outcomes = [outcome for lease in leases(manifest)[::order] for outcome in drawer.draw(lease)]
    drawer.close()
    return outcomes


def test_pictures_are_the_samplers_own(world):
    manifest = planned(world, "prompts: [a cat, a dog]\nseeds: 0-2\nconcepts: [[], [mycat.safetensors], ['mycat.safetensors:0.5']]\n")
    assert len(manifest) == 18 and not any(outcome.error for outcome in drawn(world, manifest))
    base = tiny_base("sd_v")
    for id, task in manifest.tasks.items():
        concepts = [(store.load(world / "mycat.safetensors"), use.scale) for use in task.concepts]
        with Sampler(base, concepts, batch=4) as sampler:
            (expected,) = sampler.stream([task])
        assert files.open_picture(picture_path(world / "out", id)).tobytes() == expected.picture.tobytes()


def test_lora_is_fused_and_settings_that_cost_quality_are_passed_on(world):
    store.save(random_concept(tiny_base("sd_v"), Lora(rank=2)), world / "lora.safetensors")
    manifest = planned(world, "prompt: a cat\nsteps: 4\nconcepts: [lora.safetensors]\ncache_interval: [1, 2]\nguidance_until: [1, 0.5]\n")
    assert {(task.cache_interval, task.guidance_until) for task in manifest.tasks.values()} == {(1, 1), (1, 0.5), (2, 1), (2, 0.5)}
    assert not any(outcome.error for outcome in drawn(world, manifest))
    sampler = Sampler(tiny_base("sd_v"), [store.load(world / "lora.safetensors")], batch=4, fuse=True)
    for id, task in manifest.tasks.items():
        (expected,) = sampler.stream([task])
        assert files.open_picture(picture_path(world / "out", id)).tobytes() == expected.picture.tobytes()


@pytest.mark.parametrize("bad", ["a dog", "nothing"])
def test_decoding_in_a_thread_of_its_own_changes_nothing(world, monkeypatch, bad):
    manifest = planned(world, "prompts: [a cat, a dog, a robot, a car, a hat, a photo]\nseed: [0, 1]\n")
    drawing_encode(monkeypatch, bad)
    monkeypatch.setattr(Drawer, "_has_gpu", True)
    found = {outcome.id: bool(outcome.error) for outcome in drawn(world, manifest)}
    assert found == {id: task.prompt == bad for id, task in manifest.tasks.items()}
    assert [picture_path(world / "out", id).exists() for id in manifest.tasks] == [task.prompt != bad for task in manifest.tasks.values()]


def test_sizes_init_images_and_names_of_concepts(world):
    text = "prompt: a <mycat>\nconcepts: [[mycat.safetensors]]\nsizes: [32x32, 48x32]\ninit_images: [null, red.png]\nstrength: 0.9\n"
    manifest = planned(world, text)
    assert len(manifest) == 4 and not any(outcome.error for outcome in drawn(world, manifest))
    sizes = {files.open_picture(picture_path(world / "out", id)).size for id in manifest.tasks}
    assert sizes == {(32, 32), (48, 32)}


def test_another_trigger_or_scheduler_is_another_picture(world):
    """Weights are the same; both of a kind are drawn in one job, each with its own."""
    lora = random_concept(tiny_base("sd_v"), Lora(rank=2))
    for name, trigger in (("sks", "sks cat"), ("dog", "a dog")):
        store.save(dataclasses.replace(lora, card=dataclasses.replace(lora.card, expansion=trigger)), world / f"{name}.safetensors")
    shutil.copytree(world / "base", world / "other")
    config = world / "other" / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"beta_end": 0.02}))
    manifest = planned(world, "bases: [base, other]\nprompt: a <mycat>\nconcepts: [[sks.safetensors], [dog.safetensors]]\n")
    assert len(manifest) == 4 and len(manifest.bases) == 2 and len(manifest.concepts) == 2
    assert not any(outcome.error for outcome in drawn(world, manifest))
    assert len({files.open_picture(picture_path(world / "out", id)).tobytes() for id in manifest.tasks}) == 4
    config.write_text((world / "base" / "scheduler" / "scheduler_config.json").read_text())
    drawer = Drawer(Settings(str(world / "out"), manifest.bases, manifest.concepts), "cpu")
    lease = next(lease for lease in leases(manifest) if manifest.bases[from_json(next(iter(lease.tasks.values()))).base].endswith("other"))
    with pytest.raises(UserError, match="changed since the job was planned"):
        list(drawer.draw(lease))
    drawer.close()


def test_a_bad_task_takes_no_other_with_it(world, monkeypatch):
    manifest = planned(world, "prompts: [a cat, a dog, a robot]\nseed: 1\n")
    encode = drawing_encode(monkeypatch, "a dog")
    outcomes = {outcome.id: outcome for outcome in drawn(world, manifest)}
    errors = [outcome.error for id, outcome in outcomes.items() if manifest.tasks[id].prompt == "a dog"]
    assert errors == ["ValueError: not this one"] and encode
    assert [picture_path(world / "out", id).exists() for id in manifest.tasks] == [True, False, True]


def drawing_encode(monkeypatch, bad):
    from persimg.bases.sd import StableDiffusion

    plain, seen = StableDiffusion.encode_prompts, []

    def encode(self, prompts, size=None):
        seen.extend(prompts)
        if bad in prompts:
            raise ValueError("not\nthis one")
        return plain(self, prompts, size)

    monkeypatch.setattr(StableDiffusion, "encode_prompts", encode)
    return seen


def test_a_batch_too_large_is_said_and_one_too_large_alone_fails(world, monkeypatch):
    manifest = planned(world, "prompts: [a cat, a dog]\n")
    drawer = Drawer(settings(world, manifest), "cpu")
    plain = Sampler._run

    def short_of_memory(self, tasks, *rest):
        if self.batch > 1 or tasks[0].prompt == "a dog":
            raise RuntimeError("CUDA out of memory. Tried to allocate")
        return plain(self, tasks, *rest)

    monkeypatch.setattr(Sampler, "_run", short_of_memory)
    (lease,) = leases(manifest)
    with pytest.raises(OutOfMemory):
        list(drawer.draw(lease))
    drawer.batch = 1
    outcomes = list(drawer.draw(lease))
    assert ["out of memory" in outcome.error for outcome in outcomes] == [False, True] and outcomes[0].batch == 1
    drawer.close()


@pytest.mark.parametrize("mode", ["blur", "block"])
def test_what_the_checker_flags_is_blurred_or_fails_for_good(world, mode):
    strict = tiny_checker(world / "strict", True)
    mild = tiny_checker(world / "mild", False)
    said = ("off", f"{mode}\nsafety_checker: strict", f"{mode}\nsafety_checker: mild")
    plain, flagged, unflagged = (planned(world, f"prompts: [a cat, a dog]\nsafety: {safety}") for safety in said)
    assert plain.tasks == planned(world, "prompts: [a cat, a dog]\n").tasks and not plain.tasks.keys() & flagged.tasks.keys()
    assert not flagged.tasks.keys() & unflagged.tasks.keys()
    drawn(world, plain)
    before = {task.prompt: files.open_picture(picture_path(world / "out", id)).tobytes() for id, task in plain.tasks.items()}
    shutil.rmtree(world / "out")
    assert not any(outcome.error for outcome in drawn(world, unflagged, safety=mode, checker=str(mild)))
    assert all(files.open_picture(picture_path(world / "out", id)).tobytes() == before[task.prompt] for id, task in unflagged.tasks.items())
    shutil.rmtree(world / "out")
    outcomes = drawn(world, flagged, safety=mode, checker=str(strict))
    assert [(outcome.is_final, "flagged by the safety checker" in outcome.error) for outcome in outcomes] == [(mode == "block",) * 2] * 2
    assert [picture_path(world / "out", id).exists() for id in flagged.tasks] == [mode == "blur"] * 2
    shutil.rmtree(world / "out")
    assert all("this sampler's is off" in outcome.error for outcome in drawn(world, flagged)), "workers that don't check draw nothing"


@pytest.mark.parametrize("change", [lambda text: text.replace("a dog", "a robot"), lambda text: text.replace("{", '{"unheard": 1, ', 1)])
def test_tasks_of_another_version_are_not_drawn(world, change):
    manifest = planned(world, "prompts: [a cat, a dog]\nseeds: 0-3\n")
    (lease,) = leases(manifest)
    ids = list(lease.tasks)
    first = Lease(lease.group, {id: lease.tasks[id] for id in ids[:4]})
    second = Lease(lease.group, {id: change(lease.tasks[id]) for id in ids[4:]})
    drawer, left = Drawer(settings(world, manifest), "cpu"), [second]
    drawer.batch = 2
    with pytest.raises(UserError, match="another id here; install the same version"):
        list(drawer.draw(first, lambda group: left.pop()))
    assert {path.stem for path in (world / "out").glob("*.png")} <= set(ids[:4]), "nothing of the foreign lease"
    with pytest.raises(UserError, match="another id here"):
        list(drawer.draw(second))
    drawer.close()


def test_a_disk_that_takes_nothing_ends_it(world, monkeypatch):
    manifest = planned(world, "prompts: [a cat]\nseeds: 0-9\n")

    def full(*args, **options):
        raise UserError("out could not be written (No space left on device)", "free space", 3)

    monkeypatch.setattr("persimg.sampling.provenance.save", full)
    with pytest.raises(UserError, match="No space left"):
        drawn(world, manifest)


def test_a_concept_that_changed_meanwhile_is_not_used(world):
    manifest = planned(world, "prompts: [a cat]\nconcepts: [changing.safetensors]\n")
    store.save(random_concept(tiny_base("sd_v"), TokenEmbeddings("mycat", init="dog")), world / "changing.safetensors")
    (outcome,) = drawn(world, manifest)
    assert "changed since the job was planned" in outcome.error and outcome.is_final


@pytest.mark.parametrize("text", ["concepts: [gone.safetensors]\n", "init_image: gone.png\n"])
def test_what_a_helper_lacks_fails_no_task(world, text):
    store.save(random_concept(tiny_base("sd_v"), TokenEmbeddings("mycat", init="cat")), world / "gone.safetensors")
    shutil.copy(world / "red.png", world / "gone.png")
    manifest = planned(world, f"prompts: [a cat, a dog]\n{text}")
    (world / "gone.safetensors").unlink()
    (world / "gone.png").unlink()
    drawer = Drawer(settings(world, manifest), "cpu", helps=True)
    with pytest.raises(Absent, match="gone"):
        list(drawer.draw(*leases(manifest)))
    drawer.close()
    shutil.rmtree(world / "out")
    assert all("gone" in outcome.error for outcome in drawn(world, manifest)), "of the job's own workers it fails the tasks alone"


def test_a_device_that_broke_ends_the_worker(world, monkeypatch):
    manifest = planned(world, "prompts: [a cat]\n")
    monkeypatch.setattr(Sampler, "_run", lambda *a: (_ for _ in ()).throw(RuntimeError("CUDA error: an illegal memory access")))
    with pytest.raises(RuntimeError, match="illegal"):
        drawn(world, manifest)


def test_what_can_not_be_meant_is_refused_before_anything_is_drawn(world):
    wrong = {
        "prompt: a <nobody>": "names <nobody>", "prompt: a\nsize: 33x32": "multiples of", "prompt: a\nsize: big": "is not a size",
        "prompt: a\nconcepts: [nothing.safetensors]": "doesn't exist", "prompt: a\nconcepts: [unheard]": "no concept named unheard",
        "prompt: a\nscheduler: fast": "fast is unknown", "prompt: a\nguidance: 500": "out of range",
        "prompt: a\ninit_image: none.png": "doesn't exist", "prompt: a\nprofile: anna": "nothing to rewrite with",
        "prompt: a\nsafety: blur": "needs a checker", "prompt: a\nsafety: soft": "choose one of off, blur, block",
        "prompt: a\nsafety: block\nsafety_checker: nowhere": "nowhere doesn't exist",
        "prompt: a\nconcepts: [[mycat.safetensors, 'mycat.safetensors:0.5']]": "the same name",
    }  # fmt: skip
    for text, expected in wrong.items():
        with pytest.raises(UserError, match=expected):
            planned(world, text)


def test_the_same_entry_twice_is_one_task(world):
    manifest = planned(world, "prompts: [a cat, a cat]\nseeds: [1, 1]\n")
    assert len(manifest) == 1 and manifest.doubles == 3


def test_errors_fit_on_a_line():
    assert one_line(ValueError("a\n b")) == "ValueError: a b" and one_line(UserError("x", "y")) == "x; y"


def test_want_of_memory_is_no_broken_device():
    said = ("CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")
    for text in (*said, "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"):
        assert drawing.is_out_of_memory(RuntimeError(text)) and not drawing.is_broken_device(RuntimeError(text))
    assert drawing.is_broken_device(RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"))
