"""Every network against the reference implementation of its authors, on published layouts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch.nn import functional as F

from methods.networks.biggan import BigGANGenerator, InstanceNorms
from methods.networks.biggan_discriminator import BigGANDiscriminator
from methods.networks.generator import open_generator
from methods.networks.glean import GLEANNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.rrdb import RRDBNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.support.golden import assert_parity, golden, golden_cases


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@golden_cases("rrdb_")
def test_rrdb_is_basicsrs(name: str) -> None:
    case = golden(name)
    network = RRDBNet.from_state_dict(case.state_dict)
    assert network.state_dict().keys() == case.state_dict.keys()
    assert (network.scale, len(network.body)) == (case.config["scale"], case.config["num_block"])
    assert_parity(network(case["input"]), case["output"])


@golden_cases("glean_")
def test_glean_is_mmagics(name: str) -> None:
    case = golden(name)
    network = GLEANNet.from_state_dict(case.state_dict)
    assert network.state_dict().keys() == case.state_dict.keys()
    small, large = case.config["in_size"], case.config["out_size"]
    scale = large // small
    assert (network.in_size, network.out_size, network.scale) == (small, large, scale)
    assert_parity(network(case["input"]), case["output"])
    sizes = rf"{small}x{small} pixels to {large}x{large} \({scale}x\) and no other size, not 3x3"
    with pytest.raises(ValueError, match=sizes):
        network(torch.zeros(1, 3, 3, 3))


@golden_cases("stylegan2_mmagic_", "stylegan2_rosinality_", "stylegan2_nvlabs_")
def test_stylegan2_is_the_same_in_every_layout(name: str) -> None:
    case = golden(name)
    generator = open_generator(case.state_dict)
    assert isinstance(generator, StyleGAN2Generator)
    assert generator.resolution == case["output"].shape[-1]
    if "mmagic" in name:
        assert generator.state_dict().keys() == case.state_dict.keys()
    w = generator.mapping(case["z"])
    assert_parity(w, case["w"])
    assert_parity(generator.synthesis(w), case["output"])
    one_a_layer = w[:, None].expand(-1, generator.num_latents, -1)
    assert_parity(generator.synthesis(one_a_layer), case["output"])


@golden_cases("pulse_")
def test_stylegan1_is_pulses(name: str) -> None:
    case = golden(name)
    tensors = case.parts["synthesis"] | case.parts["mapping"]
    generator = open_generator(tensors)
    assert isinstance(generator, StyleGAN1Generator)
    assert generator.state_dict().keys() == tensors.keys()
    assert_parity(generator.mapping(case["z"]), case["mapped"])
    w = F.leaky_relu(case["latent"] * case["gauss_std"] + case["gauss_mean"], 0.2)
    noise = [case[f"noise{i}"] for i in range(len(generator.noise_sides))]
    assert_parity(generator.synthesis(w, noise), case["synthesis"])


@golden_cases("mganprior_")
def test_pggan_is_mganpriors(name: str) -> None:
    case = golden(name)
    generator = open_generator(case.parts["generator"])
    assert isinstance(generator, PGGANGenerator)
    assert generator.state_dict().keys() == case.parts["generator"].keys()
    assert_parity(generator(case["z"]), case["images"])


@golden_cases("biggan_")
def test_biggan_is_dgps(name: str) -> None:
    case, config = golden(name), golden(name).config
    generator = BigGANGenerator.from_state_dict(case.state_dict)
    assert generator.state_dict().keys() == case.state_dict.keys()
    assert generator.resolution == config["resolution"]
    assert generator.latent_dim == config["dim_z"]
    assert (generator.classes, generator.chunk) == (config["n_classes"], config["z_chunk"])
    z, y = case["z"], case["y"]
    assert_parity(generator(z[:1], y[:1])[0], case["image"], 1e-5)
    assert_parity(subsampled(generator(z, y), case["images_sub"]), case["images_sub"], 1e-5)
    norms: InstanceNorms = {}
    for index, array in enumerate(("image_in_sub", "image_in_next_sub")):
        image = generator(z[index : index + 1], y[index : index + 1], norms)[0]
        assert_parity(subsampled(image, case[array]), case[array], 1e-5)


@golden_cases("biggan_d_")
def test_biggans_discriminator_is_dgps(name: str) -> None:
    case = golden(name)
    discriminator = BigGANDiscriminator.from_state_dict(case.state_dict)
    assert discriminator.state_dict().keys() == case.state_dict.keys()
    assert discriminator.resolution == case.config["resolution"]
    images = case["picture"].permute(0, 3, 1, 2).float() / 255 * 2 - 1
    features = discriminator.features(images)
    assert len(features) == sum(key[:7] == "feature" and key[7:].isdigit() for key in case.arrays)
    for index, feature in enumerate(features):
        expected = case[f"feature{index}"]
        assert_parity(subsampled(feature, expected), expected, 1e-5)
        statistics = torch.stack([feature.mean(), feature.std(), feature.abs().mean()])
        assert_parity(statistics, case["feature_stats"][index], 1e-5)
    assert_parity(discriminator(images), case["logit"], 1e-5)
    assert_parity(discriminator(images, case["y"]), case["logit_y"], 1e-5)


def subsampled(maps: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Every n-th row and column, as few as `like` has."""
    if maps.ndim < 3:
        return maps
    step = maps.shape[-1] // like.shape[-1]
    return maps[..., ::step, ::step]
