"""`factors.csv`: which known factors of rendered pictures a method keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from bench.results.csv_files import count, finite, needed, read_csv, statistics_csv, value_of
from bench.results.results import FactorLine, Results, Standing

COLUMNS = tuple(field.name for field in fields(FactorLine))
NUMBERS = ("agreement", "low", "high", "p_holm")


def factors_csv(lines: Sequence[FactorLine]) -> str:
    """One line a factor and method; of a factor that is not counted one line without a method."""
    return statistics_csv(COLUMNS, map(asdict, lines))


def with_factors(results: Results, path: Path) -> Results:
    """The results with the factors in the file; as they were if there is none.

    Raises `BenchError` with the line that cannot be read.
    """
    if not path.is_file():
        return results
    lines = (line_of(place, line) for place, line in read_csv(path, COLUMNS))
    return replace(results, factors=tuple(lines))


def line_of(place: str, line: dict[str, str]) -> FactorLine:
    """One line of the file."""

    def whole(name: str) -> int:
        return needed(place, name, value_of(place, name, line[name], count))

    def share(name: str) -> float:
        return needed(place, name, value_of(place, name, line[name], finite))

    return FactorLine(
        split=line["split"],
        scale=whole("scale"),
        operator=line["operator"],
        factor=line["factor"],
        chance=share("chance"),
        truth=share("truth"),
        method=line["method"],
        n=whole("n"),
        **{name: value_of(place, name, line[name], finite) for name in NUMBERS},
        standing=value_of(place, "standing", line["standing"], Standing),
    )
