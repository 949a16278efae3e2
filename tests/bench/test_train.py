"""Every arm of the training benchmark learns; the plain one as diffusers' scripts do."""

import math

import pytest
import torch
from helpers import tiny_base

from persimg.bench.train import ARMS, make_step


@pytest.mark.parametrize(("method", "title"), [(m, t) for m, titles in ARMS.items() for t in titles])
def test_every_arm_takes_steps(method, title, tmp_path):
    base = tiny_base("sd_v")
    before = {n: t.clone() for n, t in base.denoiser.state_dict().items()}
    table = base.text_encoders["clip_l"].get_input_embeddings().weight.detach().clone()
    step = make_step(method, title, base, 2, tmp_path)
    assert all(math.isfinite(step()) for _ in range(3))
    after = base.denoiser.state_dict()
    assert all(torch.equal(t, after[n]) for n, t in before.items() if n in after)
    now = base.text_encoders["clip_l"].get_input_embeddings().weight.detach()
    assert torch.equal(now[: len(table)], table)
    if method == "textual_inversion" and title == "as the scripts":
        assert len(now) == len(table) + 1 and not torch.equal(now[-1], now[base.pipeline.tokenizer.convert_tokens_to_ids("cat</w>")])
