"""Settings: published defaults, what suits the embedded base, and what can't be."""

import dataclasses

import pytest

from persimg import mini
from persimg.errors import UserError
from persimg.training.recipe import help_texts, load_method, method_names, resolve


@pytest.mark.parametrize("method", method_names())
def test_the_embedded_base_by_its_path_has_its_settings_too(method):
    module = load_method(method)
    by_name, by_path = (resolve(module, base, {}) for base in ("mini", str(mini.path("base"))))
    assert by_name == by_path != resolve(module, "org/model", {})
    assert {f.name for f in dataclasses.fields(module.Recipe)} <= help_texts(module.Recipe).keys()


def test_a_method_may_limit_its_own_settings(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(
        "from dataclasses import dataclass\nfrom persimg.training.recipe import TrainRecipe\nCHOICES = {'tone': ('warm', 'cold')}\n"
        "@dataclass(frozen=True)\nclass Recipe(TrainRecipe):\n    tone: str = 'warm'\n    norm: str = 'mine'\n\ndef build(*_): ...\n"
    )
    module = load_method(str(path))
    assert resolve(module, "x", {"tone": "cold"}).norm == "mine"
    with pytest.raises(UserError, match="tone is 'loud'; choose one of warm, cold"):
        resolve(module, "x", {"tone": "loud"})
