"""BigGAN's discriminator (Brock et al. 2019, arXiv 1809.11096), in BigGAN-PyTorch's layout.

DGP compares pictures by its features, as deep-generative-prior lists them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width
from methods.networks.biggan_layers import (
    SelfAttention,
    SpectralConv,
    SpectralEmbedding,
    SpectralLinear,
)

ANCHORS = ("embed.weight",)
PREFIX = "discriminator."


class BigGANDiscriminator(nn.Module):
    """A picture, and perhaps its class, to a logit: positive where it is taken for real.

    widths: channels of each block's output; every block but the last halves the side. attention:
    indices of the blocks after which every place looks at the others.
    """

    def __init__(self, widths: Sequence[int], attention: Collection[int], classes: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        last = len(widths) - 1
        for index, (inputs, outputs) in enumerate(pairwise((3, *widths))):
            layers: list[nn.Module] = [Block(inputs, outputs, index > 0, index < last)]
            if index in attention:
                layers.append(SelfAttention(outputs))
            self.blocks.append(nn.ModuleList(layers))
        self.resolution = 4 << last
        self.linear = SpectralLinear(widths[-1], 1)
        self.embed = SpectralEmbedding(classes, widths[-1])

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> BigGANDiscriminator:
        """The discriminator whose tensors these are; they may stand beside a generator's.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        what = "BigGAN discriminator"
        own = {
            key.removeprefix(PREFIX): value
            for key, value in state_dict.items()
            if key.startswith(PREFIX)
        }
        tensors = unwrap(own or state_dict, ANCHORS, what)

        def build() -> BigGANDiscriminator:
            classes = width(tensors, "embed")
            blocks = range(count(tensors, r"blocks\.(\d+)\."))
            widths = [width(tensors, f"blocks.{i}.0.conv1") for i in blocks]
            attention = [i for i in blocks if f"blocks.{i}.1.gamma" in tensors]
            return cls(widths, attention, classes)

        return load_strict(build, tensors, what)

    def features(self, images: Tensor) -> list[Tensor]:
        """What it sees of images (N, 3, R, R) in [-1, 1]: every block's maps and every
        attention's, then the channels summed over the last of them, (N, C).

        The last maps come after their ReLU, the others before: the published code applies it in
        place.
        """
        x, seen = images, []
        for layer in (layer for block in self.blocks for layer in block.children()):
            x = layer(x)
            seen.append(x)
        seen[-1] = F.relu(x)
        return [*seen, seen[-1].sum((2, 3))]

    def logits(self, features: Sequence[Tensor], classes: Tensor | None = None) -> Tensor:
        """(N, 1) of what `features` gave; with classes (N,), how well the picture fits its own."""
        pooled = features[-1]
        out: Tensor = self.linear(pooled)
        if classes is None:
            return out
        fits: Tensor = (self.embed(classes) * pooled).sum(1, keepdim=True)
        return out + fits

    def forward(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """(N, 1)."""
        return self.logits(self.features(images), classes)


class Block(nn.Module):
    """ReLU, 3x3, ReLU, 3x3, mean of 2x2; and the input added, through a 1x1 where sides shrink."""

    def __init__(self, inputs: int, outputs: int, is_activated: bool, shrinks: bool) -> None:
        super().__init__()
        self.is_activated = is_activated
        self.conv1 = SpectralConv(inputs, outputs)
        self.conv2 = SpectralConv(outputs, outputs)
        self.conv_sc = SpectralConv(inputs, outputs, 1) if shrinks or inputs != outputs else None
        self.shrinks = shrinks

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.relu(x) if self.is_activated else x)
        h = self.conv2(F.relu(h))
        if self.shrinks:
            # Published blocks but the first take the mean last: the same, for four times the cost.
            h, x = F.avg_pool2d(h, 2), F.avg_pool2d(x, 2)
        out: Tensor = h + (x if self.conv_sc is None else self.conv_sc(x))
        return out
