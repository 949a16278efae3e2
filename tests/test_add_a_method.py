import json
import re
from pathlib import Path

from helpers import picture_folder, tiny_pipeline

from persimg.cli.main import main
from persimg.concepts import store

DOC = Path(__file__).parents[1] / "docs" / "ADD_A_METHOD.md"


def test_the_documented_method_runs_from_outside_the_package(tmp_path, capsys):
    code = re.search(r"```python\n(.*?)```", DOC.read_text(), re.S).group(1)
    (tmp_path / "pivotal_tuning.py").write_text(code)
    tiny_pipeline().save_pretrained(tmp_path / "base")
    pictures = str(picture_folder(tmp_path / "pictures", 2))
    argv = ["train", str(tmp_path / "pivotal_tuning.py"), "--pictures", pictures, "--base", str(tmp_path / "base"), "--name", "mycat"]
    argv += ["--class-noun", "cat", "--steps", "4", "--token-steps", "2", "--batch-size", "2", "--out", str(tmp_path / "run"), "--json"]
    assert main(argv) == 0
    path = json.loads(capsys.readouterr().out.splitlines()[-1])["path"]
    card = store.read_card(path)
    assert card.method == "pivotal_tuning" and set(card.spaces) == {"token", "lora"} and card.coordinates["space"] == "token + lora"
    assert any(tensor.abs().sum() > 0 for name, tensor in store.load(path).weights["lora"].items() if ".lora_B." in name)
