"""The same generator in every layout that is published: one picture comes of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from methods.checkpoints.state_dict import CheckpointError
from methods.networks.generator import open_generator
from methods.networks.pggan import PGGANGenerator
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.support.golden import any_golden, assert_parity

StateDict = Mapping[str, Tensor]
WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}


def small_stylegan2() -> StateDict:
    generator = StyleGAN2Generator(32, 16, 2, WIDTHS)
    with torch.no_grad():  # biases, noise strengths and the 1 of the styles must matter
        for parameter in generator.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    return generator.state_dict()


def small_pggan() -> StateDict:
    return PGGANGenerator(WIDTHS, 16).state_dict()


STYLEGAN2 = {
    "small": small_stylegan2,
    "golden": lambda: any_golden("stylegan2_mmagic_").state_dict,
}


def small_stylegan1() -> StateDict:
    generator = StyleGAN1Generator(WIDTHS, 16, 2)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    return generator.state_dict()


def golden_stylegan1() -> StateDict:
    parts = any_golden("pulse_").parts
    return parts["synthesis"] | parts["mapping"]


STYLEGAN1 = {"small": small_stylegan1, "golden": golden_stylegan1}
PGGAN = {
    "small": small_pggan,
    "golden": lambda: any_golden("mganprior_").parts["generator"],
}


BASICSR = (
    (r"^style_mapping\.(\d+)\.linear\.weight_orig", r"style_mlp.\1.weight"),
    (r"^style_mapping\.(\d+)\.bias", r"style_mlp.\1.bias"),
    (r"^constant_input\.input", "constant_input.weight"),
    (r"^injected_noise_(\d+)", r"noises.noise\1"),
    (r"\.conv\.style_modulation\.linear\.weight_orig", ".modulated_conv.modulation.weight"),
    (r"\.conv\.style_modulation\.bias", ".modulated_conv.modulation.bias"),
    (r"\.conv\.weight_orig", ".modulated_conv.weight"),
    (r"\.noise_injector\.weight", ".weight"),
    (r"^(conv1|convs)\.", r"style_\1."),
)


def to_basicsr(mmagic: StateDict) -> dict[str, object]:
    """BasicSR's file, which keeps no kernels."""
    out = {}
    for key, tensor in mmagic.items():
        name = key
        for pattern, replacement in BASICSR:
            name = re.sub(pattern, replacement, name)
        if not name.endswith(".kernel"):
            out[name] = tensor
    assert "style_conv1.modulated_conv.modulation.weight" in out
    assert "style_convs.0.weight" in out
    return {"params_ema": out, "latent_avg": torch.zeros(out["style_mlp.1.bias"].shape)}


GENFORCE: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "conv.weight_orig": ("weight", lambda t: t[0]),
    "conv.style_modulation.linear.weight_orig": ("style.weight", lambda t: t),
    "conv.style_modulation.bias": ("style.bias", lambda t: t - 1),
    "noise_injector.weight": ("noise_strength", lambda t: t.reshape(())),
    "activate.bias": ("bias", lambda t: t),
    "bias": ("bias", lambda t: t.flatten()),
    "conv.blur.kernel": ("filter.kernel", lambda t: t[None, None]),
}


