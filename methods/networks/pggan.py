"""PGGAN generator (Karras et al. 2018, arXiv 1710.10196), in mGANprior's layout or GenForce's.

Parameter names follow mGANprior's port, against which it is checked; GenForce's files say
`layer0.weight` for `layer0.conv.weight`, and `layer0.bias` for `layer0.wscale.bias`. The RGB
outputs of the lower resolutions and `lod`, which only growing needs, are loaded where a file has
them, and not computed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, require_rgb, unwrap, width
from methods.networks.prepared import Kernel, Prepared, plus, times

# Keys by which the layouts of mGANprior and GenForce are known.
ANCHORS = ("layer0.conv.weight", "layer0.weight")
GENFORCE = re.compile(r"((?:layer|output)\d+)\.(weight|bias)")
PARTS = {"weight": "conv.weight", "bias": "wscale.bias"}


class PGGANGenerator(nn.Module):
    """Latent z to image; it has no mapping network and takes no noise.

    channels: width at each resolution 4, 8, ..., up to the image's.
    """

    has_mapping = False
    num_latents = 1
    noise_sides: tuple[int, ...] = ()

    def __init__(self, channels: Mapping[int, int], latent_dim: int = 512) -> None:
        super().__init__()
        self.channels = dict(channels)
        self.resolution = max(channels)
        self.latent_dim = latent_dim
        self.num_layers = 2 * len(channels)
        self.split_layers = tuple(range(1, self.num_layers))
        self.register_buffer("lod", torch.zeros(()))
        inputs = latent_dim
        for level, side in enumerate(sorted(channels)):
            here = channels[side]
            first = Layer(inputs, here, kernel=4) if level == 0 else Layer(inputs, here, True)
            self.add_module(f"layer{2 * level}", first)
            self.add_module(f"layer{2 * level + 1}", Layer(here, here))
            self.add_module(f"output{level}", Layer(here, 3, kernel=1, is_output=True))
            inputs = here

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> PGGANGenerator:
        """The generator whose tensors these are.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        tensors = unwrap(state_dict, ANCHORS, "PGGAN generator", to_mganprior)

        def build() -> PGGANGenerator:
            levels = count(tensors, r"layer(\d+)\.") // 2
            if f"output{levels - 1}.conv.weight" in tensors:
                require_rgb(width(tensors, f"output{levels - 1}.conv"), "gives")
            channels = {4 << k: width(tensors, f"layer{2 * k + 1}.conv") for k in range(levels)}
            return cls(channels, tensors["layer0.conv.weight"].shape[1])

        layers = [int(m[1]) for key in tensors if (m := re.match(r"layer(\d+)\.", key))]
        last = max(layers, default=0) // 2
        return load_strict(
            build, tensors, "PGGAN generator", ("lod", rf"output(?!{last}\.)\d+\..*")
        )

    def forward(self, z: Tensor) -> Tensor:
        """Images (N, 3, R, R), nominally in [-1, 1], of z (N, D)."""
        return self.synthesis(z)

    def mapping(self, z: Tensor) -> Tensor:
        """z itself: PGGAN draws its pictures from z."""
        return z

    def synthesis(self, w: Tensor, noise: Sequence[Tensor] = ()) -> Tensor:
        """As `forward`, of (N, D) or (N, 1, D)."""
        return self.tail(self.head(w, self.num_layers, noise), self.num_layers, w, noise)

    def head(self, w: Tensor, layer: int, noise: Sequence[Tensor] = ()) -> Tensor:
        """Features (N, C, r, r) after the first `layer` layers, of (N, D) or (N, 1, D)."""
        return self.run(w.flatten(1)[:, :, None, None], 0, layer)

    def tail(
        self,
        features: Tensor,
        layer: int,
        w: Tensor,
        noise: Sequence[Tensor] = (),
    ) -> Tensor:
        """Images of what `head` gives for the same layer."""
        x = self.run(features, layer, self.num_layers)
        out: Tensor = self.get_submodule(f"output{self.num_layers // 2 - 1}")(x)
        return out

    def run(self, x: Tensor, first: int, last: int) -> Tensor:
        """Layers first to last - 1."""
        for index in range(first, last):
            x = self.get_submodule(f"layer{index}")(x)
        return x


def to_mganprior(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under mGANprior's names; other keys than GenForce's are left as they are."""
    return {
        f"{match[1]}.{PARTS[match[2]]}" if (match := GENFORCE.fullmatch(key)) else key: tensor
        for key, tensor in tensors.items()
    }


class Scale(nn.Module):
    """The equalised learning rate, and the bias."""

    def __init__(self, outputs: int, scale: float) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        return plus(times(x, self.scale), self.bias[:, None, None])


class Layer(Prepared[Kernel]):
    """Pixel norm, x2 where a resolution begins, convolution, activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        upsample: bool = False,
        kernel: int = 3,
        is_output: bool = False,
    ) -> None:
        super().__init__()
        # The 4x4 kernel spreads a single pixel over the 4x4 start.
        self.padding = {4: 3, 3: 1, 1: 0}[kernel]
        self.conv = nn.Conv2d(inputs, outputs, kernel, bias=False)
        gain = 1.0 if is_output else math.sqrt(2)
        self.wscale = Scale(outputs, gain / math.sqrt(inputs * kernel**2))
        self.upsample = upsample
        self.is_output = is_output

    def make(self) -> Kernel:
        return Kernel(self.conv.weight, self.padding)

    def forward(self, x: Tensor) -> Tensor:
        x = x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)
        if self.upsample:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = self.wscale(self.made()(x))
        return x if self.is_output else F.leaky_relu_(x, 0.2)
