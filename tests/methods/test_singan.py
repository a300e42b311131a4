"""SinGAN: parity with its authors' code, and what it does with a picture of its own."""

from __future__ import annotations

import copy
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

import bench
from bench.operators import Downsample
from methods.base import Task
from methods.checkpoints.state_dict import CheckpointError
from methods.cost import count_macs
from methods.networks.singan import SinGANDiscriminator, SinGANGenerator
from methods.settings.singan import SMALLEST_SIDE, SinGANSettings
from methods.singan import SinGAN
from methods.single_image.draws import Draws
from methods.single_image.plan import Plan
from methods.single_image.pyramid import Enlargement, Pyramid, Size, enlarged, scale_counts
from methods.single_image.resizing import from_levels, resize, to_levels
from methods.single_image.trained import LowerScales, TrainedScale, enlarge
from methods.single_image.training import ScaleTraining, trainings
from tests.support.commands import bench_here, rows
from tests.support.golden import Golden, assert_close, golden, golden_cases

CPU = torch.device("cpu")
TENTH_OF_A_PER_CENT = 1e-3


@dataclass(frozen=True)
class StoredDraws(Draws):
    """The noises and mixtures of a case, in the order in which its code drew them."""

    noises: Iterator[Tensor]
    mixtures: Iterator[Tensor]

    @classmethod
    def of(cls, noises: Iterable[Tensor], mixtures: Iterable[Tensor] = ()) -> StoredDraws:
        return cls(torch.Generator(), CPU, iter(noises), iter(mixtures))

    def noise(self, size: Size, *, is_first: bool) -> Tensor:
        stored = next(self.noises)
        assert stored.shape == (1, 1 if is_first else 3, *size)
        return stored.expand(1, 3, *size)

    def mixture(self) -> Tensor:
        return next(self.mixtures)[None]


def picture(array: Tensor) -> Tensor:
    """(H, W, 3) of uint8 as (1, 3, H, W) in [-1, 1]."""
    return from_levels(array.permute(2, 0, 1)[None])


def size_of(text: str) -> Size:
    """Such as `32x48`: height and width."""
    height, width = map(int, text.split("x"))
    return height, width


def near(actual: Tensor, expected: Tensor, tolerance: float = 1e-5) -> bool:
    """Whether all values lie within an absolute tolerance."""
    return actual.shape == expected.shape and bool((actual - expected).abs().max() <= tolerance)


@golden_cases("singan_", having="plans")
def test_the_resize_is_its_authors(name: str) -> None:
    case = golden(name)
    levels = torch.arange(len(case["levels_round_trip"]))
    assert torch.equal(to_levels(from_levels(levels)), case["levels_round_trip"])
    for key, scale in case.facts["resize_scales"].items():
        assert near(resize(case["resize_input"], scale), case[f"resize_{key}"]), key


def assert_pyramid(size: Size, factor: int, expected: dict[str, Any]) -> None:
    """The plan of a picture of this size is that of the case, or there is none, as there."""
    enlargement = Enlargement.by(factor)
    settings = SinGANSettings()
    limits = settings.smallest_side, settings.largest_side
    counts = scale_counts(size, enlargement.step, *limits)
    assert counts == (expected["num_scales"], expected["stop_scale"])
    pyramid = Pyramid.of(size, enlargement.step, *limits)
    if "error" in expected:
        assert pyramid is None
        return
    assert pyramid is not None
    assert (enlargement.steps, enlargement.step) == (expected["iter_num"], expected["in_scale"])
    assert (pyramid.reduction, pyramid.ratio) == (expected["scale1"], expected["scale_factor"])
    assert pyramid.sizes == tuple(map(tuple, expected["sizes"]))
    assert pyramid.widths(settings.narrowest) == expected["filters"]
    if "sr_sizes" in expected:
        reached = [pyramid.sizes[-1]]
        for _ in range(enlargement.steps):
            reached.append(enlarged(reached[-1], enlargement.step))
        assert reached[1:] == list(map(tuple, expected["sr_sizes"]))


@golden_cases("singan_", having="plans")
def test_the_pyramid_is_its_authors(name: str) -> None:
    case = golden(name)
    for text, expected in case.facts["plans"].items():
        size, factor = text.split(" x")
        assert_pyramid(size_of(size), int(factor), expected)
        pyramid = Pyramid.of(size_of(size), Enlargement.by(int(factor)).step)
        assert pyramid is not None
        pictures = pyramid.pictures(picture(case[f"picture_{size}"]))
        assert len(pictures) == sum(key.startswith(f"real_{size}_") for key in case.arrays)
        for index, real in enumerate(pictures):
            assert near(real[0], case[f"real_{size}_{index}"]), (text, index)


