"""SinGAN's networks (Shaham et al. 2019, arXiv 1905.01164): five convolutions without padding.

Each scale of the pyramid has a generator and a critic of its own, of one width in all layers. Both
name their tensors as `netG.pth` and `netD.pth` do.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width

SLOPE = 0.2  # of LeakyReLU
HEAD = "head.conv"


class SinGANGenerator(nn.Module):
    """What the picture of the scale below lacks, added to it.

    width: channels. layers: convolutions, the last one included. kernel: their side.
    """

    def __init__(self, width: int = 32, layers: int = 5, kernel: int = 3) -> None:
        super().__init__()
        self.border = layers * (kernel - 1) // 2  # what the convolutions take off each side
        self.head = Block(3, width, kernel)
        self.body = body(width, layers - 2, kernel)
        self.tail = nn.Sequential(nn.Conv2d(width, 3, kernel), nn.Tanh())

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> SinGANGenerator:
        """The network of a `netG.pth`. Raises `CheckpointError`, with every missing and unexpected
        key."""
        tensors = unwrap(state_dict, ("tail.0.weight",), "SinGANGenerator")
        return load_strict(lambda: cls(*infer_config(tensors)), tensors, "SinGANGenerator")

    def forward(self, noise: Tensor, previous: Tensor) -> Tensor:
        """The picture (N, 3, H, W), about [-1, 1], not clamped.

        noise (N, 3, H, W): times the amplitude of the scale. previous (N, 3, H, W): the picture
        of the scale below, at the size of this one; zeros at the coarsest.
        """
        padded = F.pad(noise + previous, [self.border] * 4)
        out: Tensor = self.tail(self.body(self.head(padded))) + previous
        return out


class SinGANDiscriminator(nn.Module):
    """A critic of patches: as many pixels wide as the convolutions see."""

    def __init__(self, width: int = 32, layers: int = 5, kernel: int = 3) -> None:
        super().__init__()
        self.head = Block(3, width, kernel)
        self.body = body(width, layers - 2, kernel)
        self.tail = nn.Conv2d(width, 1, kernel)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> SinGANDiscriminator:
        """The network of a `netD.pth`. Raises `CheckpointError`, with every missing and unexpected
        key."""
        tensors = unwrap(state_dict, ("tail.weight",), "SinGANDiscriminator")
        return load_strict(lambda: cls(*infer_config(tensors)), tensors, "SinGANDiscriminator")

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 1, H - 10, W - 10) of pictures (N, 3, H, W) in [-1, 1], for five layers."""
        out: Tensor = self.tail(self.body(self.head(x)))
        return out


class Block(nn.Sequential):
    """Convolution, batch norm, LeakyReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel)
        self.norm = nn.BatchNorm2d(outputs)
        self.activation = nn.LeakyReLU(SLOPE, inplace=True)


def body(width: int, blocks: int, kernel: int) -> nn.Sequential:
    """The blocks between the first and the last convolution, counted from 1."""
    found = nn.Sequential()
    for index in range(1, blocks + 1):
        found.add_module(f"block{index}", Block(width, width, kernel))
    return found


def infer_config(tensors: Mapping[str, Tensor]) -> tuple[int, int, int]:
    """Width, layers and kernel of the network whose tensors these are."""
    blocks = count(tensors, r"body\.block(\d+)\.") - 1
    return width(tensors, HEAD), blocks + 2, tensors[f"{HEAD}.weight"].shape[-1]
