"""DGP (Pan et al. 2020, arXiv 2003.13659): a BigGAN is itself fitted to the one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from bench.core.errors import BenchError
from methods.base import Need, Toy
from methods.checkpoints.reading import Reading
from methods.cost import count_macs
from methods.dgp_stages import stages_of
from methods.loading import META, Opened, named_classes, open_network, require_size
from methods.networks.biggan import BigGANGenerator
from methods.networks.biggan_discriminator import BigGANDiscriminator
from methods.networks.biggan_layers import fix
from methods.search.adapter import REHEARSED, Search
from methods.search.descent import Inversion, joined, loop_macs, normal, streams
from methods.search.fine_tuning import Comparison, FineTuning, selection
from methods.settings.dgp import DGPSettings
from methods.toys import random_weights


class DGP(Search):
    """Selection among random draws, then stages in which more and more of the generator learns.

    It takes no batches: each picture has a generator of its own, so that nothing is shared.
    """

    Settings = DGPSettings
    settings: DGPSettings

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def generator() -> BigGANGenerator:
            return BigGANGenerator((8, 8, 8, 8), (1,), classes=2, chunk=4, embedding=4)

        def discriminator() -> BigGANDiscriminator:
            return BigGANDiscriminator((8, 8, 8, 8), (0,), classes=2)

        files = {
            "generator": random_weights(generator, folder / "generator.safetensors"),
            "discriminator": random_weights(discriminator, folder / "discriminator.safetensors"),
        }
        return Toy(files, {"steps": 3, "candidates": 3})

    def needs(self) -> tuple[Need, ...]:
        return (
            Need("generator", ("biggan-pair", "biggan")),
            Need("discriminator", ("biggan-pair", "biggan-discriminator")),
        )

    def opened(
        self, files: Mapping[str, Path], device: torch.device
    ) -> tuple[Opened[BigGANGenerator], Opened[BigGANDiscriminator]]:
        """The networks of the files, which make pictures of the task's size."""
        path, other = files["generator"], files["discriminator"]
        generator = open_network(path, BigGANGenerator.from_state_dict, device)
        discriminator = open_network(other, BigGANDiscriminator.from_state_dict, device)
        require_size(path, generator.network.resolution, self.task)
        require_size(other, discriminator.network.resolution, self.task)
        return generator, discriminator

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        generator, discriminator = self.opened(files, META)
        return {"generator": generator.reading, "discriminator": discriminator.reading}

    def setup(self, files: Mapping[str, Path]) -> None:
        generator, discriminator = self.opened(files, self.task.device)
        self.generator, self.discriminator = generator.network, discriminator.network
        fix(self.discriminator)
        self.category = self.category_of(files["generator"])

    def category_of(self, path: Path) -> int | None:
        """The class that draws are made of; None: one at random for each."""
        chosen, count = self.settings.category, self.generator.classes
        if chosen is None:
            names = named_classes(path)[:count]
            return names.index(self.task.split) if self.task.split in names else None
        if chosen >= count:
            raise BenchError(f"{path} has the categories 0 to {count - 1}, not {chosen}")
        return chosen

    def search(
        self, y: Tensor, seeds: Sequence[int], steps: int, candidates: int | None = None
    ) -> Inversion:
        """Each picture by itself, with a copy of the generator that is its own."""
        count = candidates or self.settings.candidates
        return joined([self.fit(y[i : i + 1], s, steps, count) for i, s in enumerate(seeds)])

    def fit(self, y: Tensor, seed: int, steps: int, candidates: int) -> Inversion:
        """The search for one y (1, 3, h, w)."""
        settings, gan = self.settings, self.generator
        (stream,) = streams([seed])
        z = normal([stream], candidates, gan.latent_dim, like=y)[0] * settings.spread
        at_random = torch.randint(gan.classes, (candidates,), generator=stream)
        of_one = torch.full((candidates,), self.category or 0)
        classes = (at_random if self.category is None else of_one).to(y.device)
        target = Comparison(
            self.task.operator, y, self.discriminator, settings.enlargement, settings.mse_at
        )
        losses = selection(gan, target, z, classes, settings.selection_features)
        best = losses.argmin()[None]
        stages = stages_of(settings, steps)
        return FineTuning(gan, target, z[best], classes[best], stages, settings.prior_weight).run()

    def rehearse(self, y: Tensor) -> None:
        self.search(y, [0] * len(y), REHEARSED, 1)

    def warm_up(self, y: Tensor) -> int:
        """Short searches among few candidates, from which follows what the whole one takes."""
        seeds, settings = [0] * len(y), self.settings
        steps = loop_macs(lambda n: self.search(y, seeds, n, 1), settings.steps)
        draws = loop_macs(lambda n: self.search(y, seeds, 1, n), settings.candidates)
        return steps + draws - count_macs(lambda: self.search(y, seeds, 1, 1))