@golden_cases("singan_", having="sizes")
def test_the_pyramids_of_other_sizes_are_its_authors(name: str) -> None:
    case = golden(name)
    for text, expected in case.facts["sizes"].items():
        assert_pyramid(size_of(text), case.facts["sizes_factor"], expected)


@golden_cases("singan_", having="prefixes", lacking="indices")
def test_the_networks_are_its_authors(name: str) -> None:
    case, config = golden(name), golden(name).config
    generator = SinGANGenerator.from_state_dict(case.parts["netG"])
    discriminator = SinGANDiscriminator.from_state_dict(case.parts["netD"])
    both = {"netG": generator, "netD": discriminator}
    for part, network in both.items():
        assert {f"{part}.{key}" for key in network.state_dict()} == case.parts[part].keys()
        assert network.head.conv.weight.shape[::3] == (config["nfc"], config["ker_size"])
        assert len(network.body) == config["num_layer"] - 2
    assert generator.border == config["pad"]
    noise = case["noise_amp"] * case["noise"]
    with torch.no_grad():
        for mode in ("eval", "train"):
            for network in both.values():
                network.train(mode == "train")
            assert near(generator(noise, case["prev"]), case[f"g_{mode}"])
            assert near(discriminator(case["prev"]), case[f"d_{mode}"])
    states = {f"{p}.{key}": value for p, n in both.items() for key, value in n.state_dict().items()}
    after = [key for key in case.arrays if key.startswith("after/")]
    assert after
    for key in after:
        assert near(states[key.removeprefix("after/")], case[key]), key


def learning(case: Golden) -> ScaleTraining:
    """The training of a case, before its first iteration."""
    config, plan = case.config, case.facts["plan"]
    real = picture(case["picture"])
    height, width = real.shape[-2:]
    pyramid = Pyramid.of((height, width), plan["in_scale"])
    assert pyramid is not None
    assert pyramid.sizes == tuple(map(tuple, plan["sizes"]))
    lower = []
    for index, amplitude in enumerate(config["NoiseAmp"]):
        generator = SinGANGenerator.from_state_dict(case.parts[f"G{index}"]).requires_grad_(False)
        fixed = case.arrays.get(f"z_opt_{index}", torch.zeros(1, 1, *pyramid.sizes[index]))
        fixed = fixed.expand(1, 3, *pyramid.sizes[index])
        lower.append(TrainedScale(generator, torch.tensor(amplitude), fixed))
    index, iterations = len(lower), iterations_of(case)
    size = pyramid.sizes[index]
    count = sum(key.startswith("noise_") and key[6:].isdigit() for key in case.arrays)
    unused = 1 if lower else 0  # drawn for a fixed noise that is then set to zero
    settings = SinGANSettings(
        discriminator_steps=len(case["fresh_trace_d"]) // iterations,
        generator_steps=len(case["fresh_trace_g"]) // iterations,
        learning_rate=config["lr"],
        betas=config["betas"],
        reconstruction_weight=config["alpha"],
        penalty_weight=config["lambda_grad"],
        noise_factor=config["noise_amp_init"],
    )
    return ScaleTraining(
        pyramid.pictures(real)[index],
        LowerScales(tuple(lower), pyramid.ratio, size),
        SinGANGenerator.from_state_dict(case.parts["netG"]),
        SinGANDiscriminator.from_state_dict(case.parts["netD"]),
        settings,
        StoredDraws.of((case[f"noise_{i}"] for i in range(unused, count)), case["alphas"]),
    )


def iterations_of(case: Golden) -> int:
    """How many a case has."""
    marks = {key.partition("/")[0] for key in case.arrays if key.startswith("fresh_after")}
    return max(int(mark.removeprefix("fresh_after")) for mark in marks)


@golden_cases("singan_", having="indices")
def test_a_scale_learns_as_with_its_authors_code_on_todays_torch(name: str) -> None:
    case = golden(name)
    training = learning(case)
    assert near(training.amplitude, case["noise_amp"], 1e-7)
    assert near(training.reconstructed, case["first_z_prev"])
    of_discriminator, of_generator = [], []
    for iteration in range(1, iterations_of(case) + 1):
        losses = training.iterate()
        of_discriminator.append(losses.discriminator)
        of_generator.append(losses.generator)
        networks = {"netG": training.generator, "netD": training.discriminator}
        for key, indices in case.facts["indices"].items():
            stored = case.arrays.get(f"fresh_after{iteration}/{key}")
            if stored is None:
                continue
            part, _, own = key.partition(".")
            values = networks[part].state_dict()[own].double().flatten()
            summary = torch.stack([values.mean(), values.std(correction=0)])
            assert near(torch.cat([summary, values[indices]]), stored, 2e-6), (iteration, key)
    # Where a LeakyReLU's kink is crossed, later losses move by 1e-3.
    assert_close(torch.cat(of_discriminator), case["fresh_trace_d"], 2e-3)
    assert_close(torch.cat(of_generator), case["fresh_trace_g"], 2e-3)
    assert_close(of_generator[0][:1], case["fresh_trace_g"][:1], 1e-5)


