"""Faces, found on the truth: where the same face should be in every restored picture.

A bad restoration is so measured in the same place as a good one; a search of its own could fail
on it, and the worst pictures would drop out of the mean.

The face is found by dlib's HOG detector (Dalal & Triggs 2005; King 2009), its landmarks by
regression trees (Kazemi & Sullivan 2014) in the 68 points of iBUG 300-W. That data set's licence
excludes commercial use, of landmark models trained on it too.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dlib
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from bench.metrics.base import Metric, Sample, Unscored
from bench.metrics.perceptual import packaged

# Sides in pixels at which a face is looked for, one after the other. The detector sees faces from
# 80 px on. Of 100 tight crops of 128 px it finds every face at 256, and 97 to 100 in padded or
# larger ones; a face that takes less than a third of the picture needs 512.
SEARCH_SIZES = (256, 512)
NO_FACE = Unscored("no face is found in the truth")

# Points of the 68: the rims of both eyes, the tip of the nose, the corners of the mouth.
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)
NOSE, MOUTH = 30, (48, 54)


def model_file(name: str) -> Path:
    """A model of the package face-recognition-models, which need not be importable."""
    return packaged("face_recognition_models", "models", name)


class FaceFinder:
    """Finds the largest face in a picture, and its landmarks."""

    def __init__(self) -> None:
        self.detect = dlib.get_frontal_face_detector()
        self.predict = dlib.shape_predictor(
            str(model_file("shape_predictor_68_face_landmarks.dat"))
        )

    def __call__(self, pixels: np.ndarray) -> dlib.full_object_detection | None:
        """The 68 landmarks of the largest face in uint8 RGB (H, W, 3), or None."""
        for size in SEARCH_SIZES:
            factor = size / max(pixels.shape)
            boxes = self.detect(scaled(pixels, factor), 0)
            if boxes:
                box = max(boxes, key=lambda found: found.area())
                edges = (box.left(), box.top(), box.right(), box.bottom())
                return self.predict(pixels, dlib.rectangle(*(round(e / factor) for e in edges)))
        return None


@cache
def face_finder() -> FaceFinder:
    """The one of this process: reading its 100 MB takes a second."""
    return FaceFinder()


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    """The picture uint8 (H, W, 3) enlarged by the factor, or reduced without aliasing."""
    height, width, _ = pixels.shape
    size = (round(width * factor), round(height * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def five_points(face: dlib.full_object_detection) -> np.ndarray:
    """(5, 2) in pixels, x first: eye on the picture's left, the other, nose, mouth corners."""
    points = np.array([(point.x, point.y) for point in face.parts()], dtype=np.float32)
    eyes = (points[LEFT_EYE].mean(0), points[RIGHT_EYE].mean(0))
    return np.stack([*eyes, points[NOSE], *(points[corner] for corner in MOUTH)])


class FaceMetric(Metric):
    """Compares the person in the restored picture with the one in the truth."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:  # noqa: ARG002
        self.find_face = face_finder()

    @abstractmethod
    def embed(self, pixels: np.ndarray, face: dlib.full_object_detection) -> np.ndarray:
        """(D,): the face that stands at these landmarks in uint8 RGB (H, W, 3)."""

    @abstractmethod
    def compare(self, restored: np.ndarray, truth: np.ndarray) -> float:
        """The score of two embeddings (D,)."""

    def score(self, sample: Sample) -> list[float | Unscored]:
        return [
            self.score_one(to_pixels(restored), to_pixels(truth))
            for restored, truth in zip(sample.restored, sample.truth, strict=True)
        ]

    def score_one(self, restored: np.ndarray, truth: np.ndarray) -> float | Unscored:
        """The score of one pair of pictures, uint8 RGB (H, W, 3)."""
        face = self.find_face(truth)
        if face is None:
            return NO_FACE
        return self.compare(self.embed(restored, face), self.embed(truth, face))


def to_pixels(image: Tensor) -> np.ndarray:
    """(3, H, W) in [0, 1] to uint8 (H, W, 3), contiguous as dlib wants it."""
    return (image * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
