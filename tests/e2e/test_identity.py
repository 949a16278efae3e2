"""People of the drawn world on the embedded base, with few steps: learned together, by a map, compared, and what can't be learned from."""

import json

import pytest

pytest.importorskip("insightface")

from PIL import Image  # noqa: E402

from persimg.bases.loading import load_base  # noqa: E402
from persimg.bench import identity  # noqa: E402
from persimg.bench.compare import compare  # noqa: E402
from persimg.bench.show import table  # noqa: E402
from persimg.cli.main import main  # noqa: E402
from persimg.concepts import store  # noqa: E402
from persimg.mini.world.figures import figure  # noqa: E402
from persimg.mini.world.render import draw  # noqa: E402
from persimg.mini.world.scene import Scene, Subject  # noqa: E402


def portrait(number):
    person = Subject("person", None, person=figure(f"face:{number}"))
    return Image.fromarray(draw(Scene((person,), "room", "flat", framing="close"), masks=False).picture)


def training(pictures, out, *extra):
    words = ["train", "identity_basis", "--pictures", str(pictures), "--class-noun", "person", "--out", str(out), "--no-library", "--steps", "2"]
    return [*words, "--consent", "drawn", "--batch-size", "2", "--mixed-precision", "no", *extra]


def test_two_people_by_a_map_a_third_from_one_picture_and_all_in_one_drawing(tmp_path, capsys):
    for number, name in enumerate(("ann", "bob")):
        (tmp_path / "people" / name).mkdir(parents=True)
        portrait(number).save(tmp_path / "people" / name / "0.png")
    assert main(training(tmp_path / "people", tmp_path / "run", "--inversion", "map")) == 0
    portrait(2).save(tmp_path / "cid.png")
    words = ["basis", "apply", "--map", str(tmp_path / "run" / "map.safetensors"), "--picture", str(tmp_path / "cid.png"), "--name", "cid", "--consent", "drawn"]
    assert main([*words, "--out", str(tmp_path / "run" / "cid.safetensors")]) == 0
    files = [tmp_path / "run" / f"{name}.safetensors" for name in ("ann", "bob", "cid")]
    assert all(path.stat().st_size <= 16_384 for path in files) and len({store.load(path).digest for path in files}) == 3
    uses = [word for path in files for word in ("--concept", str(path))]
    assert main(["generate", "<ann> next to <cid> in the snow", *uses, "--steps", "2", "--out", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").glob("*.png"))) == 1


def test_pictures_without_a_drawn_face_are_refused_unless_they_are_said_to_be_aligned(tmp_path, capsys):
    data = pytest.importorskip("skimage.data")
    (tmp_path / "photo").mkdir()
    Image.fromarray(data.astronaut()).resize((256, 256)).save(tmp_path / "photo" / "0.png")
    out = tmp_path / "run"
    assert main(training(tmp_path / "photo", out, "--name", "eileen")) == 3
    told = capsys.readouterr().err
    assert "no drawn face is found" in told and "--aligned" in told and len(told.strip().splitlines()) == 1 and not out.exists()
    assert main(training(tmp_path / "photo", out, "--name", "eileen", "--aligned")) == 0 and (out / "eileen.safetensors").is_file()


@pytest.mark.parametrize("names, said", [
    ("zorro\nnemo nobody\n", "0 of 2 names are left"), ("", "has no names"), (None, "they span"),
])  # fmt: skip
def test_names_that_span_no_basis(tmp_path, capsys, names, said):
    from persimg.mini.world.people import PEOPLE

    (tmp_path / "names.txt").write_text(names if names is not None else "\n".join(p.name for p in PEOPLE[:9]))
    assert main(["basis", "build", "--names", str(tmp_path / "names.txt"), "--k", "24", "--out", str(tmp_path / "b.safetensors")]) == 3
    assert said in capsys.readouterr().err and not (tmp_path / "b.safetensors").exists()


def test_names_that_the_base_does_not_know_are_left_out_and_counted(tmp_path, capsys):
    from persimg.mini.world.people import PEOPLE

    (tmp_path / "names.txt").write_text("\n".join([*(p.name for p in PEOPLE[:30]), "nemo nobody", "zorro"]))
    assert main(["basis", "build", "--names", str(tmp_path / "names.txt"), "--k", "8", "--out", str(tmp_path / "b.safetensors"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["num_names"] == 30 and record["left_out"]["not two known words"] == 2


def test_the_bench_compares_every_arm_on_pairs_too_and_resumes(tmp_path, capsys):
    base = load_base("mini", dtype="fp32")
    (tmp_path / "prompts.txt").write_text("{} in the snow, flat style\n{} left of {other} on the beach, flat style\n")
    plan = identity.plan(2, 1, 1, tmp_path / "prompts.txt") | {"steps": 2}
    maker = identity.MapMaker(base, tmp_path / "map", 3, 1)

    def run():
        return list(compare(plan, tmp_path / "out", base=base, makers={"map": maker}))[-1].values

    record = dict(run())
    rows = {row["title"]: row for row in record["rows"]}
    assert list(rows) == [identity.BASIS, identity.MAPPED, identity.INVERSION, identity.LORA, identity.SHORT_LORA, identity.KNOWN, identity.WORD]
    assert rows[identity.KNOWN]["scores"]["joint"]["n"] == 2 and rows[identity.WORD]["scores"]["slot_accuracy"]["n"] == 4
    assert rows[identity.BASIS]["stored"] == rows[identity.BASIS]["trained"] == 96 and rows[identity.MAPPED]["trained"] == 0
    assert rows[identity.INVERSION]["stored"] > 96 and rows[identity.LORA]["bytes"] > rows[identity.BASIS]["bytes"]
    assert all(claim["verdict"] in ("shown", "not shown", "opposite") for claim in identity.claims(record))
    table(record)
    cells = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.json") if "cells" in str(path)}
    assert run()["rows"] == record["rows"] and all(path.stat().st_mtime_ns == when for path, when in cells.items())
