"""The lists of pictures that a training leaves beside its weights.

By them `bench run` warns when a picture of the test was trained on, whoever runs it and wherever:
neither the pictures nor their names are needed for that.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from bench.core.errors import BenchError
from bench.core.files import write_bytes
from bench.pictures.fingerprints import fingerprint
from bench.training.data import TrainingPictures
from bench.weights.card import make_card
from bench.weights.training_pictures import SUFFIX, write_list


def write_lists(out: Path, pictures: TrainingPictures, inherited: Sequence[Path]) -> list[str]:
    """Have the lists in `out`, and return their names.

    Those held out are in the list too: the weights were chosen by them. inherited: lists of the
    weights that these are built on. Raises `DiskError`.
    """
    own = out / f"{pictures.digest}{SUFFIX}"
    if not own.exists():
        every = chain(pictures.train, pictures.held_out)
        prints = (fingerprint(image.permute(1, 2, 0).numpy()) for image in every)
        write_list(own, pictures.sha256, prints)
    for path in inherited:
        if not (out / path.name).exists():
            write_bytes(out / path.name, path.read_bytes())
    return sorted({own.name, *(path.name for path in inherited)})


def lists_beside(weights: Path) -> tuple[Path, ...]:
    """The lists that the card beside a file of weights names; none where there is no card.

    Raises `BenchError` if the card cannot be read or one of them is not there.
    """
    path = weights.with_suffix(".toml")
    if not path.is_file():
        return ()
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BenchError(f"{path} is not valid TOML: {error}") from None
    card = make_card(path.stem, {"file": weights.name, **facts}, path)
    lists = tuple(path.with_name(name) for name in card.pictures)
    if gone := [str(file) for file in lists if not file.is_file()]:
        raise BenchError(
            f"{path} names lists of the pictures it was trained on that are not beside it: "
            f"{', '.join(gone)}; copy them there, they belong to the weights"
        )
    return lists
