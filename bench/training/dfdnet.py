"""DFDNet (Li et al. 2020, arXiv 2008.00418): dictionaries first, then the networks around them.

The paper's trunk is VGG19 of ImageNet, whose weights are on no package index and fill 80 MB. Ours
has the same layers, narrow, and learns in a first stage, in which half of its inputs are the very
pictures that are to come out: its features then hold what sharp parts look like. Of them the
dictionary is made, the trunk stays as it is, and attention and decoder go on. The losses are those
of every restorer here; the paper's code of training was never published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from bench.core.errors import BenchError
from bench.operators import resize
from bench.training.average import WeightAverage
from bench.training.data import TrainingPictures
from bench.training.dictionary import make_dictionary
from bench.training.memory import channels_last
from bench.training.precision import autocast
from bench.training.recipe import Product
from bench.training.restorer import RestorerRecipe, RestorerSettings
from methods.dfdnet_boxes import scaled
from methods.networks.dfdnet import DFDNetGenerator, area_of
from methods.networks.dfdnet_dictionary import PARTS, STRIDES, Dictionary
from methods.networks.spectral_conv import SpectralConv

# Boxes of the parts in a frame of 512 pixels. Rendered faces: the mean of 36 that dlib finds among
# 80 to train on, and 30 to 40 pixels wider, since heads are turned. Photographs, which are cut more
# tightly: the mean of 48.
TEMPLATES = {
    "rendered": (
        *((136, 160, 248, 272), (264, 160, 376, 272)),
        *((216, 264, 296, 344), (192, 296, 320, 424)),
    ),
    "photo": (
        *((70, 56, 217, 203), (284, 51, 440, 207)),
        *((203, 231, 296, 323), (157, 269, 347, 459)),
    ),
}


@dataclass(frozen=True)
class DFDNetSizes:
    """Sizes of network and dictionary, and how long the trunk learns."""

    width: int = 12
    entries: int = 32  # for each part at each scale; published: 512
    scales: tuple[int, ...] = (256, 128, 64)  # at stride 16 small parts are single places
    trunk_steps: int = 240

    def network(self, size: int, domain: str) -> DFDNetGenerator:
        """An untrained network for pictures of `size` pixels a side, its entries all zero.

        Raises `BenchError` if a part would be a single place, of which there is no deviation.
        """
        names = [f"{part}_{scale}" for scale in self.scales for part in PARTS]
        network = DFDNetGenerator(self.width, names)
        network.template = torch.tensor(TEMPLATES[domain], dtype=torch.float32)
        blank = network.vgg_extractor(torch.zeros(1, 3, size, size))
        entries = parts_in(network, blank)
        if small := [name for name, maps in entries.items() if maps[0, 0].numel() < 2]:
            raise BenchError(
                f"in pictures of {size} pixels {small[0]} is a single place, too small for the "
                "dictionary of a DFDNet: train it on larger ones"
            )
        network.dictionary = Dictionary(
            {n: torch.zeros(self.entries, *maps.shape[1:]) for n, maps in entries.items()}
        )
        return network


def parts_in(network: DFDNetGenerator, features: Mapping[int, Tensor]) -> dict[str, Tensor]:
    """What lies in the boxes of the template, (N, C, h, w) by part and scale."""
    side = features[256].shape[-1] * STRIDES[256]
    boxes = dict(zip(PARTS, scaled(network.template, (side, side)).tolist(), strict=True))
    found = {}
    for name in network.attn_blocks:
        part, _, scale = name.rpartition("_")
        maps = features[int(scale)]
        found[name] = maps[area_of(boxes[part], STRIDES[int(scale)], maps.shape[-2:])]
    return found


class DFDNetRecipe(RestorerRecipe):
    """A restorer's in two stages; weights that it goes on from have the first behind them."""

    network: DFDNetGenerator
    average: WeightAverage[DFDNetGenerator]

    def __init__(
        self,
        sizes: DFDNetSizes,
        product: Product,
        pictures: TrainingPictures,
        device: torch.device,
        settings: RestorerSettings,
        network: DFDNetGenerator,
    ) -> None:
        super().__init__(network, product, pictures, device, settings, is_signed=True)
        self.sizes = sizes
        self.trunk_steps = 0 if settings.started_from else sizes.trunk_steps

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of a restorer, and the sizes."""
        return {**super().settings, **asdict(self.sizes)}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update; before the first, and when the trunk has learnt, of a new dictionary."""
        if not self.config.started_from and iteration in (0, self.trunk_steps):
            self.renew_dictionary()
        self.network.vgg_extractor.requires_grad_(iteration < self.trunk_steps)
        losses = super().step(iteration)
        # Means of singular vectors are shorter than these where they turn: those of the averaged
        # weights are found anew.
        for layer in self.average.network.modules():
            if isinstance(layer, SpectralConv):
                layer.iterate()
        return losses

    @torch.no_grad()
    def renew_dictionary(self) -> None:
        """The averaged trunk for both networks, and what it sees in the pictures as dictionary."""
        average = self.average.network
        self.network.vgg_extractor.load_state_dict(average.vgg_extractor.state_dict())

        def look(images: Tensor) -> dict[str, Tensor]:
            return parts_in(average, average.vgg_extractor(channels_last(images)))

        made = make_dictionary(
            look, self.pictures.train, self.sizes.entries, self.config.seed, self.device
        )
        for network in (self.network, average):
            for name, entries in made.items():
                network.dictionary[name].copy_(entries)

    def restored(self, iteration: int, truth: Tensor, low: Tensor) -> Tensor:
        """While the trunk learns, half of the inputs are the pictures that are to come out."""
        x = self.enlarged(low)
        if iteration < self.trunk_steps:
            x[: len(x) // 2] = truth[: len(x) // 2]
        return self.complete(self.network, x)

    def restore(self, network: nn.Module, low: Tensor) -> Tensor:
        """(N, 3, s, s) in [-1, 1] to (N, 3, S, S), float32, not clipped."""
        return self.complete(network, self.enlarged(low))

    def enlarged(self, low: Tensor) -> Tensor:
        """What the method makes of its input."""
        size = self.pictures.size
        return resize(low, (size, size), "matlab-bicubic").clamp(-1, 1)

    def complete(self, network: nn.Module, x: Tensor) -> Tensor:
        """Enlarged pictures through the network, with the boxes of its template."""
        boxes = scaled(self.network.template, (x.shape[-2], x.shape[-1]))
        with autocast(self.device):
            restored: Tensor = network(channels_last(x), boxes)
        return restored.float()
