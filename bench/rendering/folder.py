"""A folder of rendered pictures: the names in it, and the settings that all of them share.

`render.json` marks such a folder. Each picture's factors lie beside it, under the same stem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from bench.core.code_version import code_digest
from bench.core.errors import BenchError, some
from bench.core.files import write_text
from bench.datasets.rendered import MARK, pictures_in


@dataclass(frozen=True)
class RenderSettings:
    """What all pictures of a folder have in common; their seed is in their names."""

    split: str
    samples: int  # light paths a pixel
    views: int  # pictures of one identity
    format: str  # png or webp
    code: str  # version of the split's scenes
    mitsuba: str  # version of the renderer


def code_of(split: str) -> str:
    """The version of a split's scenes: a hash of the sources that shape its pictures."""
    return code_digest(f"bench.rendering.{split}:{split}")


def claim(folder: Path, settings: RenderSettings) -> None:
    """Make the folder, and mark it as one of these settings.

    Raises `BenchError` if it has pictures of other settings, or of another origin.
    """
    mark = folder / MARK
    if mark.exists():
        refuse_other(mark, read_mark(mark), settings)
        return
    strangers = [p.name for p in pictures_in(folder)]
    if strangers:
        raise BenchError(
            f"--out {folder} holds pictures but no {MARK}, so that they were not rendered by this "
            f"command: {some(strangers)}; choose another folder"
        )
    write_text(mark, json.dumps(asdict(settings), indent=1) + "\n")


def refuse_other(mark: Path, found: Mapping[str, Any], settings: RenderSettings) -> None:
    """Raise `BenchError` with each setting in which the folder differs."""
    wanted = asdict(settings)
    differences = [
        f"{field.name} {found.get(field.name)!r} there, {wanted[field.name]!r} now"
        for field in fields(settings)
        if found.get(field.name) != wanted[field.name]
    ]
    if differences:
        raise BenchError(
            f"{mark.parent} holds pictures of other settings ({'; '.join(differences)}), and a "
            "folder is of one kind: choose another with --out, or delete it to render it anew"
        )


def read_mark(mark: Path) -> Mapping[str, Any]:
    """The settings in a `render.json`. Raises `BenchError` if that is damaged."""
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BenchError(f"{mark} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise BenchError(f"{mark} holds no settings: bench render writes them there")
    return found


def name_of(split: str, seed: int, index: int) -> str:
    """The stem of a picture and of its factors, such as face-1-00042."""
    return f"{split}-{seed}-{index:05}"
