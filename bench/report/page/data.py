"""What the page's scripts draw from, as JSON: methods, metrics, means, rows and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.analysis.analysis import Analysis, TableAnalysis
from bench.analysis.curves import Curve
from bench.analysis.ranking import columns_of
from bench.analysis.summary import Line
from bench.core.rows import Row, RowState, TableKey
from bench.metrics.facts import Direction, MetricFacts, Role, of_role
from bench.report.formats import header
from bench.report.page.disagreements import disagreements
from bench.report.page.marks import outline
from bench.report.pictures.examples import Example
from bench.report.style import styles
from bench.stats import Interval

Data = dict[str, Any]


def page_data(
    analysis: Analysis,
    names: Mapping[str, str],
    pictures: Mapping[TableKey, Sequence[Example]],
    uris: Mapping[Path, str],
) -> tuple[Data, list[str]]:
    """The numbers, and apart from them the addresses of the pictures that they count into."""
    methods = list(names)
    places = {path: i for i, path in enumerate(uris)}
    metrics = columns_of(analysis.side_by_side, analysis.metrics)
    quality = analysis.leading
    data = {
        "methods": [method_data(method, names[method], methods) for method in methods],
        "metrics": [metric_data(facts) for facts in metrics],
        "quality": quality.column if quality else None,
        "fidelity": next((f.column for f in of_role(Role.FIDELITY, metrics)), None),
        "perceptual": [f.column for f in of_role(Role.PERCEPTION, metrics)],
        "tables": [
            table_data(table, methods, metrics)
            | {"images": images_data(table.rows, methods, metrics, pictures[table.key], places)}
            for table in analysis.tables
        ],
        "curves": [
            curve_data(curve, place, methods)
            for place, table in enumerate(analysis.tables)
            for curve in table.curves
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
    table: TableAnalysis,
    methods: Sequence[str],
    metrics: Sequence[MetricFacts],
) -> Data:
    """The means of one table, and the images on which its metrics disagree."""
    key, common = table.key, table.common
    defined = [facts for facts in metrics if facts.applies_to(key.split)]
    scores = {
        facts.column: {m.method: m.scores.by_image[facts.column] for m in table.whole.lines}
        for facts in defined
    }
    return {
        "split": key.split,
        "scale": key.scale,
        "title": key.title,
        "over": [common.images, common.of],
        "lines": [line_data(line, methods) for line in common.lineup.lines],
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
    quartiles = line.costs.latency_quartiles_s or (None, None)
    return {
        "m": methods.index(line.method),
        "scores": {
            column: [*interval_data(interval), column in line.scores.partial]
            for column, interval in line.scores.means.items()
        },
        "latency": [line.costs.latency_s, *quartiles],
        "memory": line.costs.peak_mem_bytes,
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
    data["v"] = [rounded(row.score(facts.column)) for facts in metrics]
    if row.latency_s is not None:
        data["t"] = rounded(row.latency_s)
    path = example.restored.get((row.method, row.seed)) if example else None
    if path is not None:
        data["p"] = places[path]
    return data


def curve_data(curve: Curve, table: int, methods: Sequence[str]) -> Data:
    """A budget curve of the table at that place: steps, seconds, mean and bounds of every stage."""
    return {
        "table": table,
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
