"""The benchmark from Python: run it, read its results, restore a picture, score one.

The names here are those of `bench` itself: `bench.run`, `bench.load_results`, `bench.load` and
`bench.metric`. They measure what the command line measures, under the same protocols.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analysis.frames import Results
from bench.core.errors import BenchError
from bench.core.paths import cache_dir
from bench.core.rows import Row
from bench.datasets.suites import load_suite
from bench.execution.local import LocalExecutor
from bench.execution.outstanding import Policy
from bench.machine.device import resolve_device
from bench.metrics import registry as metric_registry
from bench.metrics.base import Metric, Sample
from bench.metrics.facts import MetricFacts
from bench.metrics.scorer import Broken, ready_metric, score_sample, scoring_of
from bench.operators import Downsample, quantise
from bench.pictures.tensors import AnyPicture, as_tensor
from bench.planning.cell import Cell
from bench.planning.plan import make_plan
from bench.planning.request import TIMED, Request
from bench.results import folder
from bench.runs.config_file import expanded
from bench.runs.restoring import Restorer, ready
from bench.runs.runner import Runner
from bench.weights.search import Missing, advice
from methods import registry as method_registry
from methods.base import Precision

__all__ = ["ReadyMetric", "Restorer", "Results", "load", "load_results", "metric", "run"]


def run(  # noqa: PLR0913 - the options of `python -m bench run`
    methods: Sequence[str] = (),
    *,
    metrics: Sequence[str] = (),
    splits: Sequence[str] = (),
    suite: str = "mini",
    scale: int | Sequence[int] = (),
    data: Path | str | None = None,
    images: int | None = None,
    seeds: int = 1,
    weights: Mapping[str, Path | str] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    device: str = "auto",
    precision: Precision = "fp32",
    workers: int = 1,
    batch: int | None = None,
    timed: int = TIMED,
    timeout: float | None = None,
    out: Path | str | None = None,
    fresh: bool = False,
    retry: bool = False,
    keep_images: bool = True,
) -> Results:
    """Restore and score every image of every split with every method, as `bench run` does.

    The options are those of the command line; what is left out is the suite's own choice, and
    batch=None is `--batch auto`. What
    `out` holds already is not measured again, and the same call goes on where one was
    interrupted. `weights` and `settings` are by method, variants included: `{"pulse@long":
    {"steps": 600}}`. Workers are processes of their own, so that a script needs its
    `if __name__ == "__main__":`. Raises `BenchError` on anything unknown or contradictory.

    >>> import tempfile, bench
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = bench.run(["bicubic"], splits=["face"], images=2, metrics=["psnr_rgb_db"],
    ...                       scale=16, out=folder)
    >>> found.rows[["method", "split", "scale", "state"]]
        method split  scale state
    0  bicubic  face     16    ok
    1  bicubic  face     16    ok
    >>> bool(found.rows.psnr_rgb_db.between(15, 30).all())
    True
    """
    # OpenMP threads that spin while they wait make a busy machine many times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    request = Request(
        suite=suite,
        methods=tuple(methods),
        metrics=tuple(metrics),
        splits=tuple(splits),
        scales=(scale,) if isinstance(scale, int) else tuple(scale),
        data=Path(data) if data is not None else None,
        images=images,
        seeds=seeds,
        weights={method: Path(file) for method, file in (weights or {}).items()},
        settings=settings or {},
        device=device,
        precision=precision,
        workers=workers,
        batch=batch,
        timed=timed,
    )
    cache = cache_dir()
    plan = make_plan(request, cache)
    place = Path(out) if out is not None else Path("reports/runs") / plan.suite.name
    policy = Policy(timeout, retry=retry, fresh=fresh, keep_images=keep_images)
    runner = Runner(plan, place, cache, policy, workers, LocalExecutor)
    return Results(place, runner.execute(expanded(runner), Silent()))


def load_results(path: Path | str) -> Results:
    """The results in a folder that a run left, or in one that somebody passed on.

    Raises `BenchError` if there are none.

    >>> import bench
    >>> found = bench.load_results("reports/mini")
    >>> sorted(found.rows.split.unique())
    ['bedroom', 'car', 'cat', 'face', 'tower']
    >>> found.summary.query("split == 'face' and method == 'bicubic'").n.item()
    64
    >>> found.pairs.columns[:2].tolist()
    ['method_a', 'method_b']
    """
    return Results(Path(path), folder.load_results(Path(path)))


def load(  # noqa: PLR0913 - a method and what it is to do
    method: str,
    *,
    split: str = "face",
    scale: int = 16,
    suite: str = "mini",
    size: int | None = None,
    seed: int = 0,
    weights: Path | str | None = None,
    settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    precision: Precision = "fp32",
) -> Restorer:
    """A method, to call on low-resolution pictures.

    size: side in pixels of the restored picture [the suite's]. weights: your own file in place
    of those that the suite finds. Settings are the suite's, with `settings` on top.
    Raises `BenchError` where the method cannot do it, with the reason and the command that helps.

    >>> import bench, torch
    >>> bicubic = bench.load("bicubic", split="face", scale=16)
    >>> bicubic(torch.rand(3, 8, 8)).shape
    torch.Size([3, 128, 128])
    >>> from PIL import Image
    >>> bench.load("glean", split="face", scale=16)(Image.new("RGB", (8, 8))).size
    (128, 128)
    """
    chosen = load_suite(suite)
    known = chosen.splits.get(split)
    side = size or (known.size if known else chosen.default_size)
    if side is None:
        raise BenchError(
            f"suite {suite} does not say how large pictures of {split} are; "
            f"its splits: {', '.join(chosen.splits)}. bench.load(..., size=128) says it"
        )
    facts = method_registry.resolve(method)
    request = Request(
        suite,
        weights={facts.called: Path(weights)} if weights is not None else {},
        settings={facts.called: settings or {}},
        device=device,
        precision=precision,
    )
    return ready(request, chosen, facts, split, (side, side), scale, seed)


@dataclass(frozen=True)
class ReadyMetric:
    """A metric with its files. `facts.protocol` states everything that changes the number."""

    facts: MetricFacts
    metric: Metric
    operator: Downsample

    def __call__(self, restored: AnyPicture, truth: AnyPicture) -> float:
        """The score of one restored picture against the truth, both rounded to 8 bits.

        Pictures are what `Restorer` takes. Raises `BenchError` where there is no score.
        """
        image, true = quantise(as_tensor(restored)), quantise(as_tensor(truth))
        if image.shape != true.shape or len(true) != 1:
            raise BenchError(
                f"restored picture {tuple(image.shape)} and truth {tuple(true.shape)}: expected "
                "one picture each, of one size"
            )
        sample = Sample(image, true, self.operator.observe(true), self.operator)
        scores = score_sample(sample, {self.facts.column: self.metric})
        for reason in scores.unscored.values():
            raise BenchError(f"{self.facts.column}: {reason}")
        return scores.values[self.facts.column]


def metric(column: str, *, scale: int = 16, device: str = "cpu") -> ReadyMetric:
    """A metric, to call on a restored picture and its truth.

    scale: the factor of the degradation, which only LR consistency looks at.
    Raises `BenchError` where the metric cannot be computed here, with the command that helps.

    >>> import bench, torch
    >>> truth = torch.zeros(3, 32, 32)
    >>> round(bench.metric("psnr_rgb_db")(truth + 1 / 255, truth), 2)
    48.13
    """
    ready = scoring_of(metric_registry.resolve(column))
    if isinstance(ready, Missing):
        raise BenchError(f"{column} cannot be computed here: {advice(ready)}")
    loaded = ready_metric(ready, resolve_device(device))
    if isinstance(loaded, Broken):
        raise BenchError(f"{column} cannot be loaded: {loaded.reason}")
    return ReadyMetric(ready.facts, loaded, Downsample(scale))


class Silent:
    """A listener that says nothing."""

    def cell_started(self, cell: Cell, left: int) -> None: ...

    def row_finished(self, cell: Cell, row: Row) -> None: ...

    def cell_finished(self, cell: Cell) -> None: ...
