"""DGP: parity with its authors' code, and the rules of its search on small random networks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from bench.core.errors import BenchError
from bench.operators import Downsample
from bench.operators.kernels import weights
from methods import dgp_stages
from methods.base import Task
from methods.checkpoints.state_dict import CheckpointError
from methods.dgp import DGP
from methods.loading import named_classes
from methods.networks.biggan import BigGANGenerator, InstanceNorms
from methods.networks.biggan_discriminator import BigGANDiscriminator
from methods.networks.biggan_layers import SpectralLinear, fix
from methods.search.fine_tuning import Comparison, FineTuning, FineTuningStage, selection
from methods.settings.dgp import DGPSettings
from tests.support.golden import Golden, assert_close, golden, golden_cases

Networks = tuple[BigGANGenerator, BigGANDiscriminator]
CPU = torch.device("cpu")


def networks(case: Golden) -> Networks:
    """Those of the cases that a case of a search names, in float64.

    Adam's first steps are signs of gradients, and L1 has kinks: rounding of float32 grows to 1e-3
    of a loss within ten steps, and in float64 only the reference's is left.
    """
    names = case.config["weights"]
    generator = BigGANGenerator.from_state_dict(golden(names["generator"]).state_dict)
    discriminator = BigGANDiscriminator.from_state_dict(golden(names["discriminator"]).state_dict)
    fix(discriminator.requires_grad_(False).double())
    return generator.requires_grad_(False).double(), discriminator


def stages_of(run: dict[str, Any], steps: int | None = None) -> list[FineTuningStage]:
    """The stages of a run as its case has them, of at most `steps` steps together."""
    left = sum(run["iterations"]) if steps is None else steps
    stages = []
    for index, length in enumerate(run["iterations"]):
        stages.append(
            FineTuningStage(
                steps=min(length, left),
                features=run["ftr_num"][index],
                groups=run["ft_num"][index],
                feature_weight=run["w_D_loss"][index],
                mse_weight=run["w_mse"][index],
                latent_rate=run["z_lrs"][index],
                generator_rate=run["G_lrs"][index],
                group_ratio=run["lr_ratio"][index],
                instance_norms=run["use_in"][index],
            )
        )
        left -= stages[-1].steps
    return stages


def changes(before: BigGANGenerator, after: BigGANGenerator) -> Tensor:
    """Mean absolute change of the first layer, each block, the output layer, the embedding."""
    parts = [["linear"], *([f"blocks.{i}"] for i in range(len(before.blocks)))]
    pairs = list(zip(before.named_parameters(), after.parameters(), strict=True))
    found = []
    for (part,) in (*parts, ["output_layer"], ["shared"]):
        moved = [(new - old).abs().flatten() for (key, old), new in pairs if key.startswith(part)]
        found.append(torch.cat(moved).mean())
    return torch.stack(found).detach()


def assert_run(case: Golden, name: str, run: dict[str, Any], nets: Networks, t: Comparison) -> None:
    """The search of a run leaves the trace, the z, the generator and the picture of the case."""
    trace = case[f"trace_{name}"]
    whole = len(trace) == sum(run["iterations"])
    start = case["candidates"][case["selected"].flatten()[0]][None].double()
    label = torch.tensor([case.config["category"]])
    search = FineTuning(nets[0], t, start, label, stages_of(run, len(trace)), run["w_nll"])
    found = search.run()
    assert_close(found.trace[:3, 0], trace[:3, 0], 1e-5)
    assert_close(found.trace[:, 0], trace[:, 0], 1e-3)
    if not whole:
        return
    assert (search.z - case[f"z_{name}"]).abs().max() < 1e-3
    expected = case[f"delta_{name}"]
    moved = changes(nets[0], search.generator)
    assert torch.equal(moved == 0, expected == 0)
    torch.testing.assert_close(moved, expected, rtol=2e-2, atol=0)
    if f"image_{name}_sub" in case.arrays:
        wanted = case[f"image_{name}_sub"]
        step = found.images.shape[-1] // wanted.shape[-1]
        error = (found.images[0, :, ::step, ::step] * 2 - 1 - wanted).abs()
        assert error.max() < 1e-2
        assert error.mean() < 1e-3


@golden_cases("dgp_op_")
def test_dgp_descends_at_the_operators_size_as_its_authors_code_does(name: str) -> None:
    case = golden(name)
    nets, factor = networks(case), case.config["factor"]
    y = case["lr"].permute(2, 0, 1)[None].double() / 255

    def operator(x: Tensor) -> Tensor:  # `Downsample` in float64
        matrix = weights("matlab-bicubic", x.shape[-1], x.shape[-1] // factor).double()
        return matrix @ x @ matrix.T

    target = Comparison(operator, y, nets[1])
    draws = case["candidates"].double()
    labels = torch.full((len(draws),), case.config["category"])
    losses = selection(nets[0], target, draws, labels, 3)
    assert_close(losses, case["select_loss"], 1e-5)
    assert losses.argmin() == case["selected"]
    for variant, facts in case.config["variants"].items():
        mse_at = "full" if facts["mse_at"] == "full" else "y"
        held = replace(target, enlargement=facts["enlargement"], mse_at=mse_at)
        assert_run(case, variant, case.config["runs"][facts["run"]], nets, held)


@golden_cases("dgp_op_")
def test_dgps_first_steps_with_the_benchmarks_own_operator(name: str) -> None:
    case = golden(name)
    generator, discriminator = networks(case)
    fix(discriminator.float())
    y = case["lr"].permute(2, 0, 1)[None].float() / 255
    target = Comparison(Downsample(case.config["factor"]), y, discriminator)
    start = case["candidates"][case["selected"].flatten()[0]][None]
    label = torch.tensor([case.config["category"]])
    facts = case.config["variants"]["d_bilinear"]
    run = case.config["runs"][facts["run"]]
    search = FineTuning(generator.float(), target, start, label, stages_of(run, 3), run["w_nll"])
    assert_close(search.run().trace[:, 0], case["trace_d_bilinear"][:3, 0], 1e-5)


def eight_bits(x: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) in [0, 1] as the authors' code stores them: it truncates."""
    return (x.float() * 255).to(torch.uint8)