@golden_cases("singan_", having="indices")
def test_the_first_fake_is_its_authors(name: str) -> None:
    case = golden(name)
    training = learning(case)
    border = training.generator.border
    size = training.lower.size
    noise = training.amplitude * training.draws.noise(size, is_first=not training.lower.scales)
    previous = training.lower.drawn(training.draws)
    inside = (..., slice(border, -border), slice(border, -border))
    assert near(previous, case["first_prev"][inside])
    assert near(noise + previous, case["first_z"][inside])
    assert near(training.generator(noise, previous), case["first_fake"])


@golden_cases("singan_", having="runs")
def test_the_enlargement_is_its_authors(name: str) -> None:
    case = golden(name)
    generator = SinGANGenerator.from_state_dict(case.state_dict)
    for run, facts in case.facts["runs"].items():
        whole, factor = Enlargement.by(facts["factor"]), facts["factor"]
        given = picture(case[f"{run}_picture"])
        height, width = (factor * side for side in given.shape[-2:])
        real = resize(resize(given, 1), 1)  # the finest of a pyramid
        noises = [case.drawn(row) for row in facts["noises"]]
        amplitude = torch.tensor(facts["noise_amp"])
        finest = TrainedScale(generator, amplitude, torch.zeros_like(real))
        before = real
        for step in range(sum(key.startswith(f"{run}_step_") for key in case.arrays)):
            before = resize(before, whole.step)
            assert near(before, case[f"{run}_in_{step}"]), (run, step)
            with torch.no_grad():
                before = generator(amplitude * noises[step], before)
            assert near(before, case[f"{run}_step_{step}"]), (run, step)
        assert len(noises) == whole.steps
        found = enlarge(real, finest, whole, StoredDraws.of(noises))
        assert found.shape[-2:] == tuple(facts["step_sizes"][-1])
        found = found[..., :height, :width]
        apart = (to_levels(found)[0].permute(1, 2, 0).int() - case[f"{run}_png"].int()).abs()
        assert apart.max() <= 1  # where truncation falls on the other side
        assert (apart > 0).float().mean() <= TENTH_OF_A_PER_CENT
        last = case[f"{run}_last"]
        stride = math.ceil(width / last.shape[-1])
        far = (found[..., ::stride, ::stride] - last).abs() > 1e-5
        assert far.float().mean() <= TENTH_OF_A_PER_CENT


def made(size: int = 32, scale: int = 4, width: int = 0, **settings: Any) -> SinGAN:
    """SinGAN on a task of pictures of this size."""
    sides = (size, width or size)
    task = Task("face", sides, scale, Downsample(scale), CPU, Path())
    return SinGAN(task, SinGAN.Settings(**{"steps": 1, **settings}))


def observed(count: int = 1, size: int = 32, scale: int = 4) -> Tensor:
    """Small pictures of which nothing is known."""
    truths = torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(3))
    return Downsample(scale).observe(truths)


@pytest.mark.parametrize(
    ("size", "scale", "before", "trained", "after"),
    [
        (8, 16, 3, (18, 18), 9),
        (12, 8, 2, (21, 21), 7),
        (14, 4, 1, (18, 18), 5),
        (15, 4, 0, (15, 15), 6),
        (18, 4, 0, (18, 18), 6),
        (1, 16, 8, (18, 18), 4),
    ],
)
def test_inputs_that_are_too_small_are_enlarged_by_its_own_steps(
    size: int, scale: int, before: int, trained: Size, after: int
) -> None:
    plan = Plan.of((size, size), scale, SinGANSettings())
    assert (plan.before.steps, plan.pyramid.sizes[-1], plan.after.steps) == (before, trained, after)
    y = torch.rand(1, 3, size, size)
    assert plan.before.resized(y).shape[-2:] == trained
    assert bool(plan.note) == (before > 0 or size < 18)
    if before:
        told = f"{before} of its {before + after} steps made them {trained[1]}x{trained[0]} before"
        assert plan.note.startswith(f"enlarged first: {size}x{size} pixels are too few")
        assert told in plan.note
    elif plan.note:
        assert "an inverted pyramid: SinGAN's coarsest scale has 18x18 pixels" in plan.note


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (
            {"size": 32, "small_inputs": "refuse"},
            "for inputs of 8x8 pixels; --set singan.small_inputs",
        ),
        ({"size": 48, "small_inputs": "refuse"}, "has no scales for inputs of 12x12 pixels"),
        ({"size": 16, "scale": 2}, "3 of its 3 steps to enlarge them to 18x18"),
        ({"size": 32, "scale": 1}, "by 2 or more, not by 1"),
        ({"size": 1024}, "inputs of 256x256 pixels are above 250.*largest_side=256 trains"),
        ({"size": 32, "width": 1024}, "inputs of 256x8 pixels, enlarged to 513x18, are above 250"),
    ],
)
def test_what_it_cannot_do_has_its_reason(task: dict[str, Any], reason: str) -> None:
    told = made(**task).skip()
    assert told is not None
    assert re.search(reason, told), told


