"""The degradation: parity with its references, exactness, gradients, and its name."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from bench.core.errors import BenchError, UnknownName
from bench.operators import KERNELS, Downsample, operator_of, quantise, resize
from tests.support.golden import Golden, golden, golden_cases


def factors(case: Golden, array: str) -> list[int]:
    """The factors of arrays such as `down16`."""
    return [int(key.removeprefix(array)) for key in case.arrays if key.startswith(array)]


@golden_cases("matlab_imresize")
def test_matlab_bicubic_is_exact(name: str) -> None:
    case = golden(name)
    assert len(factors(case, "down")) >= 2
    for factor in factors(case, "down"):
        ours = Downsample(factor)(case["input"][None])[0]
        assert (ours - case[f"down{factor}"]).abs().max() < 1e-6


@golden_cases("matlab_imresize")
def test_matlab_bicubic_upsampling_is_exact(name: str) -> None:
    case = golden(name)
    (factor,) = factors(case, "up")
    expected = case[f"up{factor}"]
    height, width = expected.shape[-2:]
    assert (resize(case[f"down{factor}"], (height, width)) - expected).abs().max() < 1e-6


@golden_cases("pulse_bicubic")
def test_pulse_bicubic_is_exact(name: str) -> None:
    case = golden(name)
    assert factors(case, "down")
    for factor in factors(case, "down"):
        ours = Downsample(factor, "pulse-bicubic")(case["input"])
        assert (ours - case[f"down{factor}"]).abs().max() < 1e-6


def test_torch_kernels_agree_with_torch() -> None:
    x = torch.rand(2, 3, 64, 96)
    antialiased = F.interpolate(x, (8, 12), mode="bicubic", antialias=True)
    assert torch.allclose(Downsample(8, "torch-aa")(x), antialiased, atol=1e-5)
    assert torch.allclose(Downsample(8, "area")(x), F.avg_pool2d(x, 8), atol=1e-6)


@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels_keep_a_flat_picture(kernel: str) -> None:
    flat = torch.full((1, 3, 64, 64), 0.37)
    assert torch.allclose(Downsample(16, kernel)(flat), torch.full((1, 3, 4, 4), 0.37), atol=1e-6)


@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels_are_symmetric(kernel: str) -> None:
    x = torch.rand(1, 3, 64, 64)
    operator = Downsample(8, kernel)
    assert torch.allclose(operator(x.flip(2)).flip(2), operator(x), atol=1e-5)
    assert torch.allclose(operator(x.transpose(2, 3)), operator(x).transpose(2, 3), atol=1e-5)


@pytest.mark.parametrize("kernel", KERNELS)
def test_gradients_are_those_of_a_linear_map(kernel: str) -> None:
    x = torch.rand(1, 1, 16, 16, requires_grad=True)
    direction = torch.rand(1, 1, 2, 2)
    operator = Downsample(8, kernel)
    (operator(x) * direction).sum().backward()
    assert x.grad is not None
    step = torch.rand_like(x)
    # <A step, direction> == <step, A^T direction>
    assert torch.allclose(
        (operator(step.detach()) * direction).sum(), (step * x.grad).sum(), atol=1e-5
    )


def test_observation_is_8_bit_and_float32_even_of_half_precision() -> None:
    x = torch.rand(1, 3, 32, 32)
    y = Downsample(4).observe(x)
    assert torch.equal(y, quantise(y))
    assert Downsample(4)(x.bfloat16()).dtype == torch.float32


def test_digest_tells_operators_apart() -> None:
    operators = [Downsample(f, k) for f in (8, 16) for k in KERNELS]
    assert len({operator.digest for operator in operators}) == len(operators)
    assert Downsample(16).digest == Downsample(16).digest
    assert Downsample(16).name == "downsample16-matlab-bicubic-u8"


def test_mistakes_are_told() -> None:
    with pytest.raises(UnknownName, match=r"matlab-bicubic"):
        Downsample(16, "matlab-bicubik")
    with pytest.raises(BenchError, match="multiples of 16"):
        Downsample(16)(torch.rand(1, 3, 40, 40))
    with pytest.raises(BenchError, match="whole number"):
        Downsample(0)


def test_operators_are_known_by_the_name_that_rows_give_them() -> None:
    for kernel in ("matlab-bicubic", "area"):
        assert operator_of(Downsample(16, kernel).column) == Downsample(16, kernel)
    for column in ("blur#123", "downsample16-matlab-bicubic-u8#000000000000",
                   "downsample0-area-u8#0", "downsample16-../x-u8#0", ""):  # fmt: skip
        with pytest.raises(BenchError):
            operator_of(column)
