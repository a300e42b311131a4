"""What a method makes of pictures of one's own, written as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from bench.core.errors import BenchError, printable
from bench.datasets.suites import Suite
from bench.pictures.files import Pixels, write_png
from bench.pictures.tensors import to_pixels, to_tensor
from bench.planning.request import Request
from bench.results.images_folder import file_name
from bench.runs.aligning import Aligner, aligner
from bench.runs.own_pictures import OwnPicture, Wanted
from bench.runs.restoring import Restorer, input_sides, ready
from methods.registry import MethodFacts


@dataclass(frozen=True)
class Candidate:
    """One restoration of a picture."""

    seed: int
    path: Path
    pixels: Pixels  # (H, W, 3)
    consistency_db: float  # PSNR of it, degraded again, against the input
    note: str  # what is to be known of it


@dataclass
class Restoring:
    """A method at work on pictures of one's own; loaded once for each size of theirs."""

    request: Request
    suite: Suite
    facts: MethodFacts
    split: str
    scale: int
    seeds: int  # candidates asked for
    out: Path
    restorers: dict[tuple[int, int], Restorer | BenchError] = field(default_factory=dict)

    def restorer(self, height: int, width: int) -> Restorer:
        """What restores inputs of that size. Raises `BenchError` if nothing does."""
        if (height, width) not in self.restorers:
            size = (height * self.scale, width * self.scale)
            try:
                found: Restorer | BenchError = ready(
                    self.request, self.suite, self.facts, self.split, size, self.scale
                )
            except BenchError as error:
                found = error
            self.restorers[height, width] = found
        known = self.restorers[height, width]
        if isinstance(known, BenchError):
            raise known
        return known

    @property
    def loaded(self) -> list[Restorer]:
        """What restored something."""
        return [found for found in self.restorers.values() if isinstance(found, Restorer)]

    def wanted(self, *, align: bool) -> Wanted:
        """What the method takes. Raises `BenchError` if faces are to be cut out for one of whose
        inputs the size is not known."""
        named = self.facts.name in self.request.weights or bool(self.facts.argument)
        known = () if named else input_sides(self.facts, self.split, self.scale, self.suite.domain)
        of_suite = self.suite.splits.get(self.split)
        size = (of_suite.size if of_suite else None) or self.suite.default_size or 0
        side = size // self.scale
        side = side if side in known or not known else known[-1]
        if align and not side:
            raise BenchError(
                f"--align: suite {self.suite.name} does not say how large pictures of {self.split} "
                f"are at {self.scale}x"
            )
        can_align = bool(of_suite and of_suite.aligned) and not align
        title = f"{self.facts.title} on {self.split} at {self.scale}x"
        return Wanted(title, self.scale, known, side, can_align)

    def aligner(self) -> Aligner:
        """What cuts out faces for it. Raises `BenchError`."""
        return aligner(self.suite, self.split)

    def path(self, picture: OwnPicture, seed: int) -> Path:
        """Where a candidate goes."""
        return self.out / file_name(picture.name, "", seed)

    @property
    def sheet(self) -> Path:
        """Where the contact sheet goes."""
        return self.out / "contact-sheet.png"

    def check_places(self, pictures: Sequence[OwnPicture]) -> None:
        """Raise `BenchError` if a candidate would take the place of a picture given, of the sheet,
        or of a candidate of another picture."""
        given = {picture.path.resolve() for picture in pictures if not picture.problem}
        taken = {self.sheet: "the contact sheet"}
        for picture, seed in product(pictures, range(self.seeds)):
            path, shown = self.path(picture, seed), printable(picture.path)
            if path.resolve() in given:
                raise BenchError(
                    f"{printable(path)} is a picture to restore, and the restored one would take "
                    "its place: choose another --out"
                )
            if path in taken:
                raise BenchError(
                    f"{taken[path]} and what is restored of {shown} would both be "
                    f"{printable(path)}: restore that picture under another name"
                )
            taken[path] = f"what is restored of {shown}"

    def candidates(self, picture: OwnPicture) -> Iterator[Candidate]:
        """Each candidate of a picture, once it is written.

        Raises `BenchError`, and whatever the method raises.
        """
        assert picture.y is not None
        restorer, y = self.restorer(*picture.y.shape[:2]), to_tensor(picture.y)
        for seed in range(self.seeds if restorer.method.stochastic else 1):
            found = restorer.candidate(y, seed)
            pixels, path = to_pixels(found.image), self.path(picture, seed)
            write_png(path, pixels)
            consistency_db = restorer.consistency_db(found.image, y)
            yield Candidate(seed, path, pixels, consistency_db, found.row.reason)
