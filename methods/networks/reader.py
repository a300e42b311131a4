"""Small networks that look at a picture: one reads its factors, one tells whom it shows.

Both stand on the same trunk: three residual blocks on the picture at 64x64 pixels. Groups are
normalised, not batches, so that a picture's reading depends on nothing but the picture. What the
normalisation takes away, how bright and of which colour a place is, passes beside it as the 8x8
pixels of a thumbnail.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import load_strict, unwrap, width

SIDE = 64  # pixels that the trunk looks at, of pictures of any size
THUMBNAIL = 8
WIDTHS = (32, 64, 128, 128)
PLACED = 32  # channels whose place in the picture the last layer is told
FEATURES = 128
GROUPS = 8


class Block(nn.Module):
    """Half the side: two 3x3 convolutions, and the input added (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.GroupNorm(GROUPS, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.GroupNorm(GROUPS, outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return F.relu(y + self.skip(F.avg_pool2d(x, 2)))


class Trunk(nn.Module):
    """Pictures (N, 3, H, W) in [0, 1] to features (N, 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, WIDTHS[0], 3, stride=2, padding=1)
        self.blocks = nn.Sequential(*map(Block, WIDTHS, WIDTHS[1:]))
        self.place = nn.Conv2d(WIDTHS[-1], PLACED, 1)
        cells = (SIDE // 2 ** len(WIDTHS)) ** 2
        self.join = nn.Linear(PLACED * cells + 3 * THUMBNAIL**2, FEATURES)

    def forward(self, images: Tensor) -> Tensor:
        x = 2 * seen(images) - 1
        thumbnail = F.adaptive_avg_pool2d(x, THUMBNAIL).flatten(1)
        features = self.place(self.blocks(F.relu(self.stem(x)))).flatten(1)
        return F.relu(self.join(torch.cat((features, thumbnail), 1)))


class FactorReader(nn.Module):
    """Pictures (N, 3, H, W) in [0, 1] to readings (N, outputs): the parts of every factor side
    by side, logits of kinds and standardised numbers, as its description has them."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(FEATURES, outputs)

    def forward(self, images: Tensor) -> Tensor:
        readings: Tensor = self.head(self.dropout(self.trunk(images)))
        return readings

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> FactorReader:
        """The reader, with as many outputs as its tensors have. Raises `CheckpointError`."""
        what = "factor reader"
        tensors = unwrap(state_dict, ("head.weight",), what)
        return load_strict(lambda: cls(width(tensors, "head")), tensors, what)


class IdentityEmbedder(nn.Module):
    """Pictures (N, 3, H, W) in [0, 1] to embeddings (N, 128) of length 1."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.embedding = nn.Linear(FEATURES, FEATURES)

    def forward(self, images: Tensor) -> Tensor:
        return F.normalize(self.embedding(self.trunk(images)))

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> IdentityEmbedder:
        """The embedder of these tensors. Raises `CheckpointError`."""
        what = "identity embedder"
        return load_strict(cls, unwrap(state_dict, ("embedding.weight",), what), what)


def seen(images: Tensor) -> Tensor:
    """The pictures at the size that the trunk looks at: the mean of the pixels in each place."""
    return images if images.shape[-2:] == (SIDE, SIDE) else F.adaptive_avg_pool2d(images, SIDE)
