"""Every arm of the sampling benchmark draws the whole job, the same pictures as every other exact one."""

import argparse
import json

import numpy as np
import pytest
from helpers import tiny_pipeline

from persimg.bases.loading import wrap
from persimg.bench import sample
from persimg.bench.sample_arms import ARMS, make_draw
from persimg.bench.sample_job import Options, make_job, said
from persimg.bench.sample_profile import Clock, operators, watch
from persimg.bench.sample_quality import clip_t, differences
from persimg.bench.sample_turns import best_of, warm_up
from persimg.errors import UserError
from persimg.evaluation.backbones import load_backbone

OPTIONS = Options("tiny", tasks=6, concepts=2, steps=4, threads=1)
EXACT = [name for name, arm in ARMS.items() if not arm.settings and not arm.compiled]


def drawn(name, kind, folder, batch=2):
    """By both workers where there are two, and the job."""
    arm, base = ARMS[name], wrap(tiny_pipeline(kind))
    job, found = make_job(base, OPTIONS), {}
    for part in range(arm.workers):
        draw = make_draw(arm, base, job, folder, part)
        draw(warm_up(job, batch), batch)
        found |= draw(job, batch)
    return found, job


@pytest.fixture(scope="module", params=["sd_v", "sdxl"])
def ours(request, tmp_path_factory):
    return request.param, drawn("persimg", request.param, tmp_path_factory.mktemp("ours"))[0]


def test_the_job_mixes_concepts_and_repeats_prompts():
    base = wrap(tiny_pipeline())
    job = make_job(base, Options("tiny", tasks=44, concepts=2, steps=4, threads=1))
    assert [task.concepts[0].name for task in job.tasks[:4]] == ["c0", "c1", "c0", "c1"]
    texts = [said(job, task) for task in job.tasks]
    assert len(set(texts)) == 20 and texts[0] == texts[20] and job.tasks[0].seed == 0 and job.tasks[20].seed == 1
    assert len({task.id for task in job.tasks}) == 44 and make_job(base, OPTIONS).tasks[0].id == job.tasks[0].id


@pytest.mark.parametrize("name", EXACT)
def test_every_exact_arm_draws_the_same(name, ours, tmp_path):
    kind, expected = ours
    found, job = drawn(name, kind, tmp_path)
    assert sorted(found) == list(range(6)) and len(list(tmp_path.glob("*.png"))) == 6
    # the pipeline rounds in another order, and LoRA beside its layers in another than fused
    assert differences(found, expected)["max_difference"] <= 1
    assert not np.array_equal(found[0], found[1])


@pytest.mark.parametrize("name", ["cache2", "guided"])
def test_lossy_arms_are_measured(name, ours, tmp_path):
    kind, expected = ours
    found, job = drawn(name, kind, tmp_path)
    cost = differences(found, expected)
    assert cost["pictures"] == 6 and 0 < cost["mean_difference"] <= cost["max_difference"] and cost["psnr_db"] > 10
    measured = clip_t(found, expected, {n: said(job, task) for n, task in enumerate(job.tasks)}, load_backbone())
    assert json.loads(json.dumps(measured))["n"] == 6 and measured["difference"]["lo"] <= measured["difference"]["mean"] <= measured["difference"]["hi"]


def test_equal_pictures_have_no_psnr(ours):
    assert differences(ours[1], ours[1]) == {"pictures": 6, "mean_difference": 0, "max_difference": 0, "psnr_db": None}


def test_the_best_batch_counts_its_padding():
    seconds = {1: 1.0, 8: 0.5, 16: 0.45, 32: 0.44}
    assert best_of(seconds, [50] * 4, is_padded=False) == 32
    assert best_of(seconds, [50] * 4, is_padded=True) == 25
    assert best_of({1: 1.0, 2: 0.9, 4: 0.89}, [2, 2], is_padded=True) == 2


def test_parts_of_the_profile(tmp_path, monkeypatch):
    from persimg.sampling import provenance
    from persimg.sampling.sampler import Sampler

    for holder, names in ((provenance, ("save",)), (Sampler, ("__enter__", "close"))):
        for name in names:
            monkeypatch.setattr(holder, name, getattr(holder, name))  # put back at the end
    base, clock = wrap(tiny_pipeline()), Clock("cpu")
    job = make_job(base, OPTIONS)
    draw = make_draw(ARMS["alone"], base, job, tmp_path)
    watch(clock, base)
    draw(job, 2)
    assert set(clock.seconds) == {"text", "denoiser", "decoding", "PNG", "attaching"} and all(s > 0 for s in clock.seconds.values())
    shares = operators(base.predict, clock.last["denoiser"], False)
    assert abs(sum(shares.values()) - 1) < 1e-6 and "aten::mkldnn_convolution" in shares


def arguments(**changes):
    parser = argparse.ArgumentParser()
    sample.add_arguments(parser)
    return argparse.Namespace(**{**vars(parser.parse_args([])), **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"tasks": 0}, "--tasks 0"), ({"arms": "best,fast"}, "names fast"), ({"tasks": 3}, "leaves a concept"), ({"base": "nowhere"}, "doesn't exist")],
)
def test_bad_options_are_refused(changes, said):
    with pytest.raises(UserError, match=said):
        sample.run(arguments(**changes))


def test_a_whole_run(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sample, "AIM", 1000)
    tiny_pipeline("sd_v").save_pretrained(tmp_path)
    record = sample.run(arguments(base=str(tmp_path), tasks=4, concepts=2, steps=2, batch=2, threads=1, rounds=1, arms="best,persimg"))
    out = capsys.readouterr().out
    assert record["arms"]["best"]["over_best"] == 1 and record["arms"]["persimg"]["peak_mb"] > 100
    assert "below 1000x" in out and "denoiser" in record["profile"]["parts"] and record["pictures"]["best"]["max_difference"] <= 1
    json.dumps(record)
