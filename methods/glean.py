"""GLEAN (Chan et al. 2021, arXiv 2012.00739): a generative prior in one forward pass."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from bench.core.errors import BenchError
from methods.base import Method, Need, Restoration, Toy
from methods.loading import open_network
from methods.networks.glean import Fusion, GLEANNet, num_fused_sizes
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.toys import BANK_WIDTHS, random_weights


class GLEAN(Method):
    """One size in, one size out: a file serves a single factor."""

    fusion: ClassVar[Fusion] = "all"  # the encoder's features that reach the bank
    network: GLEANNet

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def build() -> GLEANNet:
            bank = StyleGAN2Generator(32, 16, 2, BANK_WIDTHS)
            return GLEANNet(8, bank, channels=8, growth=4, blocks=1, fusion=cls.fusion)

        return Toy({"network": random_weights(build, folder / "glean.safetensors")})

    def skip(self) -> str | None:
        """Only squares whose sides are powers of two, and inputs of 4 pixels or more."""
        height, width = self.task.size
        small = height // self.task.scale
        if height != width or not math.log2(height).is_integer() or small < 4:
            return f"GLEAN restores squares of 2^n pixels from 4x4 up, not {width}x{height}"
        return None

    def needs(self) -> tuple[Need, ...]:
        kind = "glean" if self.fusion == "all" else f"glean-{self.fusion}"
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
        if net.num_fused != num_fused_sizes(net.in_size, self.fusion):
            raise BenchError(
                f"{path} gives its bank the features of {net.num_fused} sizes, not those that "
                f"{self.fusion!r} means: run it as another of glean, glean-coarse, glean-latents"
            )
        self.network = net

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration((self.network(y * 2 - 1) + 1) / 2)


class GLEANCoarse(GLEAN):
    """The paper's ablation (b): of the encoder's features only those of the coarser sizes."""

    fusion = "coarse"


class GLEANLatents(GLEAN):
    """The paper's ablation (a): nothing but the latent vectors reaches the bank."""

    fusion = "latents"
