"""Whole processes beside the example scripts: timed where they run, one line where they can't."""

import pytest
from helpers import tiny_pipeline

from persimg.bench import peer
from persimg.errors import UserError

SCRIPT = "import sys\nassert '--max_train_steps' in sys.argv and '--pretrained_model_name_or_path' in sys.argv\n"


def checkout(folder, text):
    for script in peer.SCRIPTS.values():
        (folder / script).parent.mkdir(parents=True)
        (folder / script).write_text(text)
    peer.check_checkout(folder)
    return folder


def test_a_folder_without_the_scripts_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no examples/textual_inversion"):
        peer.check_checkout(tmp_path)


def test_a_script_that_fails_is_named_with_what_it_said(tmp_path):
    found = checkout(tmp_path / "diffusers", "raise SystemExit('needs a wheel that is missing')")
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    with pytest.raises(UserError, match="ended with 1: needs a wheel"):
        peer.measure("dreambooth_lora", found, str(tmp_path / "base"), 1, 1, 1, 1)


def test_both_sides_run(tmp_path):
    tiny_pipeline("sd_v").save_pretrained(tmp_path / "base")
    found = peer.measure("dreambooth_lora", checkout(tmp_path / "diffusers", SCRIPT), str(tmp_path / "base"), 1, 1, 1, 1)
    assert list(found) == ["diffusers' script", "persimg", "persimg, bf16"] and all(row["peak_mb"] > 5 for row in found.values())
