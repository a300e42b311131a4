"""mGANprior (Gu et al. 2020, arXiv 1912.07116): several latent codes, their features weighted and
summed inside the generator.

On StyleGANs, which the paper does not treat, ours: each code has its own w; below the composing
layer it steers its own features, above it the mean of the w steers the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from methods.base import Need, Toy, Unfit
from methods.checkpoints.reading import Reading
from methods.loading import META, Opened, open_network
from methods.networks.generator import Generator, LatentGenerator
from methods.networks.vgg16 import CONVOLUTIONS, VGG16Features, imagenet_normalised
from methods.search.adapter import LatentOptimisation
from methods.search.descent import Inversion, Iterate, descend, normal, streams
from methods.settings.mganprior import MGANPriorSettings
from methods.toys import random_weights


class MGANPrior(LatentOptimisation):
    """Plain gradient descent on the codes and on the weight of each of their channels."""

    Settings = MGANPriorSettings
    settings: MGANPriorSettings

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def features() -> VGG16Features:
            return VGG16Features(dict.fromkeys(CONVOLUTIONS, 4))

        toy = super().toy(folder)
        small = {"codes": 2, "composing_layer": 4, "perceptual_size": 16}
        vgg16 = random_weights(features, folder / "vgg16.safetensors")
        return Toy({**toy.files, "vgg16": vgg16}, {**toy.settings, **small})

    def needs(self) -> tuple[Need, ...]:
        return (
            Need("generator", ("pggan", "stylegan1", "stylegan2")),
            Need("vgg16", ("vgg16",), optional=True),
        )

    def opened(self, files: Mapping[str, Path], device: torch.device) -> Opened[Generator]:
        found, path = super().opened(files, device), files["generator"]
        gan = found.network
        if self.settings.composing_layer not in gan.split_layers:
            raise Unfit(
                f"mganprior: {path} cannot be split after layer {self.settings.composing_layer}; "
                f"composing_layer may be {', '.join(map(str, gan.split_layers))}"
            )
        if gan.noise_sides and not gan.has_mapping:
            raise Unfit(f"{path} has no mapping network, from which mganprior draws its start")
        return found

    def features(
        self, files: Mapping[str, Path], device: torch.device
    ) -> Opened[VGG16Features] | None:
        """VGG16, where there is a file of it. Raises `BenchError`."""
        path = files.get("vgg16")
        return open_network(path, VGG16Features.from_state_dict, device) if path else None

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        vgg16 = self.features(files, META)
        return {**super().inspect(files), **({"vgg16": vgg16.reading} if vgg16 else {})}

    def setup(self, files: Mapping[str, Path]) -> None:
        super().setup(files)
        vgg16 = self.features(files, self.task.device)
        self.vgg16 = vgg16.network if vgg16 else None

    def search(self, y: Tensor, seeds: Sequence[int], steps: int) -> Inversion:
        settings = self.settings.model_copy(update={"steps": steps})
        drawn, gan = streams(seeds), self.generator
        z = normal(drawn, settings.codes, gan.latent_dim, like=y)
        with torch.no_grad():
            codes = gan.mapping(z.flatten(0, 1)).view_as(z)
        noise = [normal(drawn, 1, side, side, like=y) for side in gan.noise_sides]
        return invert(gan, self.vgg16, self.task.operator, y, (codes, noise), settings)


def invert(
    generator: LatentGenerator,
    vgg16: VGG16Features | None,
    operator: Callable[[Tensor], Tensor],
    y: Tensor,
    start: tuple[Tensor, Sequence[Tensor]],
    settings: MGANPriorSettings,
) -> Inversion:
    """Pictures whose `operator` is y (N, 3, h, w) in [0, 1], searched from `start`.

    start: codes (N, K, D), w or PGGAN's z, and the noise maps (N, 1, r, r), which stay.
    """
    layer, count = settings.composing_layer, settings.codes
    codes, noise = start[0].clone().requires_grad_(), start[1]
    noise_each = [maps.repeat_interleave(count, 0) for maps in noise]
    with torch.no_grad():
        channels = generator.head(start[0][0, :1], layer, [maps[:1] for maps in noise]).shape[1]
        wanted = None if vgg16 is None else perceive(vgg16, y, settings.perceptual_size)
    # The official code divides the sum by K once more, which the pixel norm above undoes.
    alpha = torch.full((len(y), count, channels), 1 / count, device=y.device, requires_grad=True)

    def evaluate() -> Iterate:
        features = generator.head(codes.flatten(0, 1), layer, noise_each)
        weighted = features * alpha.flatten(0, 1)[..., None, None]
        composed = weighted.view(len(y), count, *features.shape[1:]).sum(1)
        images = (generator.tail(composed, layer, codes.mean(1), noise) + 1) / 2
        degraded = operator(images)
        error = (degraded - y).square().mean((1, 2, 3))
        loss = 4 * error  # as of pictures in [-1, 1]
        if vgg16 is not None and wanted is not None:
            seen = perceive(vgg16, degraded, settings.perceptual_size)
            loss = loss + settings.perceptual_weight * (seen - wanted).abs().mean((1, 2, 3))
        return Iterate(images, loss, error)

    descent = torch.optim.SGD([codes, alpha], settings.learning_rate)
    return descend(evaluate, descent, settings.steps)


def perceive(vgg16: VGG16Features, x: Tensor, size: int) -> Tensor:
    """VGG16's features of x (N, 3, h, w) in [0, 1], enlarged to `size` by nearest neighbour."""
    out: Tensor = vgg16(imagenet_normalised(F.interpolate(x, (size, size), mode="nearest")))
    return out