def published_path(x: Tensor, factor: int) -> Tensor:
    """The degradation of their targets: 8 bits, Pillow's Lanczos, 8 bits, in [0, 1]."""
    small = []
    for picture in eight_bits(x).permute(0, 2, 3, 1).numpy():
        image = Image.fromarray(picture)
        size = (image.width // factor, image.height // factor)
        small.append(np.asarray(image.resize(size, Image.Resampling.LANCZOS)))
    return torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2) / 255


def lanczos2(x: Tensor, factor: int) -> Tensor:
    """The degradation of their estimates: 4 f taps, the edge repeated, not rounded."""
    t = (torch.arange(4 * factor, dtype=x.dtype) - (4 * factor - 1) / 2) / factor
    taps = torch.sinc(t) * torch.sinc(t / 2)
    taps = (taps / taps.sum()).expand(3, 1, 1, -1)
    pad = (4 * factor - factor) // 2
    x = F.conv2d(F.pad(x, (pad, pad, 0, 0), "replicate"), taps, stride=(1, factor), groups=3)
    taps = taps.transpose(2, 3)
    return F.conv2d(F.pad(x, (0, 0, pad, pad), "replicate"), taps, stride=(factor, 1), groups=3)


@golden_cases("dgp_sr_")
def test_dgp_descends_as_its_authors_code_does(name: str) -> None:
    case = golden(name)
    nets, config = networks(case), case.config
    picture = (case["picture"].permute(2, 0, 1)[None].float() / 255 - 0.5) / 0.5
    seen = eight_bits((picture + 1) / 2)[0].permute(1, 2, 0)
    assert (case["picture"].int() - seen.int()).sum() == case["source_8bit"]
    y = published_path((picture + 1) / 2, config["factor"]).double()
    assert torch.equal((y[0] * 255).round().byte().permute(1, 2, 0), case["lr"])

    target = Comparison(lambda x: lanczos2(x, config["factor"]), y, nets[1], mse_at="full")
    wanted = case["target_sub"]
    step = config["resolution"] // wanted.shape[-1]
    assert (target.enlarged(y)[0, :, ::step, ::step] - wanted).abs().max() < 1e-5
    # Candidates pass through the targets' path.
    chosen = replace(target, operator=lambda x: published_path(x, config["factor"]).double())
    of_one = torch.full((len(case["candidates"]),), config["category"])
    both = (("candidates", "select_loss", of_one),
            ("candidates_for_y", "select_y_loss", case["candidates_y"]))  # fmt: skip
    for index, (draws, expected, labels) in enumerate(both):
        losses = selection(nets[0], chosen, case[draws].double(), labels, 3)
        assert_close(losses, case[expected], 1e-5)
        assert losses.argmin() == case["selected"][index]

    start = case["candidates"][case["selected"][0]][None].double()
    with torch.no_grad():
        first = (nets[0](start, of_one[:1]) + 1) / 2
    degraded = target.enlarged(target.operator(first))[0, :, ::step, ::step]
    assert (degraded - case["first_degraded_sub"]).abs().max() < 1e-5
    for run, settings in config["runs"].items():
        assert_run(case, run, settings, nets, target)


