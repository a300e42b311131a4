"""SRNTT's losses against its authors' code, and its recipe."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.training.data import TrainingPictures, read_pictures
from bench.training.recipe import go_on, state_of
from bench.training.recipes import Choice, Network, product_of
from bench.training.restorers import srntt
from bench.training.srntt import SRNTTRecipe, SRNTTSettings
from bench.training.srntt_losses import (
    adversarial_loss,
    discriminator_loss,
    gradient_penalty,
    perceptual_loss,
    reconstruction_loss,
    texture_loss,
)
from methods.networks.srntt_discriminator import SRNTTDiscriminator
from methods.networks.srntt_parts import bicubic
from methods.networks.vgg19 import VGG19Features
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here, rows
from tests.support.golden import (
    assert_close,
    assert_gradient_parity,
    assert_parity,
    golden,
    golden_cases,
)

CPU = torch.device("cpu")
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
    assert_gradient_parity(gradient[: len(array)], array, 1e-4)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures to train on, and two to test on."""
    folder = tmp_path_factory.mktemp("srntt")
    for number, path in enumerate(write_pictures(folder / "face" / "train", 244, 32)):
        part = "test" if number > 241 else "val" if number > 231 else ""
        if part:
            (folder / "face" / part).mkdir(exist_ok=True)
            path.rename(folder / "face" / part / path.name)
    (folder / "tiny.toml").write_text(SUITE.replace("64", "32"))
    return folder


@pytest.fixture(scope="module")
def pictures(data: Path) -> TrainingPictures:
    torch.set_num_threads(1)
    return read_pictures(data, "face")


def recipe_of(pictures: TrainingPictures, **settings: int) -> SRNTTRecipe:
    torch.manual_seed(0)
    product = product_of(Choice(Network.SRNTT, 4), pictures)
    chosen = SRNTTSettings(scale=4, batch=4, **settings)
    return SRNTTRecipe(srntt(pictures.size, 4), product, pictures, CPU, chosen)


def test_a_step_is_a_function_of_the_state(pictures: TrainingPictures) -> None:
    first = recipe_of(pictures, reconstruction_only=0)
    first.step(0)
    state = copy.deepcopy(state_of(first))
    other = recipe_of(pictures, reconstruction_only=0)
    go_on(other, state)
    assert first.step(1) == other.step(1)
    for key, tensor in first.average.network.state_dict().items():
        assert torch.equal(tensor, other.average.network.state_dict()[key]), key


def test_it_begins_with_bicubic_and_learns_reconstruction_first(pictures: TrainingPictures) -> None:
    recipe = recipe_of(pictures, reconstruction_only=4)
    truth, low, references = recipe.draw(0)
    with torch.no_grad():
        (stage,) = recipe.restore(recipe.network, low, references)
        assert_parity(stage.picture, bicubic(low, 4), 1e-2)
        losses = reconstruction_loss(stage.picture, truth).item()
    before = {k: v.clone() for k, v in recipe.network.state_dict().items()}
    told = recipe.step(0)
    assert told["reconstruction"] == pytest.approx(losses, rel=1e-2)
    assert told["perceptual"] == told["texture"] == told["adversarial"] == 0
    told = recipe.step(1)
    assert all(told[term] for term in ("perceptual", "texture", "adversarial", "discriminator"))
    recipe.step(2)  # gradients reach all once the last convolutions are no longer zero
    still = {k for k, v in recipe.network.state_dict().items() if torch.equal(v, before[k])}
    assert all("running_" in key for key in still), still


def test_references_are_near_and_never_the_picture_itself(pictures: TrainingPictures) -> None:
    recipe = recipe_of(pictures)
    low = recipe.low[:40]
    chosen = recipe.nearest(low, torch.arange(40))
    assert not (chosen == torch.arange(40)).any()
    every = (low.flatten(1).float()[:, None] - recipe.low.flatten(1).float()[None]).square().mean(2)
    every[torch.arange(40), torch.arange(40)] = float("inf")
    is_nearest = every.argmin(1) == chosen
    assert is_nearest[20:].all()  # among all
    assert not is_nearest[:20].all()  # among a few
    mean = every[every.isfinite()].mean()
    assert every[torch.arange(20), chosen[:20]].mean() < 0.8 * mean


def test_a_factor_that_is_no_power_of_4_is_refused() -> None:
    with pytest.raises(BenchError, match="SRNTT enlarges by 4, 16 or 64, in stages of 4"):
        srntt(64, 8)


def test_the_command_trains_what_run_finds(data: Path, tmp_path: Path) -> None:
    def run(weights: str) -> list[dict[str, str]]:
        out = tmp_path / f"out{bool(weights)}"
        done = bench_here("run", "--suite", data / "tiny.toml", "--data", data, "--splits", "face",
                          "--methods", "srntt,srntt-random,srntt-oracle", "--scale", 4, "--out", out,
                          BENCH_WEIGHTS=weights)  # fmt: skip
        assert done.returncode == (0 if weights else 4), done.stdout + done.stderr
        return rows(out)

    assert {row["state"] for row in run("") if row["method"] != "srntt-oracle"} == {"unavailable"}
    assert all("`python -m bench train srntt --scale 4 --data" in row["reason"] for row in run(""))
    zoo = tmp_path / "zoo"
    done = bench_here("train", "srntt", "--scale", 4, "--data", data, "--split", "face", "--out", zoo,
                      "--images", 8, "--batch", 4, "--threads", 1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("face-srntt-x4-32.safetensors\n")
    assert "perceptual loss: " not in done.stderr
    found = run(str(zoo))
    states = {row["method"]: row["state"] for row in found}
    assert states == {"srntt": "ok", "srntt-random": "ok", "srntt-oracle": "not-applicable"}
    assert all(float(row["psnr_rgb_db"]) > 10 for row in found if row["state"] == "ok")
    card = (zoo / "face-srntt-x4-32.toml").read_text()
    assert 'kind = "srntt"' in card
    assert "SRNTT, face, 4x to 32 px, narrow" in card
