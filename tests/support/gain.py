"""A method with one setting that every score shows; loaded as `gain.py:Gain`."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from methods.base import Method, Restoration, Settings
from tests.support.misbehaving import enlarged


class Gain(Method):
    """Pixels repeated, and made brighter or darker."""

    class Settings(Settings):
        gain: float = 1.0

    settings: Settings

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(enlarged(self, y) * self.settings.gain)
