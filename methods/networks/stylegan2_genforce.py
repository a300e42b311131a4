"""GenForce's layout of StyleGAN2 generators, turned into mmagic's.

Its layers are numbered as the noise maps are. It flips the kernels of up-convolutions, and adds
the 1 of the modulation's bias, when it runs; everybody else has done both in the file. Its filters
are those of every StyleGAN2, and its running mean of w is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

SPARE = re.compile(r"truncation\.w_avg|synthesis\.(layer\d+\.filter|upsample)\.kernel")
PARTS = {
    "weight": "conv.weight_orig",
    "style.weight": "conv.style_modulation.linear.weight_orig",
    "style.bias": "conv.style_modulation.bias",
    "noise_strength": "noise_injector.weight",
}


def from_genforce(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A `generator_smooth` under mmagic's names; keys of another layout are left as they are."""
    return {
        name_of(key): value_of(key, tensor)
        for key, tensor in state_dict.items()
        if not SPARE.fullmatch(key)
    }


def name_of(key: str) -> str:
    """mmagic's name of GenForce's key."""
    if key == "synthesis.early_layer.const":
        return "constant_input.input"
    if match := re.fullmatch(r"mapping\.dense(\d+)\.(weight|bias)", key):
        part = "linear.weight_orig" if match[2] == "weight" else "bias"
        return f"style_mapping.{int(match[1]) + 1}.{part}"
    if match := re.fullmatch(r"synthesis\.layer(\d+)\.noise", key):
        return f"injected_noise_{match[1]}"
    if match := re.fullmatch(r"synthesis\.(layer|output)(\d+)\.(.+)", key):
        kind, index, part = match[1], int(match[2]), match[3]
        first, others = ("conv1", "convs") if kind == "layer" else ("to_rgb1", "to_rgbs")
        place = f"{others}.{index - 1}" if index else first
        if kind == "layer" and part == "bias":
            return f"{place}.activate.bias"
        return f"{place}.{PARTS.get(part, part)}"
    return key


def value_of(key: str, tensor: Tensor) -> Tensor:
    """The tensor as mmagic has it, whatever its shape: a wrong one is told when it is loaded."""
    if re.fullmatch(r"synthesis\.layer\d*[13579]\.weight", key) and tensor.ndim == 4:
        return tensor.flip(2, 3)[None]
    if re.fullmatch(r"synthesis\.(layer|output)\d+\.weight", key):
        return tensor[None]
    if re.fullmatch(r"synthesis\.(layer|output)\d+\.style\.bias", key):
        return tensor + 1
    if key.endswith(".noise_strength"):
        return tensor.flatten()
    if re.fullmatch(r"synthesis\.output\d+\.bias", key):
        return tensor.reshape(1, -1, 1, 1)
    return tensor
