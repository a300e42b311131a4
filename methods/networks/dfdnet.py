"""DFDNet (Li et al. 2020, arXiv 2008.00418): parts of a face, completed from dictionaries of such.

Parameter names follow BasicSR's port. Checked against the authors' `UNetDictFace` in evaluation
mode, which their own inference never sets: there each picture moves the spectral norms on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import CheckpointError, load_strict, unwrap, width
from methods.networks.dfdnet_dictionary import PARTS, STRIDES, Dictionary, completed
from methods.networks.dfdnet_layouts import ANCHORS, to_basicsr
from methods.networks.dfdnet_trunk import VGG19Trunk
from methods.networks.spectral_conv import SpectralConv

WIDTH = 64  # the published one
NAMES = tuple(f"{part}_{scale}" for scale in STRIDES for part in PARTS)
DILATIONS = (4, 3, 2, 1)
# Of the authors' crops: the mean of the boxes of the 13 faces that their repository shows.
TEMPLATE = ((149, 185, 224, 260), (280, 180, 363, 262), (229, 301, 278, 351), (204, 320, 312, 428))


class DFDNetGenerator(nn.Module):
    """An enlarged face and the boxes of its parts to the face restored.

    width: channels of the trunk's first layers; VGG19's are 64, and all else follows from it.
    names: of the part and scale of each entry of the dictionary, such as `nose_64`; scales are
    named by the sides of their maps in a picture of 512 pixels. `dictionary` is set afterwards.
    template: boxes of the parts where no landmarks tell them, (4, 4) in a frame of 512 pixels.
    """

    template: Tensor

    def __init__(self, width: int = WIDTH, names: Collection[str] = NAMES) -> None:
        super().__init__()
        self.vgg_extractor = VGG19Trunk(width)
        self.dictionary = Dictionary({})
        channels = dict(zip(STRIDES, self.vgg_extractor.widths, strict=True))
        self.attn_blocks = nn.ModuleDict(
            {name: pair(channels[scale_of(name)], channels[scale_of(name)]) for name in names}
        )
        self.multi_scale_dilation = DilatedCentre(8 * width)
        self.upsample0 = SFTUpBlock(8 * width, 8 * width)
        self.upsample1 = SFTUpBlock(8 * width, 4 * width)
        self.upsample2 = SFTUpBlock(4 * width, 2 * width)
        self.upsample3 = SFTUpBlock(2 * width, width)
        self.upsample4 = nn.Sequential(
            SpectralConv(width, width),
            nn.LeakyReLU(0.2, inplace=True),
            Residual(width),
            Residual(width),
            nn.Conv2d(width, 3, 3, padding=1),
            nn.Tanh(),
        )
        self.register_buffer("template", torch.tensor(TEMPLATE, dtype=torch.float32))

    @classmethod
    def from_state_dict(
        cls, state_dict: Mapping[str, object], dictionary: Dictionary | None = None
    ) -> DFDNetGenerator:
        """The network of a checkpoint in its authors' layout or BasicSR's, or of one of ours.

        dictionary: published ones have files of their own; without, that in the checkpoint.
        Raises `CheckpointError`, with every missing and unexpected key, or if they do not agree.
        """
        what = "DFDNet"
        tensors = unwrap(state_dict, ANCHORS, what, to_basicsr)
        if dictionary is None:
            is_ours = any(key.startswith("vgg_extractor.") for key in tensors)
            dictionary = Dictionary.from_state_dict(tensors).copied() if is_ours else Dictionary({})
        entries = {f"dictionary.{name}" for name in dictionary.names}
        own = {key: tensor for key, tensor in tensors.items() if key not in entries}
        own.setdefault("template", torch.tensor(TEMPLATE, dtype=torch.float32))

        def build() -> DFDNetGenerator:
            return cls(width(tensors, "vgg_extractor.vgg_net.conv1_1"), dictionary.names)

        network = load_strict(build, own, what)
        network.dictionary = dictionary
        network.check_dictionary()
        return network

    def check_dictionary(self) -> None:
        """Raise `CheckpointError` unless the entries are of the trunk's features."""
        channels = dict(zip(STRIDES, self.vgg_extractor.widths, strict=True))
        for name, entries in self.dictionary.items():
            if entries.shape[1] != channels[scale_of(name)]:
                raise CheckpointError(
                    f"not a dictionary for this DFDNet: {name} is {tuple(entries.shape)}, "
                    f"expected {channels[scale_of(name)]} channels"
                )

    def forward(self, x: Tensor, boxes: Tensor) -> Tensor:
        """x (N, 3, H, W) in [-1, 1], enlarged already, to the same shape in [-1, 1].

        H, W: multiples of 16. boxes: (4, 4) whole pixels x0, y0, x1, y1 of left eye, right eye,
        nose and mouth, in all the pictures; the left eye is the one on the left.
        """
        features = self.vgg_extractor(x)
        updated = {scale: self.complete(scale, maps, boxes) for scale, maps in features.items()}
        out = self.multi_scale_dilation(features[32])
        out = self.upsample0(out, updated[32])
        out = self.upsample1(out, updated[64])
        out = self.upsample2(out, updated[128])
        out = self.upsample3(out, updated[256])
        restored: Tensor = self.upsample4(out)
        return restored

    def complete(self, scale: int, features: Tensor, boxes: Tensor) -> Tensor:
        """The features of a scale with each part completed from its dictionary.

        Every part reads the features as they were; where boxes overlap the later one stays.
        """
        updated = features.clone()
        for part, box in zip(PARTS, boxes.tolist(), strict=True):
            name = f"{part}_{scale}"
            if name in self.attn_blocks:
                entries, attention = self.dictionary[name], self.attn_blocks[name]
                area = area_of(box, STRIDES[scale], features.shape[-2:])
                updated[area] = completed(features[area], entries, attention)
        return updated

    def settle(self) -> None:
        """Divide the weights by their spectral norms once for all: of a network that learns no
        more."""
        for layer in self.modules():
            if isinstance(layer, SpectralConv):
                layer.settle()


