"""Faces of photographs, turned upright and cut out where networks expect them.

Found and measured by dlib, as the metrics of identity do (`bench.metrics.faces`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.core.errors import BenchError
from bench.datasets.suites import FaceCrop, Suite
from bench.metrics.registry import FACES_INSTALL, METRICS
from bench.pictures.files import Pixels

if TYPE_CHECKING:
    import dlib

Points = NDArray[np.float64]

# Sides at which faces are looked for: dlib sees them from 80 pixels on, so that one is found that
# takes a 25th of a photograph. Small pictures are enlarged, but to no more than twice their side.
SEARCH_SIZES = (256, 512, 1024, 2048)
ENLARGED = 2
# What the score of a face has to be. Of 99 photographed faces 93 have it, and nothing in 410 rooms,
# cars and towers; a score above 0 have all of them, and four places in the others.
SURE = 0.5


@dataclass(frozen=True)
class Square:
    """A turned square in a picture, in pixels from its upper left corner, x first."""

    centre: Points
    across: Points  # from its left edge to its right one

    @property
    def side(self) -> int:
        """In whole pixels."""
        return max(1, round(float(np.linalg.norm(self.across))))


@dataclass(frozen=True)
class Aligner:
    """Cuts out every face of a photograph as `crop` has it."""

    crop: FaceCrop

    def __call__(self, pixels: Pixels) -> list[Pixels]:
        """Squares of uint8 (S, S, 3) at the resolution of the photograph (H, W, 3), the largest
        face first. What they have beyond its edges is its mirror image."""
        squares = [square_of(points, self.crop) for points in find_faces(pixels)]
        return [cut(pixels, square) for square in sorted(squares, key=lambda s: -s.side)]


def aligner(suite: Suite, split: str) -> Aligner:
    """What cuts out faces as the networks of a suite expect them.

    Raises `BenchError` where that is not known, and with the command that installs what is lacking.
    """
    known = suite.splits.get(split)
    if known is None or known.aligned is None:
        able = [name for name, each in suite.splits.items() if each.aligned]
        told = f"those of {', '.join(able)}" if able else "none, as suites photo and paper do"
        raise BenchError(
            f"--align: suite {suite.name} does not say where faces stand in pictures of {split}; "
            f"it says so of {told}"
        )
    modules = METRICS["dlib_distance"].modules
    if lacking := [name for name in modules if importlib.util.find_spec(name) is None]:
        raise BenchError(f"--align needs {', '.join(lacking)}; `{FACES_INSTALL}`")
    return Aligner(known.aligned)


def find_faces(pixels: Pixels) -> Iterator[Points]:
    """The 68 landmarks (68, 2) of each face, in pixels from the upper left corner."""
    import dlib  # noqa: PLC0415 - an extra

    from methods.faces import face_finder, scaled  # noqa: PLC0415

    finder, longest = face_finder(), max(pixels.shape)
    seen: list[dlib.rectangle] = []
    for size in SEARCH_SIZES:
        factor = size / longest
        if size > SEARCH_SIZES[0] and factor > ENLARGED:
            return
        boxes, _, _ = finder.detect.run(scaled(pixels, factor), 0, SURE)
        for found in boxes:
            edges = (found.left(), found.top(), found.right(), found.bottom())
            box = dlib.rectangle(*(round(edge / factor) for edge in edges))
            if any(other.contains(box.center()) or box.contains(other.center()) for other in seen):
                continue  # found before, at another size
            seen.append(box)
            parts = finder.predict(pixels, box).parts()
            yield np.array([(point.x + 0.5, point.y + 0.5) for point in parts])


def square_of(landmarks: Points, crop: FaceCrop) -> Square:
    """The square about a face that `crop` asks for."""
    from bench.metrics.faces import LEFT_EYE, MOUTH, RIGHT_EYE  # noqa: PLC0415

    left, right = landmarks[LEFT_EYE].mean(0), landmarks[RIGHT_EYE].mean(0)
    between = (left + right) / 2
    eyes, down = right - left, landmarks[list(MOUTH)].mean(0) - between
    # Eyes alone tell the tilt badly of a face seen from the side.
    direction = eyes + np.array([down[1], -down[0]])
    side = max(crop.eyes * np.linalg.norm(eyes), crop.mouth * np.linalg.norm(down))
    return Square(between + crop.centre * down, direction / np.linalg.norm(direction) * side)


def cut(pixels: Pixels, square: Square) -> Pixels:
    """(S, S, 3): what stands in the square, pixel for pixel."""
    side = square.side
    right = square.across / side
    down = np.array([-right[1], right[0]])
    corner = square.centre - (right + down) * side / 2
    reach = np.abs(np.array([right, down])).sum(0) * side / 2 + 2  # two pixels to interpolate
    low = np.floor(square.centre - reach).astype(int)
    high = np.ceil(square.centre + reach).astype(int)
    columns, rows = (mirrored(low[axis], high[axis], pixels.shape[1 - axis]) for axis in (0, 1))
    window = Image.fromarray(pixels[np.ix_(rows, columns)])
    start = corner - low
    affine = (right[0], down[0], start[0], right[1], down[1], start[1])
    turned = window.transform(
        (side, side), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC
    )
    return np.array(turned)


def mirrored(low: int, high: int, length: int) -> Sequence[int]:
    """The places low to high - 1 on an axis that is mirrored at its ends, 0 and `length`."""
    places = np.arange(low, high) % (2 * length)
    found: list[int] = np.where(places < length, places, 2 * length - 1 - places).tolist()
    return found
