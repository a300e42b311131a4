"""`python -m bench restore`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import method_settings, weight_files
from bench.cli.run import Precision
from bench.core.errors import ExitStatus, describe, printable, some
from bench.core.files import DiskError
from bench.core.garbage import uncollected
from bench.core.grouping import grouped
from bench.core.signals import status_of, told

if TYPE_CHECKING:
    from bench.runs.candidates import Candidate, Restoring
    from bench.runs.own_pictures import OwnPicture
    from bench.runs.restoring import Restorer

MOST_ROWS = 32  # of the sheet

EPILOG = """Examples:

  python -m bench restore IMG_0001.jpg --method glean --align

  python -m bench restore small/*.png --method pulse --seeds 4 --out restored

  python -m bench restore reports/runs/mini/images/car/*/input.png --method glean"""


def restore(
    pictures: Annotated[
        list[Path], typer.Argument(help="Files, and folders of them; any format that is read.")
    ],
    method: Annotated[str, typer.Option(help="As `run` has it in --methods.")],
    split: Annotated[
        str | None,
        typer.Option(help="What they show. [default: face; of inputs of a run, its split]"),
    ] = None,
    scale: Annotated[int, typer.Option(min=2, help="Factor.")] = 16,
    suite: Annotated[
        str | None,
        typer.Option(
            help="Whose weights and settings are used: photo, mini (of rendered pictures), paper "
            "or a file. [default: photo; of inputs of a run, its suite]"
        ),
    ] = None,
    align: Annotated[
        bool,
        typer.Option("--align", help="Find the faces, turn them upright, cut them out (dlib)."),
    ] = False,
    seeds: Annotated[
        int, typer.Option(min=1, help="Candidates of methods that draw at random.")
    ] = 1,
    weights: Annotated[
        list[str] | None, typer.Option(help="METHOD=FILE: your own checkpoint.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="METHOD.NAME=VALUE: a hyper-parameter; repeatable."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    precision: Annotated[Precision, typer.Option()] = Precision.FP32,
    out: Annotated[Path, typer.Option(help="Receives the restored pictures.")] = Path("restored"),
) -> None:
    """Restore pictures of your own: each is the low resolution, and no truth is known."""
    # OpenMP threads that spin while they wait make a busy machine many times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")

    with uncollected():  # imports are a sixth faster
        import torch

        from bench.datasets.suites import load_suite
        from bench.machine.threads import threads_for
        from bench.planning.names import check_names
        from bench.planning.request import Request
        from bench.runs.candidates import Restoring
        from bench.runs.own_pictures import Origin, common, find, origin_of
        from methods.registry import resolve

    files = find(pictures)
    origins = [origin_of(file) or Origin("photo", "face") for file in files]
    named = suite or common("suite", [origin.suite for origin in origins])
    shown = split or common("split", [origin.split for origin in origins])
    torch.set_num_threads(threads_for(1))
    facts = resolve(method)
    request = Request(
        named,
        methods=(method,),
        weights=weight_files(weights or ()),
        settings=method_settings(settings or ()),
        device=device,
        precision=precision.value,
    )
    check_names("--weights", request.weights, [facts])
    check_names("--set", request.settings, [facts])
    job = Restoring(request, load_suite(named), facts, shown, scale, seeds, out)
    try:
        status = work(job, files, align=align)
    except KeyboardInterrupt as interrupt:
        typer.echo(f"{told(interrupt)}: what is restored is kept", err=True)
        raise typer.Exit(status_of(interrupt)) from None
    raise typer.Exit(status)


def work(job: Restoring, files: Sequence[Path], *, align: bool) -> ExitStatus:
    """Restore the files, and tell what came of each."""
    from bench.cli.progress.counter import counter
    from bench.runs.own_pictures import read_all

    wanted = job.wanted(align=align)
    faces = job.aligner() if align else None
    with counter("reading", len(files)) as advance:
        pictures = read_all(files, faces, wanted, advance)
    job.check_places(pictures)
    problems = [(p.problem, printable(p.path)) for p in pictures if p.problem]
    usable = [picture for picture in pictures if not picture.problem]
    restored: list[tuple[OwnPicture, list[Candidate]]] = []
    with counter(job.facts.label, len(usable)) as advance:
        for picture in usable:
            try:
                restored.append((picture, list(job.candidates(picture))))
            except (DiskError, KeyboardInterrupt):
                raise
            except BaseException as error:  # a method's, which has no say in how this ends
                problems.append((describe(error), printable(picture.path)))
            advance()
    for problem, names in grouped(problems).items():
        typer.echo(f"not restored: {some(names)}: {problem}", err=True)
    for candidate in (each for _, candidates in restored for each in candidates if each.note):
        typer.echo(f"note: {printable(candidate.path)}: {candidate.note}", err=True)
    if not restored:
        return ExitStatus.NOTHING_MEASURED
    for line in account(job, restored):
        typer.echo(line)
    return ExitStatus.SOME_ROWS_FAILED if problems else ExitStatus.OK


def account(
    job: Restoring, restored: Sequence[tuple[OwnPicture, Sequence[Candidate]]]
) -> Iterator[str]:
    """What was used, what came of each picture, and the contact sheet."""
    from tabulate import tabulate

    for restorer in job.loaded:
        yield from told_of(restorer)
    if job.seeds > max(len(candidates) for _, candidates in restored):
        yield f"{job.facts.title} draws nothing at random: one candidate, whatever the seed"
    table = [
        [
            *(printable(picture.path), candidate.seed),
            *(printable(candidate.path), f"{candidate.consistency_db:.2f} dB"),
        ]
        for picture, candidates in restored
        for candidate in candidates
    ]
    yield ""
    yield tabulate(table, ["picture", "seed", "restored", "consistency"], colalign=["left"] * 4)
    yield "consistency: PSNR of the restored picture, degraded again, against the input"
    first = f" of the first {MOST_ROWS}" * (len(restored) > MOST_ROWS)
    yield f"Contact sheet{first}: {printable(sheet(job, restored))}"


def told_of(restorer: Restorer) -> Iterator[str]:
    """What the pictures were restored with."""
    from bench.runs.restoring import used

    height, width = restorer.cell.split.size
    scale = restorer.cell.scale
    size = f"{width // scale}x{height // scale} to {width}x{height} pixels"
    yield f"{restorer.cell.method.title} on {restorer.cell.split.name} at {scale}x, {size}"
    for name, what in used(restorer):
        yield f"  {name}: {what}"


def sheet(job: Restoring, restored: Sequence[tuple[OwnPicture, Sequence[Candidate]]]) -> Path:
    """Write each input beside its candidates, of the first pictures; where that lies."""
    from PIL import Image

    from bench.core.files import write_atomically
    from bench.report.ink import one_line
    from bench.report.pictures.canvas import Tile, drawn

    rows = []
    for picture, candidates in restored[:MOST_ROWS]:
        assert picture.y is not None
        row = [Tile(Image.fromarray(picture.y), one_line(picture.name, 28))]
        row += [
            Tile(Image.fromarray(each.pixels), f"consistent to {each.consistency_db:.2f} dB")
            for each in candidates
        ]
        rows.append(row)
    most = max(map(len, rows)) - 1
    title = job.facts.title
    heads = [title] if most == 1 else [f"{title}, seed {seed}" for seed in range(most)]
    image = drawn(["input", *heads], rows)
    write_atomically(job.sheet, lambda temporary: image.save(temporary, "PNG"))
    return job.sheet
