"""What nothing reads of a network is not demanded of its file; what is read is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from bench.operators import Downsample
from methods.base import Method, Task
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError
from methods.loading import META
from methods.mganprior import MGANPrior
from methods.networks.generator import open_generator
from methods.networks.glean import GLEANNet
from methods.networks.glean_light import GLEANLightNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.pulse import PULSE
from methods.search import gaussian_fit
from tests.support.golden import any_golden
from tests.support.narrow import narrow_dfdnet

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}
SHORT: dict[type[Method], dict[str, Any]] = {
    PULSE: {"steps": 2},
    MGANPrior: {"steps": 2, "codes": 2, "composing_layer": 4, "learning_rate": 0.1},
}


@pytest.fixture(autouse=True)
def small_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(gaussian_fit, "SAMPLES", 1000)


def bank() -> StyleGAN2Generator:
    return StyleGAN2Generator(32, 16, 2, WIDTHS)


def without(tensors: Mapping[str, Tensor], pattern: str) -> dict[str, Tensor]:
    kept = {key: tensor for key, tensor in tensors.items() if not re.match(pattern, key)}
    assert len(kept) < len(tensors)
    return kept


@pytest.mark.parametrize("method_class", [PULSE, MGANPrior])
@pytest.mark.parametrize("unread", [r"injected_noise_", r".*\.kernel$"])
def test_searches_give_the_same_without_what_they_do_not_read(
    method_class: type[Method], unread: str, tmp_path: Path
) -> None:
    whole, y = bank().state_dict(), Downsample(4).observe(torch.rand(1, 3, 32, 32))
    images = []
    for tensors in (whole, without(whole, unread)):
        path = tmp_path / f"{len(tensors)}.safetensors"
        save_file({k: v.contiguous() for k, v in tensors.items()}, path)
        task = Task("face", (32, 32), 4, Downsample(4), torch.device("cpu"), tmp_path)
        method = method_class(task, method_class.Settings(**SHORT[method_class]))
        method.inspect({"generator": path})
        method.setup({"generator": path})
        images.append(method.restore(y, [3]).images)
    assert torch.equal(*images)


@pytest.mark.parametrize("layout", ["rosinality", "nvlabs"])
def test_other_layouts_without_noise_serve_searches_too(layout: str) -> None:
    state = any_golden(f"stylegan2_{layout}_").state_dict
    bare = without(state, r"noises\.|.*noise_const$")
    one, other = open_generator(state), open_generator(bare)
    noise = [torch.randn(1, 1, side, side) for side in one.noise_sides]
    w = torch.randn(1, one.latent_dim)
    assert torch.equal(one.synthesis(w, noise), other.synthesis(w, noise))
    with pytest.raises(CheckpointError, match="missing: injected_noise_0"):
        StyleGAN2Generator.from_state_dict(bare)


def test_noise_that_is_stored_in_part_is_damage() -> None:
    with pytest.raises(CheckpointError, match=r"1 missing: injected_noise_2"):
        open_generator(without(bank().state_dict(), "injected_noise_2"))


def test_noise_that_was_not_stored_cannot_be_asked_for() -> None:
    generator = open_generator(without(bank().state_dict(), "injected_noise_"))
    assert isinstance(generator, StyleGAN2Generator)
    with pytest.raises(ValueError, match="none is stored"):
        generator.synthesis(torch.randn(1, 16))
    assert generator.synthesis(torch.randn(1, 16), "random").shape == (1, 3, 32, 32)


def test_growing_pggans_leave_behind_what_only_growing_needs() -> None:
    whole = PGGANGenerator(WIDTHS, 16).eval()
    state = whole.state_dict()
    bare = without(without(state, r"lod$"), r"output[012]\.")
    z = torch.randn(2, 16)
    assert torch.equal(PGGANGenerator.from_state_dict(bare)(z), whole(z))
    with pytest.raises(CheckpointError, match=r"missing: output3\.conv\.weight"):
        PGGANGenerator.from_state_dict(without(state, r"output3\.conv"))


GLEAN_UNREAD = (r"generator\.style_mapping\.", r"generator\.to_rgb", r"fusion_skip\.")


def test_glean_does_without_the_mapping_and_the_rgb_outputs_of_its_bank() -> None:
    whole = GLEANNet(8, bank(), channels=8, growth=4, blocks=1).eval()
    x = torch.rand(1, 3, 8, 8) * 2 - 1
    state: Mapping[str, Tensor] = whole.state_dict()
    for pattern in GLEAN_UNREAD:
        state = without(state, pattern)
        loaded = GLEANNet.from_state_dict(state)
        assert torch.equal(loaded(x), whole(x))
    for pattern in (r"fusion_skip\.0", r"generator\.injected_noise_"):
        with pytest.raises(CheckpointError, match="missing: "):
            GLEANNet.from_state_dict(without(whole.state_dict(), pattern))


BUILDS: dict[str, Callable[[], nn.Module]] = {
    "stylegan2": bank,
    "pggan": lambda: PGGANGenerator(WIDTHS, 16),
    "glean": lambda: GLEANNet(8, bank(), channels=8, growth=4, blocks=1),
    "glean-light": lambda: GLEANLightNet(8, bank(), channels=8, growth=4, blocks=1),
    "dfdnet": narrow_dfdnet,
}


@pytest.mark.parametrize("name", BUILDS)
def test_a_look_into_a_file_tells_what_loading_it_tells(name: str, tmp_path: Path) -> None:
    network = BUILDS[name]()
    path = tmp_path / "a.safetensors"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    load = type(network).from_state_dict  # type: ignore[attr-defined]
    seen = load(read(path, META))
    assert all(tensor.is_meta for tensor in seen.parameters())
    shapes = {key: tensor.shape for key, tensor in network.state_dict().items()}
    assert {key: tensor.shape for key, tensor in seen.state_dict().items()} == shapes
