"""A restorer: low resolution to the photograph, by fidelity, features and an adversary.

Losses of the GLEAN paper (arXiv 2012.00739, section 3.4): MSE + perceptual + adversarial. Every
network compared takes the same ones, the same weights of them, the same pictures and time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.operators import Downsample, quantise
from bench.pictures.files import Pixels
from bench.training.average import WeightAverage
from bench.training.batches import batch_indices, mirrored, seed_step, signed
from bench.training.data import TrainingPictures
from bench.training.features import EfficientNetLite0Features
from bench.training.judge import CALIBRATION_IMAGES, Judge
from bench.training.memory import channels_last
from bench.training.perceptual import EfficientNetLoss, find_vgg16
from bench.training.precision import autocast
from bench.training.recipe import Product, Stateful
from bench.training.sheets import tile

SHEET = 8


@dataclass(frozen=True)
class RestorerSettings:
    """Weights of the losses, and the optimisers.

    The losses are the paper's; its weights, 1e-2 each, belong to VGG16 and to a discriminator of
    pixels. Norms of the gradient at the restored pictures, 976 images into a GLEAN of faces: 7e-4
    of the MSE, 0.17 of the perceptual loss, 19 of the judge's verdict, which at 1e-2 outweighs the
    MSE 280 times. An ESRGAN+ of faces stood at 16.7 dB after 2,400 images with the paper's weights,
    at 18.2 dB with 5e-2 and 2e-4. With 1e-4 a GLEAN of faces came to 21.3 dB against
    bicubic's 19.6 on the held-out pictures after 9,000 images, but to 0.63 of its ST-LPIPS only.
    """

    scale: int = 16
    adversarial: float = 3e-4
    batch: int = 8
    learning_rate: float = 1e-3
    judge_learning_rate: float = 1e-3
    seed: int = 0
    started_from: str = ""  # sha256 of the weights that a training went on from
    kept: float = 0.0  # share of those weights in what is exported; the rest is what they became


class RestorerRecipe:
    """The `Recipe` of a network that takes and gives pictures in [-1, 1], or in [0, 1]."""

    score_name = "MSE + weighted perceptual loss on held-out pictures"

    def __init__(
        self,
        network: nn.Module,
        product: Product,
        pictures: TrainingPictures,
        device: torch.device,
        settings: RestorerSettings,
        *,
        is_signed: bool,
    ) -> None:
        self.product, self.pictures, self.device = product, pictures, device
        self.config, self.is_signed, self.batch = settings, is_signed, settings.batch
        self.network = network.to(device)
        self.average: WeightAverage[Any] = WeightAverage(self.network, settings.kept)
        trained = [p for p in self.network.parameters() if p.requires_grad]
        self.adam = torch.optim.Adam(trained, settings.learning_rate, (0.9, 0.99), fused=True)
        # Bicubic downsampling commutes with mirroring: one low-resolution set serves both.
        self.low = observed(pictures.train, settings.scale)
        self.low_held_out = observed(pictures.held_out, settings.scale)
        reference = signed(pictures.train[:CALIBRATION_IMAGES], device)
        self.features = EfficientNetLite0Features().to(device)
        self.efficientnet, self.vgg16 = (
            EfficientNetLoss(self.features, reference),
            find_vgg16(device),
        )
        self.judge = Judge(self.features, reference, settings.judge_learning_rate)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of `RestorerSettings`, the size of the network, and the perceptual loss."""
        parameters = sum(p.numel() for p in self.network.parameters())
        loss = self.vgg16 or self.efficientnet
        facts = {
            "parameters": parameters,
            "perceptual_features": loss.name,
            "perceptual": loss.weight,
        }
        return {"recipe": self.product.name, **asdict(self.config), **facts}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update of the network and of its adversary."""
        seed_step(self.config.seed, iteration)
        truth, low = self.draw(iteration)
        restored = self.restored(iteration, truth, low)
        mse = F.mse_loss(restored, truth)
        seen, target = self.see(restored, truth)
        perceptual = self.perceptual(restored, truth, seen, target)
        # The judge reads the very features of the perceptual loss, so without augmentation: the
        # same scene restored and true needs none, and half the passes through them are saved.
        verdict, judge_loss = self.judge.learn(self.judge.project(target), self.judge.project(seen))
        loss = mse + perceptual + self.config.adversarial * verdict
        self.adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        self.average.update((iteration + 1) * self.batch, self.batch)
        return {
            "mse": mse.item(),
            "perceptual": perceptual.item(),
            "adversarial": verdict.item(),
            "discriminator": judge_loss,
        }

    def restored(self, iteration: int, truth: Tensor, low: Tensor) -> Tensor:  # noqa: ARG002
        """What the network makes of a batch; some networks begin with other inputs."""
        return self.restore(self.network, low)

    def see(self, restored: Tensor, truth: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """The features of both, with gradients to the restored pictures alone."""
        with autocast(self.device):
            with torch.no_grad():
                target = self.features(truth)
            return self.features(restored), target

    def perceptual(
        self, restored: Tensor, truth: Tensor, seen: list[Tensor], target: list[Tensor]
    ) -> Tensor:
        """The weighted perceptual loss of pictures and their features."""
        if self.vgg16 is None:
            return self.efficientnet.weight * self.efficientnet(seen, target)
        with autocast(self.device):
            return self.vgg16.weight * self.vgg16(restored, truth)

    def draw(self, iteration: int) -> tuple[Tensor, Tensor]:
        """Photographs, half of them mirrored, and their low resolutions, all in [-1, 1]."""
        train = self.pictures.train
        indices = batch_indices(len(train), self.batch, iteration, self.config.seed)
        flips = torch.rand(self.batch) < 0.5
        truth = mirrored(signed(train[indices], self.device), flips)
        return truth, mirrored(signed(self.low[indices], self.device), flips)

    def restore(self, network: nn.Module, low: Tensor) -> Tensor:
        """(N, 3, s, s) in [-1, 1] to (N, 3, S, S), float32, not clipped."""
        low = channels_last(low if self.is_signed else (low + 1) / 2)
        with autocast(self.device):
            restored: Tensor = network(low)
        return restored.float() if self.is_signed else restored.float() * 2 - 1

    @torch.no_grad()
    def restore_held_out(self, count: int | None = None) -> Tensor:
        """The first held-out pictures, restored by the averaged network, clipped."""
        low = signed(self.low_held_out[:count], self.device)
        parts = [self.restore(self.average.network, part) for part in torch.split(low, self.batch)]
        return torch.cat(parts).clamp(-1, 1)

    @torch.no_grad()
    def score(self) -> float:
        """The objective without its adversary, which has no fixed scale."""
        restored = self.restore_held_out()
        truth = signed(self.pictures.held_out, self.device)
        perceptual = self.perceptual(restored, truth, *self.see(restored, truth))
        return float(F.mse_loss(restored, truth) + perceptual)

    def sheet(self) -> Pixels:
        """Held-out pictures: input, restored, truth, a row each."""
        low = signed(self.low_held_out[:SHEET], self.device)
        truth = signed(self.pictures.held_out[:SHEET], self.device)
        enlarged = F.interpolate(low, size=truth.shape[-2:], mode="nearest")
        return tile(torch.cat((enlarged, self.restore_held_out(SHEET), truth)), len(truth))

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """The network, its average, its adversary and both optimisers."""
        return {
            "network": self.network,
            "average": self.average.network,
            "adam": self.adam,
            "judge": self.judge,
        }


def observed(images: Tensor, scale: int) -> Tensor:
    """The benchmark's low resolution of uint8 pictures, as uint8."""
    operator = Downsample(scale)
    parts = [
        operator.observe(part.float() / 255) for part in torch.split(images, CALIBRATION_IMAGES)
    ]
    return (quantise(torch.cat(parts)) * 255).round().byte()
