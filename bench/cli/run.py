"""`python -m bench run`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bench.cli import completing
from bench.cli.completing import completes, completes_list
from bench.cli.config import read_config
from bench.cli.executors import Executor, load_executor
from bench.cli.options import batch_size, comma_list, method_settings, scale_list, weight_files
from bench.core.signals import status_of, told


class Precision(StrEnum):
    """Arithmetic of the networks."""

    FP32 = "fp32"
    BF16 = "bf16"


WHAT, OPTIONS = "What to compare", "Settings and weights of methods"
HOW, RESULTS = "How to run", "Results"

EPILOG = """Examples:

  python -m bench run --methods glean,pulse --scale 16

  python -m bench run --methods pulse,pulse@short --set pulse@short.steps=50 --images 4

  python -m bench run --methods esrgan,esrgan@mine --weights esrgan@mine=FILE

  python -m bench run --config reports/runs/mini/run.toml --images 8

  python -m bench run --methods my_method.py:MyMethod,bicubic --splits face

  python -m bench run --methods bicubic,glean,pulse --suite photo --data DIR

  python -m bench run --methods glean,theirs=FOLDER --splits face

Interrupted at any moment, the same command goes on where it stopped."""


def run(
    methods: Annotated[
        str | None,
        typer.Option(
            help="Comma-separated; `python -m bench list methods` names them. "
            "Also spandrel:FILE and path/to/file.py:Class, and each once more as a variant with "
            "settings and weights of its own: pulse@long; and NAME=FOLDER: pictures restored "
            "elsewhere, FOLDER/<split>/<image>.png. [default: the suite's]",
            rich_help_panel=WHAT,
            autocompletion=completes_list(completing.methods),
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            help="Comma-separated; `python -m bench list metrics` names them. "
            "Also path/to/file.py:Class. [default: the suite's]",
            rich_help_panel=WHAT,
            autocompletion=completes_list(completing.metrics),
        ),
    ] = None,
    splits: Annotated[
        str | None,
        typer.Option(
            help="Comma-separated, such as face,cat. [default: the suite's]",
            rich_help_panel=WHAT,
            autocompletion=completes_list(completing.splits),
        ),
    ] = None,
    suite: Annotated[
        str,
        typer.Option(
            help="A suite's name or TOML file; `python -m bench list suites`.",
            rich_help_panel=WHAT,
            autocompletion=completes(completing.suites),
        ),
    ] = "mini",
    scale: Annotated[
        str | None,
        typer.Option(help="Factor, or several: 8,16. [default: the suite's]", rich_help_panel=WHAT),
    ] = None,
    kernel: Annotated[
        str | None,
        typer.Option(
            help="Of the degradation, or several, told apart in every table; "
            "`python -m bench list kernels`. [default: the suite's]",
            rich_help_panel=WHAT,
            autocompletion=completes_list(completing.kernels),
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of pictures: DIR/<split>/test/, else DIR/<split>/. "
            "[default: those that come with the suite]",
            rich_help_panel=WHAT,
        ),
    ] = None,
    images: Annotated[
        int | None,
        typer.Option(min=1, help="Only the first N images of each split.", rich_help_panel=WHAT),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(
            min=1, help="Restore every image K times with stochastic methods.", rich_help_panel=WHAT
        ),
    ] = 1,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            help="METHOD=FILE or METHOD@NAME=FILE: your own checkpoint; repeatable.",
            rich_help_panel=OPTIONS,
            autocompletion=completes(completing.method_files),
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="METHOD.NAME=VALUE: a hyper-parameter; repeatable. `info METHOD` lists them.",
            rich_help_panel=OPTIONS,
            autocompletion=completes(completing.settings),
        ),
    ] = None,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.", rich_help_panel=HOW)
    ] = "auto",
    precision: Annotated[Precision, typer.Option(rich_help_panel=HOW)] = Precision.FP32,
    compiled: Annotated[
        bool,
        typer.Option(
            "--compile",
            help="Compile networks with torch.compile, which needs a C++ compiler on a CPU; what "
            "that takes is told apart from latency.",
            rich_help_panel=HOW,
        ),
    ] = False,
    executor: Annotated[
        Executor,
        typer.Option(
            help="Processes here, or tasks of ray (the cluster of RAY_ADDRESS, if set).",
            rich_help_panel=HOW,
        ),
    ] = Executor.LOCAL,
    workers: Annotated[
        int,
        typer.Option(min=1, help="Cells at a time; 1 where timings matter.", rich_help_panel=HOW),
    ] = 1,
    batch: Annotated[
        str,
        typer.Option(
            help="Images that are restored at once: a number, for every method that takes batches, "
            "or auto: searches, as many as memory has room for.",
            rich_help_panel=HOW,
        ),
    ] = "auto",
    timed: Annotated[
        int,
        typer.Option(
            min=0,
            help="Images of each cell that are restored one by one, for latency.",
            rich_help_panel=HOW,
        ),
    ] = 5,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="Seconds that one image may take, on average in a batch; loading and each metric "
            "are limited too.",
            rich_help_panel=HOW,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Results folder. [default: reports/runs/<suite>]", rich_help_panel=RESULTS
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show the grid of cells and run nothing.", rich_help_panel=RESULTS
        ),
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Measure again what is measured already.", rich_help_panel=RESULTS
        ),
    ] = False,
    retry: Annotated[
        bool,
        typer.Option("--retry", help="Try rows again that failed before.", rich_help_panel=RESULTS),
    ] = False,
    keep_images: Annotated[
        bool,
        typer.Option(
            "--images-on-disk/--no-images-on-disk",
            help="Keep restored pictures, for the page and for new metrics.",
            rich_help_panel=RESULTS,
        ),
    ] = True,
    config: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            is_eager=True,
            callback=read_config,
            rich_help_panel=OPTIONS,
            help="Options from a TOML file, such as the run.toml of a results folder; what is said "
            "beside it counts instead.",
        ),
    ] = None,
) -> None:
    """Restore and score every image of every split with every method."""
    # OpenMP threads that spin while they wait make a busy machine many times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")

    from bench.runs.memory_limit import check_memory_limit

    check_memory_limit()
    from bench.cli.progress.run import progress_listener
    from bench.core.paths import cache_dir
    from bench.execution.outstanding import Policy
    from bench.planning.plan import make_plan
    from bench.planning.request import Request
    from bench.runs.config_file import expanded
    from bench.runs.runner import Runner, exit_status

    executor_class = load_executor(executor)
    request = Request(
        suite=suite,
        methods=comma_list("--methods", methods),
        metrics=comma_list("--metrics", metrics),
        splits=comma_list("--splits", splits),
        scales=scale_list(scale),
        kernels=comma_list("--kernel", kernel),
        data=data,
        images=images,
        seeds=seeds,
        weights=weight_files(weights or ()),
        settings=method_settings(settings or ()),
        device=device,
        precision=precision.value,
        compiled=compiled,
        workers=workers,
        batch=batch_size(batch),
        timed=timed,
    )
    cache = cache_dir()
    plan = make_plan(request, cache)
    if data and (unmarked := plan.suite.taken_for_rendered(data, plan.splits)):
        typer.echo(
            f"note: suite {plan.suite.name} takes the pictures of {', '.join(unmarked)} for "
            f"rendered ones, which {data} does not say; --suite photo is for photographs",
            err=True,
        )
    for note in plan.notes:
        typer.echo(f"note: {note}", err=True)
    runner = Runner(
        plan,
        out or Path("reports/runs") / plan.suite.name,
        cache,
        Policy(timeout_s=timeout, retry=retry, fresh=fresh, keep_images=keep_images),
        workers,
        executor_class,
    )
    if dry_run:
        from bench.runs.dry_run import grid_of

        typer.echo(grid_of(runner))
        return
    try:
        with progress_listener(runner) as listener:
            arguments = expanded(runner) if config else sys.argv[1:]
            results = runner.execute(arguments, listener)
    except KeyboardInterrupt as interrupt:
        kept = "finished rows are kept, and the same command goes on"
        typer.echo(f"{told(interrupt)}: {kept}", err=True)
        raise typer.Exit(status_of(interrupt)) from None
    from bench.report.terminal.closing import closing
    from bench.report.terminal.fitting import terminal_width

    typer.echo(closing(results, runner.out, terminal_width()))
    typer.echo(f"Page: {runner.out / 'report.html'}")
    raise typer.Exit(exit_status(results, plan))
