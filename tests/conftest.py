import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Every test has a library of its own."""
    monkeypatch.setenv("PERSIMG_HOME", str(tmp_path / "home"))
