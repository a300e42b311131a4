"""SRNTT's losses against its authors' code, and its recipe."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from bench.training.srntt_losses import (
    adversarial_loss,
    discriminator_loss,
    gradient_penalty,
    perceptual_loss,
    reconstruction_loss,
    texture_loss,
)
from methods.networks.srntt_discriminator import SRNTTDiscriminator
from methods.networks.vgg19 import VGG19Features
from tests.support.golden import assert_close, assert_parity, golden, golden_cases

TEXTURES, DEEPEST = ("conv1_1", "conv2_1", "conv3_1"), "conv5_1"


@golden_cases("srntt_losses")
@pytest.mark.parametrize("suffix", ["", "_weighted_texture"])
def test_losses_and_their_gradient_are_the_published_ones(name: str, suffix: str) -> None:
    case = golden(name)
    expected, weights = case.config[f"losses{suffix}"], case.config["weights"]
    vgg19 = VGG19Features.from_state_dict(case.parts["vgg19"], DEEPEST)
    arrays = {f"params.{i}": t for i, t in enumerate(case.parts["discriminator"].values())}
    discriminator = SRNTTDiscriminator.from_state_dict(arrays)
    restored, truth = case["sr"].clone().requires_grad_(True), case["hr"]
    seen = vgg19(restored, (*TEXTURES, DEEPEST))
    with torch.no_grad():
        target, swapped = vgg19(truth, (DEEPEST,)), vgg19(case["reference"], TEXTURES)
    for layer, maps in seen.items():
        array = case[f"sr_relu{layer.removeprefix('conv')}"]
        assert_parity(maps[: len(array), : array.shape[1]], array, 1e-5)
    similarity = case["weight_map"] if suffix else None
    found: dict[str, Tensor] = {
        "loss_reconst": reconstruction_loss(restored, truth),
        "loss_percep": perceptual_loss(seen[DEEPEST], target[DEEPEST]),
        "loss_texture": texture_loss(seen, swapped, TEXTURES, similarity),
        "loss_g": adversarial_loss(discriminator, restored),
        "loss_d": discriminator_loss(discriminator, truth, restored, case["alpha"], weights["gp"]),
        "gradient_penalty": gradient_penalty(discriminator, truth, restored, case["alpha"]),
    }
    shares = zip(("rec", "per", "tex", "adv"), list(found.values())[:4], strict=True)
    found["loss"] = torch.stack([weights[share] * loss for share, loss in shares]).sum()
    assert found.keys() == expected.keys()
    for term, value in expected.items():
        assert_close(found[term], torch.tensor(value), 2e-5)
    for verdict, pictures in (("d_real", truth), ("d_fake", restored)):
        assert_parity(discriminator(pictures), case[verdict], 1e-5)
    (gradient,) = torch.autograd.grad(found["loss"], restored)
    array = case[f"grad_sr{suffix}"]
    assert_parity(gradient[: len(array)], array, 1e-4)
