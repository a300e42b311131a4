"""SRNTT: a restorer that learns to take textures from another picture of its category.

The losses are its paper's (Zhang et al. 2019, section 3.4), on the features that it matches by.
Content network and texture transfer of both stages learn together, where the paper trains the
first beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from bench.core.errors import BenchError
from bench.pictures.files import Pixels
from bench.training.average import WeightAverage
from bench.training.batches import batch_indices, mirrored, seed_step, signed
from bench.training.data import TrainingPictures
from bench.training.memory import channels_last
from bench.training.precision import autocast
from bench.training.recipe import Product, Stateful
from bench.training.restorer import observed
from bench.training.sheets import tile
from bench.training.srntt_losses import (
    adversarial_loss,
    discriminator_loss,
    perceptual_loss,
    reconstruction_loss,
    texture_loss,
)
from bench.weights import search
from methods.loading import open_network
from methods.networks.srntt import MAPS, Enlarged, SRNTTNet
from methods.networks.srntt_discriminator import SRNTTDiscriminator
from methods.networks.srntt_parts import SCALE, bicubic
from methods.networks.vgg19 import VGG19Features

SHEET = 8
HELD_OUT = 32  # pictures scored: each costs four passes through the features
POOL = 24  # pictures of which half of the references are the nearest, as of the pools that ship
WIDTHS = (8, 16, 32, 64, 64, 64, 64, 64)  # of the discriminator, a pair for each halving
DENSE = 128


@dataclass(frozen=True)
class SRNTTSettings:
    """Weights of the losses, and the optimisers.

    Of unrelated pictures, Caffe's VGG19 and the weights of the paper (1e-4, 1e-4) make the
    perceptual loss 0.4 of the reconstruction loss and the texture loss 0.03: so do these, on the
    features that ship.
    """

    scale: int = 16
    perceptual: float = 1.1e-2
    texture: float = 2.3e3
    adversarial: float = 1e-6
    reconstruction_only: int = 200  # images before the other losses begin
    batch: int = 8
    learning_rate: float = 1e-3
    discriminator_learning_rate: float = 1e-4
    discriminator_steps: int = 1  # the paper's code takes two
    seed: int = 0
    started_from: str = ""  # sha256 of the weights that a training went on from
    kept: float = 0.0  # share of those weights in what is exported; the rest is what they became


class SRNTTRecipe:
    """The `Recipe` of an `SRNTTNet`."""

    score_name = "L1 + weighted perceptual loss on held-out pictures"

    def __init__(
        self,
        network: SRNTTNet,
        product: Product,
        pictures: TrainingPictures,
        device: torch.device,
        settings: SRNTTSettings,
    ) -> None:
        self.product, self.pictures, self.device = product, pictures, device
        self.config, self.batch = settings, settings.batch
        self.network = network.to(device)
        self.average = WeightAverage(self.network, settings.kept)
        self.features = find_features(device)
        halvings = pictures.size.bit_length() - 3  # to a side of 4 pixels
        widths = [width for width in WIDTHS[:halvings] for _ in range(2)]
        self.discriminator = SRNTTDiscriminator(pictures.size, widths, DENSE).to(device)
        self.adam = torch.optim.Adam(
            self.network.parameters(), settings.learning_rate, (0.9, 0.99), fused=True
        )
        self.discriminator_adam = torch.optim.Adam(
            self.discriminator.parameters(),
            settings.discriminator_learning_rate,
            (0.5, 0.99),
            fused=True,
        )
        self.low = observed(pictures.train, settings.scale)
        self.low_held_out = observed(pictures.held_out[:HELD_OUT], settings.scale)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of `SRNTTSettings`, and the size of the network."""
        parameters = sum(p.numel() for p in self.network.parameters())
        return {"recipe": self.product.name, **asdict(self.config), "parameters": parameters}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update of the network and some of its adversary."""
        config = self.config
        seed_step(config.seed, iteration)
        truth, low, references = self.draw(iteration)
        is_first = iteration * self.batch < config.reconstruction_only
        stages = self.restore(self.network, low, references)
        losses = {"reconstruction": 0.0, "perceptual": 0.0, "texture": 0.0, "adversarial": 0.0}
        total = torch.zeros((), device=self.device)
        for number, stage in enumerate(stages, 1):
            target = bicubic(truth, SCALE ** (number - len(stages)))
            terms = {"reconstruction": reconstruction_loss(stage.picture, target)}
            if not is_first:
                terms |= self.of_features(stage, target)
            content = reconstruction_loss(stage.plain, target)
            total = total + content + torch.stack([*terms.values()]).sum()
            losses |= {name: term.item() for name, term in terms.items()}
        restored = stages[-1].picture
        if not is_first:
            losses["discriminator"] = self.teach(truth, restored.detach())
            verdict = adversarial_loss(self.discriminator, restored)
            losses["adversarial"] = verdict.item()
            total = total + config.adversarial * verdict
        self.adam.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        self.average.update((iteration + 1) * self.batch, self.batch)
        return losses

    def of_features(self, stage: Enlarged, target: Tensor) -> dict[str, Tensor]:
        """The weighted losses of features: those of the target, and textures as swapped in."""
        with autocast(self.device):
            seen = self.features(channels_last(stage.picture), MAPS)
            with torch.no_grad():
                wanted = self.features(channels_last(target), MAPS[:1])[MAPS[0]]
        maps = {layer: found.float() for layer, found in seen.items()}
        textures = texture_loss(maps, dict(zip(MAPS, stage.swapped, strict=True)), MAPS)
        perceptual = perceptual_loss(maps[MAPS[0]], wanted.float())
        return {
            "perceptual": self.config.perceptual * perceptual,
            "texture": self.config.texture * textures,
        }

    def teach(self, truth: Tensor, restored: Tensor) -> float:
        """Let the discriminator learn; its last loss."""
        for _ in range(self.config.discriminator_steps):
            mixing = torch.rand(len(truth), 1, 1, 1, device=self.device)
            loss = discriminator_loss(self.discriminator, truth, restored, mixing)
            self.discriminator_adam.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self.discriminator_adam.step()
        return loss.item()

    def draw(self, iteration: int) -> tuple[Tensor, Tensor, Tensor]:
        """Photographs, half of them mirrored, their low resolutions, and a reference for each."""
        train = self.pictures.train
        indices = batch_indices(len(train), self.batch, iteration, self.config.seed)
        chosen = self.nearest(self.low[indices], indices)
        flips = torch.rand(self.batch) < 0.5
        truth, low, references = (
            signed(images, self.device)
            for images in (train[indices], self.low[indices], train[chosen])
        )
        return mirrored(truth, flips), mirrored(low, flips), references

    def nearest(self, low: Tensor, own: Tensor) -> Tensor:
        """(N,) places of the training pictures nearest to each low resolution, never its own place:
        among all of them for one half of the batch, among `POOL` drawn ones for the other."""
        apart = torch.cdist(low.flatten(1).float(), self.low.flatten(1).float())
        apart.scatter_(1, own[:, None], float("inf"))
        for row in apart[: len(apart) // 2]:
            drawn = torch.randperm(len(row))[: POOL + 1]
            row[torch.ones_like(row, dtype=torch.bool).index_fill_(0, drawn, False)] = float("inf")
        return apart.argmin(1)

    def restore(self, network: SRNTTNet, low: Tensor, references: Tensor) -> list[Enlarged]:
        """What each stage gives, float32."""
        with autocast(self.device):
            stages: list[Enlarged] = network(
                channels_last(low), channels_last(references)[:, None], self.features
            )
        return [
            Enlarged(one.plain.float(), [maps.float() for maps in one.swapped], one.picture.float())
            for one in stages
        ]

    @torch.no_grad()
    def restore_held_out(self, count: int = HELD_OUT) -> tuple[Tensor, Tensor]:
        """The first held-out pictures, restored by the averaged network, and their references: the
        nearest of the first training pictures, as many as ship."""
        low = self.low_held_out[:count]
        pool = self.low[:POOL].flatten(1).float()
        places = torch.cdist(low.flatten(1).float(), pool).argmin(1)
        references = signed(self.pictures.train[places], self.device)
        pairs = zip(
            torch.split(signed(low, self.device), self.batch),
            torch.split(references, self.batch),
            strict=True,
        )
        restored = [self.restore(self.average.network, *pair)[-1].picture for pair in pairs]
        return torch.cat(restored).clamp(-1, 1), references

    @torch.no_grad()
    def score(self) -> float:
        """The objective without its adversary, and without the textures, which are no truth."""
        restored, _ = self.restore_held_out()
        truth = signed(self.pictures.held_out[:HELD_OUT], self.device)
        apart = [
            perceptual_loss(
                self.features(a, MAPS[:1])[MAPS[0]], self.features(b, MAPS[:1])[MAPS[0]]
            )
            for a, b in zip(
                torch.split(restored, self.batch), torch.split(truth, self.batch), strict=True
            )
        ]
        return float(
            F.l1_loss(restored, truth) + self.config.perceptual * torch.stack(apart).mean()
        )

    def sheet(self) -> Pixels:
        """Held-out pictures: input, reference, restored, truth, a row each."""
        restored, references = self.restore_held_out(SHEET)
        low = signed(self.low_held_out[:SHEET], self.device)
        truth = signed(self.pictures.held_out[:SHEET], self.device)
        enlarged = F.interpolate(low, size=truth.shape[-2:], mode="nearest")
        return tile(torch.cat((enlarged, references, restored, truth)), len(truth))

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """The network, its average, its adversary and both optimisers."""
        return {
            "network": self.network,
            "average": self.average.network,
            "adam": self.adam,
            "discriminator": self.discriminator,
            "discriminator_adam": self.discriminator_adam,
        }


def find_features(device: torch.device) -> VGG19Features:
    """The features that ship. Raises `BenchError` where they are missing."""
    found = search.find(("vgg16-relu3_1",))
    if isinstance(found, search.Missing):
        raise BenchError(search.advice(found))
    return open_network(found.path, VGG19Features.from_state_dict, device).network
