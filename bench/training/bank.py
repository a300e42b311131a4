"""A latent bank: a narrow StyleGAN2, trained as a projected GAN.

Sauer et al. 2021, arXiv 2111.01007: neither R1 nor path length regularisation, hinge loss,
Adam with betas (0, 0.99). Two things are ours, for small sets and few hours: the discriminators
learn at a sixth of the generator's rate, and both see blurred images at first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from bench.pictures.files import Pixels
from bench.training.average import WeightAverage
from bench.training.batches import batch_indices, mirrored, seed_step, signed
from bench.training.blur import Fade, blur
from bench.training.data import TrainingPictures
from bench.training.features import EfficientNetLite0Features
from bench.training.judge import BETAS, CALIBRATION_IMAGES, Judge
from bench.training.kid import kid, standardised
from bench.training.precision import autocast
from bench.training.recipe import Product, Stateful
from bench.training.sheets import tile
from methods.networks.stylegan2 import StyleGAN2Generator

SHEET = 64
SCORED = 256
FIXED_SEED = 1  # of the latents of sheets and scores, the same throughout a run
RGB_GAIN = 0.1
# The width at 4 pixels sets the size of a GLEAN more than its own: 16 x width x latents x D.
CHANNELS = {4: 64, 8: 128, 16: 128, 32: 96, 64: 40, 128: 16, 256: 16}


@dataclass(frozen=True)
class BankSettings:
    """Sizes of the generator, and its optimiser."""

    style_dim: int = 64
    num_mlps: int = 2
    channels: Mapping[int, int] = field(default_factory=lambda: dict(CHANNELS))
    batch: int = 16
    learning_rate: float = 3e-3
    judge_learning_rate: float = 5e-4
    blur: float = 6.0  # pixels at first, none after `fade` images
    fade: int = 20_000
    seed: int = 0

    def generator(self, resolution: int) -> StyleGAN2Generator:
        """A generator of these widths, nearly grey at first.

        At the official start the six RGB outputs add up to pictures of standard deviation 2.4,
        which saturate the frozen features; hundreds of steps went by before colours were sane.
        """
        channels = {r: c for r, c in self.channels.items() if r <= resolution}
        network = StyleGAN2Generator(resolution, self.style_dim, self.num_mlps, channels)
        for to_rgb in (network.to_rgb1, *network.to_rgbs):
            to_rgb.conv.weight_orig.data.mul_(RGB_GAIN)
        return network


class BankRecipe:
    """The `Recipe` of a bank."""

    score_name = "KID on standardised EfficientNet-lite0 features of held-out pictures"

    def __init__(
        self, pictures: TrainingPictures, device: torch.device, settings: BankSettings
    ) -> None:
        torch.manual_seed(settings.seed)
        self.pictures, self.device, self.config = pictures, device, settings
        self.batch = settings.batch
        self.fade = Fade(settings.blur, settings.fade)
        self.features = EfficientNetLite0Features().to(device)
        reference = signed(pictures.train[:CALIBRATION_IMAGES], device)
        self.judge = Judge(self.features, reference, settings.judge_learning_rate)
        self.generator = settings.generator(pictures.size).to(device)
        self.average = WeightAverage(self.generator)
        self.adam = torch.optim.Adam(
            self.generator.parameters(), settings.learning_rate, BETAS, fused=True
        )
        fixed = torch.Generator().manual_seed(FIXED_SEED)
        self.fixed = torch.randn(SCORED, settings.style_dim, generator=fixed).to(device)
        self.reference = self.features.pooled(reference)
        self.held_out = self.seen(signed(pictures.held_out, device))

    @property
    def product(self) -> Product:
        """A StyleGAN2 checkpoint."""
        pictures, size = self.pictures, self.pictures.size
        return Product(
            name=bank_name(pictures),
            kind="stylegan2",
            title=f"StyleGAN2 bank of {pictures.subject}, {size} px, narrow",
            serves=[{"split": pictures.split, "size": size, "domain": pictures.domain}],
        )

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of `BankSettings`."""
        channels = {str(r): c for r, c in self.generator.channels.items()}
        return {"recipe": "bank", **asdict(self.config), "channels": channels}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update of both players."""
        seed_step(self.config.seed, iteration)
        real, z = self.draw(iteration)
        with autocast(self.device):
            fake = self.generator(z)
        sigma = self.fade.sigma(iteration * self.batch)
        true, drawn = (self.judge.look(blur(images, sigma)) for images in (real, fake.float()))
        verdict, loss = self.judge.learn(true, drawn)
        self.adam.zero_grad(set_to_none=True)
        verdict.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        self.average.update((iteration + 1) * self.batch, self.batch)
        return {"discriminator": loss, "generator": verdict.item()}

    def draw(self, iteration: int) -> tuple[Tensor, Tensor]:
        """Photographs, half of them mirrored, and latents."""
        train = self.pictures.train
        indices = batch_indices(len(train), self.batch, iteration, self.config.seed)
        real = mirrored(signed(train[indices], self.device), torch.rand(self.batch) < 0.5)
        return real, torch.randn(self.batch, self.config.style_dim, device=self.device)

    @torch.no_grad()
    def generate(self, latents: Tensor) -> Tensor:
        """Pictures of the averaged generator, clipped to [-1, 1]."""
        parts = [self.average.network(z, "stored") for z in torch.split(latents, self.batch)]
        return torch.cat(parts).clamp(-1, 1)

    def score(self) -> float:
        """KID of 256 fixed latents."""
        return kid(self.held_out, self.seen(self.generate(self.fixed)))

    def seen(self, images: Tensor) -> Tensor:
        """What KID compares of images: (N, 320)."""
        return standardised(self.features.pooled(images), self.reference)

    def sheet(self) -> Pixels:
        """The first 64 of the scored pictures."""
        return tile(self.generate(self.fixed[:SHEET]))

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """Both players, their optimisers, the average."""
        return {
            "generator": self.generator,
            "average": self.average.network,
            "adam": self.adam,
            "judge": self.judge,
        }


def bank_name(pictures: TrainingPictures) -> str:
    """What the file is called, such as face-bank-128."""
    return f"{pictures.stem}-bank-{pictures.size}"