def test_what_the_published_code_does_needs_no_remedy() -> None:
    assert made(64, small_inputs="refuse").skip() is None  # 16 pixels: two scales, inverted
    assert made(1024, largest_side=256).skip() is None


def test_settings_that_its_discriminator_cannot_look_at_are_refused() -> None:
    with pytest.raises(ValidationError, match=f"greater than or equal to {SMALLEST_SIDE}"):
        SinGANSettings(smallest_side=SMALLEST_SIDE - 1)


def test_the_papers_settings_are_the_defaults() -> None:
    assert SinGANSettings().model_dump() == {
        "steps": 2000, "discriminator_steps": 3, "generator_steps": 3, "learning_rate": 5e-4,
        "betas": (0.5, 0.999), "rate_drop": 0.8, "reconstruction_weight": 100.0,
        "penalty_weight": 0.1, "noise_factor": 0.1, "smallest_side": 18, "largest_side": 250,
        "narrowest": 32, "small_inputs": "enlarge"}  # fmt: skip


def test_rates_drop_to_a_tenth_after_four_fifths_of_the_steps() -> None:
    pyramid = Pyramid.of((18, 18), Enlargement.by(4).step)
    assert pyramid is not None
    reals = pyramid.pictures(torch.rand(1, 3, 18, 18) * 2 - 1)
    settings = SinGANSettings(steps=5, discriminator_steps=1, generator_steps=1)
    training = next(trainings(reals, pyramid, settings, draws(0)))
    rates = []
    for _ in range(settings.steps):
        rates.append([adam.param_groups[0]["lr"] for adam in training.optimisers])
        training.iterate()
    assert rates == [[5e-4] * 2] * 4 + [[pytest.approx(5e-5)] * 2]


def draws(seed: int) -> Draws:
    """A stream of its own."""
    return Draws(torch.Generator().manual_seed(seed), CPU)


def test_a_scale_inherits_the_networks_of_one_as_wide_and_no_others() -> None:
    pyramid = Pyramid(1, 1.0, ((11, 11),) * 5)  # the fifth scale is twice as wide
    reals = [torch.rand(1, 3, 11, 11) * 2 - 1] * 5
    settings = SinGANSettings(discriminator_steps=1, generator_steps=1, narrowest=4)
    before: SinGANGenerator | None = None
    for index, training in enumerate(trainings(reals, pyramid, settings, draws(0))):
        first = training.generator.head.conv.weight
        assert first.shape[0] == (8 if index == 4 else 4)
        if before is not None and index < 4:
            assert torch.equal(first, before.head.conv.weight)
            assert training.lower.scales[-1].amplitude > 0
        assert all(not s.generator.training for s in training.lower.scales)
        kept = [copy.deepcopy(s.generator.state_dict()) for s in training.lower.scales]
        assert training.iterate().generator.isfinite().all()
        for state, scale in zip(kept, training.lower.scales, strict=True):
            now = scale.generator.state_dict()
            assert all(torch.equal(value, now[key]) for key, value in state.items())
        assert bool(training.fixed_noise.any()) == (index == 0)
        before = training.generator


def test_first_weights_are_its_authors_and_of_the_stream_alone() -> None:
    torch.manual_seed(1)
    one, other = SinGANGenerator(64), SinGANGenerator(64)
    draws(5).initialise(one)
    torch.manual_seed(2)
    draws(5).initialise(other)
    assert all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))
    kernel, norm = one.body.block1.conv, one.body.block1.norm
    assert kernel.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert norm.weight.mean().item() == pytest.approx(1, abs=0.01)
    assert not norm.bias.any()
    assert 0.9 < kernel.bias.abs().max().item() * math.sqrt(64 * 9) <= 1