def scale_of(name: str) -> int:
    """256 of `left_eye_256`."""
    return int(name.rpartition("_")[2])


def area_of(box: list[int], stride: int, size: torch.Size) -> tuple[slice, ...]:
    """Where a box x0, y0, x1, y1 lies in maps (N, C, h, w) of a stride.

    It is kept within them, where the published code fails or takes the other side.
    """
    rows, columns = (
        kept(first // stride, last // stride, side)
        for first, last, side in ((box[1], box[3], size[0]), (box[0], box[2], size[1]))
    )
    return slice(None), slice(None), rows, columns


def kept(first: int, last: int, side: int) -> slice:
    """The places from `first` to before `last` of `side` places; one at least."""
    begin = min(max(first, 0), side - 1)
    return slice(begin, min(max(last, begin + 1), side))


class DilatedCentre(nn.Module):
    """Four dilated views of the deepest features, joined and added to them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_blocks = nn.ModuleList(pair(channels, channels, d) for d in DILATIONS)
        self.conv_fusion = SpectralConv(len(DILATIONS) * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.conv_fusion(torch.cat([view(x) for view in self.conv_blocks], 1))
        return out


class SFTUpBlock(nn.Module):
    """Blur, convolve, scale and shift as the trunk's features say, enlarge twice, convolve."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        # LeakyReLU 0.2 twice, as published, is once 0.04.
        self.conv1 = nn.Sequential(
            Blur(), SpectralConv(inputs, outputs), nn.LeakyReLU(0.04, inplace=True)
        )
        self.scale_block = pair(inputs, outputs)
        self.shift_block = pair(inputs, outputs).append(nn.Sigmoid())
        self.convup = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear"),
            SpectralConv(outputs, outputs),
            nn.LeakyReLU(0.2, inplace=True),
        )

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        x = self.conv1(x) * self.scale_block(features) + self.shift_block(features)
        out: Tensor = self.convup(x)
        return out


class Blur(nn.Module):
    """[1 2 1] / 4 along both sides, zeros around: the mean of 2x2 twice."""

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(F.avg_pool2d(F.pad(x, (1, 1, 1, 1)), 2, 1), 2, 1)


class Residual(nn.Module):
    """Two convolutions and a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def pair(inputs: int, outputs: int, dilation: int = 1) -> nn.Sequential:
    """Two convolutions with a LeakyReLU between them."""
    return nn.Sequential(
        SpectralConv(inputs, outputs, dilation),
        nn.LeakyReLU(0.2, inplace=True),
        SpectralConv(outputs, outputs, dilation),
    )