def small_networks() -> Networks:
    torch.manual_seed(3)
    generator = BigGANGenerator((8, 8, 8, 8), (1,), classes=3, chunk=4, embedding=4)
    discriminator = BigGANDiscriminator((8, 8, 8, 8), (0,), classes=3)
    for network in (generator, discriminator):
        for parameter in network.parameters():  # biases and attention must matter
            parameter.data.add_(torch.randn_like(parameter), alpha=0.3)
    return generator.eval().requires_grad_(False), discriminator.eval().requires_grad_(False)


def small_search(**changed: Any) -> Callable[..., FineTuning]:
    """Searches for one y of 8x8 pixels on small networks."""
    generator, discriminator = small_networks()
    operator = Downsample(4)
    y = operator(torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)))
    target = Comparison(operator, y, discriminator)
    start = torch.randn(1, generator.latent_dim, generator=torch.Generator().manual_seed(2))

    def search(*stages: FineTuningStage, prior_weight: float = 0.02) -> FineTuning:
        return FineTuning(generator, target, start, torch.tensor([1]), stages, prior_weight)

    return search


STAGE = FineTuningStage(4, 8, 2, 1.0, 1.0, 1e-2, 1e-3)


def test_the_spectral_norm_takes_one_step_and_stays_in_evaluation() -> None:
    torch.manual_seed(0)
    layer = SpectralLinear(6, 5).eval()
    layer.weight.data.mul_(3).add_(0.1)
    u0, x = layer.u0.clone(), torch.randn(2, 6)
    v = F.normalize(u0 @ layer.weight)
    sigma = v @ layer.weight.T @ F.normalize(v @ layer.weight.T).T
    torch.testing.assert_close(layer(x), x @ (layer.weight / sigma).T + layer.bias)
    assert torch.equal(layer.u0, u0)
    # W / sigma does not change with the length of W: with sigma held fixed its gradient would.
    layer(x).square().sum().backward()
    assert layer.weight.grad is not None
    along = (layer.weight.grad * layer.weight).sum()
    assert along.abs() < 1e-4 * layer.weight.grad.norm() * layer.weight.norm()
    largest = torch.linalg.matrix_norm(layer.weight, 2)
    layer.train()
    for _ in range(50):
        layer(x)
    assert not torch.equal(layer.u0, u0)
    assert layer.sv0.item() == pytest.approx(largest.item(), rel=1e-4)


def test_a_fixed_discriminator_gives_the_same() -> None:
    _, discriminator = small_networks()
    images = torch.rand(2, 3, 32, 32)
    before = discriminator(images, torch.tensor([0, 2]))
    fix(discriminator)
    torch.testing.assert_close(discriminator(images, torch.tensor([0, 2])), before)


def test_instance_norms_are_those_of_the_first_picture() -> None:
    generator, _ = small_networks()
    one, other = torch.randn(2, 1, generator.latent_dim)
    label, norms = torch.tensor([1]), InstanceNorms()
    first = generator(one, label, norms)
    assert len(norms) == 6  # two a block
    kept = dict(norms)
    generator(other, label, norms)
    assert all(norms[norm] is values for norm, values in kept.items())
    assert torch.equal(generator(one, label, norms), first)
    assert not torch.allclose(generator(one, label), first, atol=1e-3)
    # Chunks of z after the first act through gains and biases alone, which are not asked any more.
    moved = one.clone()
    moved[:, generator.chunk :] += 1
    assert torch.equal(generator(moved, label, norms), first)
    assert not torch.allclose(generator(moved, label), generator(one, label), atol=1e-3)


def test_a_search_leaves_the_generator_as_it_is_and_repeats() -> None:
    search = small_search()
    one = search(STAGE)
    before = {key: tensor.clone() for key, tensor in search(STAGE).generator.state_dict().items()}
    first = one.run()
    again = search(STAGE)
    assert all(torch.equal(before[k], t) for k, t in again.generator.state_dict().items())
    assert torch.equal(again.run().images, first.images)


def test_groups_learn_one_after_the_other_and_the_output_never() -> None:
    search = small_search()
    untouched = search(STAGE).generator
    for groups in (1, 2, 4):
        one = search(replace(STAGE, groups=groups))
        one.run()
        moved = changes(untouched, one.generator) > 0
        assert moved.tolist() == [i < groups for i in range(4)] + [False, False]


