"""The latent-optimisation loop: traces of the reference code, independence of the batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from bench.operators import Downsample
from methods import mganprior, pulse
from methods.networks.generator import LatentGenerator, open_generator
from methods.networks.pggan import PGGANGenerator
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.networks.vgg16 import CONVOLUTIONS, VGG16Features
from methods.pulse import geocross, one_cycle_drop
from methods.search import gaussian_fit
from methods.search.descent import (
    Inversion,
    Iterate,
    descend,
    loop_macs,
    normal,
    on_spheres,
    streams,
)
from methods.search.gaussian_fit import GaussianFit, cached_fit
from methods.settings.mganprior import MGANPriorSettings
from methods.settings.pulse import PULSESettings
from tests.support.golden import assert_parity, golden, golden_cases

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}
GENERATORS: dict[str, Callable[[], LatentGenerator]] = {
    "stylegan2": lambda: StyleGAN2Generator(32, 16, 2, WIDTHS).requires_grad_(False),
    "stylegan1": lambda: StyleGAN1Generator(WIDTHS, 16, 2).requires_grad_(False),
    "pggan": lambda: PGGANGenerator(WIDTHS, 16).requires_grad_(False),
}


def assert_trace(actual: Tensor, expected: Tensor) -> None:
    """Within 1e-4 of its value on the first steps; within 1e-3 of the largest value, and 1e-2 of
    its own, on all.

    Rounding grows from step to step: the references' own loops, repeated with another
    convolution library or in float64, leave their traces by up to 4e-3 of a step's value.
    """
    error = (actual.double() - expected).abs()
    assert (error[:3] / expected[:3]).max() < 1e-4, error / expected
    assert (error / expected).max() < 1e-2, error / expected
    assert error.max() < 1e-3 * expected.max(), error / expected.max()


@golden_cases("pulse_")
def test_pulse_descends_as_its_authors_code_does(name: str) -> None:
    case = golden(name)
    tensors = case.parts["synthesis"] | case.parts["mapping"]
    generator = open_generator(tensors).requires_grad_(False)
    noise = [case[f"noise{i}"] for i in range(case.config["layers"])]
    found = pulse.invert(
        generator,
        GaussianFit(case["gauss_mean"], case["gauss_std"]),
        Downsample(case.config["factor"], "pulse-bicubic"),
        case["lr_image"],
        (case["latent"], noise),
        PULSESettings(steps=case.config["steps"]),
    )
    total, fidelity, spread = case["trace"].T
    assert_trace(found.trace[:, 0], total)
    clamped = fidelity.min().item() == pytest.approx(2e-3)
    assert clamped or fidelity.min() > 2e-3
    assert found.fits(2e-3)[0].reached_tolerance is clamped
    w = F.leaky_relu(case["latent"] * case["gauss_std"] + case["gauss_mean"], 0.2)
    assert geocross(w).item() == pytest.approx(spread[0].item(), rel=1e-4)


@golden_cases("mganprior_")
def test_mganprior_descends_as_its_authors_code_does(name: str) -> None:
    case, config = golden(name), golden(name).config
    generator = open_generator(case.parts["generator"]).requires_grad_(False)
    vgg16 = VGG16Features.from_state_dict(case.parts["vgg"]).requires_grad_(False)

    def operator(x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=1 / config["factor"], mode="bilinear")

    def invert(steps: int) -> Inversion:
        settings = MGANPriorSettings(
            codes=config["codes"],
            composing_layer=config["composing_layer"],
            steps=steps,
            perceptual_size=config["resolution"],
        )
        y = operator((case["target"] + 1) / 2)
        return mganprior.invert(generator, vgg16, operator, y, (case["codes"], []), settings)

    assert_trace(invert(config["steps"]).trace[:, 0], case["trace"][:, 0])
    assert_parity(invert(1).images * 2 - 1, case["first_image"])


def searches(
    name: str, method: str, steps: int = 6, rate: float = 0.1
) -> tuple[Callable[[Tensor, list[int]], Inversion], Downsample]:
    """A search by `method` on a small random generator, with seeds, and its operator."""
    torch.manual_seed(5)
    gan, operator = GENERATORS[name](), Downsample(8)

    def search(y: Tensor, seeds: list[int]) -> Inversion:
        drawn = streams(seeds)
        noise = [normal(drawn, 1, side, side, like=y) for side in gan.noise_sides]
        if method == "pulse":
            fit = gaussian_fit.fit(gan, y.device, 1000) if gan.has_mapping else None
            start = normal(drawn, gan.num_latents, gan.latent_dim, like=y)
            spheres = PULSESettings(steps=steps)
            return pulse.invert(gan, fit, operator, y, (start, noise), spheres)
        z = normal(drawn, 3, gan.latent_dim, like=y)
        codes = gan.mapping(z.flatten(0, 1)).view_as(z)
        settings = MGANPriorSettings(codes=3, composing_layer=4, steps=steps, learning_rate=rate)
        return mganprior.invert(gan, None, operator, y, (codes, noise), settings)

    return search, operator


@pytest.mark.parametrize("method", ["pulse", "mganprior"])
@pytest.mark.parametrize("name", GENERATORS)
def test_each_image_of_a_batch_is_a_search_of_its_own(name: str, method: str) -> None:
    search, operator = searches(name, method)
    y = operator(torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1)))
    together = search(y, [7, 8, 7])
    alone = search(y[1:2], [8])
    torch.testing.assert_close(together.trace[:, 1:2], alone.trace, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(together.images[1:2], alone.images, rtol=1e-3, atol=1e-3)
    again = search(y, [7, 8, 7])
    assert torch.equal(again.images, together.images)
    assert not torch.allclose(together.images[0], together.images[2])  # another y
    assert not torch.allclose(search(y[1:2], [9]).images, alone.images)  # another seed
    assert together.trace.shape == (6, 3)


@pytest.mark.parametrize("method", ["pulse", "mganprior"])
@pytest.mark.parametrize("name", GENERATORS)
def test_the_loss_falls(name: str, method: str) -> None:
    search, operator = searches(name, method, steps=30, rate=1.0)
    found = search(operator(torch.full((1, 3, 32, 32), 0.6)), [3])
    assert found.trace.min() < 0.95 * found.trace[0, 0]
    assert found.images.shape == (1, 3, 32, 32)
    assert not found.images.requires_grad


def parabola(start: list[float], rate: float, steps: int) -> Inversion:
    """Descent of x^2 from several starts; the images are x."""
    x = torch.tensor(start, requires_grad=True)

    def evaluate() -> Iterate:
        return Iterate(x[:, None, None, None] * 1, x.square(), x.abs())

    return descend(evaluate, torch.optim.SGD([x], rate), steps)


def test_the_best_iterate_is_kept_for_each_image() -> None:
    # At rate 1.25 every step overshoots: x, -1.5 x, 2.25 x, so that the first is the best.
    found = parabola([1.0, -2.0], 1.25, 4)
    assert found.images.flatten().tolist() == [1.0, -2.0]
    falling = parabola([1.0, -2.0], 0.25, 4)
    assert falling.images.flatten().tolist() == [0.125, -0.25]
    assert falling.error.tolist() == [0.125, 0.25]
    assert falling.trace.T.tolist()[0] == [1.0, 0.25, 0.0625, 0.015625]
    assert [fit.reached_tolerance for fit in falling.fits(0.2)] == [True, False]


def test_milestones_are_the_best_iterates_of_the_one_search() -> None:
    falling = parabola([1.0, -2.0], 0.25, 20)
    assert [m.steps for m in falling.milestones] == [2, 7]
    assert [m.images.flatten().tolist() for m in falling.milestones] == [
        parabola([1.0, -2.0], 0.25, steps).images.flatten().tolist() for steps in (2, 7)
    ]
    overshooting = parabola([1.0], 1.25, 20)
    assert [m.images.item() for m in overshooting.milestones] == [1.0, 1.0]
    began, ended = (m.reached_at for m in falling.milestones)
    assert began < ended
    assert [m.steps for m in parabola([1.0], 0.1, 2).milestones] == [1]
    assert parabola([1.0], 0.1, 1).milestones == ()


def test_a_search_that_leaves_the_numbers_keeps_what_it_had() -> None:
    found = parabola([1.0], 1e30, 4)
    assert found.images.item() == 1.0
    assert not found.trace.isfinite().all()


def test_a_descent_of_no_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one step, not 0"):
        parabola([1.0], 0.1, 0)


def test_variables_stay_on_their_spheres() -> None:
    variables = [torch.randn(2, 3, 16), torch.randn(2, 1, 4, 4)]
    lengths = [v.flatten(2).norm(dim=2) for v in variables]
    project = on_spheres(variables)
    for variable in variables:
        variable.add_(torch.randn_like(variable))
    project()
    for variable, length in zip(variables, lengths, strict=True):
        torch.testing.assert_close(variable.flatten(2).norm(dim=2), length)


def test_geocross_is_zero_for_one_latent_and_grows_with_their_angle() -> None:
    one = torch.randn(2, 1, 64).expand(-1, 5, -1)
    assert geocross(one).max() < 1e-6
    near, far = one + 0.1 * torch.randn(2, 5, 64), one + torch.randn(2, 5, 64)
    assert (geocross(one) < geocross(near)).all()
    assert (geocross(near) < geocross(far)).all()
    right_angle = torch.eye(64)[None, :2]
    assert geocross(right_angle).item() == pytest.approx((torch.pi / 2) ** 2 / 2 * 64 / 8, rel=1e-4)


def test_the_learning_rate_rises_and_falls_and_drops() -> None:
    rates = [one_cycle_drop(progress) for progress in (0.0, 0.225, 0.45, 0.9, 1.0)]
    assert rates == pytest.approx([0.1, 0.55, 1.0, 0.1, 0.001])


def test_the_gaussian_is_that_of_the_latents_and_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    generator = StyleGAN2Generator(8, 16, 2, {4: 8, 8: 8})
    monkeypatch.setattr(gaussian_fit, "SAMPLES", 30_000)
    cpu = torch.device("cpu")
    made = cached_fit(generator, "abc", tmp_path, cpu)
    monkeypatch.setattr(generator, "mapping", None)  # a second fit would fail
    kept = cached_fit(generator, "abc", tmp_path, cpu)
    assert torch.equal(made.mean, kept.mean)
    assert torch.equal(made.std, kept.std)
    monkeypatch.undo()
    with torch.no_grad():
        w = generator.mapping(torch.randn(20_000, 16))
        before = F.leaky_relu(w, 5)
        torch.testing.assert_close(made.mean, before.mean(0), atol=0.03, rtol=0)
        torch.testing.assert_close(made.std, before.std(0), atol=0.03, rtol=0)
        torch.testing.assert_close(made.latents((before - made.mean) / made.std), w)


def test_a_damaged_fit_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = StyleGAN2Generator(8, 16, 1, {4: 8, 8: 8})
    monkeypatch.setattr(gaussian_fit, "SAMPLES", 100)
    cpu = torch.device("cpu")
    made = cached_fit(generator, "abc", tmp_path, cpu)
    (path,) = (tmp_path / "gaussian-fits").iterdir()
    path.write_bytes(b"half of")
    assert torch.equal(cached_fit(generator, "abc", tmp_path, cpu).mean, made.mean)


def test_macs_of_a_loop_are_those_of_all_its_steps() -> None:
    x = torch.ones(2, 3)

    def run(steps: int) -> None:
        for _ in range(steps + 1):  # and one product before the loop
            x @ x.T

    assert loop_macs(run, 7) == 8 * 2 * 2 * 3
    assert loop_macs(run, 1) == 2 * 2 * 2 * 3


def test_random_numbers_depend_on_the_images_own_seed_alone() -> None:
    like = torch.empty(0)
    both = normal(streams([4, 5]), 2, 3, like=like)
    assert torch.equal(both[1:], normal(streams([5]), 2, 3, like=like))
    assert not torch.equal(both[0], both[1])


def test_vgg16_is_read_from_the_whole_file_of_torchvision() -> None:
    widths = dict.fromkeys(CONVOLUTIONS, 4)
    features = VGG16Features(widths)
    whole = {f"features.{k}": v for k, v in features.state_dict().items()}
    whole |= {"features.28.weight": torch.ones(1), "classifier.0.weight": torch.ones(1)}
    x = torch.rand(1, 3, 16, 16)
    loaded = VGG16Features.from_state_dict(whole)
    assert torch.equal(loaded(x), features(x))
    assert loaded(x).shape == (1, 4, 4, 4)
