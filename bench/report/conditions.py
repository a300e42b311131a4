"""Under what conditions a run was made, and the commands that make it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.analysis.reproduction import suite_of
from bench.report.formats import mebibytes
from bench.results.results import Results


def suite_title(results: Results) -> str:
    """The suite's title."""
    return str(suite_of(results).get("title") or "Results")


def origin(results: Results) -> str:
    """The version, the commit, the day and the processor, in one line; empty if not on record."""
    run = results.run
    hardware = section(run, "hardware")
    parts = [
        f"bench {run['bench']}" if run.get("bench") else "",
        f"commit {str(run['commit'])[:12]}" if run.get("commit") else "",
        str(run.get("started", ""))[:10],
        f"merged from {', '.join(map(str, merged))}" if (merged := merged_runs(run)) else "",
        "different machines: latencies do not compare" if run.get("machines_differ") else "",
        ", ".join([*map(str, hardware.get("gpus", ())), str(hardware.get("cpu", ""))]).strip(", "),
    ]
    return " · ".join(part for part in parts if part)


def conditions(results: Results) -> list[tuple[str, str]]:
    """What the run used, by name; what is not on record is left out."""
    operators = dict.fromkeys(row.operator.partition("#")[0] for row in results.rows)
    found = [*known_conditions(results.run), ("degradation", ", ".join(operators))]
    return [(name, text) for name, text in found if text]


def known_conditions(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every condition, some of them empty."""
    suite, hardware = section(run, "suite"), section(run, "hardware")
    yield "suite", str(suite.get("name", ""))
    for split, facts in section(run, "splits").items():
        digest = f", digest {facts['digest']}" if "digest" in facts else ""
        yield f"split {split}", f"{len(facts['images'])} images{digest}"
    yield "merged from", ", ".join(map(str, merged_runs(run)))
    yield "started", str(run.get("started", ""))
    yield "finished", str(run.get("finished", ""))
    yield "version", str(run.get("bench", ""))
    yield "commit", str(run.get("commit") or "")
    yield "Python", str(run.get("python", ""))
    yield "packages", ", ".join(f"{name} {v}" for name, v in section(run, "packages").items())
    yield "system", str(hardware.get("system", ""))
    yield "processor", f"{hardware.get('cpu', '')} ({hardware['cores']} cores)" if hardware else ""
    memory = hardware.get("memory_bytes")
    yield "memory", f"{mebibytes(memory)} MiB" if memory else ""
    yield "GPUs", ", ".join(map(str, hardware.get("gpus", ())))


def merged_runs(run: Mapping[str, Any]) -> list[object]:
    """The runs whose rows stand here together; empty for one run's own."""
    merged = run.get("merged")
    return merged if isinstance(merged, list) else []


def section(run: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of `run.json`; empty if it has none of that name."""
    found = run.get(name)
    return found if isinstance(found, dict) else {}


def commands(results: Results) -> list[str]:
    """What makes all that is shown again, from a clean shell in the same folder: the commands whose
    rows stand in the tables, the latest last. Empty if its arguments are not on record."""
    earlier = results.run.get("earlier_commands")
    of_all = [*(earlier if isinstance(earlier, list) else ()), results.run]
    return [told for run in of_all if (told := command(run))]


def command(run: Mapping[str, Any], arguments: Sequence[str] | None = None) -> str:
    """The command of a run, or another one under its environment; empty if it is not on record."""
    given = run.get("arguments") if isinstance(run, Mapping) else None
    if not isinstance(given, list) or not given:
        return ""
    variables = section(run, "environment").items()
    prefix = "".join(f"{name}={shlex.quote(str(value))} " for name, value in variables)
    words = map(str, given if arguments is None else arguments)
    return prefix + shlex.join(["python", "-m", "bench", *words])
