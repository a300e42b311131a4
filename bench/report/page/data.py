"""What the page's scripts draw from, as JSON: methods, metrics, means, rows and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.analysis.common_lines import Comparable
from bench.analysis.curves import Curve
from bench.analysis.ranking import FIDELITY, PERCEPTUAL, columns_of, leading_metric
from bench.analysis.scores import means_over_seeds, scores_of
from bench.analysis.summary import Line, Table
from bench.core.rows import Row, RowState, score
from bench.metrics.facts import Direction, MetricFacts
from bench.report.formats import header
from bench.report.page.disagreements import disagreements
from bench.report.page.marks import outline
from bench.report.pictures.examples import Example
from bench.report.style import styles
from bench.results.results import Results
from bench.stats import Interval

Data = dict[str, Any]


def page_data(
    results: Results,
    tables: Mapping[Table, Comparable],
    names: Mapping[str, str],
    curves: Sequence[Curve],
    pictures: Mapping[Table, Sequence[Example]],
    uris: Mapping[Path, str],
) -> tuple[Data, list[str]]:
    """The numbers, and apart from them the addresses of the pictures that they count into."""
    lines = [line for shared in tables.values() for line in shared.lines]
    methods = list(names)
    places = {path: i for i, path in enumerate(uris)}
    metrics = columns_of(lines, results.metrics)
    quality = leading_metric(lines, results.metrics)
    rows: dict[Table, list[Row]] = {}
    for row in results.rows:
        rows.setdefault(Table(row.split, row.scale, row.operator), []).append(row)
    data = {
        "methods": [method_data(method, names[method], methods) for method in methods],
        "metrics": [metric_data(facts) for facts in metrics],
        "quality": quality.column if quality else None,
        "fidelity": FIDELITY,
        "perceptual": [column for column in PERCEPTUAL if column in {f.column for f in metrics}],
        "tables": [
            table_data(table, shared, rows[table], methods, metrics)
            | {"images": images_data(rows[table], methods, metrics, pictures[table], places)}
            for table, shared in tables.items()
        ],
        "curves": [
            curve_data(curve, list(tables), methods) for curve in curves if curve.table in tables
        ],
    }
    return data, list(uris.values())


def method_data(method: str, name: str, methods: Sequence[str]) -> Data:
    """A method's name and marker; its colour is a class of the style sheet."""
    return {"id": method, "name": name, "path": outline(styles(methods)[method].marker)}


def metric_data(facts: MetricFacts) -> Data:
    """What is needed to label and to write the metric's numbers."""
    return {
        "column": facts.column,
        "title": facts.title,
        "header": header(facts),
        "unit": facts.unit,
        "lower": facts.better is Direction.LOWER,
        "digits": 2 if facts.unit == "dB" else 4,
        "protocol": facts.protocol,
    }


def table_data(
    table: Table,
    shared: Comparable,
    rows: Sequence[Row],
    methods: Sequence[str],
    metrics: Sequence[MetricFacts],
) -> Data:
    """The means of one table, and the images on which its metrics disagree."""
    by_method: dict[str, list[Row]] = {}
    for row in rows:
        by_method.setdefault(row.method, []).append(row)
    defined = [facts for facts in metrics if facts.applies_to(table.split)]
    found = {m: means_over_seeds(scores_of(of, defined)) for m, of in by_method.items()}
    scores = {
        facts.column: {method: found[method][facts.column] for method in found} for facts in defined
    }
    return {
        "split": table.split,
        "scale": table.scale,
        "title": f"{table.split}, {table.scale}x",
        "over": [shared.images, shared.of],
        "lines": [line_data(line, methods) for line in shared.lines],
        "disagreements": [
            {
                "one": one, "other": other, "image": image,
                "first": methods.index(first), "second": methods.index(second),
                "strength": rounded(strength),
            }
            for one, other, image, first, second, strength in disagreements(scores, defined)
        ],
    }  # fmt: skip


def line_data(line: Line, methods: Sequence[str]) -> Data:
    """A method's means and costs; every value with the bounds of its bar."""
    quartiles = line.latency_quartiles_s or (None, None)
    return {
        "m": methods.index(line.method),
        "scores": {
            column: [*interval_data(interval), column in line.partial]
            for column, interval in line.metrics.items()
        },
        "latency": [line.latency_s, *quartiles],
        "memory": line.peak_mem_bytes,
    }


def interval_data(interval: Interval) -> list[float | None]:
    """Mean, lower and upper bound, to seven digits."""
    return [rounded(value) for value in (interval.mean, interval.low, interval.high)]


def images_data(
    rows: Sequence[Row],
    methods: Sequence[str],
    metrics: Sequence[MetricFacts],
    pictures: Sequence[Example],
    places: Mapping[Path, int],
) -> list[Data]:
    """Every image of a table with its pictures and what each method scored on it."""
    shown = {example.name: example for example in pictures}
    images: dict[str, Data] = {}
    for row in rows:
        example = shown.get(row.image)
        entry = images.get(row.image)
        if entry is None:
            entry = images[row.image] = {"name": row.image, "rows": []}
            if example:
                entry |= {"input": places[example.input], "truth": places[example.truth]}
        entry["rows"].append(row_data(row, methods, metrics, example, places))
    return list(images.values())


def row_data(
    row: Row,
    methods: Sequence[str],
    metrics: Sequence[MetricFacts],
    example: Example | None,
    places: Mapping[Path, int],
) -> Data:
    """One row; what it lacks is left out, for there are thousands."""
    data: Data = {"m": methods.index(row.method)}
    if row.seed:
        data["seed"] = row.seed
    if row.state is not RowState.OK:
        return data | {"state": row.state.value, "reason": row.reason}
    data["v"] = [rounded(score(row, facts.column)) for facts in metrics]
    if row.latency_s is not None:
        data["t"] = rounded(row.latency_s)
    path = example.restored.get((row.method, row.seed)) if example else None
    if path is not None:
        data["p"] = places[path]
    return data


def curve_data(curve: Curve, tables: Sequence[Table], methods: Sequence[str]) -> Data:
    """A budget curve: steps, seconds, mean and bounds of every stage."""
    return {
        "table": tables.index(curve.table),
        "m": methods.index(curve.method),
        "column": curve.column,
        "stages": [
            [stage.steps, rounded(stage.latency_s), *interval_data(stage.score)]
            for stage in curve.stages
        ],
    }


def rounded(value: float | None) -> float | None:
    """Seven digits: more than any table shows, and the page half as long."""
    return None if value is None else float(f"{value:.7g}")


def as_json(data: object) -> str:
    """JSON that is safe inside a `<script>` element: nothing in it can close that or open one."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