def test_a_group_that_waits_gathers_its_moments() -> None:
    search = small_search()
    waited = search(replace(STAGE, groups=1), replace(STAGE, groups=2, steps=1))
    waited.run()
    late = list(waited.generator.blocks[0].parameters())
    counts = {int(waited.adam.state[parameter]["step"]) for parameter in late}
    assert counts == {5}
    # A fresh optimiser's first step is the rate itself, wherever there is a gradient.
    old, new = (g.blocks[0][0].conv1.weight for g in (small_networks()[0], waited.generator))
    steps = (new - old).abs() / STAGE.generator_rate
    assert 0.1 < steps.mean() < 10
    assert (steps - 1).abs().mean() > 0.05


def test_rates_fall_from_group_to_group_by_the_ratio() -> None:
    search = small_search()(replace(STAGE, steps=1, groups=3, group_ratio=0.5))
    search.run()
    moved = changes(small_networks()[0], search.generator)
    # Adam's first step is the rate, wherever there is a gradient.
    assert moved[1] / moved[0] == pytest.approx(0.5, rel=0.1)
    assert moved[2] / moved[1] == pytest.approx(0.5, rel=0.1)


def test_a_search_keeps_its_last_picture_whatever_its_losses() -> None:
    search = small_search()
    heavier = replace(STAGE, steps=2, mse_weight=100.0)
    found = search(STAGE, heavier).run()
    assert found.trace[-1] > found.trace[0]
    shorter = search(STAGE, replace(heavier, steps=1)).run()
    assert not torch.equal(found.images, shorter.images)
    assert [mark.steps for mark in found.milestones] == [1, 2]
    # The third step's picture is before it, that of the milestone after two is before the second.
    assert torch.equal(found.milestones[1].images, search(replace(STAGE, steps=2)).run().images)


def test_the_prior_draws_z_to_zero() -> None:
    search = small_search()
    stage = replace(STAGE, steps=20, latent_rate=0.05)
    assert search(stage, prior_weight=100.0).run().images.isfinite().all()
    held, free = search(stage, prior_weight=100.0), search(stage, prior_weight=0.0)
    held.run()
    free.run()
    assert held.z.norm() < 0.7 * free.z.norm()


def task(split: str = "face", size: int = 32, scale: int = 4) -> Task:
    return Task(split, (size, size), scale, Downsample(scale), CPU, Path())


def opened(folder: Path, task: Task, names: list[str] | None = None, **settings: Any) -> DGP:
    """The method on a file that holds both networks, and names its classes."""
    generator, discriminator = small_networks()
    pair = {f"generator.{key}": tensor for key, tensor in generator.state_dict().items()}
    pair |= {f"discriminator.{key}": tensor for key, tensor in discriminator.state_dict().items()}
    path = folder / "pair.safetensors"
    save_file(pair, path, None if names is None else {"classes": json.dumps(names)})
    method = DGP(task, DGPSettings(**{"steps": 3, "candidates": 4} | settings))
    method.setup({"generator": path, "discriminator": path})
    return method


def test_one_file_may_hold_both_networks_and_name_the_classes(tmp_path: Path) -> None:
    names = ["cat", "car", "face"]
    assert opened(tmp_path, task("face"), names).category == 2
    assert opened(tmp_path, task("boat"), names).category is None
    assert opened(tmp_path, task("face")).category is None
    assert opened(tmp_path, task("face"), names, category=0).category == 0
    with pytest.raises(BenchError, match="has the categories 0 to 2, not 7"):
        opened(tmp_path, task("face"), names, category=7)
    y = torch.rand(1, 3, 8, 8)
    one, other = (opened(tmp_path, task(s), names).restore(y, [5]).images for s in ("face", "cat"))
    assert not torch.equal(one, other)
    drawn = opened(tmp_path, task("boat"), names, candidates=1)
    images = [drawn.restore(y, [seed]).images for seed in range(4)]
    assert not torch.equal(images[0], images[1])


def test_names_of_classes_that_are_no_list_are_refused(tmp_path: Path) -> None:
    generator, _ = small_networks()
    for text in ('{"a": 1}', "[1, 2]", "no json", "[" * 100_000):
        save_file(generator.state_dict(), tmp_path / "g.safetensors", {"classes": text})
        with pytest.raises(BenchError, match=r"g\.safetensors.* classes"):
            named_classes(tmp_path / "g.safetensors")


