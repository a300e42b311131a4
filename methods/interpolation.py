"""The sanity baselines: what can be had without knowing anything."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from bench.operators import resize
from methods.base import Method, Restoration


class Nearest(Method):
    """Every pixel repeated."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        s = self.task.scale
        return Restoration(y.repeat_interleave(s, 2).repeat_interleave(s, 3))


class Bicubic(Method):
    """MATLAB's `imresize(y, scale, "bicubic")`."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(resize(y, self.task.size, "matlab-bicubic"))


class Lanczos(Method):
    """MATLAB's `imresize(y, scale, "lanczos3")`."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(resize(y, self.task.size, "matlab-lanczos3"))
