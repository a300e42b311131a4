"""VGG16 (Simonyan & Zisserman 2015) up to a layer: perceptual features.

mGANprior compares after conv3_3 and its ReLU, GLEAN's training after conv4_3, before its ReLU.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor, nn

from methods.checkpoints.state_dict import load_strict, unwrap, width

# Counted as in torchvision's `features`.
THROUGH_RELU3_3, THROUGH_CONV4_3 = 16, 22
POOLED = (4, 9, 16)
CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21)


class VGG16Features(nn.Sequential):
    """Images normalised as ImageNet's to features at a quarter of their size, or an eighth.

    depth: how many layers, `THROUGH_RELU3_3` or `THROUGH_CONV4_3`.
    """

    def __init__(self, widths: Mapping[int, int], depth: int = THROUGH_RELU3_3) -> None:
        layers: list[nn.Module] = []
        inputs = 3
        for index in range(depth):
            if index in POOLED:
                layers.append(nn.MaxPool2d(2))
            elif index in CONVOLUTIONS:
                layers.append(nn.Conv2d(inputs, widths[index], 3, padding=1))
                inputs = widths[index]
            else:
                layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)

    @classmethod
    def from_state_dict(
        cls, state_dict: Mapping[str, object], depth: int = THROUGH_RELU3_3
    ) -> VGG16Features:
        """The features of torchvision's checkpoint, or of its first convolutions alone.

        Raises `CheckpointError`, with every missing key.
        """
        tensors = unwrap(state_dict, ("0.weight", "features.0.weight"), "VGG16")
        plain = {key.removeprefix("features."): tensor for key, tensor in tensors.items()}
        needed = re.compile(r"(\d+)\.(weight|bias)")
        kept = {
            key: tensor
            for key, tensor in plain.items()
            if (match := needed.fullmatch(key)) and int(match[1]) < depth
        }
        needs = [index for index in CONVOLUTIONS if index < depth]
        return load_strict(
            lambda: cls({i: width(kept, str(i)) for i in needs}, depth), kept, "VGG16"
        )


def imagenet_normalised(images: Tensor) -> Tensor:
    """Images (N, 3, H, W) in [0, 1] with ImageNet's mean and deviation taken out."""
    mean = images.new_tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = images.new_tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (images - mean) / deviation
