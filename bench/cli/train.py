"""`python -m bench train`."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.core.signals import status_of, told

if TYPE_CHECKING:
    from bench.training.data import TrainingPictures


class Target(StrEnum):
    """What can be trained, and every network that restores in turn."""

    BANK = "bank"
    BIGGAN = "biggan"
    GLEAN = "glean"
    GLEAN_LIGHT = "glean-light"
    ESRGAN = "esrgan"
    SRGAN = "srgan"
    SRNTT = "srntt"
    DFDNET = "dfdnet"
    READERS = "readers"
    IDENTITY = "identity"
    ALL = "all"


class FusionOption(StrEnum):
    """Encoder features that GLEAN gives to its bank: the ablation of the paper."""

    ALL = "all"
    COARSE = "coarse"
    LATENTS = "latents"


MINUTES = {
    Target.BANK: 90.0,
    Target.BIGGAN: 180.0,
    Target.GLEAN: 45.0,
    Target.GLEAN_LIGHT: 45.0,
    Target.ESRGAN: 45.0,
    Target.SRGAN: 45.0,
    Target.SRNTT: 45.0,
    Target.DFDNET: 45.0,
    Target.READERS: 5.0,
    Target.IDENTITY: 5.0,
}
ON_A_BANK = (Target.GLEAN, Target.GLEAN_LIGHT)
RESTORERS = (*ON_A_BANK, Target.ESRGAN, Target.SRGAN)
RESTORING = (Target.BANK, *RESTORERS)
READING = (Target.READERS, Target.IDENTITY)
EPILOG = """Examples:

  python -m bench train bank --data DIR --split face --out zoo/bank

  python -m bench train glean --data DIR --split face --bank zoo/bank/face-bank-128.safetensors
  --out zoo/glean

  python -m bench train all --data DIR --split face --out zoo --resume

  python -m bench train all --data rendered --split face --out zoo

  python -m bench train biggan --data rendered --split face,cat,car,bedroom,tower --out zoo/biggan

  python -m bench train dfdnet --data rendered --split face --out zoo/dfdnet

  python -m bench train readers --data rendered --split face --out zoo/face-readers

`rendered` there is a folder that `python -m bench render` filled; its weights serve no photographs.

