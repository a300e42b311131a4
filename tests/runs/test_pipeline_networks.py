"""Each network, with the golden weights at its own size, through a whole run: rows and pictures.

What a run writes must be what the network itself gives, called without any of the engine.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from bench.execution.attempt import image_seed
from bench.operators import Downsample, quantise
from bench.pictures.tensors import to_pixels, to_tensor
from methods import mganprior, pulse
from methods.networks.generator import open_generator
from methods.networks.glean import GLEANNet
from methods.networks.rrdb import RRDBNet
from methods.networks.srresnet import MSRResNet
from methods.networks.vgg16 import VGG16Features
from methods.search.descent import normal, streams
from methods.search.gaussian_fit import GaussianFit
from methods.settings.mganprior import MGANPriorSettings
from methods.settings.pulse import PULSESettings
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here, rows
from tests.support.golden import any_golden

SIZE = 64  # of the pictures of networks that take any
IMAGES = 1  # the engine restores one at a time


@dataclass(frozen=True)
class Run:
    """A run of networks on the same pictures, in a folder of its own."""

    folder: Path

    def pictures(
        self, size: int, scale: int, weights: Mapping[str, Mapping[str, Tensor]], *settings: str
    ) -> dict[str, list[tuple[Tensor, np.ndarray]]]:
        """By method, of each image y and the picture that was written; all rows are ok.

        size: of the pictures. weights: the tensors of each method. settings: METHOD.NAME=VALUE.
        """
        suite = self.folder / "tiny.toml"
        suite.write_text(re.sub(r"size = \d+", f"size = {size}", SUITE))
        write_pictures(self.folder / "data" / "face", IMAGES, size)
        options = [part for setting in settings for part in ("--set", setting)]
        for method, tensors in weights.items():
            path = self.folder / f"{method}.pth"
            torch.save(dict(tensors), path)
            options += ["--weights", f"{method}={path}"]
        (self.folder / "beside").mkdir(exist_ok=True)
        done = bench_here("run", "--suite", suite, "--data", self.folder / "data", "--splits", "face",
                     "--scale", scale, "--images", IMAGES, "--methods", ",".join(weights),
                     "--out", self.folder / "out", *options,
                     BENCH_WEIGHTS=str(self.folder / "beside"))  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        found = rows(self.folder / "out")
        assert Counter((row["method"], row["state"]) for row in found) == {
            (method, "ok"): IMAGES for method in weights}  # fmt: skip
        assert all(float(row["latency_s"]) > 0 and float(row["psnr_rgb_db"]) > 0 for row in found)
        return {method: self.written(method) for method in weights}

    def written(self, method: str) -> list[tuple[Tensor, np.ndarray]]:
        """y and the restored picture of each image."""
        folders = sorted((self.folder / "out" / "images" / "face").iterdir())
        inputs = [to_tensor(np.array(Image.open(folder / "input.png"))) for folder in folders]
        restored = [np.array(Image.open(folder / f"{method}.png")) for folder in folders]
        return list(zip(inputs, restored, strict=True))

    def put_beside(self, kind: str, tensors: Mapping[str, Tensor]) -> None:
        """A file of weights with its card, where the run searches for further files."""
        folder = self.folder / "beside"
        folder.mkdir(exist_ok=True)
        torch.save(dict(tensors), folder / f"{kind}.pth")
        card = f'title = "Golden"\nkind = "{kind}"\nlicence = "none"\n'
        (folder / f"{kind}.toml").write_text(card)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def assert_written(written: np.ndarray, restored: Tensor, size: int = SIZE) -> None:
    """The same picture; where rounding falls on the other side, one level apart."""
    expected = to_pixels(quantise(restored))
    assert written.shape == (size, size, 3)
    assert expected.std() > 1  # a flat picture would prove nothing
    apart = np.abs(written.astype(int) - expected.astype(int))
    assert apart.max() <= 1, apart.max()
    assert (apart > 0).mean() < 0.01, (apart > 0).mean()


def test_feed_forward_networks_of_any_size(run: Run) -> None:
    case = any_golden("rrdb_")
    scale = case.config["scale"]
    esrgan = RRDBNet.from_state_dict(case.state_dict)
    torch.manual_seed(0)
    factors = (2,) * int(math.log2(scale))
    srgan = MSRResNet(factors, 16, 2).eval()  # no golden case has its weights: these are random
    found = run.pictures(SIZE, scale, {"esrgan": case.state_dict, "srgan": srgan.state_dict()})
    for method, network in (("esrgan", esrgan), ("srgan", srgan)):
        for y, written in found[method]:
            with torch.no_grad():
                assert_written(written, network(y))


def test_glean(run: Run) -> None:
    case = any_golden("glean_")
    size = case.config["out_size"]
    scale = size // case.config["in_size"]
    network = GLEANNet.from_state_dict(case.state_dict)
    for y, written in run.pictures(size, scale, {"glean": case.state_dict})["glean"]:
        with torch.no_grad():
            assert_written(written, (network(2 * y - 1) + 1) / 2, size)


def test_pulse(run: Run) -> None:
    stylegan1 = any_golden("pulse_")
    size, scale = stylegan1.config["resolution"], stylegan1.config["factor"]
    fit = GaussianFit(stylegan1["gauss_mean"], stylegan1["gauss_std"])
    # As PULSE publishes them: synthesis without mapping, and the Gaussian in a file of its own.
    run.put_beside("pulse-gaussian-fit", {"mean": fit.mean, "std": fit.std})
    weights = {"pulse": stylegan1.parts["synthesis"]}
    found = run.pictures(size, scale, weights, "pulse.steps=3")
    assert [row["trace_length"] for row in rows(run.folder / "out")] == ["3"]
    generator = open_generator(stylegan1.parts["synthesis"]).requires_grad_(False)
    for y, written in found["pulse"]:
        drawn = streams([image_seed(0, y)])
        latent = normal(drawn, generator.num_latents, generator.latent_dim, like=y)
        noise = [normal(drawn, 1, side, side, like=y) for side in generator.noise_sides]
        settings = PULSESettings(steps=3)
        start = (latent, noise)
        search = pulse.invert(generator, fit, Downsample(scale), y, start, settings)
        assert_written(written, search.images, size)


def test_mganprior(run: Run) -> None:
    pggan = any_golden("mganprior_")
    size, scale, layer = (pggan.config[key] for key in ("resolution", "factor", "composing_layer"))
    run.put_beside("vgg16", pggan.parts["vgg"])
    chosen = {"steps": 3, "codes": 3, "composing_layer": layer, "perceptual_size": size // 2}
    found = run.pictures(
        size,
        scale,
        {"mganprior": pggan.parts["generator"]},
        *(f"mganprior.{key}={value}" for key, value in chosen.items()),
    )
    assert [row["trace_length"] for row in rows(run.folder / "out")] == ["3"]
    generator = open_generator(pggan.parts["generator"]).requires_grad_(False)
    vgg16 = VGG16Features.from_state_dict(pggan.parts["vgg"]).requires_grad_(False)
    several = MGANPriorSettings(**chosen)
    for y, written in found["mganprior"]:
        z = normal(streams([image_seed(0, y)]), 3, generator.latent_dim, like=y)
        with_vgg16, without = (
            mganprior.invert(generator, features, Downsample(scale), y, (z, []), several).images
            for features in (vgg16, None)
        )
        assert_written(written, with_vgg16, size)
        assert not np.array_equal(to_pixels(quantise(without)), written)