def test_what_it_restores_depends_on_seed_and_picture_alone() -> None:
    method, y = made(steps=2), observed(2)
    together = method.restore(y, [5, 6])
    alone = method.restore(y[1:], [6])
    assert torch.equal(together.images[1:], alone.images)
    assert together.fits[1] == alone.fits[0]
    with torch.no_grad():
        assert torch.equal(method.restore(y[1:], [6]).images, alone.images)
    assert not torch.equal(method.restore(y[1:], [7]).images, alone.images)
    assert together.images.shape == (2, 3, 32, 32)
    assert together.images.min() >= 0
    assert together.images.max() <= 1
    assert together.notes == (method.plan().note,) * 2
    assert [fit.reached_tolerance for fit in together.fits] == [None, None]


def test_milestones_are_of_the_finest_scale_and_cost_the_result_nothing() -> None:
    method, y = made(), observed()
    with_them = method.fit(y, 3, steps=3, marks={1, 2})
    without = method.fit(y, 3, steps=3)
    assert [mark.steps for mark in with_them.milestones] == [4, 5]  # two scales of three
    assert len(with_them.fits[0].trace) == 6
    assert without.milestones == ()
    assert torch.equal(with_them.images, without.images)
    times = [mark.reached_at for mark in with_them.milestones]
    assert times == sorted(times)
    assert not torch.equal(with_them.milestones[0].images, with_them.images)
    assert [mark.steps for mark in made(steps=3).restore(y, [3]).milestones] == [4]


def test_training_brings_a_scale_nearer_to_its_picture() -> None:
    pyramid = Pyramid.of((18, 18), Enlargement.by(4).step)
    assert pyramid is not None
    reals = pyramid.pictures(observed(1, 72) * 2 - 1)
    training = next(trainings(reals, pyramid, SinGANSettings(), draws(1)))
    errors = [training.iterate().generator[0, 1].item() for _ in range(12)]
    assert errors[-1] < 0.5 * errors[0]


def test_costs_grow_with_the_steps_and_count_both_networks() -> None:
    y, quick = observed(), {"discriminator_steps": 1, "generator_steps": 1}
    few, many = (made(steps=steps, **quick).warm_up(y) for steps in (1, 3))
    assert few < many < 3 * few
    # What is extrapolated is what is done; milestones do not count.
    assert many == count_macs(lambda: made(**quick).fit(y, 0, 3))
    generator, discriminator = SinGANGenerator(), SinGANDiscriminator()
    each = sum(p.numel() for n in (generator, discriminator) for p in n.parameters())
    assert made().parameters() == 2 * each


def test_a_wrong_file_of_a_network_is_named() -> None:
    with pytest.raises(CheckpointError, match="not a SinGANGenerator"):
        SinGANGenerator.from_state_dict(SinGANDiscriminator(4).state_dict())
    wrong = SinGANGenerator(4).state_dict() | {"body.block2.conv.weight": torch.ones(4, 4, 5, 5)}
    with pytest.raises(CheckpointError, match=r"block2\.conv\.weight is \(4, 4, 5, 5\)"):
        SinGANGenerator.from_state_dict(wrong)


def test_a_run_says_what_was_done_to_its_input(data: Path, suite: Path, tmp_path: Path) -> None:
    def run(out: str, *settings: str) -> tuple[Path, str]:
        options = [part for setting in settings for part in ("--set", f"singan.{setting}")]
        done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face",
                          "--images", 1, "--scale", 8, "--methods", "singan,bicubic", *options,
                          "--out", tmp_path / out)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return tmp_path / out, done.stdout

    folder, said = run("enlarged", "steps=3", "discriminator_steps=1", "generator_steps=1")
    (row,) = [row for row in rows(folder) if row["method"] == "singan"]
    note = "enlarged first: 8x8 pixels are too few for SinGAN's pyramid"
    assert (row["state"], row["trace_length"], row["reached_tolerance"]) == ("ok", "6", "")
    assert row["reason"].startswith(note)
    assert "warning: singan" not in said  # its row says it, and nothing was clipped
    assert bench.load_results(folder).budgets.steps.tolist() == [4, 6]
    folder, _ = run("refused", "small_inputs=refuse")
    assert Counter((row["method"], row["state"]) for row in rows(folder)) == {
        ("singan", "not-applicable"): 1, ("bicubic", "ok"): 1}  # fmt: skip
    (row,) = [row for row in rows(folder) if row["method"] == "singan"]
    assert "the published pyramid has no scales for inputs of 8x8 pixels" in row["reason"]
