"""SRNTT (Zhang et al. 2019, arXiv 1903.00834): textures of a reference, matched and transferred.

The content network reads the low resolution. Its features meet maps of the reference, swapped to
where they match, at one, two and four times its size. The network enlarges by 4; by 16 as two of
them, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from methods.checkpoints.state_dict import CheckpointError, count, load_strict, unwrap, width
from methods.networks.patch_swap import match, swap
from methods.networks.srntt_layout import ANCHOR
from methods.networks.srntt_parts import (
    SCALE,
    ContentNet,
    TextureTransfer,
    bicubic,
    transfer_config,
)
from methods.networks.vgg19 import VGG19Features

MAPS = ("conv3_1", "conv2_1", "conv1_1")  # of VGG19, at one, two and four times the input's size
SMALLEST = 3  # pixels of an input's side: a patch


class Enlarged(NamedTuple):
    """What a stage makes of its input: the content network's picture; maps of the references,
    swapped to where they match, coarsest first; and the picture with their textures."""

    plain: Tensor
    swapped: list[Tensor]
    picture: Tensor


class Stage(nn.Module):
    """A whole SRNTT: four times the size."""

    def __init__(self, content: ContentNet, transfer: TextureTransfer) -> None:
        super().__init__()
        self.content, self.transfer = content, transfer

    def forward(self, x: Tensor, references: Tensor, features: VGG19Features) -> Enlarged:
        """x (N, 3, h, w) and references (N, K, 3, H, W) in [-1, 1] to pictures (N, 3, 4 h, 4 w)."""
        found, plain = self.content(x)
        swapped = swapped_maps(x, references, features)
        return Enlarged(plain, swapped, self.transfer(found, swapped, plain))


class SRNTTNet(nn.Module):
    """Stages one after the other: two of them enlarge sixteen times.

    The published way knows one stage. Here each takes the reference at the size of its own output.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> SRNTTNet:
        """The network of a checkpoint that `python -m bench train srntt` made.

        Raises `CheckpointError`, with every missing and unexpected key; of a published file with
        what it is.
        """
        what = "SRNTT"
        tensors = unwrap(state_dict, (ANCHOR, "stages.0.content.conv_first.weight"), what)
        if ANCHOR in tensors:
            raise CheckpointError(
                f"not a whole {what}: {len(tensors)} arrays without names, as the published "
                "upscale.npz and srntt.npz have them, of which each is a part; the setting "
                "weights=official reads them together"
            )
        return load_strict(lambda: build(tensors), tensors, what)

    @property
    def maps(self) -> tuple[int, ...]:
        """Channels of the swapped maps, coarsest first."""
        (stage, *_) = self.stages
        assert isinstance(stage, Stage)
        return stage.transfer.maps

    @property
    def scale(self) -> int:
        """Factor between the sides of the input and of the output."""
        return int(SCALE ** len(self.stages))

    def forward(self, x: Tensor, references: Tensor, features: VGG19Features) -> list[Enlarged]:
        """x (N, 3, h, w) and references (N, K, 3, H, W) in [-1, 1] to what each stage gives.

        H and W are multiples of four in the first stage, where they are smallest.
        """
        found: list[Enlarged] = []
        for number, stage in enumerate(self.stages, 1):
            shrunk = resized(references, SCALE ** (number - len(self.stages)))
            found.append(stage(x, shrunk, features))
            x = found[-1].picture.detach().clamp(-1, 1)
        return found


@torch.no_grad()
def swapped_maps(x: Tensor, references: Tensor, features: VGG19Features) -> list[Tensor]:
    """Maps of the references (N, K, 3, H, W), swapped to where they match x (N, 3, h, w), of h, 2 h
    and 4 h pixels.

    Compared are the enlarged input and the references as blurred as that.
    """
    blurred = resized(resized(references, 1 / SCALE), SCALE)
    coarse = MAPS[:1]
    content = features(bicubic(x, SCALE).clamp(-1, 1), coarse)[MAPS[0]]
    candidates = features(blurred.flatten(0, 1).clamp(-1, 1), coarse)[MAPS[0]]
    sharp = features(references.flatten(0, 1), MAPS)
    count = references.shape[1]
    swapped: list[list[Tensor]] = []
    for i, one in enumerate(content):
        of_it = slice(i * count, (i + 1) * count)
        found = match(one, list(candidates[of_it]))
        swapped.append([swap(found, list(sharp[m][of_it]), 2**k) for k, m in enumerate(MAPS)])
    return [torch.stack(maps) for maps in zip(*swapped, strict=True)]


def build(tensors: Mapping[str, Tensor]) -> SRNTTNet:
    """The network, without weights, of the tensors of a whole checkpoint."""
    stages = []
    for number in range(count(tensors, r"stages\.(\d+)\.")):
        content = f"stages.{number}.content."
        network = ContentNet(
            width(tensors, f"{content}conv_first"),
            count(tensors, rf"{content}body\.(\d+)\."),
            is_residual=f"{content}gain" in tensors,
        )
        config = transfer_config(tensors, f"stages.{number}.transfer.")
        stages.append(Stage(network, TextureTransfer(**config)))
    return SRNTTNet(stages)


def resized(references: Tensor, factor: float) -> Tensor:
    """`bicubic` of pictures (N, K, 3, H, W)."""
    count, each = references.shape[:2]
    images = bicubic(references.flatten(0, 1), factor)
    return images.view(count, each, *images.shape[1:])