def to_genforce(mmagic: StateDict) -> dict[str, dict[str, Tensor]]:
    """GenForce's file: kernels of up-convolutions unflipped, styles without their 1."""
    mlps = sum(key.startswith("style_mapping.") for key in mmagic) // 2
    noises = sum(key.startswith("injected_noise_") for key in mmagic)
    out = {
        "truncation.w_avg": torch.zeros(mmagic["style_mapping.1.bias"].shape),
        "synthesis.early_layer.const": mmagic["constant_input.input"],
        "synthesis.upsample.kernel": mmagic["to_rgbs.0.upsample.kernel"][None, None],
    }
    for i in range(mlps):
        out[f"mapping.dense{i}.weight"] = mmagic[f"style_mapping.{i + 1}.linear.weight_orig"]
        out[f"mapping.dense{i}.bias"] = mmagic[f"style_mapping.{i + 1}.bias"]
    layers = {"conv1": "layer0", "to_rgb1": "output0"}
    layers |= {f"convs.{i}": f"layer{i + 1}" for i in range(noises - 1)}
    layers |= {f"to_rgbs.{i}": f"output{i + 1}" for i in range(noises // 2)}
    for name, layer in layers.items():
        for part, (new, convert) in GENFORCE.items():
            if f"{name}.{part}" in mmagic:
                out[f"synthesis.{layer}.{new}"] = convert(mmagic[f"{name}.{part}"])
    for i in range(noises):
        out[f"synthesis.layer{i}.noise"] = mmagic[f"injected_noise_{i}"]
        if i % 2:
            out[f"synthesis.layer{i}.weight"] = out[f"synthesis.layer{i}.weight"].flip(2, 3)
    # Besides: one upsampling kernel for all levels, and the mean of w.
    assert len(out) == len(mmagic) - (noises // 2 - 1) + 1
    return {
        "generator_smooth": out,
        "generator": {"mapping.dense0.bias": torch.ones(1)},
        "discriminator": {"layer0.weight": torch.ones(1)},
    }


@pytest.mark.parametrize("make", STYLEGAN2.values(), ids=STYLEGAN2)
@pytest.mark.parametrize("rename", [to_basicsr, to_genforce])
@torch.no_grad()
def test_stylegan2_is_the_same_renamed(
    rename: Callable[[StateDict], Mapping[str, object]], make: Callable[[], StateDict]
) -> None:
    original = make()
    one, other = open_generator(original), open_generator(rename(original))
    assert isinstance(one, StyleGAN2Generator)
    assert isinstance(other, StyleGAN2Generator)
    z = torch.randn(2, one.latent_dim)
    assert_parity(other.mapping(z), one.mapping(z), 1e-6)
    assert_parity(other.synthesis(other.mapping(z)), one.synthesis(one.mapping(z)), 1e-5)


SPOILED: dict[str, Callable[[Tensor], Tensor]] = {
    "synthesis.layer1.weight": lambda kernel: kernel.flip(2, 3),
    "synthesis.layer2.style.bias": lambda bias: bias + 1,
}


@pytest.mark.parametrize("key", SPOILED)
@torch.no_grad()
def test_what_genforce_does_when_it_runs_matters(key: str) -> None:
    original = small_stylegan2()
    published = to_genforce(original)
    tensors = published["generator_smooth"]
    tensors[key] = SPOILED[key](tensors[key])
    one, other = (StyleGAN2Generator.from_state_dict(t) for t in (original, published))
    w = one.mapping(torch.randn(1, 16))
    assert not torch.allclose(one.synthesis(w), other.synthesis(w), rtol=1e-2)


@pytest.mark.parametrize("make", PGGAN.values(), ids=PGGAN)
@torch.no_grad()
def test_pggan_is_the_same_renamed(make: Callable[[], StateDict]) -> None:
    original = make()
    published = {
        key.replace(".conv.weight", ".weight").replace(".wscale.bias", ".bias"): tensor
        for key, tensor in original.items()
    }
    assert "layer0.weight" in published
    one = open_generator(original)
    other = open_generator({"generator_smooth": published, "discriminator": {}})
    assert isinstance(other, PGGANGenerator)
    z = torch.randn(2, one.latent_dim)
    assert torch.equal(other(z), one(z))  # type: ignore[operator]


def stylegan1_to_genforce(pulse: StateDict) -> dict[str, dict[str, Tensor]]:
    """GenForce's file, with the outputs of lower resolutions and noise that ours does without."""
    levels = sum(key.endswith(".epi1.noise.weight") for key in pulse)
    width = pulse["dense0.bias"].shape
    out = {"truncation.w_avg": torch.zeros(width), "synthesis.lod": torch.zeros(())}
    out |= {f"mapping.{key}": tensor for key, tensor in pulse.items() if key.startswith("dense")}
    for level in range(levels):
        side = 4 << level
        block, first = f"blocks.{side}x{side}", f"synthesis.layer{2 * level}"
        second = f"synthesis.layer{2 * level + 1}"
        names = {
            f"{block}.conv{1 if level else ''}.{part}": f"{second}.{part}"
            for part in ("weight", "bias")
        }
        if level:
            names |= {f"{block}.conv0_up.{part}": f"{first}.{part}" for part in ("weight", "bias")}
            kernel = pulse[f"{block}.conv0_up.intermediate.kernel"]
            channels = len(pulse[f"{block}.conv0_up.bias"])
            out[f"{first}.blur.kernel"] = kernel.repeat(channels, 1, 1, 1)
        else:
            names |= {f"{block}.{part}": f"{first}.{part}" for part in ("const", "bias")}
        for epilogue, layer in (("epi1", first), ("epi2", second)):
            names[f"{block}.{epilogue}.noise.weight"] = f"{layer}.apply_noise.weight"
            for part in ("weight", "bias"):
                names[f"{block}.{epilogue}.style_mod.lin.{part}"] = f"{layer}.style.{part}"
            out[f"{layer}.apply_noise.noise"] = torch.zeros(1, 1, side, side)
        out |= {new: pulse[old] for old, new in names.items()}
        out[f"synthesis.output{level}.weight"] = pulse["torgb.weight"] + (level < levels - 1)
        out[f"synthesis.output{level}.bias"] = pulse["torgb.bias"] + (level < levels - 1)
    return {"generator_smooth": out, "generator": {}, "discriminator": {}}


@pytest.mark.parametrize("make", STYLEGAN1.values(), ids=STYLEGAN1)
@torch.no_grad()
def test_stylegan1_is_the_same_renamed(make: Callable[[], StateDict]) -> None:
    original = make()
    one, other = open_generator(original), open_generator(stylegan1_to_genforce(original))
    assert isinstance(one, StyleGAN1Generator)
    assert isinstance(other, StyleGAN1Generator)
    assert other.state_dict().keys() == original.keys()
    w = one.mapping(torch.randn(2, one.latent_dim))
    noise = [torch.randn(2, 1, side, side) for side in one.noise_sides]
    assert torch.equal(other.mapping(w), one.mapping(w))
    assert torch.equal(other.synthesis(w, noise), one.synthesis(w, noise))


def test_a_renamed_file_that_lacks_a_layer_or_has_a_wrong_one_is_refused_with_the_key() -> None:
    published = to_genforce(small_stylegan2())
    tensors = published["generator_smooth"]
    del tensors["synthesis.layer2.weight"]
    tensors["synthesis.layer3.weight"] = torch.zeros(())
    tensors["synthesis.layer3.noise_strength"] = torch.zeros(2, 2)
    with pytest.raises(CheckpointError) as caught:
        open_generator(published)
    for words in (
        "1 missing: convs.1.conv.weight_orig",
        "convs.2.conv.weight_orig is (1,)",
        "convs.2.noise_injector.weight is (4,)",
    ):
        assert words in str(caught.value)
