"""A method made ready to restore pictures of which nothing but y is known.

No truth, no degradation: the picture is the low resolution. The pixels are those of a run that
gives the method the same y.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.core.paths import cache_dir
from bench.datasets.splits import Picture, Split
from bench.datasets.suites import Suite
from bench.execution.attempt import Restored, restore
from bench.execution.open_method import open_method
from bench.machine.device import resolve_device
from bench.machine.own_state import OwnState, seed_generators
from bench.metrics.psnr import psnr_db
from bench.operators import Downsample
from bench.pictures.tensors import AnyPicture, as_tensor, like
from bench.planning.cell import Cell
from bench.planning.plan import plan_cell
from bench.planning.request import Request
from bench.weights.shelves import cards, places_of
from methods.base import Method
from methods.registry import MethodFacts


@dataclass(frozen=True)
class Restorer:
    """A method with its weights, ready to restore pictures of one split at one factor."""

    cell: Cell
    method: Method

    def __call__(self, y: AnyPicture) -> AnyPicture:
        """The restoration of a low-resolution picture, the same that a run gives for it.

        y: a tensor (3, h, w) or (N, 3, h, w) of floats in [0, 1], an array (h, w, 3) or
        (N, h, w, 3) of uint8, or a Pillow picture; the restoration is of the same kind, rounded
        to 8 bits. Raises `BenchError` if y has another size, and whatever the method raises.
        """
        given = as_tensor(y)
        height, width = (side // self.cell.scale for side in self.cell.split.size)
        if given.shape[-2:] != (height, width):
            raise BenchError(
                f"{self.cell.title} takes pictures of {width}x{height} pixels, not "
                f"{given.shape[-1]}x{given.shape[-2]}; bench.load(..., size=) states another size"
            )
        images = [self.candidate(one[None], self.cell.seed).image for one in given]
        return like(y, torch.cat(images))

    def candidate(self, y: Tensor, seed: int) -> Restored:
        """What the method makes of y (1, 3, h, w) with that seed. Raises whatever it raises."""
        cell = replace(self.cell, seed=seed)
        with self.state:
            return restore(cell, self.method, Picture("y", None, ""), y, 0)

    def consistency_db(self, image: Tensor, y: Tensor) -> float:
        """LR consistency: PSNR of a restored picture, degraded again, against y."""
        return psnr_db(self.cell.operator.observe(image), y).item()

    @cached_property
    def state(self) -> OwnState:
        """What the method sets for the whole process."""
        return OwnState()


def ready(
    request: Request,
    suite: Suite,
    facts: MethodFacts,
    split: str,
    size: tuple[int, int],
    scale: int,
    seed: int = 0,
) -> Restorer:
    """The method, ready to restore pictures to `size` (height, width).

    Raises `BenchError` where it cannot do that, with the reason and the command that helps.
    """
    device, cache = resolve_device(request.device), cache_dir()
    empty = Split(split, (), size, suite.domain, beside=suite.beside(split, None))
    operator = Downsample(scale, suite.kernel)
    planned = plan_cell(
        request, suite, facts, empty, operator, seed, device, cache, is_stored=False
    )
    if planned.absent:
        raise BenchError(f"{planned.cell.title}: {planned.absent.reason}")
    seed_generators(seed)
    return Restorer(planned.cell, open_method(planned.cell, device, cache))


def input_sides(facts: MethodFacts, split: str, scale: int, domain: str) -> list[int]:
    """Sides in pixels of the square inputs that files of weights on this machine serve; none of a
    method that takes any."""
    known = [card for card in cards().values() if card.kind in facts.weights]
    return sorted(
        {
            serves.size // scale
            for card in known
            for serves in card.serves
            if serves.size and serves.fits(split, scale, None, domain) and places_of(card)
        }
    )


def used(restorer: Restorer) -> Iterator[tuple[str, str]]:
    """What the pictures are restored with: by name, in words."""
    cell = restorer.cell
    for role, found in cell.files.items():
        told = f"{found.path.name}, sha256 {found.sha256[:12]}"
        yield role, f"{told}: {found.card.title}" if found.card else told
        if found.card:
            yield f"{role}'s licence", found.card.licence
    if cell.settings:
        yield "settings", ", ".join(f"{name}={value}" for name, value in cell.settings.items())
    yield "operator", f"{cell.operator.column}, of which consistency is told"
    threads = torch.get_num_threads()
    yield "computed with", f"{cell.device}, {cell.precision}, {threads} thread{'s' * (threads > 1)}"
