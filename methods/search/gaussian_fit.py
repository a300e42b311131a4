"""A Gaussian fitted to the latents of a generator, once, and kept on disk.

PULSE searches the space before the mapping network's last LeakyReLU, where latents are nearly
Gaussian, and stays where most of them are (Menon et al. 2020, section 3.3; its `gaussian_fit.pt`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from bench.core.files import write_atomically
from methods.networks.generator import LatentGenerator

SAMPLES = 1_000_000
CHUNK = 20_000
SLOPE = 0.2  # of the mapping network's last activation


@dataclass(frozen=True)
class GaussianFit:
    """Mean and deviation of each dimension (D,) before the last activation."""

    mean: Tensor
    std: Tensor

    def latents(self, standard: Tensor) -> Tensor:
        """w of a point in the space in which the Gaussian is N(0, 1)."""
        return F.leaky_relu(standard * self.std + self.mean, SLOPE)


@torch.no_grad()
def fit(generator: LatentGenerator, device: torch.device, samples: int = SAMPLES) -> GaussianFit:
    """The fit to `samples` latents of seed 0, summed in float64."""
    stream = torch.Generator().manual_seed(0)
    total = torch.zeros(generator.latent_dim, dtype=torch.float64, device=device)
    squares = torch.zeros_like(total)
    for start in range(0, samples, CHUNK):
        count = min(CHUNK, samples - start)
        z = torch.randn(count, generator.latent_dim, generator=stream).to(device)
        with torch.autocast(device.type, enabled=False):
            before = F.leaky_relu(generator.mapping(z), 1 / SLOPE).double()
        total += before.sum(0)
        squares += before.square().sum(0)
    mean = total / samples
    variance = (squares - samples * mean.square()) / (samples - 1)
    return GaussianFit(mean.float(), variance.clamp(min=0).sqrt().float())


def cached_fit(
    generator: LatentGenerator, digest: str, cache: Path, device: torch.device
) -> GaussianFit:
    """The fit of the generator whose file has the sha256 `digest`, from `cache` if it is there."""
    path = cache / "gaussian-fits" / f"{digest}-{SAMPLES}.safetensors"
    try:
        stored = load_file(path, device=str(device))
        return GaussianFit(stored["mean"], stored["std"])
    except (OSError, SafetensorError, KeyError):
        # Absent, or left damaged: fitted anew.
        fitted = fit(generator, device)
    tensors = {"mean": fitted.mean.cpu(), "std": fitted.std.cpu()}
    write_atomically(path, lambda temporary: save_file(tensors, temporary))
    return fitted
