"""What the adapters of latent-optimisation methods share: a generator, a search, and its record."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from methods.base import Method, Restoration, Toy
from methods.checkpoints.reading import Reading
from methods.loading import META, Opened, open_network, require_size
from methods.networks.generator import Generator, open_generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.search.descent import Inversion, loop_macs
from methods.settings.search import SearchSettings
from methods.toys import BANK_WIDTHS, random_weights

REHEARSED = 3  # steps


class Search(Method):
    """Searches for a picture that the operator takes to y."""

    settings: SearchSettings
    stochastic = True

    @abstractmethod
    def search(self, y: Tensor, seeds: Sequence[int], steps: int) -> Inversion:
        """The search from a random start of each image's own."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        found = self.search(y, seeds, self.settings.steps)
        return Restoration(found.images, found.fits(self.settings.tolerance), found.milestones)

    def warm_up(self, y: Tensor) -> int:
        """Two short searches, from which follows what the whole one takes."""
        return loop_macs(lambda steps: self.search(y, [0] * len(y), steps), self.settings.steps)

    def rehearse(self, y: Tensor) -> None:
        self.search(y, [0] * len(y), REHEARSED)


class LatentOptimisation(Search):
    """Searches among the latents of the file `generator`."""

    batches = "auto"  # one generator serves all pictures

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def bank() -> StyleGAN2Generator:
            return StyleGAN2Generator(32, 16, 2, BANK_WIDTHS)

        path = random_weights(bank, folder / "generator.safetensors")
        return Toy({"generator": path}, {"steps": 3})

    def opened(self, files: Mapping[str, Path], device: torch.device) -> Opened[Generator]:
        """The generator, if it and the other files serve the task. Raises `BenchError`."""
        path = files["generator"]
        found = open_network(path, open_generator, device)
        require_size(path, found.network.resolution, self.task)
        return found

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        return {"generator": self.opened(files, META).reading}

    def setup(self, files: Mapping[str, Path]) -> None:
        self.generator = self.opened(files, self.task.device).network
