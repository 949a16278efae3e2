import re

import pytest
from helpers import tiny_base
from PIL import Image

from persimg.sampling import provenance
from persimg.sampling.sampler import Generated, Sampler
from persimg.sampling.task import ConceptUse, Task

NASTY = ["a cat, red: big", "two\nlines", "Negative prompt: none", 'quotes "here"', "snow ❄ naïve", "Steps: 5, Seed: 3, Size: 1x1"]


@pytest.mark.parametrize("prompt", NASTY)
def test_a_picture_carries_its_task(tmp_path, prompt):
    task = Task(prompt, negative=prompt, concepts=(ConceptUse("mycat", "ab12", 0.8),), base="f00d", seed=5)
    provenance.save(Generated(task, Image.new("RGB", (32, 32)), sampler="Euler a"), tmp_path / "a.png", "mini, first")
    record = provenance.read(tmp_path / "a.png")
    assert (record["prompt"], record["seed"], record["task"]) == (prompt, 5, task.id) and provenance.prompt_of(tmp_path / "a.png") == prompt
    info = Image.open(tmp_path / "a.png").info
    lines = info["parameters"].split("\n")
    assert len(lines) == 3 and lines[1].startswith("Negative prompt: ")
    assert not lines[0].startswith("Negative prompt:")
    pairs = dict(re.findall(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)', lines[-1]))
    assert pairs["Sampler"] == record["sampler"] == "Euler a" and pairs["Seed"] == "5" and pairs["Size"] == "32x32" and pairs["Model"] == '"mini, first"'
    assert "trainedAlgorithmicMedia" in info["XML:com.adobe.xmp"]


@pytest.mark.parametrize("own, name", [("PNDMScheduler", "PLMS"), ("EulerDiscreteScheduler", "Euler"), ("DDIMScheduler", "DDIM")])
def test_the_base_s_own_scheduler_is_named(own, name):
    import diffusers

    base = tiny_base()
    base.pipeline.scheduler = getattr(diffusers, own).from_config({**base.pipeline.scheduler.config, "skip_prk_steps": True})
    sampler = Sampler(base, batch=1)
    drawn = [next(sampler.stream([sampler.task("a cat", steps=2, scheduler=s)])).sampler for s in (None, "dpmpp_2m_karras")]
    assert drawn == [name, "DPM++ 2M Karras"]


def test_other_pictures_have_no_record(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert provenance.read(tmp_path / "a.png") is None and provenance.prompt_of(tmp_path / "a.png") == ""
