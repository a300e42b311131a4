"""Where DFDNet looks for the parts of a face: by its landmarks, or where a template has them.

As in the authors' `test_FaceDict.py`. Boxes are (4, 4), x0, y0, x1, y1 of left eye, right eye, nose
and mouth; the left eye is the one on the picture's left.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

FRAME = 512  # side in pixels of the authors' crops, in which templates are given
SMALLEST = 16  # pixels of the frame, half the side of the smallest box
# Of the 68 landmarks those of each part; eyes are with their brows.
PARTS = (
    (*range(17, 22), *range(36, 42)),
    (*range(22, 27), *range(42, 48)),
    tuple(range(29, 36)),
    tuple(range(48, 68)),
)
# The eye on the right, outer and inner corner, the one on the left, and the tip of the nose, in the
# crop that the authors cut from a photograph: FFHQ's template, halved.
CROP_POINTS = ((343.4, 244.3), (293.4, 246.8), (169.0, 244.2), (219.0, 246.8), (256.8, 339.3))


def boxes_of(points: np.ndarray, size: tuple[int, int]) -> Tensor:
    """Boxes in pixels of the 68 landmarks (68, 2), x first, of a picture of height and width.

    They are squares around the mean of a part's points, as wide as these extend.
    """
    smallest = SMALLEST * min(size) / FRAME
    boxes = []
    for part in PARTS:
        own = points[list(part)]
        centre, half = own.mean(0), max(np.ptp(own, axis=0).max() / 2, smallest)
        boxes.append(np.concatenate((centre - half + 1, centre + half)))
    return torch.from_numpy(np.trunc(boxes).astype(np.int64))


def scaled(template: Tensor, size: tuple[int, int]) -> Tensor:
    """Boxes of a template, which are in its frame, as pixels of a picture of height and width."""
    height, width = size
    return (template * torch.tensor([width, height] * 2) / FRAME).round().long().cpu()


def similarity(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3): the turn, scale and shift that bring points (N, 2) nearest to others.

    The authors bring five points of a photograph to `CROP_POINTS`. The pictures here are cut and
    turned before they are degraded, and need no such step.
    """
    from skimage.transform import estimate_transform  # noqa: PLC0415 - slow, and no cell needs it

    found = estimate_transform("similarity", points, target)  # type: ignore[no-untyped-call]
    matrix: np.ndarray = found.params[:2]
    return matrix
