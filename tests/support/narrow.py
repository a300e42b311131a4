"""Small networks of random weights that several tests share."""

from __future__ import annotations

import torch

from methods.networks.dfdnet import NAMES, DFDNetGenerator
from methods.networks.dfdnet_dictionary import STRIDES, Dictionary


def narrow_dfdnet(names: tuple[str, ...] = NAMES, width: int = 4) -> DFDNetGenerator:
    """A DFDNet with three entries of 3x2 places for each part at each scale."""
    network = DFDNetGenerator(width, names)
    channels = dict(zip(STRIDES, network.vgg_extractor.widths, strict=True))
    network.dictionary = Dictionary(
        {name: torch.randn(3, channels[int(name.split("_")[-1])], 3, 2) for name in names}
    )
    return network.requires_grad_(False).eval()
