"""SRGAN (Ledig et al. 2017, arXiv 1609.04802), with the generator that toolboxes publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from methods.base import Method, Need, Restoration, Toy
from methods.channels import Channels, require_channels, restored_in_colour
from methods.checkpoints.reading import Reading
from methods.loading import META, Opened, open_network, require_scale
from methods.networks.srresnet import MSRResNet
from methods.toys import random_weights


class SRGAN(Method):
    """MSRResNet, of any width and any number of pixel shuffles."""

    batches = "asked"
    network: MSRResNet
    channels: Channels

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        path = folder / "srgan.safetensors"
        return Toy({"network": random_weights(lambda: MSRResNet((2, 2), 8, 1), path)})

    def needs(self) -> tuple[Need, ...]:
        return (Need("network", ("srgan",), self.task.scale),)

    def opened(self, path: Path, device: torch.device) -> Opened[MSRResNet]:
        """The network, if it serves the task. Raises `BenchError`."""
        found = open_network(path, MSRResNet.from_state_dict, device)
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
        return Restoration(restored_in_colour(self.network, y, self.channels))
