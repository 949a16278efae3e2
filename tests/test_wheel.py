"""The built wheel, in an empty environment away from the repository, generates a picture."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*words, cwd):
    done = subprocess.run([str(w) for w in words], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_generates_a_picture(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "persimg", source / "persimg", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "demo", source / "demo", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path, source, cwd=tmp_path)
    wheel = next(tmp_path.glob("*.whl"))
    venv.create(tmp_path / "empty")
    python = tmp_path / "empty" / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    # the dependencies that are installed here; the editable package isn't seen through a .pth file
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    assert run(python, "-c", "import persimg; print(persimg.__file__)", cwd=tmp_path).startswith(str(site))
    assert run(python, "-c", "import persimg_demo.theme as t; print(t.CSS_PATH.is_file())", cwd=tmp_path).strip() == "True"
    run(python, "-m", "persimg", "generate", "a red cat in the snow", "--steps", "2", "--batch", "1", "--out", "out", cwd=tmp_path)
    # embedded models: bases 36 MB, evaluators 12, face pack 8
    assert len(list((tmp_path / "out").glob("*.png"))) == 1 and wheel.stat().st_size < 56e6
