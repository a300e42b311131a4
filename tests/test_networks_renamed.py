"""The same generator in every layout that is published: one picture comes of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from methods.networks.checkpoint import CheckpointError
from methods.networks.generator import open_generator
from methods.networks.pggan import PGGANGenerator
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.golden import assert_parity, golden

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
    "golden": lambda: golden("stylegan2_mmagic_64").state_dict,
}
PGGAN = {
    "small": small_pggan,
    "golden": lambda: golden("mganprior_64").parts["generator"],
}


def to_basicsr(mmagic: StateDict) -> dict[str, object]:
    """BasicSR's file, as its `StyleGAN2Generator` names its parameters."""
    out: dict[str, Tensor] = {}
    for key, tensor in mmagic.items():
        if key.endswith(".kernel"):
            continue
        key = re.sub(r"^style_mapping\.(\d+)\.linear\.weight_orig", r"style_mlp.\1.weight", key)
        key = re.sub(r"^style_mapping\.(\d+)\.bias", r"style_mlp.\1.bias", key)
        key = re.sub(r"^constant_input\.input", "constant_input.weight", key)
        key = re.sub(r"^injected_noise_(\d+)", r"noises.noise\1", key)
        key = re.sub(
            r"\.conv\.style_modulation\.linear\.weight_orig",
            ".modulated_conv.modulation.weight",
            key,
        )
        key = re.sub(r"\.conv\.style_modulation\.bias", ".modulated_conv.modulation.bias", key)
        key = re.sub(r"\.conv\.weight_orig", ".modulated_conv.weight", key)
        key = re.sub(r"\.noise_injector\.weight", ".weight", key)
        key = re.sub(r"^(conv1|convs)\.", r"style_\1.", key)
        out[key] = tensor
    assert "style_conv1.modulated_conv.modulation.weight" in out
    assert "style_convs.0.weight" in out
    return {"params_ema": out, "latent_avg": torch.zeros(out["style_mlp.1.bias"].shape)}


def to_genforce(mmagic: StateDict) -> dict[str, object]:
    """GenForce's file: kernels of up-convolutions unflipped, styles without their 1."""
    out: dict[str, Tensor] = {"truncation.w_avg": torch.zeros(mmagic["style_mapping.1.bias"].shape)}
    for key, tensor in mmagic.items():
        if match := re.fullmatch(
            r"style_mapping\.(\d+)\.(?:linear\.)?(weight|bias)(?:_orig)?", key
        ):
            out[f"mapping.dense{int(match[1]) - 1}.{match[2]}"] = tensor
            continue
        if match := re.fullmatch(r"injected_noise_(\d+)", key):
            out[f"synthesis.layer{match[1]}.noise"] = tensor
            continue
        if key == "constant_input.input":
            out["synthesis.early_layer.const"] = tensor
            continue
        layer, part = re.fullmatch(r"(conv1|to_rgb1|(?:convs|to_rgbs)\.\d+)\.(.+)", key).groups()  # type: ignore[union-attr]
        kind, _, number = layer.partition(".")
        index = int(number) + 1 if number else 0
        name = f"synthesis.{'layer' if kind.startswith('conv') else 'output'}{index}"
        match part:
            case "conv.weight_orig":
                up = kind == "convs" and index % 2
                out[f"{name}.weight"] = tensor[0].flip(2, 3) if up else tensor[0]
            case "conv.style_modulation.linear.weight_orig":
                out[f"{name}.style.weight"] = tensor
            case "conv.style_modulation.bias":
                out[f"{name}.style.bias"] = tensor - 1
            case "noise_injector.weight":
                out[f"{name}.noise_strength"] = tensor.reshape(())
            case "activate.bias" | "bias":
                out[f"{name}.bias"] = tensor.flatten()
            case "conv.blur.kernel":
                out[f"{name}.filter.kernel"] = tensor[None, None]
            case "upsample.kernel":
                out["synthesis.upsample.kernel"] = tensor[None, None]
            case _:
                raise AssertionError(key)
    assert "synthesis.layer1.noise_strength" in out
    return {
        "generator_smooth": out,
        "generator": {"mapping.dense0.bias": torch.ones(1)},
        "discriminator": {"layer0.weight": torch.ones(1)},
    }


@pytest.mark.parametrize("make", STYLEGAN2.values(), ids=STYLEGAN2)
@pytest.mark.parametrize("rename", [to_basicsr, to_genforce])
@torch.no_grad()
def test_stylegan2_is_the_same_renamed(
    rename: Callable[[StateDict], dict[str, object]], make: Callable[[], StateDict]
) -> None:
    original = make()
    one, other = open_generator(original), open_generator(rename(original))
    assert isinstance(one, StyleGAN2Generator)
    assert isinstance(other, StyleGAN2Generator)
    z = torch.randn(2, one.latent_dim)
    assert_parity(other.mapping(z), one.mapping(z), 1e-6)
    assert_parity(other.synthesis(other.mapping(z)), one.synthesis(one.mapping(z)), 1e-5)


@pytest.mark.parametrize("spoil", ["kernel", "one"])
@torch.no_grad()
def test_what_genforce_does_when_it_runs_matters(spoil: str) -> None:
    original = small_stylegan2()
    published = to_genforce(original)
    tensors: dict[str, Tensor] = published["generator_smooth"]  # type: ignore[assignment]
    for key in tensors:
        if spoil == "kernel" and key == "synthesis.layer1.weight":
            tensors[key] = tensors[key].flip(2, 3)
        if spoil == "one" and key == "synthesis.layer2.style.bias":
            tensors[key] = tensors[key] + 1
    one, other = open_generator(original), open_generator(published)
    w = one.mapping(torch.randn(1, 16))
    assert not torch.allclose(one.synthesis(w), other.synthesis(w), rtol=1e-2)  # type: ignore[union-attr,call-arg]


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


def test_a_renamed_file_that_lacks_a_layer_is_refused_with_the_key() -> None:
    published = to_genforce(small_stylegan2())
    del published["generator_smooth"]["synthesis.layer2.weight"]  # type: ignore[attr-defined]
    with pytest.raises(CheckpointError, match=r"1 missing: convs\.1\.conv\.weight_orig"):
        open_generator(published)
