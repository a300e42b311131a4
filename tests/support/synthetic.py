"""Results as a run leaves them, with made-up numbers: for tests of tables, plots and the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from bench.core.rows import Budget, Row, RowState
from bench.metrics import registry
from bench.metrics.facts import Direction
from bench.results.measured import Measured, UsedFile
from bench.results.results import CellFacts, Results
from tests.conftest import picture

HOSTILE = '<script>alert("1")</script> | `a` *b*\n[c](d) $x$ é'
OPERATOR = "matlab-bicubic-x16#0123456789ab"
# Title, PSNR, LPIPS and seconds around which the rows of each method lie.
METHODS = {
    "nearest": ("Nearest neighbour", 21.5, 0.66, 2e-4),
    "bicubic": ("Bicubic (MATLAB)", 23.4, 0.61, 3e-3),
    "lanczos": ("Lanczos-3 (MATLAB)", 23.5, 0.60, 3.2e-3),
    "srgan": ("SRGAN", 23.2, 0.33, 0.05),
    "esrgan": ("ESRGAN / ESRGAN+", 24.3, 0.29, 0.22),
    "glean": ("GLEAN", 24.6, 0.25, 0.19),
    "pulse": ("PULSE", 20.1, 0.46, 14.0),
    "mganprior": ("mGANprior", 21.6, 0.43, 38.0),
    "spandrel-one": ("Any network spandrel loads, as spandrel:FILE", 24.0, 0.31, 0.4),
    "spandrel-two": ("Any network spandrel loads, as spandrel:FILE", 24.1, 0.35, 0.5),
}
HIGHER, LOWER = Direction.HIGHER, Direction.LOWER
PROTOCOLS = {
    "psnr_rgb_db": "psnr/rgb/uint8",
    "ssim": "ssim/rgb/uint8/gaussian11",
    "lpips_alex": "lpips/alex/v0.1/rgb/[-1,1]",
    "lpips_vgg": "lpips/vgg/v0.1/rgb/[-1,1]",
    "st_lpips": "st-lpips/alex/v0.0",
    "arcface_cosine": "arcface/112px",
    "lr_psnr_db": "psnr of A(restored) against y",
}
METRICS = {
    column: replace(registry.METRICS[column], protocol=protocol, target=":")
    for column, protocol in PROTOCOLS.items()
}
COLUMNS = ("psnr_rgb_db", "ssim", "lpips_alex", "st_lpips", "arcface_cosine", "lr_psnr_db")


def results(
    methods: Sequence[str] = tuple(METHODS),
    splits: Sequence[str] = ("face", "cat"),
    images: int = 8,
    columns: Sequence[str] = COLUMNS,
    scale: int = 16,
) -> Results:
    """Every method on every image, all restored and scored."""
    rng = np.random.default_rng(0)
    metrics = tuple(METRICS[column] for column in columns)
    rows, cells = [], []
    for split in splits:
        hard = rng.normal(size=images)
        for method in methods:
            _, psnr, lpips, latency = METHODS.get(method, (method, 23.0, 0.4, 0.1))
            for i in range(images):
                p = float(psnr + 1.5 * hard[i] + rng.normal() * 0.4)
                d = lpips * math.exp(0.1 * hard[i] + 0.08 * rng.normal())
                scores = {"psnr_rgb_db": p, "ssim": 1 / (1 + math.exp(-(p - 20) / 4)),
                          "lpips_alex": d, "lpips_vgg": d + 0.1, "st_lpips": d * 0.8,
                          "arcface_cosine": 1 - d, "lr_psnr_db": p + 12}  # fmt: skip
                rows.append(Row(
                    method, split, f"{i:03d}", scale, OPERATOR, 0, RowState.OK,
                    latency_s=latency * math.exp(0.1 * rng.normal()), cpu_s=latency * 1.1,
                    peak_mem_bytes=int(3e8 + 1e7 * rng.random()), metric_s=0.2,
                    metrics={f.column: scores[f.column] for f in metrics if f.applies_to(split)},
                ))  # fmt: skip
            network = method not in ("nearest", "bicubic", "lanczos")
            cells.append(CellFacts(f"{split}{method}", method, split, scale, OPERATOR, 0,
                                   12_345_678 if network else 0,
                                   54_321_000_000 if network else 1_310_720))  # fmt: skip
    titles = {method: METHODS.get(method, (method,))[0] for method in methods}
    return Results(tuple(rows), tuple(cells), metrics, {}, titles, run_json(splits, images))


def run_json(splits: Sequence[str], images: int) -> dict[str, object]:
    """What `run.json` says of such a run."""
    return {
        "arguments": ["run", "--suite", "photo", "--data", "my pictures"],
        "started": "2026-01-02T03:04:05+00:00",
        "finished": "2026-01-02T03:14:05+00:00",
        "bench": "0.1.0",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "python": "3.11.2",
        "packages": {"torch": "2.14.1", "numpy": "2.1.0"},
        "hardware": {"system": "Linux 6 x86_64", "cpu": "A Processor", "cores": 2,
                     "memory_bytes": 2**34, "gpus": []},
        "suite": {"name": "photo", "title": "Your own photographs, 128x128",
                  "kernel": "matlab-bicubic", "default_size": 128,
                  "splits": {split: {"size": 128, "list": None} for split in splits}},
        "splits": {split: {"digest": "abcdef012345",
                           "images": {f"{i:03d}": "0" * 64 for i in range(images)}}
                   for split in splits},
    }  # fmt: skip


def hostile() -> Results:
    """Results whose every name and reason is a stranger's."""
    made = results(["glean", "bicubic"], ["face"], images=3)
    rows = [
        replace(row, method=HOSTILE, reason="") if row.method == "bicubic" else row
        for row in made.rows
    ]
    rows[0] = replace(rows[0], state=RowState.FAILED, reason=HOSTILE, metrics={}, latency_s=None)
    rows[1] = replace(rows[1], metrics={"psnr_rgb_db": float("inf")}, unscored={"ssim": HOSTILE})
    rows.append(Row("pulse", "face", "000", 16, rows[0].operator, 0, RowState.UNAVAILABLE,
                    "no weights; `python -m bench fetch a|b`"))  # fmt: skip
    run = {**made.run, "arguments": ["run", "--data", HOSTILE], "started": HOSTILE}
    file = UsedFile(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    return replace(
        made, rows=tuple(rows), titles={HOSTILE: HOSTILE}, run=run,
        measured=(Measured(HOSTILE, "face", 16, (file,), (HOSTILE,)),),
        missing_metrics={"lpips_vgg": f"no weights {HOSTILE}"},
    )  # fmt: skip


def write_images(folder: Path, made: Results, side: int = 64) -> Path:
    """`folder` filled with a picture for every ok row, as `images/` has them."""
    for row in made.rows:
        if row.state is not RowState.OK:
            continue
        place = folder / row.split / row.image
        place.mkdir(parents=True, exist_ok=True)
        truth = Image.fromarray(picture(int(row.image), side))
        truth.save(place / "truth.png")
        small = truth.resize((side // row.scale, side // row.scale), Image.Resampling.BOX)
        small.save(place / "input.png")
        small.resize((side, side), Image.Resampling.BICUBIC).save(place / f"{row.method}.png")
    return folder


def with_budgets(made: Results, methods: Sequence[str]) -> Results:
    """The results with milestones at a tenth and a third of 100 steps, for rows of `methods`."""

    def budget(row: Row, steps: int) -> Budget:
        # Lower metrics fall and higher ones rise on the way to the row's own scores.
        worse = {HIGHER: -0.002, LOWER: 0.002}
        scores = {
            facts.column: row.metrics[facts.column] + worse[facts.better] * (100 - steps)
            for facts in made.metrics
            if facts.column in row.metrics
        }
        return Budget(steps, (row.latency_s or 1.0) * steps / 100, scores)

    rows = tuple(
        replace(row, trace_length=100, budgets=(budget(row, 10), budget(row, 33)))
        if row.method in methods and row.state is RowState.OK
        else row
        for row in made.rows
    )
    return replace(made, rows=rows)
