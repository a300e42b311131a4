"""VGG19 (Simonyan & Zisserman 2015) as Caffe has it: the features that SRNTT matches and swaps.

Up to relu3_1 its layers are those of VGG16 too, whose weights serve as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import load_strict, unwrap, width

MEAN = (123.68, 116.779, 103.939)  # of red, green and blue, from 0 to 255
# Each row is followed by a pooling; the network ends at the first layer that nobody asks for.
LAYERS = (
    ("conv1_1", "conv1_2"),
    ("conv2_1", "conv2_2"),
    ("conv3_1", "conv3_2", "conv3_3", "conv3_4"),
    ("conv4_1", "conv4_2", "conv4_3", "conv4_4"),
    ("conv5_1",),
)
ORDER = tuple(layer for row in LAYERS for layer in row)
# Where the convolutions stand in torchvision's `features`.
PLACES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28)


class VGG19Features(nn.Module):
    """Pictures in [-1, 1] to the activations after the named layers, behind their ReLU.

    widths: output channels by layer, from `conv1_1` on without a gap.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        inputs = 3
        for layer in ORDER[: len(widths)]:
            self.add_module(layer, nn.Conv2d(inputs, widths[layer], 3, padding=1))
            inputs = widths[layer]
        self.widths = dict(widths)

    @property
    def maps(self) -> tuple[int, ...]:
        """Channels after conv3_1, conv2_1 and conv1_1."""
        return tuple(self.widths[layer] for layer in ("conv3_1", "conv2_1", "conv1_1"))

    @classmethod
    def from_state_dict(
        cls, state_dict: Mapping[str, object], through: str = "conv3_1"
    ) -> VGG19Features:
        """The layers up to `through` of a file under their own names, or of Caffe's in
        torchvision's layout, as jcjohnson/pytorch-vgg publishes it: for blue, green and red.

        Raises `CheckpointError`, with every missing key.
        """
        anchors = ("conv1_1.weight", "features.0.weight", "vgg19.conv1_1.weight")
        tensors = unwrap(state_dict, anchors, "VGG19", named)
        needed = ORDER[: ORDER.index(through) + 1]
        kept = {k: tensor for k, tensor in tensors.items() if k.partition(".")[0] in needed}
        return load_strict(
            lambda: cls({layer: width(kept, layer) for layer in needed}), kept, "VGG19"
        )

    def forward(
        self, images: Tensor, layers: Sequence[str] = ("conv1_1", "conv2_1", "conv3_1")
    ) -> dict[str, Tensor]:
        """(N, 3, H, W) in [-1, 1] to maps by layer: 1_1 of their size, 2_1 of half, 3_1 of a
        quarter."""
        x = (images + 1) * 127.5 - images.new_tensor(MEAN).view(3, 1, 1)
        last = max(layers, key=ORDER.index)
        found: dict[str, Tensor] = {}
        for number, row in enumerate(LAYERS):
            x = F.max_pool2d(x, 2) if number else x
            for layer in row:
                x = F.relu(self.get_submodule(layer)(x))
                if layer in layers:
                    found[layer] = x
                if layer == last:
                    return found
        return found


def named(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under the layers' own names, the first kernel for red, green and blue."""
    if "features.0.weight" not in tensors:
        return {key.removeprefix("vgg19."): tensor for key, tensor in tensors.items()}
    renamed = {
        f"{layer}.{part}": tensors[f"features.{place}.{part}"]
        for layer, place in zip(ORDER, PLACES, strict=True)
        for part in ("weight", "bias")
        if f"features.{place}.{part}" in tensors
    }
    return renamed | {"conv1_1.weight": torch.flip(tensors["features.0.weight"], (1,))}
