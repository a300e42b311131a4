"""One picture in one cell: degrade, restore, check, score. Every way it can end is a row."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.cell import Cell
from bench.errors import BenchError
from bench.images import read_rgb, write_png
from bench.metrics.base import Metric, Sample
from bench.metrics.scoring import score_sample
from bench.operators import quantise
from bench.rows import Row, RowState
from bench.splits import Picture, read_truth
from bench.timing import measured
from methods.base import Method, Restoration


class BadOutput(BenchError):
    """A method gave back something that is not the picture it was asked for."""


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to float (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def to_pixels(image: Tensor) -> np.ndarray:
    """(1, 3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (image[0] * 255).round().byte().permute(1, 2, 0).cpu().numpy()


def digest_of(image: Tensor) -> str:
    """Hash of a picture's 8-bit values, 16 hexadecimal digits."""
    return hashlib.sha256(to_pixels(image).tobytes()).hexdigest()[:16]


def image_seed(seed: int, y: Tensor) -> int:
    """A picture's own seed: a function of the cell's seed and of y alone, not of its place."""
    name = f"restore|{seed}|".encode() + to_pixels(y).tobytes()
    return int.from_bytes(hashlib.sha256(name).digest()[:6], "big")


def failed_row(cell: Cell, picture: Picture, error: BaseException) -> Row:
    """The row of a picture on which the method raised."""
    return cell.row(picture, state_of(error), describe(error))


def state_of(error: BaseException) -> RowState:
    """Out of memory is told apart from every other failure."""
    cpu_allocator = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    if cpu_allocator or isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return RowState.OUT_OF_MEMORY
    return RowState.FAILED


def describe(error: BaseException) -> str:
    """One line: a user's error as it stands, any other with its type and place."""
    if isinstance(error, BenchError):
        return str(error)
    text = " ".join(str(error).split()) or "no message"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{place}"


def restore(cell: Cell, method: Method, picture: Picture, held_bytes: int) -> tuple[Row, Tensor]:
    """The row, without scores, and the restored picture (1, 3, H, W), rounded to 8 bits.

    Raises whatever the method raises, and `BadOutput` if its result has the wrong shape or
    holds a value that is no number.
    """
    task = method.task
    y = task.operator.observe(to_tensor(read_truth(picture, cell.split.size))).to(task.device)
    seeds = [image_seed(cell.seed, y)]
    with precision_of(cell), measured(task.device) as cost:
        restoration = method.restore(y, seeds)
    image = checked(restoration, task.size)
    restored = quantise(image.float()).cpu()
    fit = restoration.fits[0] if restoration.fits else None
    row = replace(
        cell.row(picture, RowState.OK),
        latency_s=cost.latency_s,
        cpu_s=cost.cpu_s,
        peak_mem_bytes=held_bytes + cost.added_mem_bytes,
        output_digest=digest_of(restored),
        trace_length=len(fit.trace) if fit else None,
        reached_tolerance=fit.reached_tolerance if fit else None,
    )
    return row, restored


def checked(restoration: Restoration, size: tuple[int, int]) -> Tensor:
    """The one restored picture, if it is what was asked for."""
    image, expected = restoration.images, (1, 3, *size)
    if tuple(image.shape) != expected:
        raise BadOutput(f"the method returned shape {tuple(image.shape)}, expected {expected}")
    bad = int((~torch.isfinite(image)).sum())
    if bad:
        raise BadOutput(
            f"the method returned {bad} values of {image.numel()} that are NaN or infinite"
        )
    return image.detach()


def precision_of(cell: Cell) -> torch.autocast | nullcontext[None]:
    """The autocast region of the cell's precision."""
    if cell.precision == "fp32":
        return nullcontext()
    return torch.autocast(torch.device(cell.device).type, dtype=torch.bfloat16)


def score(
    cell: Cell, picture: Picture, restored: Tensor, metrics: Mapping[str, Metric]
) -> tuple[dict[str, float], dict[str, str], float]:
    """Scores by column, reasons of those that are missing, and the seconds it took.

    A metric that raises leaves its own column empty and says why; the row stays.
    """
    start = time.perf_counter()
    truth = to_tensor(read_truth(picture, cell.split.size))
    sample = Sample(restored, truth, cell.operator.observe(truth), cell.operator)
    scores, unscored = score_sample(sample, metrics, describe)
    return scores, unscored, time.perf_counter() - start


def keep_image(path: Path, restored: Tensor) -> None:
    """Write the restored picture losslessly. Raises `DiskError`."""
    write_png(path, to_pixels(restored))


def kept_image(path: Path) -> Tensor:
    """A picture written by `keep_image`."""
    return to_tensor(read_rgb(path))
