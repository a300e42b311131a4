"""The layouts in which StyleGAN2 generators are published, renamed to mmagic's.

Four of them hold the same values (the modulation bias includes its 1, up-convolution kernels are
already flipped), so that a conversion renames keys and adds leading axes, nothing more. That of
GenForce differs, see `stylegan2_genforce`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from methods.networks.stylegan2_genforce import from_genforce

# Keys by which the layouts of mmagic, rosinality, BasicSR, NVlabs and GenForce are known.
ANCHORS = (
    *("constant_input.input", "input.input", "constant_input.weight"),
    *("synthesis.b4.const", "synthesis.early_layer.const"),
)

Renames = tuple[tuple[str, str], ...]

# Patterns are tried in order; the first that matches a whole key names it in mmagic's layout.
ROSINALITY: Renames = (
    (r"style\.(\d+)\.weight", r"style_mapping.\1.linear.weight_orig"),
    (r"style\.(\d+)\.bias", r"style_mapping.\1.bias"),
    (r"input\.input", "constant_input.input"),
    (r"noises\.noise_(\d+)", r"injected_noise_\1"),
    (r"(.+)\.conv\.modulation\.weight", r"\1.conv.style_modulation.linear.weight_orig"),
    (r"(.+)\.conv\.modulation\.bias", r"\1.conv.style_modulation.bias"),
    (r"(.+)\.conv\.weight", r"\1.conv.weight_orig"),
    (r"(.+)\.noise\.weight", r"\1.noise_injector.weight"),
)
BASICSR: Renames = (
    (r"style_mlp\.(\d+)\.weight", r"style_mapping.\1.linear.weight_orig"),
    (r"style_mlp\.(\d+)\.bias", r"style_mapping.\1.bias"),
    (r"constant_input\.weight", "constant_input.input"),
    (r"noises\.noise(\d+)", r"injected_noise_\1"),
    (
        r"(?:style_)?(.+)\.modulated_conv\.modulation\.weight",
        r"\1.conv.style_modulation.linear.weight_orig",
    ),
    (r"(?:style_)?(.+)\.modulated_conv\.modulation\.bias", r"\1.conv.style_modulation.bias"),
    (r"(?:style_)?(.+)\.modulated_conv\.weight", r"\1.conv.weight_orig"),
    (r"style_(conv1|convs\.\d+)\.weight", r"\1.noise_injector.weight"),
    (r"style_(conv1|convs\.\d+)\.activate\.bias", r"\1.activate.bias"),
)
NVLABS_SUFFIXES = {
    "weight": "conv.weight_orig",
    "affine.weight": "conv.style_modulation.linear.weight_orig",
    "affine.bias": "conv.style_modulation.bias",
    "noise_strength": "noise_injector.weight",
}


def to_mmagic(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under mmagic's names; keys of no known layout are left as they are."""
    if any(key.startswith("synthesis.b4.") for key in state_dict):
        return with_kernels(from_nvlabs(state_dict))
    if "synthesis.early_layer.const" in state_dict:
        return with_kernels(from_genforce(state_dict))
    if "input.input" in state_dict:
        return with_kernels(renamed(state_dict, ROSINALITY))
    if "constant_input.weight" in state_dict:
        return with_kernels(renamed(state_dict, BASICSR))
    return with_kernels(dict(state_dict))


def renamed(state_dict: Mapping[str, Tensor], renames: Renames) -> dict[str, Tensor]:
    """The state dict with each key replaced by the first pattern that matches it."""

    def rename(key: str) -> str:
        for pattern, replacement in renames:
            if re.fullmatch(pattern, key):
                return re.sub(pattern, replacement, key)
        return key

    return {rename(key): tensor for key, tensor in state_dict.items()}


def from_nvlabs(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """NVlabs' `G_ema.state_dict()`, without its running mean of w and its filters."""
    out: dict[str, Tensor] = {}
    for key, tensor in state_dict.items():
        if key == "mapping.w_avg" or key.endswith("resample_filter"):
            continue
        if match := re.fullmatch(r"mapping\.fc(\d+)\.(weight|bias)", key):
            layer, kind = int(match[1]) + 1, match[2]
            name = "linear.weight_orig" if kind == "weight" else "bias"
            out[f"style_mapping.{layer}.{name}"] = tensor
        elif key == "synthesis.b4.const":
            out["constant_input.input"] = tensor[None]
        elif match := re.fullmatch(r"synthesis\.b(\d+)\.torgb\.(.+)", key):
            level = int(match[1]).bit_length() - 4
            layer_name = "to_rgb1" if level < 0 else f"to_rgbs.{level}"
            if match[2] == "bias":
                out[f"{layer_name}.bias"] = tensor.reshape(1, -1, 1, 1)
            else:
                out[f"{layer_name}.{NVLABS_SUFFIXES.get(match[2], match[2])}"] = (
                    tensor[None] if match[2] == "weight" else tensor
                )
        elif match := re.fullmatch(r"synthesis\.b(\d+)\.conv([01])\.(.+)", key):
            index = 2 * (int(match[1]).bit_length() - 4) + int(match[2])  # -1 at 4 px
            layer_name = "conv1" if index < 0 else f"convs.{index}"
            suffix = match[3]
            if suffix == "noise_const":
                out[f"injected_noise_{index + 1}"] = tensor[None, None]
            elif suffix == "bias":
                out[f"{layer_name}.activate.bias"] = tensor
            else:
                shaped = tensor[None] if suffix in ("weight", "noise_strength") else tensor
                out[f"{layer_name}.{NVLABS_SUFFIXES.get(suffix, suffix)}"] = shaped
        else:
            out[key] = tensor
    return out


def with_kernels(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Add the FIR kernels, which are the same in every StyleGAN2, where a file has none.

    mmagic and rosinality store them, as buffers, which averages of parameters alone leave out.
    """
    if any(key.endswith(".kernel") for key in tensors):
        return tensors
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(taps, taps) / 16
    for key in list(tensors):
        if match := re.fullmatch(r"convs\.(\d*[02468])\.activate\.bias", key):
            tensors[f"convs.{match[1]}.conv.blur.kernel"] = kernel
        elif match := re.fullmatch(r"to_rgbs\.(\d+)\.bias", key):
            tensors[f"to_rgbs.{match[1]}.upsample.kernel"] = kernel
    return tensors