A folder in BENCH_WEIGHTS is searched by `run`: BENCH_WEIGHTS=zoo/glean python -m bench run ..."""


def train(
    target: Annotated[
        Target,
        typer.Argument(
            help="bank, glean, glean-light, esrgan, srgan, or all of these; srntt, which takes "
            "detail from other pictures; dfdnet, which restores faces alone; biggan is the bank of "
            "DGP, of several splits together; readers and identity learn the factors of rendered "
            "pictures from the JSON beside them, for the metrics."
        ),
    ],
    data: Annotated[
        Path, typer.Option(help="Pictures: DIR/<split>/train and val, or DIR/<split> alone.")
    ],
    split: Annotated[
        str,
        typer.Option(
            help="Folder of DIR, and name of the category; several for biggan: face,cat,car."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Receives weights, card, checkpoint, sheet, record.")],
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="Of training, earlier sittings included. "
            "[default: 90 for a bank, 180 for biggan, 45 for a restorer, 5 for readers and "
            "identity]",
        ),
    ] = None,
    images: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many images if that is sooner.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")
    ] = False,
    scale: Annotated[int, typer.Option(min=2, help="Factor of a restorer.")] = 16,
    bank: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of the bank that a GLEAN or LightGLEAN is built on."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="Weights of an earlier training that a restorer goes on from."),
    ] = None,
    keep_start: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of --start in the result; the rest is what it became."
        ),
    ] = 0.0,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Pictures a step of a restorer.  [default: 8]")
    ] = None,
    fusion: Annotated[
        FusionOption, typer.Option(help="Features given to GLEAN's bank: the paper's ablations.")
    ] = FusionOption.ALL,
    decoder: Annotated[
        bool, typer.Option(help="Of glean-light; without, its picture is the bank's own.")
    ] = True,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(
            min=1, help="Of the CPU; two trainings of one thread each are faster than one of two."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    checkpoint_minutes: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Between checkpoints, sheets and scores. "
            "[default: 3; 0.5 for readers and identity]",
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            help="Of the pictures, for the card of the weights. "
            "[default: Apache-2.0 for rendered ones, else unstated]"
        ),
    ] = None,
) -> None:
    """Train the small networks on a folder of pictures, or the readers that metrics need."""
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    check_variants(target, fusion, has_decoder=decoder)

    from bench.runs.memory_limit import check_memory_limit

    check_memory_limit()
    import torch

    from bench.cli.progress.training import reporter
    from bench.machine.device import resolve_device
    from bench.training.bank import bank_name
    from bench.training.licences import licence_of
    from bench.training.loop import Schedule, Training
    from bench.training.memory import keep_freed_pages
    from bench.training.recipes import Choice, Network, make_recipe

    keep_freed_pages()
    if threads:
        torch.set_num_threads(threads)
    where = resolve_device(device)
    pictures = read_of_target(data, split, target)
    targets = list(RESTORING) if target is Target.ALL else [target]
    for each in targets:
        folder = out / each if target is Target.ALL else out
        if target is Target.ALL:
            bank = out / Target.BANK / f"{bank_name(pictures)}.safetensors"
        built_on = bank if each in ON_A_BANK else None
        choice = Choice(
            Network(each), scale, fusion.value, bank, start, keep_start, batch, seed, decoder
        )
        training = Training(
            make_recipe(choice, pictures, where),
            pictures,
            folder,
            device=where,
            licence=licence or licence_of(pictures, built_on),
            built_on=built_on,
            resume=resume and (target is not Target.ALL or (folder / "checkpoint.pt").exists()),
        )
        if each in (*RESTORERS, Target.DFDNET):
            typer.echo(told_of_loss(), err=True)
        pause = checkpoint_minutes
        if pause is None:
            pause = 0.5 if each in READING else 3.0
        schedule = Schedule(minutes or MINUTES[each], images, pause * 60)
        try:
            with reporter(f"{split} {each}") as live:
                training.run(schedule, live)
        except KeyboardInterrupt as interrupt:
            last = "its last checkpoint, from which --resume goes on"
            kept = last if (folder / "checkpoint.pt").exists() else "no checkpoint yet"
            typer.echo(f"{told(interrupt)}: {folder} holds {kept}", err=True)
            raise typer.Exit(status_of(interrupt)) from None
        typer.echo(f"{folder / training.recipe.product.name}.safetensors")


def check_variants(target: Target, fusion: FusionOption, *, has_decoder: bool) -> None:
    """Raise `BenchError` for a variant of another network than the one to train."""
    from bench.core.errors import BenchError

    if fusion is not FusionOption.ALL and target not in (Target.GLEAN, Target.ALL):
        raise BenchError(f"--fusion {fusion} is a variant of glean; {target} has none")
    if not has_decoder and target not in (Target.GLEAN_LIGHT, Target.ALL):
        raise BenchError(f"--no-decoder is a variant of glean-light; {target} has none")


def told_of_loss() -> str:
    """Which perceptual loss the restorers learn by, and how to get the paper's."""
    from bench.training.perceptual import EfficientNetLoss, VGG16Loss
    from bench.weights import search

    found = search.find(("vgg16",))
    if isinstance(found, search.Found):
        return f"perceptual loss: {VGG16Loss.name}, of {found.path}"
    return (
        f"perceptual loss: {EfficientNetLoss.name}; the papers' is VGG16's: {found.reason}, "
        f"{found.command}"
    )


def read_of_target(data: Path, split: str, target: Target) -> TrainingPictures:
    """The pictures that a target learns from. Raises `BenchError`."""
    from bench.core.errors import BenchError
    from bench.training.data import read_pictures
    from bench.training.labelled import read_several

    splits = split.split(",")
    if target is Target.BIGGAN:
        return read_several(data, splits)
    if len(splits) > 1:
        raise BenchError(
            f"--split {split}: {target} learns from one split; biggan alone learns from several"
        )
    return read_pictures(data, split)
