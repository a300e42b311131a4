"""SRGAN (Ledig et al. 2017, arXiv 1609.04802), with the generator that toolboxes publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from methods.base import Method, Need, Restoration, Toy
from methods.loading import open_network, require_scale
from methods.networks.srresnet import MSRResNet
from methods.toys import random_weights


class SRGAN(Method):
    """MSRResNet, of any width and any number of pixel shuffles."""

    network: MSRResNet

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        path = folder / "srgan.safetensors"
        return Toy({"network": random_weights(lambda: MSRResNet((2, 2), 8, 1), path)})

    def needs(self) -> tuple[Need, ...]:
        return (Need("network", ("srgan",), self.task.scale),)

    def setup(self, files: Mapping[str, Path]) -> None:
        path = files["network"]
        self.network = open_network(path, MSRResNet.from_state_dict, self.task.device)
        require_scale(path, self.network.scale, self.task)

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.network(y))
