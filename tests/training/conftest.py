"""What the tests of training share: a folder of pictures and a tiny base of every family."""

import pytest
from helpers import KINDS, picture_folder, tiny_base


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folder(tmp_path_factory.mktemp("pictures"), 3)


@pytest.fixture(scope="module", params=KINDS)
def base(request):
    return tiny_base(request.param)
