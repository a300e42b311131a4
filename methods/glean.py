"""GLEAN (Chan et al. 2021, arXiv 2012.00739): a generative prior in one forward pass."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from bench.errors import BenchError
from methods.base import Method, Need, Restoration, Settings
from methods.files import open_network
from methods.networks.glean import Fusion, GLEANNet


class GLEANSettings(Settings):
    """fusion: which encoder features reach the bank; all but "all" are the paper's ablations."""

    fusion: Fusion = "all"


class GLEAN(Method):
    """One size in, one size out: a file serves a single factor."""

    Settings = GLEANSettings
    settings: GLEANSettings
    network: GLEANNet

    def skip(self) -> str | None:
        """Only squares whose sides are powers of two, and inputs of 4 pixels or more."""
        height, width = self.task.size
        small = height // self.task.scale
        if height != width or not math.log2(height).is_integer() or small < 4:
            return f"GLEAN restores squares of 2^n pixels from 4x4 up, not {width}x{height}"
        return None

    def needs(self) -> tuple[Need, ...]:
        fusion = self.settings.fusion
        kind = "glean" if fusion == "all" else f"glean-{fusion}"
        return (Need("network", (kind,), self.task.scale),)

    def setup(self, files: Mapping[str, Path]) -> None:
        path = files["network"]
        net = open_network(path, GLEANNet.from_state_dict, self.task.device)
        height = self.task.size[0]
        if (net.scale, net.out_size) != (self.task.scale, height):
            raise BenchError(
                f"{path} serves {net.scale}x alone, {net.in_size}x{net.in_size} to "
                f"{net.out_size}x{net.out_size} pixels, not {self.task.scale}x to {height}x{height}"
            )
        self.network = net

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration((self.network(y * 2 - 1) + 1) / 2)