def test_wrong_files_are_told_apart(tmp_path: Path) -> None:
    generator, discriminator = small_networks()
    save_file(generator.state_dict(), tmp_path / "g.safetensors")
    save_file(discriminator.state_dict(), tmp_path / "d.safetensors")
    right = {"generator": tmp_path / "g.safetensors", "discriminator": tmp_path / "d.safetensors"}
    DGP(task(), DGPSettings()).setup(right)
    with pytest.raises(BenchError, match=r"d\.safetensors: not a BigGAN generator"):
        DGP(task(), DGPSettings()).setup(right | {"generator": right["discriminator"]})
    with pytest.raises(BenchError, match=r"g\.safetensors: not a BigGAN discriminator"):
        DGP(task(), DGPSettings()).setup(right | {"discriminator": right["generator"]})
    with pytest.raises(BenchError, match="makes pictures of 32x32 pixels, not 64x64"):
        DGP(task(size=64), DGPSettings()).setup(right)


def test_the_generator_is_read_with_and_without_stored_instance_norms() -> None:
    generator, _ = small_networks()
    plain = generator.state_dict()
    stored = plain | {f"blocks.{i}.0.in{k}.{part}": torch.ones(8)
                      for i in range(3) for k in (1, 2) for part in ("weight", "bias")}  # fmt: skip
    z, label = torch.randn(2, generator.latent_dim), torch.tensor([0, 2])
    for tensors in (plain, stored, {"G_ema": stored}):
        read = BigGANGenerator.from_state_dict(tensors)
        assert torch.equal(read(z, label), generator(z, label))
    lacking = {k: v for k, v in plain.items() if k not in ("linear.u0", "blocks.1.1.gamma")}
    with pytest.raises(CheckpointError, match=r"missing: linear.u0; .*unexpected: blocks.1.1.g"):
        BigGANGenerator.from_state_dict(lacking)


def test_the_presets_are_those_of_the_code() -> None:
    biased = dgp_stages.stages_of(DGPSettings(), 1000)
    assert [stage.steps for stage in biased] == [200] * 5
    assert [stage.groups for stage in biased[:4]] == [2, 3, 4, 5]
    assert biased[4].groups > 7
    assert [s.generator_rate for s in biased] == [5e-5, 5e-5, 2e-5, 1e-5, 1e-5]
    assert [s.latent_rate for s in biased] == [2e-3, 1e-3, 2e-5, 1e-5, 1e-5]
    assert {(s.feature_weight, s.mse_weight, s.features) for s in biased} == {(1, 1, 8)}
    assert not any(stage.instance_norms for stage in biased)
    mse = dgp_stages.stages_of(DGPSettings(preset="mse-biased", rate_factor=2.0), 7)
    assert [stage.steps for stage in mse] == [2, 2, 1, 1, 1]
    assert [s.feature_weight for s in mse] == [1, 1, 1, 0.5, 0.1]
    assert [s.mse_weight for s in mse] == [10, 10, 10, 50, 100]
    assert [s.generator_rate for s in mse] == [4e-4, 4e-4, 2e-4, 2e-4, 2e-5]
    assert [s.latent_rate for s in mse] == [2e-3, 2e-3, 2e-4, 2e-4, 2e-5]
    assert all(stage.instance_norms for stage in mse)
    defaults = {"candidates": 500, "spread": 0.3, "selection_features": 3, "prior_weight": 0.02,
                "category": None, "enlargement": "bilinear", "mse_at": "y"}  # fmt: skip
    assert DGPSettings().model_dump().items() >= defaults.items()


def test_macs_count_draws_and_steps(tmp_path: Path) -> None:
    def macs(steps: int, candidates: int) -> int:
        method = opened(tmp_path, task(), steps=steps, candidates=candidates)
        return method.warm_up(torch.rand(1, 3, 8, 8))

    one, step, draw = macs(1, 1), macs(2, 1) - macs(1, 1), macs(1, 2) - macs(1, 1)
    assert macs(10, 20) == one + 9 * step + 19 * draw
    assert step > 2 * draw > 0  # a step goes back through both networks


def test_pictures_of_a_batch_do_not_share_a_generator(tmp_path: Path) -> None:
    method = opened(tmp_path, task(), steps=6)
    y = torch.rand(2, 3, 8, 8)
    before = copy.deepcopy(method.generator.state_dict())
    both = method.restore(y, [1, 2])
    assert torch.equal(method.restore(y.flip(0), [2, 1]).images.flip(0), both.images)
    assert torch.equal(both.images[1:], method.restore(y[1:], [2]).images)
    after = method.generator.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert [len(fit.trace) for fit in both.fits] == [6, 6]
    assert [m.steps for m in both.milestones] == [1, 2]
    assert all(m.images.shape == (2, 3, 32, 32) for m in both.milestones)
