"""`python -m bench check`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli import completing
from bench.cli.completing import completes
from bench.cli.options import comma_list, method_settings, weight_files
from bench.core.errors import BenchError, ExitStatus, UnknownName
from bench.metrics import registry

if TYPE_CHECKING:
    from bench.conformance import Examination, Finding, Trial
    from methods.registry import MethodFacts

EPILOG = """Examples:

  python -m bench check

  python -m bench check bicubic pulse psnr_rgb_db --verbose

  python -m bench check --methods mine.py:Mine --metrics mine.py:Sharpness

  python -m bench check --methods mine.py:Mine --weights Mine=FILE --size 128 --scale 16

A method is tried on the small random network of its `toy`, or on the file that --weights names.
Exit status: 0 if everything passed or is unavailable here, 1 if a check failed."""


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Methods and metrics by name; every installed one without.",
            autocompletion=completes(completing.checked),
        ),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(help="Comma-separated: path/to/file.py:Class, spandrel:FILE or names."),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(help="Comma-separated: path/to/file.py:Class or names.")
    ] = None,
    weights: Annotated[
        list[str] | None, typer.Option(help="METHOD=FILE: try it on this file; repeatable.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="METHOD.NAME=VALUE: a hyper-parameter; repeatable."),
    ] = None,
    size: Annotated[
        int, typer.Option(min=8, help="Side in pixels that a method without a toy restores to.")
    ] = 128,
    scale: Annotated[int, typer.Option(min=2, help="Factor of the same.")] = 16,
    timeout: Annotated[
        float, typer.Option(min=0.001, help="Seconds that a single check may take.")
    ] = 60.0,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every check, not failed ones alone.")
    ] = False,
) -> None:
    """Check whether methods and metrics, yours too, keep the contract.

    Each runs in a process of its own: one that crashes or never ends fails, and costs no other.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    if size % scale:
        raise BenchError(f"--size {size} cannot be divided by --scale {scale}")
    chosen_methods, chosen_metrics = chosen(
        names or [],
        comma_list("--methods", methods),
        comma_list("--metrics", metrics),
        timeout,
    )

    # Slow imports, after every mistake that can be told without them.
    from bench.runs.memory_limit import check_memory_limit

    check_memory_limit()
    from bench.conformance import Trial, Verdict

    trial = Trial(size=size, scale=scale)
    trials = trials_of(trial, chosen_methods, weights or [], settings or [])
    counts = dict.fromkeys(Verdict, 0)
    width = max(map(len, (*(facts.label for facts in chosen_methods), *chosen_metrics)))
    for examination in examinations(chosen_methods, chosen_metrics, trials, timeout):
        counts[examination.verdict] += 1
        for line in lines_of(examination, width, verbose=verbose):
            typer.echo(line)
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    typer.echo(f"{len(chosen_methods)} methods and {len(chosen_metrics)} metrics: {told}")
    raise typer.Exit(ExitStatus.SOME_ROWS_FAILED if counts[Verdict.FAILED] else ExitStatus.OK)


def chosen(
    names: list[str], methods: tuple[str, ...], metrics: tuple[str, ...], timeout_s: float
) -> tuple[list[MethodFacts], dict[str, str]]:
    """What is to be checked, metrics as specs by name; everything installed where none is named.

    Raises `BenchError` for a file of the user's that has no such class. An installed plugin that
    cannot be loaded fails its own check and costs no other.
    """
    from bench.core.plugin_files import require_file
    from bench.core.plugins import file_class
    from bench.metrics.facts import MetricFacts
    from methods import registry as method_registry

    known = method_registry.known()
    columns = [*registry.METRICS, *registry.third_parties()]
    if not (names or methods or metrics):
        names = [*known, *columns]
    names = list(dict.fromkeys(names))
    for name in names:
        if name not in known and name not in columns:
            hint = "Your own go to --methods or --metrics, as path/to/file.py:Class."
            raise UnknownName("method or metric", name, [*known, *columns], hint)
    found_methods = [known[name] for name in names if name in known]
    # `spandrel` alone is tried on its toy.
    found_methods += [known[s] if s in known else method_registry.resolve(s) for s in methods]
    for spec in metrics:
        if spec not in columns and not file_class(spec):
            raise UnknownName("metric", spec, columns)
    specs = [*(name for name in names if name in columns), *metrics]
    users = [("method", facts.target) for facts in found_methods if file_class(facts.target)]
    users += [("metric", spec) for spec in metrics if file_class(spec)]
    for _, target in users:
        require_file(Path(target.rpartition(":")[0]))
    by_name = {spec: spec for spec in specs if not file_class(spec)}
    if users:
        from bench.conformance.apart import resolved_apart

        for kind, target in users:
            facts = resolved_apart(kind, target, timeout_s)
            if isinstance(facts, MetricFacts):
                by_name[facts.column] = target
    return found_methods, by_name


def trials_of(
    trial: Trial, methods: list[MethodFacts], weights: list[str], settings: list[str]
) -> Mapping[str, Trial]:
    """Each method's trial by name. Raises `BenchError` for options of methods not checked."""
    from bench.planning.names import check_names

    files, chosen_settings = weight_files(weights), method_settings(settings)
    check_names("--weights", files, methods)
    check_names("--set", chosen_settings, methods)
    return {
        facts.called: replace(
            trial, weights=files.get(facts.called), settings=chosen_settings.get(facts.called, {})
        )
        for facts in methods
    }


def examinations(
    methods: list[MethodFacts],
    metrics: Mapping[str, str],
    trials: Mapping[str, Trial],
    timeout_s: float,
) -> Iterator[Examination]:
    """One after the other, each in a process and a folder of its own."""
    from functools import partial

    from bench.conformance import METHOD_CHECKS, METRIC_CHECKS
    from bench.conformance.apart import examine_apart, open_spec
    from bench.conformance.method_subject import open_in

    for facts in methods:
        opened = partial(open_in, facts, trials[facts.called])
        yield examine_apart("method", facts.label, opened, METHOD_CHECKS, timeout_s)
    for column, spec in metrics.items():
        yield examine_apart("metric", column, partial(open_spec, spec), METRIC_CHECKS, timeout_s)


def lines_of(examination: Examination, width: int, *, verbose: bool) -> Iterator[str]:
    """A line of the table, and below it what is to be known of single checks."""
    from bench.conformance import Verdict

    counts, verdict = examination.counts, examination.verdict
    tried = counts[Verdict.PASSED] + counts[Verdict.FAILED]
    summary = f"{counts[Verdict.PASSED]} of {tried} checks"
    state = marked(verdict.value, 12)
    yield (
        f"{examination.kind}  {examination.name:<{width}}  {state}  {summary:<15}  "
        f"{examination.seconds:5.1f} s"
    )
    shown: dict[str, list[Finding]] = {}
    for finding in examination.findings:
        if verbose or finding.verdict is Verdict.FAILED:
            yield f"    {marked(finding.verdict.value, 14)}  {told(finding)}"
        elif finding.verdict is Verdict.UNAVAILABLE:
            shown.setdefault(finding.detail, []).append(finding)
    for reason in shown:  # the same for every check that needs what is missing
        yield f"    {reason}"


def told(finding: Finding) -> str:
    """The claim, and what was found where that is more."""
    return f"{finding.claim}: {finding.detail}" if finding.detail else finding.claim


def marked(verdict: str, width: int) -> str:
    """The verdict in its colour, where there is a terminal."""
    colours = {"passed": "green", "failed": "red", "unavailable": "yellow"}
    return typer.style(f"{verdict:<{width}}", fg=colours.get(verdict))
