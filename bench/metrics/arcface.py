"""Identity by ArcFace (Deng et al. 2019): the cosine of two face embeddings, 1 for equal pictures.

cos = e(restored) . e(truth) / (|e(restored)| |e(truth)|), both faces aligned to the five-point
template by the landmarks of the truth. Without alignment the number says little: tight crops that
are only resized share a mean, and give 0.54 between strangers; aligned, 0.05 (100 photographed
faces, MobileFaceNet), where the same picture reduced by 4 and enlarged again gives 0.85.

The network is an ONNX file of the user's; numbers of different networks do not compare. Those
that insightface publishes are for non-commercial research.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import dlib
import numpy as np
import onnxruntime
import torch
from insightface.utils import face_align
from pydantic import BaseModel, ConfigDict, ValidationError

from bench.core.errors import BenchError
from bench.core.toml_files import explain
from bench.metrics.faces import FaceMetric, five_points
from bench.weights.search import Found, identify

TEMPLATES = (112, 128)  # the alignment is defined for multiples of these sides


class Preparation(BaseModel):
    """What the network takes: the `settings` of its card, insightface's own where it has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)  # of values in [0, 1], by channel
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    colour: Literal["rgb", "bgr"] = "rgb"  # the order of the channels, of mean and std too


class ArcFace:
    """Embeddings of aligned faces. Raises `BenchError` for a file that is no such network."""

    def __init__(self, file: Found) -> None:
        self.preparation = preparation_of(file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # beside other workers, threads of its own only wait
        try:
            self.session = onnxruntime.InferenceSession(
                str(file.path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # classes of onnxruntime's own, one a kind of damage
            reason = str(error).splitlines()[0]
            raise BenchError(f"{file.path} is no ONNX network: {reason}") from None
        shape = self.session.get_inputs()[0].shape
        if not takes_faces(shape) or len(self.session.get_outputs()) != 1:
            raise BenchError(
                f"{file.path} is no face embedder: it takes {shape} and gives "
                f"{len(self.session.get_outputs())} results, expected (N, 3, side, side) with "
                f"a side that is a multiple of {' or '.join(map(str, TEMPLATES))}, and one result"
            )
        self.input = self.session.get_inputs()[0].name
        self.side = int(shape[2])
        # Some graphs are fixed to a batch: it is then filled with one face again and again.
        self.batch = shape[0] if isinstance(shape[0], int) else 1

    def __call__(self, chip: np.ndarray) -> np.ndarray:
        """(D,), of length 1, of a face uint8 RGB (side, side, 3)."""
        channels = chip[..., ::-1] if self.preparation.colour == "bgr" else chip
        values = (channels / 255 - self.preparation.mean) / self.preparation.std
        image = values.transpose(2, 0, 1)[None].astype(np.float32)
        (embeddings,) = self.session.run(None, {self.input: image.repeat(self.batch, axis=0)})
        embedding = np.asarray(embeddings[0], dtype=np.float64).ravel()
        unit: np.ndarray = embedding / np.linalg.norm(embedding)
        return unit


def preparation_of(file: Found) -> Preparation:
    """What the network's card says. Raises `BenchError` for settings of another meaning."""
    settings = file.card.settings if file.card else {}
    try:
        return Preparation(**settings)
    except ValidationError as error:
        where = f"settings on the card of {file.path}"
        raise BenchError(explain(error, where, Preparation.model_fields)) from None


def takes_faces(shape: list[int | str]) -> bool:
    """Whether an input of this shape is a batch of square RGB pictures of a template's size."""
    match shape:
        case [_, 3, int(height), int(width)]:
            return height == width and any(height % side == 0 for side in TEMPLATES)
    return False


def align(pixels: np.ndarray, points: np.ndarray, side: int) -> np.ndarray:
    """(side, side, 3): the face turned and scaled so that its five points meet the template."""
    with warnings.catch_warnings():
        # insightface 2.1 calls what scikit-image 0.26 has renamed.
        warnings.simplefilter("ignore", FutureWarning)
        aligned: np.ndarray = face_align.norm_crop(pixels, points, side)
    return aligned


class ArcFaceCosine(FaceMetric):
    """Cosine similarity of the face in the restored picture to that in the truth."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        super().setup(files, device)
        self.network = ArcFace(identify(files["arcface"]))

    def embed(self, pixels: np.ndarray, face: dlib.full_object_detection) -> np.ndarray:
        return self.network(align(pixels, five_points(face), self.network.side))

    def compare(self, restored: np.ndarray, truth: np.ndarray) -> float:
        return float(restored @ truth)
