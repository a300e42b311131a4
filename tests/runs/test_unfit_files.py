"""Files of weights that do not serve a task, or are none, are found when a run is planned."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from bench.cli.options import margins
from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.operators import Downsample
from bench.planning.plan import PlannedCell, make_plan
from bench.planning.request import Request
from methods.base import Task, Unfit
from methods.esrgan import ESRGAN
from methods.networks.glean import GLEANNet
from methods.networks.rrdb import RRDBNet, padded
from methods.networks.srresnet import MSRResNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.srgan import SRGAN
from tests.support.commands import bench_here, rows

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6, 64: 4}


def bank() -> StyleGAN2Generator:
    return StyleGAN2Generator(64, 16, 2, WIDTHS)


def saved(tensors: Any, path: Path) -> Path:
    torch.save(tensors, path)
    return path


def task(tmp_path: Path, scale: int = 4, size: int = 64) -> Task:
    return Task("face", (size, size), scale, Downsample(scale), torch.device("cpu"), tmp_path)


def planned(
    suite: Path, data: Path, method: str, path: Path | None = None, scale: int = 4, **settings: Any
) -> PlannedCell:
    """The one cell of the method on faces of 64 pixels."""
    name = method.partition(":")[0]
    request = Request(str(suite), (method,), splits=("face",), scales=(scale,), data=data, images=1,
                      weights={name: path} if path else {},
                      settings={name: settings} if settings else {})  # fmt: skip
    (cell,) = make_plan(request, data / "cache").cells
    return cell


# Of each method: the tensors of a file that is sound, what is asked of it, and what is said.
UNFIT: dict[str, tuple[str, Callable[[], Any], dict[str, Any], str]] = {
    "another factor": ("esrgan", lambda: RRDBNet(2, 8, 4, 1), {"scale": 8},
                       "serves 4x, not 8x: run it with --scale 4, or give weights for 8x"),
    "a factor that does not divide": ("srgan", lambda: MSRResNet((3,), 8, 1), {},
                                      "serves 3x, not 4x: give weights for 4x"),
    "no enlargement, unshuffled": ("esrgan", lambda: RRDBNet(2, 8, 4, 1, unshuffle=4), {},
                                   "serves 1x, not 4x, which is no enlargement: give weights for 4x"),
    "no enlargement, without stages": ("esrgan", lambda: RRDBNet(0, 8, 4, 1), {},
                                       "serves 1x, not 4x, which is no enlargement"),
    "two channels": ("esrgan", lambda: RRDBNet(2, 8, 4, 1, inputs=2, outputs=2), {},
                     "takes pictures of 2 channels and gives some of 2 channels"),
    "grey to colour": ("esrgan", lambda: RRDBNet(2, 8, 4, 1, inputs=1, outputs=3), {},
                       "takes pictures of 1 channel and gives some of 3 channels"),
    "six channels": ("srgan", lambda: MSRResNet((2, 2), 8, 1, colours=6), {},
                     "takes pictures of 6 channels"),
    "glean of another size": ("glean", lambda: GLEANNet(8, bank(), channels=8, growth=4, blocks=1),
                              {}, "serves 8x alone, 8x8 to 64x64 pixels, not 4x to 64x64"),
    "glean of another fusion": (
        "glean-latents", lambda: GLEANNet(8, bank(), channels=8, growth=4, blocks=1),
        {"scale": 8}, "gives its bank the features of 2 sizes, not those that 'latents' means"),
    "a generator of another size": (
        "pulse", lambda: StyleGAN2Generator(32, 16, 2, {k: v for k, v in WIDTHS.items() if k < 64}),
        {}, "makes pictures of 32x32 pixels, not 64x64"),
    "a layer that cannot be split": ("mganprior", bank, {"composing_layer": 3},
                                     "cannot be split after layer 3"),
    "no mapping network": ("mganprior", lambda: StyleGAN1Generator(WIDTHS, 16, 0),
                           {"composing_layer": 4}, "has no mapping network"),
}  # fmt: skip


@pytest.mark.parametrize(("method", "build", "asked", "words"), UNFIT.values(), ids=UNFIT)
def test_a_sound_file_for_another_task_costs_its_cells_before_anything_runs(
    method: str, build: Callable[[], Any], asked: dict[str, Any], words: str,
    suite: Path, data: Path, tmp_path: Path,
) -> None:  # fmt: skip
    path = saved(build().state_dict(), tmp_path / "mine.pth")
    absent = planned(suite, data, method, path, **asked).absent
    assert absent is not None
    assert absent.state is RowState.NOT_APPLICABLE
    assert f"{path} {words}" in absent.reason or f"{path}: {words}" in absent.reason


def grey_rgb(weight: Tensor) -> Tensor:
    return (
        weight.mean(1, keepdim=True) if weight.ndim == 5 else weight.flatten()[:1].view(1, 1, 1, 1)
    )


# Files that are none of the method's: mistakes of whoever named them.
WRONG: dict[str, tuple[str, Callable[[], Any], str]] = {
    "another network": ("esrgan", lambda: bank().state_dict(), "not a RRDBNet"),
    "integers": ("esrgan", lambda: {k: v.to(torch.int8) for k, v in RRDBNet(2, 8, 4, 1).state_dict().items()},
                 "of the wrong kind of number"),
    "an enlargement by a fraction": ("esrgan", lambda: RRDBNet(1, 8, 4, 1, unshuffle=4).state_dict(),
                                     "it would enlarge by 2/4"),
    "no picture": ("spandrel", lambda: {"a": torch.ones(3)}, "of no architecture that spandrel knows"),
    "integers for spandrel": ("spandrel", lambda: {k: v.to(torch.int8) for k, v in RRDBNet(2, 8, 32, 1).state_dict().items()},
                              "body.0.rdb1.conv1.bias is int8"),
    "a grey generator": ("pulse", lambda: {k: grey_rgb(v) if re_rgb(k) else v for k, v in bank().state_dict().items()},
                         "gives pictures of 1 channels, not of 3"),
    "glean of four channels": ("glean", lambda: wider(GLEANNet(8, bank(), channels=8, growth=4, blocks=1).state_dict()),
                               "takes pictures of 4 channels, not of 3"),
}  # fmt: skip


def re_rgb(key: str) -> bool:
    return (
        key.startswith("to_rgb")
        and key.endswith((".conv.weight_orig", "bias"))
        and "style" not in key
    )


def wider(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    first = "encoder.0.0.conv_first.weight"
    return {**tensors, first: torch.cat((tensors[first], tensors[first][:, :1]), 1)}


@pytest.mark.parametrize(("method", "make", "words"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_none_of_the_methods_is_a_mistake(
    method: str, make: Callable[[], Any], words: str, suite: Path, data: Path, tmp_path: Path
) -> None:
    path = saved(make(), tmp_path / "mine.pth")
    spec = f"spandrel:{path}" if method == "spandrel" else method
    with pytest.raises(BenchError, match=r"mine\.pth") as caught:
        planned(suite, data, spec, None if method == "spandrel" else path, scale=8)
    assert words in str(caught.value)
    assert not isinstance(caught.value, Unfit)


def test_a_damaged_file_that_nobody_named_costs_its_cells_alone(
    suite: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "mine.pth").write_bytes(b"<html>quota")
    (tmp_path / "w" / "mine.toml").write_text('title = "M"\nkind = "esrgan"\nlicence = "none"\n')
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "w"))
    absent = planned(suite, data, "esrgan").absent
    assert absent is not None
    assert absent.state is RowState.UNAVAILABLE
    assert "is a web page, not weights" in absent.reason


def test_dry_run_shows_what_does_not_fit_and_what_is_read(
    suite: Path, data: Path, tmp_path: Path
) -> None:
    raw, meant = (RRDBNet(2, 8, 4, 1).state_dict() for _ in range(2))
    path = saved({"params": raw, "params_ema": meant}, tmp_path / "mine.pth")
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", "esrgan", "--scale", "4,8",
                      "--weights", f"esrgan={path}", "--out", tmp_path / "out", "--dry-run")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "esrgan on face at 8x: not-applicable" in done.stdout
    assert "serves 4x, not 8x" in done.stdout
    assert done.stderr.count("note: esrgan: mine.pth: read params_ema, left out params") == 1


@pytest.mark.parametrize("given", ["esrgan=a.pth", "esrgan=b.pth"])
def test_two_files_of_one_method_are_both_named(given: str, tmp_path: Path) -> None:
    for name in ("a.pth", "b.pth"):
        (tmp_path / name).write_bytes(b"x")
    second = given.replace("=", f"={tmp_path}/")
    first = f"esrgan={tmp_path}/a.pth"
    for command in (["run", "--methods", "esrgan"], ["check", "esrgan"]):
        done = bench_here(*command, "--weights", first, "--weights", second)
        assert done.returncode == 2, done.stdout
        assert (
            f"two files for esrgan: {tmp_path}/a.pth and {second.partition('=')[2]}" in done.stderr
        )
        assert f"--weights esrgan@NAME={second.partition('=')[2]}" in done.stderr


def test_other_options_that_contradict_themselves_are_mistakes() -> None:
    done = bench_here(
        "run", "--methods", "pulse", "--set", "pulse.steps=5", "--set", "pulse.steps=6"
    )
    assert done.returncode == 2, done.stdout
    assert "--set pulse.steps is given twice, 5 and 6" in done.stderr
    assert "--methods pulse,pulse@NAME --set pulse@NAME.steps=6" in done.stderr
    with pytest.raises(BenchError, match=r"--margin ssim is given twice, 0\.1 and 0\.2"):
        margins(["ssim=0.1", "ssim=0.2"])
    assert margins(["ssim=0.1", "ssim=0.10"]) == {"ssim": 0.1}


def test_one_file_through_two_methods_is_one_picture_and_both_say_what_they_read(
    suite: Path, data: Path, tmp_path: Path
) -> None:
    pytest.importorskip("spandrel")
    torch.manual_seed(0)
    raw, meant = (RRDBNet(2, 8, 32, 1).state_dict() for _ in range(2))
    whole = {f"generator.{k}": v for k, v in raw.items()}
    whole |= {f"generator_ema.module.{k}": v for k, v in meant.items()}
    path = saved(
        {"state_dict": {**whole, "generator_ema.steps": torch.tensor(7)}}, tmp_path / "two.pth"
    )
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1, "--scale", 4,
                 "--methods", f"esrgan,spandrel:{path}", "--weights", f"esrgan={path}",
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    one, other = rows(tmp_path / "out")
    assert one["psnr_rgb_db"] == other["psnr_rgb_db"]
    read = {"part": "state_dict.generator_ema.module", "left_out": ["state_dict.generator"]}
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert [cell["weights_read"] for cell in run["cells"]] == [{"network": read}, {"file": read}]
    for cell in run["cells"]:
        facts = json.loads((tmp_path / "out" / "store" / cell["key"] / "cell.json").read_text())
        assert facts["weights_read"] == cell["weights_read"]


GREY, OPACITY = {"inputs": 1, "outputs": 1}, {"inputs": 4, "outputs": 4}


@pytest.mark.parametrize("channels", [GREY, OPACITY])
@torch.no_grad()
def test_grey_networks_and_those_with_opacity_are_adapted(
    channels: dict[str, int], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    network = RRDBNet(2, 8, 4, 1, **channels).eval()
    path = saved(network.state_dict(), tmp_path / "a.pth")
    method = ESRGAN(task(tmp_path), ESRGAN.Settings())
    assert method.inspect({"network": path})["network"].adapted
    method.setup({"network": path})
    y = torch.rand(2, 3, 16, 16)
    images = method.restore(y, [0, 0]).images
    if channels is GREY:
        expected = torch.cat([network(y[:, c : c + 1]) for c in range(3)], 1)
        same = method.restore(y[:, :1].repeat(1, 3, 1, 1), [0, 0]).images
        assert torch.equal(same[:, 0], same[:, 2])  # grey stays grey
    else:
        expected = network(torch.cat((y, torch.ones(2, 1, 16, 16)), 1))[:, :3]
    torch.testing.assert_close(images, expected)


def test_srgan_adapts_grey_networks_too(tmp_path: Path) -> None:
    network = MSRResNet((2, 2), 8, 1, colours=1).eval()
    method = SRGAN(task(tmp_path), SRGAN.Settings())
    method.setup({"network": saved(network.state_dict(), tmp_path / "a.pth")})
    y = torch.rand(1, 3, 16, 16)
    expected = torch.cat([network(y[:, c : c + 1]) for c in range(3)], 1)
    torch.testing.assert_close(method.restore(y, [0]).images, expected)


@pytest.mark.parametrize(("unshuffle", "stages"), [(2, 2), (4, 3), (1, 1)])
@pytest.mark.parametrize("side", [5, 6, 7, 8])
@pytest.mark.parametrize("channels", [{}, GREY, OPACITY])
def test_sides_and_channels_are_fitted_as_spandrel_fits_them(
    unshuffle: int, stages: int, side: int, channels: dict[str, int], tmp_path: Path
) -> None:
    pytest.importorskip("spandrel")
    from methods.spandrel_file import SpandrelFile

    torch.manual_seed(0)
    network = RRDBNet(stages, 8, 32, 1, unshuffle=unshuffle, **channels)
    path = saved(network.state_dict(), tmp_path / "a.pth")
    scale = (1 << stages) // unshuffle
    of_task = task(tmp_path, scale, side * scale)
    y = torch.rand(1, 3, side, side)
    ours = ESRGAN(of_task, ESRGAN.Settings())
    ours.setup({"network": path})
    theirs = SpandrelFile(replace(of_task), SpandrelFile.Settings(file=str(path)))
    theirs.setup({})
    images = ours.restore(y, [0]).images
    assert images.shape == (1, 3, side * scale, side * scale)
    torch.testing.assert_close(images.clamp(0, 1), theirs.restore(y, [0]).images)


def test_padding_reflects_and_repeats_where_there_is_nothing_to_reflect() -> None:
    x = torch.arange(6.0).view(1, 1, 2, 3)
    assert padded(x, 1) is x
    expected = torch.tensor([[0.0, 1, 2, 1], [3, 4, 5, 4], [0, 1, 2, 1], [0, 1, 2, 1]])
    assert torch.equal(padded(x, 4)[0, 0], expected)


def test_a_strangers_method_that_fails_to_look_costs_its_cells_alone(
    suite: Path, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "plugin.py").write_text(
        "from methods.interpolation import Nearest\n"
        "class Odd(Nearest):\n"
        "    def inspect(self, files):\n"
        "        raise KeyError('what')\n"
    )
    absent = planned(suite, data, f"{tmp_path / 'plugin.py'}:Odd").absent
    assert absent is not None
    assert absent.state is RowState.UNAVAILABLE
    assert "its `inspect` raised KeyError: 'what'" in absent.reason
