"""ESRGAN (Wang et al. 2018, arXiv 1809.00219), and ESRGAN+, its enlargement to 16x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from methods.base import Method, Need, Restoration, Toy
from methods.channels import Channels, require_channels, restored_in_colour
from methods.checkpoints.reading import Reading
from methods.loading import META, Opened, open_network, require_scale
from methods.networks.rrdb import RRDBNet, padded
from methods.toys import random_weights

FOLDED = 4  # sides are multiples of it where pixels are folded, by 2 or 4, as spandrel has them


class ESRGAN(Method):
    """RRDBNet, of any width and any number of x2 stages."""

    batches = "asked"
    network: RRDBNet
    channels: Channels

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        path = folder / "esrgan.safetensors"
        return Toy({"network": random_weights(lambda: RRDBNet(2, 8, 4, 1), path)})

    def needs(self) -> tuple[Need, ...]:
        return (Need("network", ("esrgan",), self.task.scale),)

    def opened(self, path: Path, device: torch.device) -> Opened[RRDBNet]:
        """The network, if it serves the task. Raises `BenchError`."""
        found = open_network(path, RRDBNet.from_state_dict, device)
        self.channels = Channels(found.network.inputs, found.network.outputs)
        require_scale(path, found.network.scale, self.task)
        require_channels(path, self.channels)
        return found

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        found = self.opened(files["network"], META)
        return {"network": found.adapted(self.channels.adaptation)}

    def setup(self, files: Mapping[str, Path]) -> None:
        self.network = self.opened(files["network"], self.task.device).network

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        height, width = (self.task.scale * side for side in y.shape[-2:])
        x = padded(y, FOLDED) if self.network.unshuffle > 1 else y
        images = restored_in_colour(self.network, x, self.channels)
        return Restoration(images[..., :height, :width])
