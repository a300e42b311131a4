"""StyleGAN generator (Karras et al. 2019, arXiv 1812.04948), as PULSE or GenForce publish it.

One state dict holds the keys of synthesis and of mapping; PULSE ships them as two files. Checked
against PULSE's port.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, require_rgb, unwrap, width
from methods.networks.stylegan1_genforce import ANCHOR, to_pulse
from methods.networks.stylegan1_layers import SQRT2, EqualConv, EqualLinear, InputBlock, UpBlock
from methods.networks.stylegan2_layers import PixelNorm

MAPPING_LR = 0.01
# Keys by which the layouts of PULSE and GenForce are known.
ANCHORS = ("blocks.4x4.const", ANCHOR)


class StyleGAN1Generator(nn.Module):
    """Latent z to image, by `mapping` and `synthesis`.

    channels: width at each resolution 4, 8, ..., up to the image's.
    """

    def __init__(
        self, channels: Mapping[int, int], latent_dim: int = 512, mapping_layers: int = 8
    ) -> None:
        super().__init__()
        self.channels = dict(channels)
        self.resolution = max(channels)
        self.latent_dim = latent_dim
        self.num_latents = 2 * len(channels)
        self.noise_sides = tuple(side for side in sorted(channels) for _ in range(2))
        self.split_layers = tuple(range(2, self.num_latents, 2))
        self.num_mlps = mapping_layers
        for i in range(mapping_layers):
            self.add_module(f"dense{i}", EqualLinear(latent_dim, latent_dim, SQRT2, MAPPING_LR))
        self.blocks = nn.ModuleDict()
        for side in sorted(channels):
            below = channels.get(side // 2)
            block = (
                InputBlock(channels[side], latent_dim)
                if below is None
                else UpBlock(below, channels[side], latent_dim)
            )
            self.blocks[f"{side}x{side}"] = block
        self.torgb = EqualConv(channels[self.resolution], 3, kernel=1, gain=1.0)

    @property
    def has_mapping(self) -> bool:
        """Whether the checkpoint came with its mapping network, which PULSE keeps apart."""
        return self.num_mlps > 0

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> StyleGAN1Generator:
        """The generator whose synthesis and mapping tensors these are.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        tensors = unwrap(state_dict, ANCHORS, "StyleGAN generator", to_pulse)
        return load_strict(lambda: cls(**infer_config(tensors)), tensors, "StyleGAN generator")

    def mapping(self, z: Tensor) -> Tensor:
        """z (N, D) from N(0, 1) to w (N, D)."""
        w: Tensor = PixelNorm()(z)
        for i in range(self.num_mlps):
            w = F.leaky_relu(self.get_submodule(f"dense{i}")(w), 0.2)
        return w

    def synthesis(self, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Images (N, 3, R, R), nominally in [-1, 1], of w (N, D) or one w a layer (N, L, D).

        noise: maps (N or 1, 1, r, r) of sides `noise_sides`.
        """
        return self.tail(self.head(w, 2, noise), 2, w, noise)

    def head(self, w: Tensor, layer: int, noise: Sequence[Tensor]) -> Tensor:
        """Features (N, C, r, r) after the first `layer` layers."""
        styles = self.per_layer(w)
        x = styles.new_empty(0)
        for level in range(layer // 2):
            x = self.level(level, x, styles, noise)
        return x

    def tail(self, features: Tensor, layer: int, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Images of what `head` gives for the same layer, the layers above steered by w."""
        x, styles = features, self.per_layer(w)
        for level in range(layer // 2, len(self.blocks)):
            x = self.level(level, x, styles, noise)
        out: Tensor = self.torgb(x)
        return out

    def per_layer(self, w: Tensor) -> Tensor:
        """w as (N, L, D): a single latent serves every layer."""
        return w.unsqueeze(1).expand(-1, self.num_latents, -1) if w.ndim == 2 else w

    def level(self, level: int, x: Tensor, styles: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Features after a resolution; level 0 starts at 4 px and takes no features."""
        side, i = 4 << level, 2 * level
        out: Tensor = self.blocks[f"{side}x{side}"](x, styles[:, i : i + 2], noise[i : i + 2])
        return out


def infer_config(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Constructor arguments of the generator whose tensors these are."""
    if "torgb.weight" in tensors:
        require_rgb(width(tensors, "torgb"), "gives")
    channels = {4: width(tensors, "blocks.4x4.conv")}
    while f"blocks.{2 * max(channels)}x{2 * max(channels)}.conv1.weight" in tensors:
        side = 2 * max(channels)
        channels[side] = width(tensors, f"blocks.{side}x{side}.conv1")
    style = tensors.get("blocks.4x4.epi1.style_mod.lin.weight")
    return {
        "channels": channels,
        "latent_dim": 512 if style is None else style.shape[1],
        "mapping_layers": count(tensors, r"dense(\d+)\."),
    }
