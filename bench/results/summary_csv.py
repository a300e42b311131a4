"""`summary.csv`: one line a method and table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.results.csv_files import count, finite, needed, read_csv, statistics_csv, value_of
from bench.results.results import CellFacts, Results
from bench.results.rows_csv import metric_columns


def cells_of(path: Path) -> Iterator[CellFacts]:
    """What `summary.csv` has of the cells, if it is there: sizes, costs and loading times."""
    if not path.is_file():
        return
    wanted = ("method", "split", "scale", "operator", "parameters", "macs")
    for place, line in read_csv(path, wanted):
        yield CellFacts(
            key="",
            method=line["method"],
            split=line["split"],
            scale=needed(place, "scale", value_of(place, "scale", line["scale"], count)),
            operator=line["operator"],
            seed=0,
            parameters=value_of(place, "parameters", line["parameters"], count),
            macs=value_of(place, "macs", line["macs"], count),
            load_s=value_of(place, "load_s", line.get("load_s", ""), finite),
            warm_up_s=value_of(place, "warm_up_s", line.get("warm_up_s", ""), finite),
            compile_s=value_of(place, "compile_s", line.get("compile_s", ""), finite),
        )


def read_summary(out: Path) -> list[dict[str, str]]:
    """The lines of a results folder's summary by column, as they are written.

    Raises `BenchError` if there is none to be read.
    """
    wanted = (*SUMMARY_HEAD, "latency_median_s", "reasons")
    return [line for _, line in read_csv(out / "summary.csv", wanted)]


SUMMARY_HEAD = ("method", "split", "scale", "operator", "seeds", "n", "ok", "coverage", "states")
SUMMARY_TAIL = (
    "latency_median_s", "latency_q1_s", "latency_q3_s", "cpu_median_s", "peak_mem_median_bytes",
    "metric_median_s", "images_per_s", "batch", "timed_under", "timed_n", "timed_otherwise",
    "machine", "load_s", "warm_up_s", "parameters", "macs", "reasons", "unscored",
)  # fmt: skip
PARTS = ("mean", "lo", "hi", "n", "partial", "group", "seed_sd", "best_of_k")


def summary_csv(results: Results, lines: Iterable[Mapping[str, Any]]) -> str:
    """One line a method and table, as `bench.analysis.csv_lines` makes them.

    Of each metric the mean, the bounds of its 95% interval, the number of images it is over,
    whether others of the table are over images that it lacks, and the tie group; of several seeds,
    the standard deviation of their means and the mean of each image's best.
    """
    return statistics_csv(summary_columns(results), lines)


def summary_columns(results: Results) -> list[str]:
    """The header."""
    scores = (f"{metric}_{part}" for metric in metric_columns(results) for part in PARTS)
    compiled = any(cell.compile_s is not None for cell in results.cells)
    return [*SUMMARY_HEAD, *scores, *SUMMARY_TAIL, *(["compile_s"] if compiled else [])]
