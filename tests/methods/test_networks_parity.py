"""Every network against the reference implementation of its authors, on published layouts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch.nn import functional as F

from methods.networks.generator import open_generator
from methods.networks.glean import GLEANNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.rrdb import RRDBNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.support.golden import assert_parity, golden


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def test_rrdb_is_basicsrs() -> None:
    case = golden("rrdb_basicsr_x4")
    network = RRDBNet.from_state_dict(case.state_dict)
    assert network.state_dict().keys() == case.state_dict.keys()
    assert (network.scale, len(network.body)) == (4, 2)
    assert_parity(network(case["input"]), case["output"])


def test_glean_is_mmagics() -> None:
    case = golden("glean_8to64")
    network = GLEANNet.from_state_dict(case.state_dict)
    assert network.state_dict().keys() == case.state_dict.keys()
    assert (network.in_size, network.out_size, network.scale) == (8, 64, 8)
    assert_parity(network(case["input"]), case["output"])
    with pytest.raises(ValueError, match=r"8x8 pixels to 64x64 \(8x\) and no other size, not 4x4"):
        network(torch.zeros(1, 3, 4, 4))


@pytest.mark.parametrize("layout", ["mmagic", "rosinality", "nvlabs"])
def test_stylegan2_is_the_same_in_every_layout(layout: str) -> None:
    case = golden(f"stylegan2_{layout}_64")
    generator = open_generator(case.state_dict)
    assert isinstance(generator, StyleGAN2Generator)
    if layout == "mmagic":
        assert generator.state_dict().keys() == case.state_dict.keys()
    w = generator.mapping(case["z"])
    assert_parity(w, case["w"])
    assert_parity(generator.synthesis(w), case["output"])
    one_a_layer = w[:, None].expand(-1, generator.num_latents, -1)
    assert_parity(generator.synthesis(one_a_layer), case["output"])


def test_stylegan1_is_pulses() -> None:
    case = golden("pulse_64")
    tensors = case.parts["synthesis"] | case.parts["mapping"]
    generator = open_generator(tensors)
    assert isinstance(generator, StyleGAN1Generator)
    assert generator.state_dict().keys() == tensors.keys()
    assert_parity(generator.mapping(case["z"]), case["mapped"])
    w = F.leaky_relu(case["latent"] * case["gauss_std"] + case["gauss_mean"], 0.2)
    noise = [case[f"noise{i}"] for i in range(len(generator.noise_sides))]
    assert_parity(generator.synthesis(w, noise), case["synthesis"])


def test_pggan_is_mganpriors() -> None:
    case = golden("mganprior_64")
    generator = open_generator(case.parts["generator"])
    assert isinstance(generator, PGGANGenerator)
    assert generator.state_dict().keys() == case.parts["generator"].keys()
    assert_parity(generator(case["z"]), case["images"])
