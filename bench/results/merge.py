"""Several runs as one: their rows together, where nothing in them contradicts.

The same row in two runs is one row if both say the same; one that could not be tried gives way to
one that was. Whatever else two runs say of the same row is a conflict: it is named and refused,
or both are kept apart under names of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from bench.core.errors import BenchError
from bench.core.grouping import grouped
from bench.core.rows import CellKey, Row, RowKey, RowState
from bench.metrics.facts import MetricFacts, stated
from bench.metrics.registry import METRICS
from bench.results.results import Results
from bench.results.same_pictures import named_as

UNTRIED = (RowState.UNAVAILABLE, RowState.NOT_APPLICABLE)
MOST_NAMED = 5
# What stands in run.json for all runs where they agree on it, and is left out where not.
SHARED = ("bench", "commit", "python", "packages", "hardware", "suite")


class Source(NamedTuple):
    """A row, and the run that it is of."""

    run: Path
    row: Row
    own: Row | None = None  # as the run itself names its picture, where the runs differ on that


@dataclass(frozen=True)
class Merged:
    """The runs as one, and where each of its rows comes from, in the same order."""

    results: Results
    sources: tuple[Source, ...]


def merge(runs: Mapping[Path, Results], *, keep_apart: bool = False) -> Merged:
    """The rows of all runs. With `keep_apart`, methods that runs differ on are METHOD@RUN.

    Raises `BenchError` naming what contradicts: rows, unless they are kept apart, protocols of a
    metric, or pictures of the same name.
    """
    metrics = merged_metrics(runs)
    originals, runs = runs, with_shared_names(runs)
    pictures = merged_pictures(runs)
    claims = grouped(
        (row.key, Source(run, row, own))
        for run, results in runs.items()
        for row, own in zip(results.rows, originals[run].rows, strict=True)
    )
    contested = {key.method for key, found in claims.items() if len(settled(found)) > 1}
    if contested and not keep_apart:
        raise BenchError(conflict(claims))
    unlike = differently_made(runs)
    if unlike and not keep_apart:
        raise BenchError(mixture(unlike))
    contested |= {cell.method for cell in unlike}
    names = untaken(run_names(runs), contested, {key.method for key in claims})
    sources = tuple(
        source
        for found in claims.values()
        for source in (found if found[0].row.method in contested else settled(found))
    )
    measured = tuple(
        dict.fromkeys(
            replace(found, method=named(found.method, run, contested, names))
            for run, results in runs.items()
            for found in results.measured
        )
    )
    results = Results(
        rows=tuple(renamed(source, contested, names) for source in sources),
        cells=tuple(
            dict.fromkeys(
                replace(cell, method=named(cell.method, run, contested, names))
                for run, results in runs.items()
                for cell in results.cells
            )
        ),
        metrics=metrics,
        missing_metrics={
            column: why
            for results in runs.values()
            for column, why in results.missing_metrics.items()
            if column not in {facts.column for facts in metrics}
        },
        titles={
            named(method, run, contested, names): (
                f"{title} ({names[run]})" if method in contested else title
            )
            for run, results in runs.items()
            for method, title in results.titles.items()
        },
        run=merged_record(runs, metrics, pictures)
        | {"measured": [found.entry for found in measured]},
        pictures=pictures,
        measured=measured,
        cautions=tuple(
            dict.fromkeys(caution for results in runs.values() for caution in results.cautions)
        ),
    )
    return Merged(results, sources)


def with_shared_names(runs: Mapping[Path, Results]) -> dict[Path, Results]:
    """The runs, each picture under the name that the first run with it has for it."""
    known: dict[str, dict[str, str]] = {}
    found = {}
    for run, results in runs.items():
        found[run] = named_as(results, known)
        for split, images in found[run].pictures.items():
            known[split] = {**images, **known.get(split, {})}
    return found


def settled(found: Sequence[Source]) -> list[Source]:
    """The sources of one row that say different things, those that were not tried left out."""
    tried = [source for source in found if source.row.state not in UNTRIED] or found[:1]
    return [s for i, s in enumerate(tried) if all(s.row != other.row for other in tried[:i])]


def differently_made(runs: Mapping[Path, Results]) -> dict[CellKey, list[Path]]:
    """The cells whose rows were decided by other settings, weights, code, precision or device in
    one run than in another, with those runs. Of rows without a key nothing is known."""
    made: dict[CellKey, dict[str, Path]] = {}
    for run, results in runs.items():
        for row in results.rows:
            if row.cell_key and row.state not in UNTRIED:
                made.setdefault(row.cell, {}).setdefault(row.cell_key, run)
    return {cell: list(keys.values()) for cell, keys in made.items() if len(keys) > 1}


def mixture(unlike: Mapping[CellKey, Sequence[Path]]) -> str:
    """Which rows would stand under one label and are of several kinds."""
    told = dict.fromkeys(
        f"{cell.method!r} on {cell.split!r} at {cell.scale}x in {' and '.join(map(str, found))}"
        for cell, found in unlike.items()
    )
    named = list(told)[:MOST_NAMED]
    more = f", and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return (
        f"runs made the same method differently: {'; '.join(named)}{more}: with other settings, "
        "weights, code, precision or device. One mean over both would be of neither: add "
        "--keep-apart to show both as METHOD@RUN"
    )


def conflict(claims: Mapping[RowKey, Sequence[Source]]) -> str:
    """What two runs say differently, cell by cell."""
    cells: Counter[str] = Counter()
    for key, found in claims.items():
        if len(settled(found)) > 1:
            both = " and ".join(str(source.run) for source in settled(found))
            cells[f"{key.method!r} on {key.split!r} at {key.scale}x in {both}"] += 1
    named = [f"{title} ({n} rows)" for title, n in cells.most_common(MOST_NAMED)]
    more = f", and {len(cells) - MOST_NAMED} more" if len(cells) > MOST_NAMED else ""
    return (
        f"runs differ in the same rows: {'; '.join(named)}{more}. Add --keep-apart to show both "
        "as METHOD@RUN, or hold them against each other with `python -m bench compare RUN RUN`"
    )


def merged_metrics(runs: Mapping[Path, Results]) -> tuple[MetricFacts, ...]:
    """The metrics of all runs, each under one protocol."""
    found: dict[str, tuple[Path, MetricFacts]] = {}
    for run, results in runs.items():
        for facts in results.metrics:
            first, earlier = found.setdefault(facts.column, (run, facts))
            if earlier.protocol != facts.protocol:
                raise BenchError(
                    f"{facts.column} is {earlier.protocol!r} in {first} and {facts.protocol!r} in "
                    f"{run}: their scores cannot stand in one table. "
                    f"`python -m bench rescore RUN --metrics {facts.column}` scores anew"
                )
    order = [*METRICS, *found]
    return tuple(
        facts for _, facts in sorted(found.values(), key=lambda f: order.index(f[1].column))
    )


def merged_pictures(runs: Mapping[Path, Results]) -> dict[str, dict[str, str]]:
    """Split to image to hash; of pictures that are the same in every run."""
    found: dict[str, dict[str, str]] = {}
    for run, results in runs.items():
        for split, images in results.pictures.items():
            for image, sha256 in images.items():
                if found.setdefault(split, {}).setdefault(image, sha256) != sha256:
                    raise BenchError(
                        f"{split!r} image {image!r} is another picture in {run} than in the runs "
                        "before it: scores of different pictures cannot stand in one table"
                    )
    return found


def merged_record(
    runs: Mapping[Path, Results],
    metrics: Iterable[MetricFacts],
    pictures: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """`run.json` of all runs: what they agree on, and which they are."""
    records = [results.run for results in runs.values()]
    record: dict[str, Any] = {
        key: records[0][key]
        for key in SHARED
        if key in records[0] and all(other.get(key) == records[0][key] for other in records)
    }
    names = run_names(runs)
    if "suite" not in record:
        record["suite"] = {"title": f"Results of {', '.join(names.values())}"}
    return record | {
        "merged": list(names.values()),
        "machines_differ": "hardware" not in record,
        "metrics": {facts.column: stated(facts) for facts in metrics},
        "splits": {split: {"images": dict(images)} for split, images in pictures.items()},
    }


def run_names(runs: Iterable[Path]) -> dict[Path, str]:
    """A short name for each run that no other has."""
    shared = Counter(run.resolve().name for run in runs)
    return {
        run: run.resolve().name if shared[run.resolve().name] == 1 else str(run) for run in runs
    }


def untaken(
    names: Mapping[Path, str], contested: Iterable[str], taken: set[str]
) -> dict[Path, str]:
    """The names, but for those by which METHOD@RUN would be a variant of one of the runs."""
    clashes = {name for name in names.values() for m in contested if f"{m}@{name}" in taken}
    return {run: f"{name}.run" if name in clashes else name for run, name in names.items()}


def named(method: str, run: Path, contested: Iterable[str], names: Mapping[Path, str]) -> str:
    """The method's name, with its run's where runs differ on it."""
    return f"{method}@{names[run]}" if method in contested else method


def renamed(source: Source, contested: Iterable[str], names: Mapping[Path, str]) -> Row:
    """The row under that name."""
    return replace(source.row, method=named(source.row.method, source.run, contested, names))
