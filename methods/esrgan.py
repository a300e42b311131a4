"""ESRGAN (Wang et al. 2018, arXiv 1809.00219), and ESRGAN+, its enlargement to 16x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from methods.base import Method, Need, Restoration, Toy
from methods.loading import open_network, require_scale
from methods.networks.rrdb import RRDBNet
from methods.toys import random_weights


class ESRGAN(Method):
    """RRDBNet, of any width and any number of x2 stages."""

    network: RRDBNet

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        path = folder / "esrgan.safetensors"
        return Toy({"network": random_weights(lambda: RRDBNet(2, 8, 4, 1), path)})

    def needs(self) -> tuple[Need, ...]:
        return (Need("network", ("esrgan",), self.task.scale),)

    def setup(self, files: Mapping[str, Path]) -> None:
        path = files["network"]
        self.network = open_network(path, RRDBNet.from_state_dict, self.task.device)
        require_scale(path, self.network.scale, self.task)

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.network(y))
