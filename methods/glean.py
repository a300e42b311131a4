"""GLEAN (Chan et al. 2021, arXiv 2012.00739): a generative prior in one forward pass."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from methods.base import Method, Need, Restoration, Toy, Unfit
from methods.checkpoints.reading import Reading
from methods.loading import META, Opened, open_network
from methods.networks.glean import Fusion, GLEANNet, num_fused_sizes
from methods.networks.glean_light import GLEANLightNet
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.toys import BANK_WIDTHS, random_weights

Network = TypeVar("Network", GLEANNet, GLEANLightNet)


class OneSize(Method, Generic[Network]):
    """One size in, one size out: a file serves a single factor."""

    batches = "asked"
    network: Network

    def skip(self) -> str | None:
        """Only squares whose sides are powers of two, and inputs of 4 pixels or more."""
        height, width = self.task.size
        small = height // self.task.scale
        if height != width or not math.log2(height).is_integer() or small < 4:
            return f"GLEAN restores squares of 2^n pixels from 4x4 up, not {width}x{height}"
        return None

    @abstractmethod
    def build(self, state_dict: Mapping[str, object]) -> Network:
        """The network of a checkpoint. Raises `CheckpointError`."""

    @abstractmethod
    def check_variant(self, path: Path, network: Network) -> None:
        """Raise `Unfit` if the network is another variant than the one that is meant."""

    def opened(self, path: Path, device: torch.device) -> Opened[Network]:
        """The network, if it serves the task. Raises `BenchError`."""
        found = open_network(path, self.build, device)
        net, height = found.network, self.task.size[0]
        if (net.scale, net.out_size) != (self.task.scale, height):
            raise Unfit(
                f"{path} serves {net.scale}x alone, {net.in_size}x{net.in_size} to "
                f"{net.out_size}x{net.out_size} pixels, not {self.task.scale}x to {height}x{height}"
            )
        self.check_variant(path, net)
        return found

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        return {"network": self.opened(files["network"], META).reading}

    def setup(self, files: Mapping[str, Path]) -> None:
        self.network = self.opened(files["network"], self.task.device).network

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration((self.network(y * 2 - 1) + 1) / 2)


class GLEAN(OneSize[GLEANNet]):
    """The method of the paper."""

    fusion: ClassVar[Fusion] = "all"  # the encoder's features that reach the bank

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def build() -> GLEANNet:
            bank = StyleGAN2Generator(32, 16, 2, BANK_WIDTHS)
            return GLEANNet(8, bank, channels=8, growth=4, blocks=1, fusion=cls.fusion)

        return Toy({"network": random_weights(build, folder / "glean.safetensors")})

    def needs(self) -> tuple[Need, ...]:
        kind = "glean" if self.fusion == "all" else f"glean-{self.fusion}"
        return (Need("network", (kind,), self.task.scale),)

    def build(self, state_dict: Mapping[str, object]) -> GLEANNet:
        return GLEANNet.from_state_dict(state_dict)

    def check_variant(self, path: Path, network: GLEANNet) -> None:
        if network.num_fused != num_fused_sizes(network.in_size, self.fusion):
            raise Unfit(
                f"{path} gives its bank the features of {network.num_fused} sizes, not those that "
                f"{self.fusion!r} means: run it as another of glean, glean-coarse, glean-latents"
            )


class GLEANCoarse(GLEAN):
    """The paper's ablation (b): of the encoder's features only those of the coarser sizes."""

    fusion = "coarse"


class GLEANLatents(GLEAN):
    """The paper's ablation (a): nothing but the latent vectors reaches the bank."""

    fusion = "latents"
