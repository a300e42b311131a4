"""`python -m bench render`."""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from bench.core.errors import BenchError, ExitStatus, some
from bench.core.signals import status_of, told


class Format(StrEnum):
    """Format of the pictures; both are lossless."""

    PNG = "png"
    WEBP = "webp"


EPILOG = """Examples:

  python -m bench render --split face --count 2400 --seed 1 --out rendered/face/train

  python -m bench render --split face --count 200 --seed 2 --out rendered/face/val

  python -m bench train all --data rendered --split face --out zoo

Seeds share no identity. Killed at any moment, the same command goes on where it stopped."""


def render(
    split: Annotated[str, typer.Option(help="face, cat, car, bedroom or tower.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many pictures.")],
    seed: Annotated[
        int, typer.Option(min=0, help="Pictures of another seed show other identities.")
    ],
    out: Annotated[Path, typer.Option(help="Receives pictures and, beside each, its factors.")],
    samples: Annotated[
        int, typer.Option(min=1, help="Light paths a pixel: fewer are faster and grainier.")
    ] = 24,
    views: Annotated[
        int, typer.Option(min=1, help="Pictures of each identity, under other views.")
    ] = 4,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Pictures at a time. [default: the cores]")
    ] = None,
    file_format: Annotated[Format, typer.Option("--format")] = Format.PNG,
    sheet: Annotated[
        Path | None,
        typer.Option(help="PNG or WebP that receives a contact sheet of the first 32 pictures."),
    ] = None,
) -> None:
    """Render pictures of which every factor is known, to train and to test on."""
    from bench.cli.progress.counter import counter
    from bench.machine.threads import usable_cores
    from bench.pictures.files import write_lossless
    from bench.rendering.category import load
    from bench.rendering.contact import PICTURES, contact_sheet
    from bench.rendering.folder import RenderSettings, claim, code_of, name_of
    from bench.rendering.production import Order, produce
    from bench.rendering.scene import mitsuba

    check_sheet(sheet, out)
    load(split)
    version = mitsuba().__version__
    settings = RenderSettings(split, samples, views, file_format.value, code_of(split), version)
    claim(out, settings)
    order = Order(settings, seed, count, out)
    left = order.left
    failed: dict[str, str] = {}
    try:
        with counter(split, count, count - len(left)) as advance:
            for finished in produce(order, left, processes or usable_cores()):
                if finished.problem:
                    failed[name_of(split, seed, finished.index)] = finished.problem
                advance()
    except KeyboardInterrupt as interrupt:
        kept = "finished pictures are kept, and the same command goes on"
        typer.echo(f"{told(interrupt)}: {kept}", err=True)
        raise typer.Exit(status_of(interrupt)) from None
    for problem in dict.fromkeys(failed.values()):
        names = sorted(name for name, why in failed.items() if why == problem)
        typer.echo(f"not rendered: {some(names)}: {problem}", err=True)
    made = len(left) - len(failed)
    typer.echo(f"{out}: {made} pictures rendered, {count - len(left)} there already")
    if sheet and made + count - len(left):
        first = (order.picture(i) for i in range(count) if order.is_there(i))
        write_lossless(sheet, contact_sheet(list(islice(first, PICTURES))))
        typer.echo(f"Contact sheet: {sheet}")
    if failed:
        raise typer.Exit(ExitStatus.SOME_ROWS_FAILED)
    typer.echo(next_step(split, out))


def check_sheet(sheet: Path | None, out: Path) -> None:
    """Raise `BenchError` for a sheet of unknown format, or one that would pass for a picture."""
    if sheet is None:
        return
    if sheet.suffix not in (".png", ".webp"):
        raise BenchError(f"--sheet {sheet}: a sheet is lossless: name it .png or .webp")
    if sheet.resolve().parent == out.resolve():
        raise BenchError(f"--sheet {sheet} lies in --out, where it would pass for a picture")


def next_step(split: str, out: Path) -> str:
    """What the pictures are good for, as a command."""
    if out.parent.name != split or out.name not in ("train", "val", "test"):
        return (
            f"`python -m bench train all --data DIR --split {split} --out zoo` trains on "
            f"DIR/{split}/train and DIR/{split}/val"
        )
    data = out.parents[1]
    if out.name == "test":
        return f"Compare on them: python -m bench run --data {data} --splits {split}"
    other = out.with_name("val" if out.name == "train" else "train")
    first = "" if other.is_dir() else f", once {other} has pictures of another seed"
    return (
        f"Train on them{first}: python -m bench train all --data {data} --split {split} --out zoo"
    )
