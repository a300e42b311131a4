"""The bank of DGP: a narrow class-conditional BigGAN, and the discriminator trained with it.

Brock et al. 2019, arXiv 1809.11096: hinge loss, projection of the class, spectral norms, moving
average of the generator alone. Ours, for thousands of pictures and few hours: both players see
augmented pictures, and a projected discriminator (`Judge`) judges beside BigGAN's own, whose
features DGP needs but which alone would teach the generator too slowly. As in a bank's training,
those who judge learn more slowly than the generator and see blurred pictures at first: at equal
rates, all draws of a class were one picture after 5,000 images.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from bench.core.errors import BenchError
from bench.pictures.files import Pixels
from bench.training.augment import augment
from bench.training.average import WeightAverage
from bench.training.batches import batch_indices, mirrored, seed_step, signed
from bench.training.blur import Fade, blur
from bench.training.features import EfficientNetLite0Features
from bench.training.judge import CALIBRATION_IMAGES, Judge
from bench.training.kid import kid, standardised
from bench.training.labelled import LabelledPictures
from bench.training.precision import autocast
from bench.training.projected_gan import discriminator_hinge, generator_hinge
from bench.training.recipe import Product, Stateful
from bench.training.sheets import tile
from methods.loading import CLASSES
from methods.networks.biggan import BigGANGenerator
from methods.networks.biggan_discriminator import BigGANDiscriminator

BETAS = (0.0, 0.999)
SHEET = 64
SCORED = 64  # of each class
FIXED_SEED = 1  # of the latents of sheets and scores, the same throughout a run
# Channels by side in pixels: of the generator's maps, and of what the discriminator's blocks give.
GENERATOR = {4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 16}
DISCRIMINATOR = {128: 16, 64: 16, 32: 32, 16: 64, 8: 96, 4: 128}
ATTENTION = 32  # side of the maps on which every place looks at the others; published: 64


@dataclass(frozen=True)
class BigGANSettings:
    """Sizes of the networks, and their optimisers."""

    chunk: int = 16  # of z, for each layer that is given some
    embedding: int = 32
    generator: Mapping[int, int] = field(default_factory=lambda: dict(GENERATOR))
    discriminator: Mapping[int, int] = field(default_factory=lambda: dict(DISCRIMINATOR))
    batch: int = 16
    generator_rate: float = 1e-3
    discriminator_rate: float = 2e-4
    judge_rate: float = 2e-4
    judge_weight: float = 1.0  # 0: BigGAN's own discriminator alone
    blur: float = 6.0  # pixels at first, none after `fade` images
    fade: int = 10_000
    seed: int = 0

    def pair(self, size: int, classes: int) -> BigGANPair:
        """Untrained networks for pictures of `size` pixels a side. Raises `BenchError`."""
        if size not in self.generator or size // 2 not in self.discriminator:
            raise BenchError(f"a BigGAN draws pictures of up to 256 pixels a side, not {size}")
        sides = [side for side in sorted(self.generator) if side <= size]
        attention = [sides.index(ATTENTION) - 1] if size > ATTENTION else []
        widths = [self.generator[side] for side in sides]
        generator = BigGANGenerator(widths, attention, classes, self.chunk, self.embedding)
        # The last block looks at maps of 4 pixels a side and leaves them so.
        left = [side for side in sorted(self.discriminator, reverse=True) if side < size]
        judged = [self.discriminator[side] for side in left]
        seen = [left.index(ATTENTION)] if ATTENTION in left else []
        return BigGANPair(
            generator, BigGANDiscriminator([*judged, self.discriminator[4]], seen, classes)
        )


class BigGANPair(nn.Module):
    """Both networks, as one file holds them."""

    def __init__(self, generator: BigGANGenerator, discriminator: BigGANDiscriminator) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator


class BigGANRecipe:
    """The `Recipe` of a pair."""

    score_name = "KID on standardised EfficientNet-lite0 features of held-out pictures, by class"

    def __init__(
        self, pictures: LabelledPictures, device: torch.device, settings: BigGANSettings
    ) -> None:
        torch.manual_seed(settings.seed)
        self.pictures, self.device, self.config = pictures, device, settings
        self.batch, count = settings.batch, len(pictures.classes)
        self.features = EfficientNetLite0Features().to(device)
        some = torch.linspace(0, len(pictures.train) - 1, CALIBRATION_IMAGES).long()
        reference = signed(pictures.train[some], device)
        self.judge = Judge(self.features, reference, settings.judge_rate, count)
        self.fade = Fade(settings.blur, settings.fade)
        self.pair = settings.pair(pictures.size, count).to(device)
        self.average = WeightAverage(self.pair)
        self.adams = {
            "generator": self.adam(self.pair.generator, settings.generator_rate),
            "discriminator": self.adam(self.pair.discriminator, settings.discriminator_rate),
        }
        fixed = torch.Generator().manual_seed(FIXED_SEED)
        self.fixed = torch.randn(SCORED, count, self.pair.generator.latent_dim, generator=fixed).to(
            device
        )
        self.reference = self.features.pooled(reference)
        held_out = self.seen(signed(pictures.held_out, device))
        self.held_out = [held_out[pictures.held_out_labels == k] for k in range(count)]

    @staticmethod
    def adam(network: nn.Module, rate: float) -> torch.optim.Adam:
        """An optimiser of all its weights."""
        return torch.optim.Adam(network.parameters(), rate, BETAS, fused=True)

    @property
    def product(self) -> Product:
        """Generator and discriminator in one file, which names its classes."""
        pictures, size = self.pictures, self.pictures.size
        tasks = [{"split": c, "size": size, "domain": pictures.domain} for c in pictures.classes]
        return Product(
            name=f"{pictures.stem}-biggan-{size}",
            kind="biggan-pair",
            title=f"BigGAN and its discriminator, {pictures.subject}, {size} px, narrow",
            serves=tasks,
            metadata={CLASSES: json.dumps(pictures.classes)},
        )

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of `BigGANSettings`, and the classes in their order."""
        config = asdict(self.config)
        for name in ("generator", "discriminator"):
            config[name] = {str(side): width for side, width in config[name].items()}
        return {"recipe": "biggan", "classes": list(self.pictures.classes), **config}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update of every player."""
        seed_step(self.config.seed, iteration)
        real, labels, z = self.draw(iteration)
        with autocast(self.device):
            fake = self.pair.generator(z, labels).float()
        sigma = self.fade.sigma(iteration * self.batch)
        real, fake = blur(real, sigma), blur(fake, sigma)
        losses = {"discriminator": self.discriminate(real, fake, labels)}
        verdict = self.opinion(fake, labels)
        if weight := self.config.judge_weight:
            seen = self.judge.look(real), self.judge.look(fake)
            told, losses["judge"] = self.judge.learn(*seen, labels)
            verdict = verdict + weight * told
        adam = self.adams["generator"]
        adam.zero_grad(set_to_none=True)
        verdict.backward()  # type: ignore[no-untyped-call]
        adam.step()
        self.average.update((iteration + 1) * self.batch, self.batch)
        # As published, the discriminator is not averaged.
        self.average.network.discriminator.load_state_dict(self.pair.discriminator.state_dict())
        return losses | {"generator": verdict.item()}

    def draw(self, iteration: int) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures, half of them mirrored, their classes, and latents."""
        train, labels = self.pictures.train, self.pictures.labels
        indices = batch_indices(len(train), self.batch, iteration, self.config.seed)
        real = mirrored(signed(train[indices], self.device), torch.rand(self.batch) < 0.5)
        z = torch.randn(self.batch, self.pair.generator.latent_dim)
        return real, labels[indices].to(self.device), z.to(self.device)

    def discriminate(self, real: Tensor, fake: Tensor, labels: Tensor) -> float:
        """One update of the discriminator, and its loss."""
        both = augment(torch.cat((real, fake.detach())))
        with autocast(self.device):
            logits = self.pair.discriminator(both, labels.repeat(2)).float()
        loss = discriminator_hinge([logits], len(real))
        adam = self.adams["discriminator"]
        adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        return loss.item()

    def opinion(self, fake: Tensor, labels: Tensor) -> Tensor:
        """The generator's loss by the discriminator, which learns nothing from it."""
        discriminator = self.pair.discriminator.requires_grad_(False)
        with autocast(self.device):
            logits = discriminator(augment(fake), labels).float()
        discriminator.requires_grad_(True)
        return generator_hinge([logits])

    @torch.no_grad()
    def generate(self, latents: Tensor, label: int) -> Tensor:
        """Pictures of a class by the averaged generator."""
        parts = torch.split(latents, self.batch)
        gan = self.average.network.generator
        return torch.cat([gan(z, torch.full_like(z[:, 0], label).long()) for z in parts])

    def score(self) -> float:
        """The mean over the classes of the KID of 64 fixed latents."""
        pairs = enumerate(self.held_out)
        found = [kid(h, self.seen(self.generate(self.fixed[:, k], k))) for k, h in pairs]
        return sum(found) / len(found)

    def seen(self, images: Tensor) -> Tensor:
        """What KID compares of images: (N, 320)."""
        return standardised(self.features.pooled(images), self.reference)

    def sheet(self) -> Pixels:
        """As many of the scored pictures of each class, class by class."""
        count = len(self.pictures.classes)
        each = SHEET // count
        rows = [self.generate(self.fixed[:each, k], k) for k in range(count)]
        return tile(torch.cat(rows), each)

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """Every player, the optimisers, the average."""
        return {
            "pair": self.pair,
            "average": self.average.network,
            "judge": self.judge,
            **{f"adam of the {name}": adam for name, adam in self.adams.items()},
        }
