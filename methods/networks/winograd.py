"""3x3 convolution with a quarter of the multiplications: Winograd's F(4x4, 3x3).

Lavin & Gray 2016, arXiv 1509.09308. The picture is cut into tiles of 6x6 that overlap by 2. Each is
transformed, multiplied with the transformed kernel, one matrix product for each of the 36 entries,
and transformed back to 4x4 outputs. In exact arithmetic it is the convolution itself; in float32
its error was measured at two to ten times that of oneDNN's direct sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor

TILE = 4  # outputs a side
TILES = 256  # that are transformed at once, so that what lies between stays in the cache

# G of the paper: from the three taps of a kernel to six.
TAPS = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)


def transformed(weight: Tensor) -> Tensor:
    """Kernels (O, I, 3, 3) as `convolve` takes them, (36, I, O)."""
    taps = torch.tensor(TAPS, dtype=torch.float64, device=weight.device)
    rows = torch.einsum("ka,ocab->kocb", taps, weight.double())
    both = torch.einsum("lb,kocb->klco", taps, rows)
    return both.flatten(0, 1).to(weight.dtype).contiguous()


def convolve(x: Tensor, kernel: Tensor, scale: Tensor | None = None) -> Tensor:
    """`conv2d(x * scale, weight, padding=1)` of x (N, I, H, W), in `channels_last`.

    kernel: `transformed(weight)`. scale: (N, I, 1, 1). H and W are multiples of `TILE`.
    """
    n, _, height, width = x.shape
    pixels = x.permute(0, 2, 3, 1)
    scales = None if scale is None else scale.permute(0, 2, 3, 1)
    out = x.new_empty(n, height, width, kernel.shape[2])
    tall, wide = height // TILE, width // TILE
    rows = min(tall, max(1, TILES // wide))
    pictures = max(1, TILES // (tall * wide))
    for first, top in product(range(0, n, pictures), range(0, tall, rows)):
        some, lines = slice(first, first + pictures), slice(top * TILE, (top + rows) * TILE)
        window = bordered(pixels[some], lines, None if scales is None else scales[some])
        convolve_window(window, kernel, out[some, lines])
    return out.permute(0, 3, 1, 2)


def bordered(pixels: Tensor, lines: slice, scale: Tensor | None) -> Tensor:
    """Some lines of the pictures (N, H, W, I), scaled, with one more pixel on each side."""
    n, height, width, channels = pixels.shape
    start, stop = lines.start, min(lines.stop, height)
    window = pixels.new_zeros(n, stop - start + 2, width + 2, channels)
    above, below = max(start - 1, 0), min(stop + 1, height)
    inner = window[:, above - start + 1 : below - start + 1, 1:-1]
    if scale is None:
        inner.copy_(pixels[:, above:below])
    else:
        torch.mul(pixels[:, above:below], scale, out=inner)
    return window


def convolve_window(window: Tensor, kernel: Tensor, out: Tensor) -> None:
    """Into `out` (N, h, w, O) the convolution of a window (N, h + 2, w + 2, I)."""
    n, height, width, outputs = out.shape
    tall, wide, inputs = height // TILE, width // TILE, window.shape[3]
    lines = window.new_empty(6, n, tall, width + 2, inputs)
    transform([window[:, i : i + height - 3 : TILE] for i in range(6)], lines)
    tiles = window.new_empty(6, 6, n, tall, wide, inputs)
    columns = [lines[..., i : i + width - 3 : TILE, :] for i in range(6)]
    transform(columns, tiles.transpose(0, 1))
    products = torch.bmm(tiles.view(36, -1, inputs), kernel)
    products = products.view(6, 6, n, tall, wide, outputs)
    lines = window.new_empty(TILE, 6, n, tall, wide, outputs)
    transform_back(products, lines)
    places = out.view(n, tall, TILE, wide, TILE, outputs).permute(4, 2, 0, 1, 3, 5)
    transform_back(lines.transpose(0, 1), places)


def transform(d: Sequence[Tensor], out: Tensor) -> None:
    """B^T d of the paper, along an axis of six."""
    torch.sub(d[4], d[2], alpha=4, out=out[1])
    torch.sub(d[3], d[1], alpha=4, out=out[2])
    torch.sub(d[4], d[2], out=out[3])
    torch.sub(d[3], d[1], out=out[4])
    torch.sub(d[0], d[2], out=out[0]).mul_(4).add_(out[3])
    torch.sub(d[5], d[3], out=out[5]).sub_(out[4], alpha=4)
    butterfly(out[1], out[2], 1)
    butterfly(out[3], out[4], 2)


def butterfly(a: Tensor, b: Tensor, factor: int) -> None:
    """a + factor b and a - factor b, in the place of both."""
    a.add_(b, alpha=factor)
    torch.sub(a, b, alpha=2 * factor, out=b)


def transform_back(m: Tensor, out: Tensor) -> None:
    """A^T m of the paper, from six to four."""
    sums, differences = m[1] + m[2], m[1] - m[2]
    far_sums, far_differences = m[3] + m[4], m[3] - m[4]
    torch.add(sums, far_sums, out=out[0]).add_(m[0])
    torch.add(differences, far_differences, alpha=2, out=out[1])
    torch.add(sums, far_sums, alpha=4, out=out[2])
    torch.add(differences, far_differences, alpha=8, out=out[3]).add_(m[5])
