"""Fingerprints by which a picture is known again after small changes.

The signs of the 128 lowest frequencies of the grey picture (a "pHash": Zauner, "Implementation and
benchmarking of perceptual image hash functions", 2010, with more bits, since faces cropped alike
are alike in their first 64). Recompression, resizing and brightness flip few of them; mirroring
flips exactly those of the odd horizontal frequencies; a crop flips many, which is why the picture
looked for is looked for cropped and framed as well. From 128 signs nothing can be rebuilt.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bench.pictures.files import Pixels

Matrix = NDArray[np.float32]
Bits = NDArray[np.bool_]

BITS = 128
GRID = 32  # the side to which a picture is reduced before its frequencies are taken
LARGEST = 256  # larger pictures are reduced to this side first
SLIGHTLY, CLEARLY = 0.05, 0.10  # parts of the side that a crop may have cost
# Two pictures nearer than this, in bits, are taken for one. Over the five categories of
# photographs at hand (100 test pictures and their 18 views against up to 3,933 training pictures
# each) the nearest different pictures are 19 bits apart (faces; 22 and more elsewhere). Of copies,
# 97 to 100 in 100 are found after JPEG at quality 70, halving or doubling, mirroring, a fifth more
# light, or a crop of 3 to 10% about the centre or of 3 to 5% at a corner.
NEAR_BITS = 16


def fingerprint(pixels: Pixels) -> Bits:
    """(BITS,) of a picture (H, W, 3)."""
    return signs(grey(pixels))


def views(pixels: Pixels) -> Bits:
    """(18, BITS): the fingerprints of the picture as it is, cropped at the centre and at each
    corner, with a frame around it, and all of these mirrored."""
    plain = grey(pixels)
    seen = [plain]
    for part in (SLIGHTLY, CLEARLY):
        seen += [cropped(plain, part, 0.5, 0.5), framed(plain, part)]
    seen += [cropped(plain, SLIGHTLY, y, x) for y in (0.0, 1.0) for x in (0.0, 1.0)]
    upright = np.stack([signs(view) for view in seen])
    _, columns = frequencies()
    return np.concatenate((upright, upright ^ (columns % 2 == 1)))


def distances(one: Bits, other: Bits) -> Matrix:
    """(N, M): how many bits differ between fingerprints (N, BITS) and (M, BITS).

    As a product of matrices of signs, exact in float32, and many times faster than counting.
    """
    a, b = (bits.astype(np.float32) * 2 - 1 for bits in (one, other))
    return np.asarray(BITS / 2 - (a / 2) @ b.T, np.float32)


def grey(pixels: Pixels) -> Matrix:
    """Luma, of at most `LARGEST` pixels a side."""
    luma = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    height, width = luma.shape
    return reduced(luma, min(height, LARGEST), min(width, LARGEST))


def signs(luma: Matrix) -> Bits:
    """Which of the lowest frequencies of a grey picture are positive; the mean is left out."""
    small = reduced(luma, GRID, GRID)
    waves = cosines()
    rows, columns = frequencies()
    bits: Bits = (waves @ small @ waves.T)[rows, columns] > 0
    return bits


def cropped(luma: Matrix, part: float, y: float, x: float) -> Matrix:
    """Without `part` of its side; y and x from 0 (top, left) to 1 say where the rest lies."""
    height, width = luma.shape
    h, w = round(height * (1 - part)), round(width * (1 - part))
    top, left = round((height - h) * y), round((width - w) * x)
    return luma[top : top + h, left : left + w]


def framed(luma: Matrix, part: float) -> Matrix:
    """As if it were the middle of a larger picture that lost `part` of its side."""
    border = [round(side * part / (2 * (1 - part))) for side in luma.shape]
    padded: Matrix = np.pad(luma, [(b, b) for b in border], mode="edge")
    return padded


def reduced(luma: Matrix, height: int, width: int) -> Matrix:
    """Means over areas, as if each pixel were a square."""
    rows, columns = (areas(n, m) for n, m in zip(luma.shape, (height, width), strict=True))
    return np.asarray(rows @ luma @ columns.T, np.float32)


@lru_cache(maxsize=64)
def areas(inputs: int, outputs: int) -> Matrix:
    """(outputs, inputs): the share that each input pixel has in each output pixel."""
    edges = np.linspace(0, inputs, outputs + 1)[:, None]
    pixel = np.arange(inputs)
    overlap = np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel)
    shares: Matrix = (np.clip(overlap, 0, None) * outputs / inputs).astype(np.float32)
    return shares


@lru_cache(maxsize=1)
def cosines() -> Matrix:
    """(GRID, GRID): the cosine transform, one frequency a row, unscaled."""
    k = np.arange(GRID)
    waves: Matrix = np.cos(np.pi * k[:, None] * (2 * k + 1) / (2 * GRID)).astype(np.float32)
    return waves


@lru_cache(maxsize=1)
def frequencies() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the `BITS` lowest frequencies, the mean excluded, lowest first."""
    pairs = sorted(
        ((i, j) for i in range(GRID) for j in range(GRID) if i + j),
        key=lambda pair: (sum(pair), pair),
    )
    rows, columns = np.array(pairs[:BITS]).T
    return rows, columns
