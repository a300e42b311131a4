"""Rows that failed, with the commands that fail again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.core.errors import BenchError
from bench.core.rows import Row, Subject
from bench.report.conditions import command, section
from methods.registry import resolve

MOST_FAILURES = 200  # on the page; all are in rows.csv

# Options of `run` that a narrower command sets anew or must not repeat, and whether each
# takes a value.
REPLACED = {"--methods": True, "--splits": True, "--scale": True, "--dry-run": False,
            "--fresh": False, "--retry": False}  # fmt: skip
OF_ONE_METHOD = {"--weights": "=", "--set": "."}  # and what ends its name in their values


@dataclass(frozen=True)
class Failure:
    """A failed row, and the command that tries its cell again; empty if not on record."""

    row: Row
    command: str


def failures(rows: Sequence[Row], run: Mapping[str, object]) -> list[Failure]:
    """The rows with their commands; run: `run.json`."""
    commands: dict[Subject, str] = {}  # rows of one subject share theirs
    found = []
    for row in rows:
        if row.subject not in commands:
            commands[row.subject] = reproduction(row, run)
        found.append(Failure(row, commands[row.subject]))
    return found


def reproduction(row: Row, run: Mapping[str, object]) -> str:
    """The run's own command, narrowed to the row's cell, trying failed rows again."""
    arguments = run.get("arguments")
    if not isinstance(arguments, list) or arguments[:1] != ["run"]:
        return ""
    known = section(run, "splits")
    if known and row.split not in known:
        return ""  # an earlier run of the folder made it, whose arguments are gone
    given = [str(argument) for argument in arguments]
    spec = spec_of(row.method, given)
    given = without_others(given, called(spec))
    narrowed = {"--methods": spec, "--splits": row.split, "--scale": str(row.scale)}
    options = [part for option in narrowed.items() for part in option]
    return command(run, [*without(given, REPLACED), *options, "--retry"])


def without_others(arguments: Sequence[str], method: str) -> list[str]:
    """The arguments but for settings and weights of other methods, which `run` would refuse."""
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name not in OF_ONE_METHOD:
            kept.append(argument)
            continue
        value = value if equals else next(rest, "")
        if value.partition(OF_ONE_METHOD[name])[0] == method:
            kept += [name, value]
    return kept


def called(spec: str) -> str:
    """The name that the method's options call it by."""
    try:
        return resolve(spec).called
    except BenchError:  # of a version that knew other methods
        return spec


def without(arguments: Sequence[str], options: Mapping[str, bool]) -> list[str]:
    """The arguments but for these options and, of those that take one, their values."""
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if name not in options:
            kept.append(argument)
        elif options[name] and not equals:
            next(rest, None)
    return kept


def spec_of(label: str, arguments: Sequence[str]) -> str:
    """How `--methods` called the method of that label, such as `file.py:Class`."""
    for argument, value in zip(arguments, [*arguments[1:], ""], strict=True):
        name, equals, attached = argument.partition("=")
        if name == "--methods":
            for spec in (attached if equals else value).split(","):
                try:
                    if resolve(spec.strip()).label == label:
                        return spec.strip()
                except BenchError:
                    continue  # of a version that knew other methods
    return label
