"""Faces, found on the truth: where the same face should be in every restored picture.

A bad restoration is so measured in the same place as a good one; a search of its own could fail
on it, and the worst pictures would drop out of the mean.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path

import dlib
import numpy as np
import torch
from torch import Tensor

from bench.metrics.base import Metric, Sample, Unscored
from bench.pictures.tensors import to_pixels
from methods.faces import face_finder

NO_FACE = Unscored("no face is found in the truth")

# Points of the 68: the rims of both eyes, the tip of the nose, the corners of the mouth.
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)
NOSE, MOUTH = 30, (48, 54)


def five_points(face: dlib.full_object_detection) -> np.ndarray:
    """(5, 2) in pixels, x first: eye on the picture's left, the other, nose, mouth corners."""
    points = np.array([(point.x, point.y) for point in face.parts()], dtype=np.float32)
    eyes = (points[LEFT_EYE].mean(0), points[RIGHT_EYE].mean(0))
    return np.stack([*eyes, points[NOSE], *(points[corner] for corner in MOUTH)])


class FaceMetric(Metric):
    """Compares the person in the restored picture with the one in the truth."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:  # noqa: ARG002
        if self.of_truth.is_new:  # reading it takes two seconds
            face_finder()

    @abstractmethod
    def embed(self, pixels: np.ndarray, face: dlib.full_object_detection) -> np.ndarray:
        """(D,): the face that stands at these landmarks in uint8 RGB (H, W, 3)."""

    @abstractmethod
    def compare(self, restored: np.ndarray, truth: np.ndarray) -> float:
        """The score of two embeddings (D,)."""

    def score(self, sample: Sample) -> list[float | Unscored]:
        return [
            self.score_one(restored[None], truth[None])
            for restored, truth in zip(sample.restored, sample.truth, strict=True)
        ]

    def score_one(self, restored: Tensor, truth: Tensor) -> float | Unscored:
        """The score of one picture (1, 3, H, W) against its truth."""
        found = list(self.of_truth(truth, lambda: self.look_at(pixels_of(truth))))
        if not found:
            return NO_FACE
        marks, of_truth = found
        of_restored = self.embed(pixels_of(restored), face_of(marks))
        return self.compare(of_restored, of_truth.numpy())

    def look_at(self, truth: np.ndarray) -> Iterator[Tensor]:
        """The landmarks of the face in the truth and its embedding (D,); nothing without one."""
        face = face_finder()(truth)
        if face is not None:
            yield marks_of(face)
            yield torch.from_numpy(self.embed(truth, face))


def marks_of(face: dlib.full_object_detection) -> Tensor:
    """(2 + 68, 2) in whole pixels, x first: two corners of the face's box, and its landmarks."""
    corners = (face.rect.tl_corner(), face.rect.br_corner())
    return torch.tensor([(point.x, point.y) for point in (*corners, *face.parts())])


def face_of(marks: Tensor) -> dlib.full_object_detection:
    """The face that `marks_of` told."""
    (left, top), (right, bottom), *points = marks.tolist()
    box = dlib.rectangle(left, top, right, bottom)
    return dlib.full_object_detection(box, [dlib.point(x, y) for x, y in points])


def pixels_of(image: Tensor) -> np.ndarray:
    """(1, 3, H, W) in [0, 1] to uint8 (H, W, 3), contiguous as dlib wants it."""
    return np.ascontiguousarray(to_pixels(image))
