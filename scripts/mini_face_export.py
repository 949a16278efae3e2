"""Networks of the face pack as ONNX files that insightface loads.

insightface's router tells models apart by their shape (insightface/model_zoo/model_zoo.py): nine outputs are an SCRFD detector
with key points, a square input of 112 px an ArcFace recognizer. The first nodes of a recognizer must not be named Sub and Mul,
or it is taken for one that normalises its input itself (arcface_onnx.py).
"""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from mini_face_nets import CROP, STRIDES, DetectorOutputs
from torch import nn

FILES = {"detector": "det_mini.onnx", "recognizer": "rec_mini.onnx", "second": "rec_second.onnx"}
"""role → file; a folder is read in alphabetical order"""
OPSET = 17


def export(net: nn.Module, role: str, folder: Path) -> Path:
    """Write folder/FILES[role]: the detector for one picture with sides in multiples of 32, a recognizer for any number of crops."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILES[role]
    if role == "detector":
        _export(DetectorOutputs(net), torch.zeros(1, 3, 128, 128), path, *_detector_names())
    else:
        _export(net, torch.zeros(2, 3, CROP, CROP), path, ["embedding"], {"pixels": {0: "faces"}, "embedding": {0: "faces"}})
    return path


def _detector_names() -> tuple[list[str], dict[str, dict[int, str]]]:
    names = [f"{what}_{stride}" for what in ("score", "box", "points") for stride in STRIDES]
    return names, {"pixels": {2: "height", 3: "width"}, **{name: {1: f"{name}_rows"} for name in names}}


def _export(net: nn.Module, example: torch.Tensor, path: Path, outputs: list[str], axes: dict[str, dict[int, str]]) -> None:
    """The exporter by tracing: it folds batch norms into convolutions and needs no package beyond onnx."""
    beside = path.with_suffix(".part")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.float().eval(), (example,), str(beside), input_names=["pixels"], output_names=outputs, dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    beside.replace(path)
