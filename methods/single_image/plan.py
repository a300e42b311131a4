"""How SinGAN goes about a task: what it enlarges before it trains, its pyramid, what remains."""

from __future__ import annotations

from dataclasses import dataclass

from bench.core.errors import BenchError
from methods.settings.singan import SMALLEST_SIDE, SinGANSettings
from methods.single_image.pyramid import Enlargement, Pyramid, Size, enlarged


@dataclass(frozen=True)
class Plan:
    """One for all inputs of a size."""

    size: Size  # of the input
    before: Enlargement  # by the resize alone, before training; mostly of no steps
    pyramid: Pyramid
    after: Enlargement  # by the finest generator

    @classmethod
    def of(cls, size: Size, factor: int, settings: SinGANSettings) -> Plan:
        """The published plan; for inputs that are too small for it, of the enlarged input.

        Raises `BenchError` with the reason if there is none.
        """
        if factor < 2:
            raise BenchError(f"SinGAN enlarges by 2 or more, not by {factor}")
        whole, before, grown = Enlargement.by(factor), 0, size
        pyramid = pyramid_of(size, whole.step, settings)
        if pyramid is None and settings.small_inputs == "refuse":
            raise BenchError(
                f"the published pyramid has no scales for inputs of {told(size)} pixels; "
                "--set singan.small_inputs=enlarge enlarges them first"
            )
        if pyramid is None:
            while min(grown) < settings.smallest_side:
                grown, before = enlarged(grown, whole.step), before + 1
            pyramid = pyramid_of(grown, whole.step, settings)
        if before >= whole.steps:
            raise BenchError(
                f"inputs of {told(size)} pixels are too small for SinGAN at {factor}x: it takes "
                f"{before} of its {whole.steps} steps to enlarge them to {told(grown)}, on which "
                "it can train"
            )
        if max(grown) > settings.largest_side or pyramid is None:
            grown_to = f", enlarged to {told(grown)}," if before else ""
            raise BenchError(
                f"inputs of {told(size)} pixels{grown_to} are above {settings.largest_side}, to "
                "which SinGAN's code reduces them and its result with them; "
                f"--set singan.largest_side={max(grown)} trains on the whole"
            )
        rest = Enlargement(whole.steps - before, whole.step)
        return cls(size, Enlargement(before, whole.step), pyramid, rest)

    @property
    def note(self) -> str:
        """What a picture is, restored by this plan; "" where there is nothing to say of it."""
        sizes = self.pyramid.sizes
        if self.before.steps:
            steps = self.before.steps + self.after.steps
            return (
                f"enlarged first: {told(self.size)} pixels are too few for SinGAN's pyramid, so "
                f"that {self.before.steps} of its {steps} steps made them {told(sizes[-1])} before "
                "training"
            )
        if self.pyramid.is_inverted:
            return (
                f"made by an inverted pyramid: SinGAN's coarsest scale has {told(sizes[0])} pixels "
                f"for an input of {told(self.size)}"
            )
        return ""


def pyramid_of(size: Size, step: float, settings: SinGANSettings) -> Pyramid | None:
    """The published pyramid, if there is one and the discriminator can run on all of it."""
    pyramid = Pyramid.of(size, step, settings.smallest_side, settings.largest_side)
    if pyramid is None or min(map(min, pyramid.sizes)) < SMALLEST_SIDE:
        return None
    return pyramid


def told(size: Size) -> str:
    """Width and height, as users name sizes."""
    return f"{size[1]}x{size[0]}"
