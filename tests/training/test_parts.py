"""The parts of the recipes, each against its definition."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bench.training.augment import augment
from bench.training.average import WeightAverage
from bench.training.bank import BankSettings
from bench.training.blur import Fade, blur
from bench.training.depthwise import ZeroStuffed
from bench.training.export import export
from bench.training.features import STRIDES, WIDTHS, EfficientNetLite0Features, pretrained
from bench.training.judge import Judge
from bench.training.kid import kid
from bench.training.matched import macs_of
from bench.training.perceptual import find_vgg16
from bench.training.recipe import Product
from bench.training.restorers import esrgan, glean
from bench.weights import search
from bench.weights.card import make_card
from methods.checkpoints.file import read
from methods.networks.rrdb import RRDBNet
from methods.networks.vgg16 import CONVOLUTIONS, THROUGH_CONV4_3, VGG16Features


@pytest.fixture(scope="module")
def features() -> EfficientNetLite0Features:
    return EfficientNetLite0Features()


def test_folded_features_are_those_of_the_package(features: EfficientNetLite0Features) -> None:
    images = torch.randn(2, 3, 64, 64)
    package = pretrained().eval()
    with torch.no_grad():
        x = package._bn0(package._conv_stem(images)).clamp(0, 6)
        for block in package._blocks:
            x = block(x)
        maps = features(images)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (width, 64 // stride, 64 // stride) for width, stride in zip(WIDTHS, STRIDES, strict=True)
    ]
    torch.testing.assert_close(maps[-1], x, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("kernel", "side"), [(3, 9), (3, 10), (5, 7), (5, 8)])
def test_strided_depthwise_gradient(kernel: int, side: int) -> None:
    x = torch.randn(2, 3, side, side, dtype=torch.float64, requires_grad=True)
    weight, bias = torch.randn(3, 1, kernel, kernel).double(), torch.randn(3).double()
    assert torch.autograd.gradcheck(lambda x: ZeroStuffed.apply(x, weight, bias, 2), (x,))
    expected = torch.nn.functional.conv2d(x, weight, bias, 2, groups=3)
    torch.testing.assert_close(ZeroStuffed.apply(x, weight, bias, 2), expected)


def test_kid_is_the_unbiased_estimate_of_the_paper() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(7, 5, generator=generator), torch.randn(9, 5, generator=generator) + 1

    def k(x: torch.Tensor, y: torch.Tensor) -> float:
        return float((x.double() @ y.double() / 5 + 1) ** 3)

    within_a = sum(k(a[i], a[j]) for i in range(7) for j in range(7) if i != j) / 42
    within_b = sum(k(b[i], b[j]) for i in range(9) for j in range(9) if i != j) / 72
    across = sum(k(x, y) for x in a for y in b) / 63
    assert kid(a, b) == pytest.approx(within_a + within_b - 2 * across)


def test_kid_of_one_distribution_is_about_zero() -> None:
    samples = torch.randn(2, 2000, 8, generator=torch.Generator().manual_seed(1))
    assert abs(kid(*samples)) < 0.05 < kid(samples[0], samples[1] + 0.5)


def test_the_judge_tells_the_generator_but_never_changes_the_features(
    features: EfficientNetLite0Features,
) -> None:
    real = torch.rand(8, 3, 32, 32) * 2 - 1
    judge = Judge(features, real, learning_rate=1e-3)
    fake = (torch.randn(8, 3, 32, 32) * 0.1).requires_grad_()
    frozen = [p.clone() for p in features.parameters()]
    learned = [p.clone() for p in judge.discriminator.parameters()]
    losses = []
    for _ in range(8):
        verdict, loss = judge.learn(judge.look(real), judge.look(fake))
        losses.append(loss)
    verdict.backward()
    assert fake.grad is not None
    assert fake.grad.abs().sum() > 0
    assert min(losses[-3:]) < losses[0]
    assert all(torch.equal(a, b) for a, b in zip(frozen, features.parameters(), strict=True))
    assert not all(
        torch.equal(a, b) for a, b in zip(learned, judge.discriminator.parameters(), strict=True)
    )


def test_calibration_gives_every_scale_unit_variance(features: EfficientNetLite0Features) -> None:
    real = torch.rand(16, 3, 64, 64) * 2 - 1
    judge = Judge(features, real, learning_rate=1e-3)
    with torch.no_grad():
        maps = judge.projector(features(real))
    assert [float(m.std()) for m in maps] == pytest.approx([1.0] * 4, rel=1e-3)


def test_augmentation_passes_gradients_and_keeps_the_shape() -> None:
    images = torch.rand(3, 3, 32, 32, requires_grad=True)
    augment(images).sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0
    assert augment(images).shape == images.shape


def test_the_average_has_its_half_life() -> None:
    source = torch.nn.Linear(1, 1, bias=False)
    average = WeightAverage(source)
    source.weight.data.add_(1)
    before = float(average.network.weight)
    average.update(images_seen=1_000_000, batch=10_000)
    assert float(average.network.weight) == pytest.approx(before + 0.5, abs=1e-6)


def test_a_share_of_the_first_weights_stays_in_the_average() -> None:
    source = torch.nn.BatchNorm1d(1)  # which has statistics too
    plain, mixed = WeightAverage(source), WeightAverage(source, kept=0.25)
    first = [source.weight.item(), source.running_var.item()]
    for step in range(1, 5):
        source.weight.data.add_(step)
        source.running_var.add_(step)
        plain.update(100 * step, 8)
        mixed.update(100 * step, 8)
    became = [float(plain.network.weight), float(plain.network.running_var)]
    expected = [0.25 * before + 0.75 * after for before, after in zip(first, became, strict=True)]
    assert became != first
    assert [float(mixed.network.weight), float(mixed.network.running_var)] == pytest.approx(
        expected
    )


@pytest.mark.parametrize(("size", "scale"), [(128, 16), (128, 8), (64, 4)])
def test_esrgan_costs_what_glean_costs(size: int, scale: int) -> None:
    side = size // scale
    reference = macs_of(glean(BankSettings().generator(size), scale), side)
    assert macs_of(esrgan(size, scale), side) == pytest.approx(reference, rel=0.1)


def test_what_is_exported_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = RRDBNet(1, 8, 4, 1)
    product = Product("face-esrgan-x2-64", "esrgan", 'ESRGAN+ "small"', [{"split": "face"}])
    folder = tmp_path / "zoo" / "esrgan"
    path = export(folder, product, network.state_dict(), "none", {"score": 0.5, "empty": None})
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "zoo"))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    found = search.find(("esrgan",), split="face")
    assert isinstance(found, search.Found)
    assert found.path == path
    card = make_card(product.name, tomllib.loads(path.with_suffix(".toml").read_text()), path)
    assert card.fits("face", 2, 64, "photo")
    assert not card.fits("cat", 2, 64, "photo")
    assert card.bytes == path.stat().st_size
    loaded = RRDBNet.from_state_dict(read(path))
    x = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(loaded(x), network.eval()(x), rtol=0.02, atol=0.02)


def test_blur_keeps_the_mean_and_fades_to_nothing() -> None:
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    constant = torch.full((1, 3, 32, 32), 0.4)
    torch.testing.assert_close(blur(constant, 3.0), constant)
    rough = [blur(images, sigma).diff(dim=3).abs().mean() for sigma in (0.0, 1.0, 2.0, 4.0)]
    assert rough == sorted(rough, reverse=True)
    fade = Fade(6.0, 1000)
    assert [fade.sigma(n) for n in (0, 500, 1000, 5000)] == [6.0, 3.0, 0.0, 0.0]
    assert blur(images, fade.sigma(1000)) is images


def test_blur_is_a_gaussian() -> None:
    point = torch.zeros(1, 1, 41, 41)
    point[..., 20, 20] = 1
    row = blur(point, 2.0)[0, 0].sum(0)
    places = torch.arange(-20.0, 21)
    assert float((row * places**2).sum()) == pytest.approx(4.0, rel=0.03)  # its variance
    torch.testing.assert_close(row, row.flip(0))


def test_vgg16_is_the_perceptual_loss_where_its_weights_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    device = torch.device("cpu")
    assert find_vgg16(device) is None
    torch.manual_seed(0)
    features = VGG16Features(dict.fromkeys(CONVOLUTIONS, 16), THROUGH_CONV4_3)
    state = {f"features.{k}": v.contiguous() for k, v in features.state_dict().items()}
    save_file(state, tmp_path / "small.safetensors")
    (tmp_path / "small.toml").write_text('title = "t"\nkind = "vgg16"\nlicence = "none"\n')
    loss = find_vgg16(device)
    assert loss is not None
    truth = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(2)) * 2 - 1
    restored = (truth * 0.5).requires_grad_()
    assert loss(truth, truth) == 0
    loss(restored, truth).backward()
    assert restored.grad is not None
    assert restored.grad.abs().sum() > 0
