"""PULSE (Menon et al. 2020, arXiv 2003.03808): search the latent space for a picture that
downscales to y. The best iterate is kept, where the official code keeps the last, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from bench.core.errors import BenchError
from methods.base import Need
from methods.loading import Opened
from methods.networks.generator import Generator, LatentGenerator
from methods.search.adapter import LatentOptimisation
from methods.search.descent import Inversion, Iterate, descend, normal, on_spheres, streams
from methods.search.gaussian_fit import GaussianFit, cached_fit, published_fit
from methods.settings.pulse import PULSESettings


class PULSE(LatentOptimisation):
    """Spherical Adam on one latent a layer, and on the coarsest noise maps."""

    Settings = PULSESettings
    settings: PULSESettings

    def needs(self) -> tuple[Need, ...]:
        return (
            Need("generator", ("stylegan1", "stylegan2", "pggan")),
            Need("gaussian_fit", ("pulse-gaussian-fit",), optional=True),
        )

    def opened(self, files: Mapping[str, Path], device: torch.device) -> Opened[Generator]:
        found = super().opened(files, device)
        gan, published = found.network, files.get("gaussian_fit")
        if gan.noise_sides and not gan.has_mapping:
            if published is None:
                raise BenchError(
                    f"{files['generator']} has no mapping network: give a file with its tensors "
                    "(dense0.weight, ...) too, or PULSE's gaussian_fit.pt: "
                    "`python -m bench fetch pulse-gaussian-fit`"
                )
            published_fit(published, gan.latent_dim, device)
        return found

    def setup(self, files: Mapping[str, Path]) -> None:
        super().setup(files)
        self.fit = self.fit_of(files["generator"], files.get("gaussian_fit"))

    def fit_of(self, path: Path, published: Path | None) -> GaussianFit | None:
        """The Gaussian of the generator's latents; PGGAN draws from z and has none.

        The published fit serves the file that comes without a mapping network, and no other.
        """
        device = self.task.device
        if self.generator.has_mapping:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return cached_fit(self.generator, digest, self.task.cache, device)
        if not self.generator.noise_sides or published is None:
            return None
        return published_fit(published, self.generator.latent_dim, device)

    def search(self, y: Tensor, seeds: Sequence[int], steps: int) -> Inversion:
        settings = self.settings.model_copy(update={"steps": steps})
        drawn, gan = streams(seeds), self.generator
        latent = normal(drawn, gan.num_latents, gan.latent_dim, like=y)
        noise = [normal(drawn, 1, side, side, like=y) for side in gan.noise_sides]
        return invert(gan, self.fit, self.task.operator, y, (latent, noise), settings)


def invert(
    generator: LatentGenerator,
    fit: GaussianFit | None,
    operator: Callable[[Tensor], Tensor],
    y: Tensor,
    start: tuple[Tensor, Sequence[Tensor]],
    settings: PULSESettings,
) -> Inversion:
    """Pictures whose `operator` is y (N, 3, h, w) in [0, 1], searched from `start`.

    start: latents (N, L, D) from N(0, 1), whose lengths are kept, and the noise maps (N, 1, r, r).
    """
    latent = start[0].clone().requires_grad_()
    split = min(settings.trainable_noise_layers, len(start[1]) - 1) if start[1] else 0
    trained = [noise.clone().requires_grad_() for noise in start[1][:split]]
    noises = [*trained, *start[1][split:]]
    if noises:
        noises[-1] = torch.zeros_like(noises[-1])

    def evaluate() -> Iterate:
        w = latent if fit is None else fit.latents(latent)
        images = (generator.synthesis(w, noises) + 1) / 2
        error = (operator(images) - y).square().mean((1, 2, 3))
        loss = settings.fidelity_weight * error.clamp(min=settings.tolerance)
        return Iterate(images, loss + settings.geocross_weight * geocross(w), error)

    variables = [latent, *trained]
    adam = torch.optim.Adam(variables, settings.learning_rate)
    schedule = LambdaLR(adam, lambda step: one_cycle_drop(step / settings.steps))
    return descend(evaluate, adam, settings.steps, schedule, on_spheres(variables))


def geocross(w: Tensor) -> Tensor:
    """How far the latents (N, L, D) of an image lie apart: (N,), the mean over pairs of the squared
    angle between them times D / 8 (the GEOCROSS loss; D is 512 there)."""
    one, other = w[:, :, None], w[:, None, :]
    apart = ((one - other).square().sum(-1) + 1e-9).sqrt()
    along = ((one + other).square().sum(-1) + 1e-9).sqrt()
    angle = 2 * torch.atan2(apart, along)
    return angle.square().mean((1, 2)) * w.shape[-1] / 8


def one_cycle_drop(progress: float) -> float:
    """The learning rate from 0.1 up to 1 and back, then in the last tenth down to 0.001."""
    if progress < 0.9:
        return (9 * (1 - abs(progress / 0.9 - 0.5) * 2) + 1) / 10
    return 0.1 + (progress - 0.9) / 0.1 * (0.001 - 0.1)
