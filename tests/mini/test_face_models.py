"""The face pack: what insightface requires of it, what its networks learn from, how it is measured."""

import argparse
import random

import numpy as np
import pytest
import torch

pytest.importorskip("skia")
pytest.importorskip("cv2")
insightface = pytest.importorskip("insightface")

from mini_face_data import TEMPLATE, Crops, Window, Windows, aligned, crops, identities, pixels, similarity, window  # noqa: E402
from mini_face_export import FILES, export  # noqa: E402
from mini_face_loss import targets  # noqa: E402
from mini_face_nets import COLUMNS, STRIDES, Centres, build, margin_loss  # noqa: E402

from persimg import seeds  # noqa: E402
from persimg.bench import mini_faces as bench  # noqa: E402
from persimg.faces.pack import load_recognizer  # noqa: E402
from persimg.mini.world.people import HELD_OUT_FACES, PEOPLE  # noqa: E402


def untrained(role):
    """A network whose batch norms have seen something."""
    torch.manual_seed(0)
    net, side = build(role).train(), 128 if role == "detector" else 112
    with torch.no_grad():
        net(torch.randn(4, 3, side, side))
    return net.eval()


@pytest.fixture(scope="module")
def pack_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    for role in ("detector", "recognizer"):
        export(untrained(role), role, folder)
    return folder


