"""LPIPS and ST-LPIPS: the same distances as the libraries, and files that are not theirs."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import ModuleType

import lpips
import pytest
import torch
from torch import Tensor

from bench.conformance.pictures import blurred, noisy, sample, truths
from bench.metrics.lpips import LPIPSAlex, load_lpips
from bench.metrics.perceptual import PerceptualDistance
from bench.metrics.st_lpips import load_st_lpips
from methods.checkpoints.state_dict import CheckpointError
from tests.support.metric_samples import write_backbone

PAIRS = [(96, 96), (97, 75)]  # even and odd sides, which pooling rounds


def pair(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Two pictures and what two ways of spoiling make of them, in [0, 1]."""
    truth = truths()[:2, :, :height, :width]
    return torch.cat([blurred(truth[:1], 2.0), noisy(truth[1:], 0.1).clamp(0, 1)]), truth


def assert_agree(ours: PerceptualDistance, theirs: torch.nn.Module) -> None:
    """The same distances; the libraries take pictures in [-1, 1]."""
    for height, width in PAIRS:
        a, b = pair(height, width)
        with torch.inference_mode():
            expected = theirs(2 * a - 1, 2 * b - 1).flatten()
        assert expected.min() > 1e-3
        assert torch.allclose(ours(a, b), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("net", ["alex", "vgg"])
def test_lpips_is_that_of_the_library(net: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torchvision's of the arguments that lpips uses
        theirs = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
    state = {f"features.{key.partition('.')[2]}": t for key, t in theirs.net.state_dict().items()}
    torch.save(state, tmp_path / "backbone.pth")
    assert_agree(load_lpips(net, tmp_path / "backbone.pth"), theirs)


def test_st_lpips_is_that_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the library imports without declaring or using it.
    for module, name in (("IPython", "embed"), ("torchsummary", "summary")):
        stand_in = ModuleType(module)
        setattr(stand_in, name, None)
        monkeypatch.setitem(sys.modules, module, stand_in)
    from stlpips_pytorch import stlpips

    theirs = stlpips.LPIPS(net="alex", variant="shift_tolerant", verbose=False)
    assert_agree(load_st_lpips(), theirs)


def test_st_lpips_tolerates_a_shift_that_psnr_does_not() -> None:
    distance, truth = load_st_lpips(), truths()[:1]
    shifted, blurry = truth.roll(1, dims=-1), blurred(truth, 2.0)
    shift_error, blur_error = ((x - truth).square().mean() for x in (shifted, blurry))
    assert distance(shifted, truth) < 0.1 * distance(blurry, truth)
    assert shift_error > 0.1 * blur_error


def test_features_come_from_the_file_given(tmp_path: Path) -> None:
    metric = LPIPSAlex()
    path = write_backbone(tmp_path / "lpips-alex")
    metric.setup({"lpips-alex": path}, torch.device("cpu"))
    given = sample(blurred(truths(), 2.0), truths())
    before = metric.score(given)
    state = torch.load(path, weights_only=True)
    state["features.0.weight"] *= torch.linspace(0, 1, 64).view(64, 1, 1, 1)
    torch.save(state, path)
    metric.setup({"lpips-alex": path}, torch.device("cpu"))
    assert metric.score(given) != pytest.approx(before, rel=1e-3)


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    path = write_backbone(tmp_path / "lpips-alex")
    with pytest.raises(CheckpointError, match=r"not a LPIPS vgg .*missing: features"):
        load_lpips("vgg", path)
    state = torch.load(path, weights_only=True)
    del state["features.3.bias"]
    torch.save(state, path)
    with pytest.raises(CheckpointError, match=r"1 missing: features\.3\.bias"):
        load_lpips("alex", path)