def outputs_of(windows):
    """The nine outputs of a network that knows where the faces of one window are."""
    t = targets(windows)
    rows, found = np.cumsum([0, *(2 * (windows.picture.shape[0] // s) ** 2 for s in STRIDES)]), []
    for i, stride in enumerate(STRIDES):
        part = slice(rows[i], rows[i + 1])
        score, at = (t.score[part] == 1).astype(np.float32), t.centres[part]
        sides = np.concatenate([at - t.boxes[part][:, :2], t.boxes[part][:, 2:] - at], 1) / stride
        offsets = ((t.points[part] - at[:, None]) / stride).reshape(-1, 10)
        found.append((score[:, None], sides.astype(np.float32), offsets.astype(np.float32)))
    return [rows[i][None] for i in range(3) for rows in found]


class Ideal:
    """An onnxruntime session that answers with given outputs."""

    def __init__(self, outputs):
        self.outputs = outputs

    def get_inputs(self):
        return [argparse.Namespace(name="pixels", shape=[1, 3, "height", "width"], type="tensor(float)")]

    def get_outputs(self):
        return [argparse.Namespace(name=str(i), shape=[1, None, value.shape[-1]]) for i, value in enumerate(self.outputs)]

    def run(self, names, inputs):
        return self.outputs


@pytest.mark.parametrize("side", [128, 256])
def test_insightface_decodes_the_targets_to_the_faces(side):
    from insightface.model_zoo.scrfd import SCRFD

    seen = 0
    for i in range(60):
        w = window(seeds.rng(5, "decode", i), side)
        if not len(w.boxes) or w.cut.any():
            continue
        detector = SCRFD(session=Ideal(outputs_of(w)))
        boxes, points = detector.detect(w.picture, input_size=(side, side))
        assert len(boxes) == len(w.boxes)
        for box, five in zip(w.boxes, w.points):
            best = np.abs(boxes[:, :4] - box).max(1).argmin()
            assert np.abs(boxes[best, :4] - box).max() < 1 and np.abs(points[best] - five).max() < 1
            seen += 1
    assert seen > 20


def test_hardly_visible_faces_count_neither_way():
    picture, box = np.zeros((128, 128, 3), np.uint8), np.array([[20.0, 20, 70, 80]])
    five = np.array([[[35.0, 40], [55, 40], [45, 50], [38, 65], [52, 65]]])
    seen = targets(Window(picture, box, five, np.array([False])))
    cut = targets(Window(picture, box, five, np.array([True])))
    assert (seen.score == 1).any() and not (cut.score == 1).any() and (cut.score == -1).sum() > (seen.score != 0).sum()


def test_pack_loads_in_face_analysis(pack_dir):
    pack = bench.load_pack(pack_dir)
    assert set(pack.models) == {"detection", "recognition"}
    detector = pack.det_model
    assert len(detector.output_names) == 9 and detector.use_kps and detector._num_anchors == 2 and detector.batched
    # everything above no threshold: every picture has faces then
    picture = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    for side in (128, 256):
        pack.prepare(ctx_id=-1, det_thresh=0.0, det_size=(side, side))
        faces = pack.get(picture, max_num=2)
        assert len(faces) == 2
        face = faces[0]
        assert face.bbox.shape == (4,) and face.kps.shape == (5, 2) and 0 <= face.det_score <= 1
        assert face.embedding.shape == (512,) and np.linalg.norm(face.normed_embedding) == pytest.approx(1, abs=1e-5)


def test_exported_networks_equal_torch(pack_dir):
    import onnxruntime

    for role in ("detector", "recognizer"):
        side = 128 if role == "detector" else 112
        net, x = untrained(role), torch.randn(1 if role == "detector" else 3, 3, side, side)
        with torch.no_grad():
            out = net(x)
        want = [rows[0].sigmoid() for rows in out] + [rows[i] for i in (1, 2) for rows in out] if role == "detector" else [out]
        session = onnxruntime.InferenceSession(str(pack_dir / FILES[role]), providers=["CPUExecutionProvider"])
        got = session.run(None, {"pixels": x.numpy()})
        assert len(got) == len(want)
        for g, w in zip(got, want):
            # a float32 sum over a few hundred products in another order
            np.testing.assert_allclose(g, w.numpy(), atol=1e-4, rtol=1e-4)
        if role == "detector":
            rows = [2 * (side // s) ** 2 for s in STRIDES]
            assert [g.shape for g in got] == [(1, n, c) for c in COLUMNS for n in rows]
    assert sum(f.stat().st_size for f in pack_dir.glob("*.onnx")) < 8e6


def test_second_recognizer_loads_and_has_another_architecture(tmp_path):
    file = export(build("second"), "second", tmp_path)
    model = load_recognizer(file)
    assert model.taskname == "recognition" and model.input_size == (112, 112)
    shapes = [{name: tuple(v.shape) for name, v in build(role).state_dict().items()} for role in ("recognizer", "second")]
    assert shapes[0] != shapes[1] and identities("recognizer", 20) != identities("second", 20)


def test_preprocessing_equals_arcface(pack_dir):
    from insightface.model_zoo import arcface_onnx

    model = load_recognizer(pack_dir / FILES["recognizer"])
    assert isinstance(model, arcface_onnx.ArcFaceONNX) and (model.input_mean, model.input_std) == (127.5, 127.5)
    crop = crops(seeds.rng(1, "preprocessing"), list(identities("test", 1)))[0]
    with torch.no_grad():
        want = untrained("recognizer")(pixels([crop], 127.5)).numpy()
    np.testing.assert_allclose(model.get_feat(crop[..., ::-1]), want, atol=1e-3)


def test_alignment_equals_insightface_and_puts_eyes_on_the_template():
    from insightface.utils.face_align import estimate_norm, norm_crop

    for shot in bench.shots_of_scenes(12):
        for mark in shot.marks:
            matrix = similarity(mark.points, TEMPLATE)
            np.testing.assert_allclose(matrix, estimate_norm(mark.points.astype(np.float32)), atol=1e-2)
            difference = np.abs(aligned(shot.picture, mark.points).astype(int) - norm_crop(shot.picture, mark.points.astype(np.float32)))
            assert difference.mean() < 0.5
            eyes = mark.points[:2] @ matrix[:, :2].T + matrix[:, 2]
            # five points of a drawn face are no similar figure to the template's: a face with wide eyes has them further out
            assert np.abs(eyes - TEMPLATE[:2]).max() < 14


def test_samples_depend_on_seed_and_step_alone():
    first, again, other = (Windows(3, targets)[i] for i in (7, 7, 8))
    assert torch.equal(first[0], again[0]) and all(len(part) == len(first[0]) for part in first)
    assert first[0].shape != other[0].shape or not torch.equal(first[0], other[0])
    x, labels = Crops(3, "test", 40, 12)[2]
    assert x.shape == (12, 112, 112, 3) and x.dtype == torch.uint8 and labels.shape == (12,) and labels.max() < 40
    assert torch.equal(x, Crops(3, "test", 40, 12)[2][0])


def test_trained_identities_are_nobody_with_a_name():
    known = [person.face for person in PEOPLE] + list(HELD_OUT_FACES)
    for family in ("recognizer", "second"):
        for face in identities(family, 60):
            assert min(face.distance(other) for other in known) > 0.1


def test_scenes_of_faces_are_none_held_out():
    from mini_face_data import even_style, portrait, scene_of_strangers

    from persimg.mini.world.scene import is_held_out, sample_scene

    rng, faces = random.Random(12), list(identities("test", 2))
    for i in range(1000):
        scenes = (scene_of_strangers(rng), portrait(rng, faces[: 1 + i % 2]), even_style(sample_scene(rng), rng))
        assert not any(is_held_out(scene) for scene in scenes)
        assert all(s.person is None or s.person.who is None for scene in scenes[:2] for s in scene.subjects)


def test_margin_loss_is_cross_entropy_without_a_margin():
    torch.manual_seed(0)
    vectors, labels = torch.randn(6, 512), torch.tensor([0, 1, 2, 3, 4, 0])
    centres = Centres(28)(torch.rand(5, 28))
    plain = torch.nn.functional.cross_entropy(32 * torch.nn.functional.normalize(vectors, dim=1) @ centres.T, labels)
    assert margin_loss(vectors, centres, labels, margin=0.0).item() == pytest.approx(plain.item(), rel=1e-4)
    assert margin_loss(vectors, centres, labels, margin=0.3) > plain


@pytest.mark.parametrize("role", ["detector", "second"])
def test_training_resumes_where_it_was(tmp_path, role):
    from mini_faces import train

    def run(out, steps):
        args = argparse.Namespace(
            role=role, out=tmp_path / out, minutes=1e3, decay=0.4, seed=0, device="cpu", steps=steps, rate=0.02, identities=16, workers=0
        )  # fmt: skip
        assert train(args).exists()
        return torch.load(tmp_path / out / "checkpoint.pt", weights_only=True)

    run("halves", 1)
    halves, whole = run("halves", 2), run("whole", 2)
    assert halves["step"] == whole["step"] == 2
    for part in ("net", "average"):
        for name, value in whole[part].items():
            # bf16 convolutions on CPU may sum in another order
            torch.testing.assert_close(halves[part][name], value, atol=1e-4, rtol=1e-3)


def test_a_card_tells_the_seed_that_was_used(tmp_path):
    from mini_face_scores import facts, limits
    from mini_faces import train

    args = argparse.Namespace(
        role="second", out=tmp_path, minutes=9.0, decay=0.4, seed=7, device="cpu", steps=1, rate=0.01, identities=16, workers=0, batch=256
    )  # fmt: skip
    train(args)
    told = facts("second", tmp_path, "here")
    assert (args.seed, told["seed"], told["steps"], told["identities"]) == (7, 2007, 1, 16)
    options = "--batch 256 --decay 0.4 --device cpu --identities 16 --minutes 9.0 --rate 0.01 --role second --seed 7 --steps 1"
    assert told["command"] == f"python scripts/mini_faces.py {options}"
    unknown = facts("second", tmp_path / "nowhere", "")
    assert unknown["seed"] is unknown["identities"] is None and unknown["command"] == "scripts/mini_faces.py --role second"
    accepts = {"recognizer": {"strangers_in_held_out_styles": {"aligned_by_truth": {"true_accepts": 0.385}}}}
    assert "true accepts 0.39 at" in limits("faces_second", accepts)
    styles = {"detector": {"held_out_styles": {"style:0": {"found": 1.0}, "style:5": {"found": 0.147}}}}
    assert limits("faces", {**accepts, **styles}).endswith("of faces in style:5 14.7% are found")


def test_verification_counts_pairs_at_the_rate():
    rng = np.random.default_rng(0)
    people = rng.normal(size=(50, 32))
    vectors = np.repeat(people, 3, 0) + rng.normal(size=(150, 32)) * 0.1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = bench.true_accepts(vectors.astype(np.float32), np.repeat(np.arange(50), 3))
    assert scores["pairs"] == 150 and scores["true_accepts"] == 1
    strangers = rng.normal(size=(150, 32))
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
    assert bench.true_accepts(strangers, np.repeat(np.arange(50), 3))["true_accepts"] < 0.1


class Oracle:
    """A detector that finds what it is told."""

    def __init__(self, boxes, points):
        self.boxes, self.points, self.det_model = boxes, points, self

    def detect(self, picture):
        return self.boxes, self.points


def test_detection_scores_count_misses_and_false_finds():
    shot = next(s for s in bench.shots_of_scenes(20) if len(s.marks) == 1 and s.marks[0].box[3] - s.marks[0].box[1] > 30)
    mark = shot.marks[0]
    box = np.concatenate([mark.box, [0.9]])[None]
    away = np.array([[0, 0, 8, 8, 0.9]])
    good = bench.detection_scores(Oracle(np.concatenate([box, away]), np.stack([mark.points, mark.points])), [shot])
    assert (good["found"], good["points_error"], good["false_finds_per_picture"]) == (1, 0, 1)
    missed = bench.detection_scores(Oracle(away, mark.points[None]), [shot])
    assert missed["found"] == 0 and missed["points_error"] is None
