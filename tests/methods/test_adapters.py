"""The methods that need weights, on small random networks, from their files to their results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file
from torch import Tensor, nn

from bench.core.errors import BenchError
from bench.operators import Downsample
from methods.base import Method, Task
from methods.esrgan import ESRGAN
from methods.glean import GLEAN, GLEANLatents
from methods.glean_light import GLEANLight
from methods.loading import to_channels_last
from methods.mganprior import MGANPrior
from methods.networks.glean import GLEANNet
from methods.networks.glean_light import GLEANLightNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.rrdb import RRDBNet
from methods.networks.srresnet import MSRResNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.pulse import PULSE
from methods.search import gaussian_fit
from methods.srgan import SRGAN

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}
GENERATORS: dict[str, Callable[[], nn.Module]] = {
    "stylegan2": lambda: StyleGAN2Generator(32, 16, 2, WIDTHS),
    "stylegan1": lambda: StyleGAN1Generator(WIDTHS, 16, 2),
    "pggan": lambda: PGGANGenerator(WIDTHS, 16),
}


@pytest.fixture(autouse=True)
def small_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(gaussian_fit, "SAMPLES", 1000)


def bank() -> StyleGAN2Generator:
    return StyleGAN2Generator(32, 16, 2, WIDTHS)


def glean_net() -> GLEANNet:
    return GLEANNet(8, bank(), channels=8, growth=4, blocks=1)


def glean_light_net(*, has_decoder: bool = True) -> GLEANLightNet:
    return GLEANLightNet(8, bank(), channels=8, growth=4, blocks=1, has_decoder=has_decoder)


FEED_FORWARD: dict[str, tuple[type[Method], Callable[[], nn.Module]]] = {
    "esrgan": (ESRGAN, lambda: RRDBNet(2, 8, 4, 1)),
    "srgan": (SRGAN, lambda: MSRResNet((2, 2), 8, 1)),
    "glean": (GLEAN, glean_net),
    "glean-light": (GLEANLight, glean_light_net),
}
NETWORKS = GENERATORS | {name: build for name, (_, build) in FEED_FORWARD.items()}
SHORT: dict[type[Method], dict[str, Any]] = {
    PULSE: {"steps": 3},
    MGANPrior: {"steps": 3, "codes": 2, "composing_layer": 4, "learning_rate": 0.1},
}


def saved(network: nn.Module, path: Path) -> Path:
    save_file({k: v.half().contiguous() for k, v in network.state_dict().items()}, path)
    return path


def made(method: type[Method], cache: Path, scale: int = 4, size: int = 32, **settings: Any) -> Any:
    cpu = torch.device("cpu")
    task = Task("face", (size, size), scale, Downsample(scale), cpu, cache)
    return method(task, method.Settings(**settings))


def observed(count: int = 2, scale: int = 4) -> Tensor:
    return Downsample(scale).observe(torch.rand(count, 3, 32, 32))


@pytest.mark.parametrize("name", NETWORKS)
def test_kernels_keep_their_numbers_in_channels_last(name: str) -> None:
    network = NETWORKS[name]()
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    to_channels_last(network)
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(after[key], tensor) for key, tensor in before.items())
    kernels = [p.flatten(0, -4) for p in network.parameters() if p.ndim >= 4]
    assert kernels
    assert all(k.is_contiguous(memory_format=torch.channels_last) for k in kernels)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("count", [1, 2])
def test_gradients_are_the_same_in_channels_last(name: str, count: int) -> None:
    generator: Any = GENERATORS[name]()
    size = (count, generator.num_latents, generator.latent_dim)
    w = torch.randn(size, requires_grad=True)
    noises = [torch.randn(count, 1, side, side) for side in generator.noise_sides]

    def gradient() -> Tensor:
        loss = generator.synthesis(w, noises).square().mean()
        return torch.autograd.grad(loss, w)[0]

    before = gradient()
    to_channels_last(generator)
    torch.testing.assert_close(gradient(), before, atol=1e-5 * float(before.abs().max()), rtol=1e-3)


@pytest.mark.parametrize("name", FEED_FORWARD)
def test_feed_forward_methods_restore_what_their_network_says(name: str, tmp_path: Path) -> None:
    method_class, build = FEED_FORWARD[name]
    network = build().eval()
    method = made(method_class, tmp_path)
    (need,) = method.needs()
    assert (need.kinds, need.scale, method.skip()) == ((name,), 4, None)
    method.setup({need.role: saved(network, tmp_path / "a.safetensors")})
    y = observed()
    images = method.restore(y, [0, 1]).images
    with torch.no_grad():
        expected = (network(y * 2 - 1) + 1) / 2 if "glean" in name else network(y)
    torch.testing.assert_close(images, expected, atol=2e-2, rtol=1e-2)  # float16 on disk
    torch.testing.assert_close(method.restore(y[1:], [1]).images, images[1:], atol=1e-5, rtol=1e-4)
    assert method.parameters() == sum(p.numel() for p in network.parameters())
    assert method.warm_up(y[:1]) > 10_000


@pytest.mark.parametrize("name", FEED_FORWARD)
def test_a_file_for_another_factor_says_which_it_serves(name: str, tmp_path: Path) -> None:
    method_class, build = FEED_FORWARD[name]
    path = saved(build(), tmp_path / "a.safetensors")
    method = made(method_class, tmp_path, scale=2)
    with pytest.raises(BenchError, match=r"a\.safetensors serves 4x.* not 2x"):
        method.setup({"network": path})


def test_glean_is_not_applicable_to_what_is_no_power_of_two(tmp_path: Path) -> None:
    assert "not 48x48" in made(GLEAN, tmp_path, size=48).skip()
    assert "from 4x4 up" in made(GLEAN, tmp_path, scale=16).skip()


def test_gleans_ablations_ask_for_weights_of_their_own(tmp_path: Path) -> None:
    (need,) = made(GLEANLatents, tmp_path).needs()
    assert need.kinds == ("glean-latents",)


def test_gleans_ablations_refuse_each_others_weights(tmp_path: Path) -> None:
    path = saved(glean_net(), tmp_path / "a.safetensors")
    with pytest.raises(BenchError, match=r"of 2 sizes, not those that 'latents' means"):
        made(GLEANLatents, tmp_path).setup({"network": path})


def test_the_variant_of_glean_light_without_decoder_has_weights_of_its_own(tmp_path: Path) -> None:
    whole, bare = made(GLEANLight, tmp_path), made(GLEANLight, tmp_path, decoder=False)
    assert [m.needs()[0].kinds for m in (whole, bare)] == [("glean-light",), ("glean-light-bank",)]
    of_whole = saved(glean_light_net(), tmp_path / "whole.safetensors")
    of_bare = saved(glean_light_net(has_decoder=False), tmp_path / "bare.safetensors")
    with pytest.raises(BenchError, match=r"no decoder: run it with --set glean-light\.decoder=fal"):
        whole.setup({"network": of_bare})
    with pytest.raises(BenchError, match=r"a decoder: run it with --set glean-light\.decoder=true"):
        bare.setup({"network": of_whole})
    bare.setup({"network": of_bare})
    assert bare.restore(observed(), [0, 1]).images.shape == (2, 3, 32, 32)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("method_class", [PULSE, MGANPrior])
def test_latent_optimisation_runs_on_every_generator(
    method_class: type[Method], name: str, tmp_path: Path
) -> None:
    path = saved(GENERATORS[name](), tmp_path / "gan.safetensors")
    method = made(method_class, tmp_path / "cache", **SHORT[method_class])
    method.setup({"generator": path})
    y = observed()
    result = method.restore(y, [5, 6])
    assert result.images.shape == (2, 3, 32, 32)
    assert [len(fit.trace) for fit in result.fits] == [3, 3]
    alone = method.restore(y[1:], [6])
    torch.testing.assert_close(result.images[1:], alone.images, atol=1e-3, rtol=1e-3)
    with torch.no_grad():  # as the engine may call it
        assert torch.equal(method.restore(y[1:], [6]).images, alone.images)


@pytest.mark.parametrize("method_class", [PULSE, MGANPrior])
def test_macs_count_the_whole_optimisation(method_class: type[Method], tmp_path: Path) -> None:
    path = saved(bank(), tmp_path / "gan.safetensors")
    counts = []
    for steps in (2, 4):
        method = made(method_class, tmp_path / "cache", **{**SHORT[method_class], "steps": steps})
        method.setup({"generator": path})
        counts.append(method.warm_up(observed(1)))
    assert counts[0] < counts[1] <= 2 * counts[0]


@pytest.mark.parametrize("method_class", [PULSE, MGANPrior])
def test_a_generator_of_another_size_is_named(method_class: type[Method], tmp_path: Path) -> None:
    path = saved(bank(), tmp_path / "gan.safetensors")
    method = made(method_class, tmp_path, size=64)
    with pytest.raises(BenchError, match="makes pictures of 32x32 pixels, not 64x64"):
        method.setup({"generator": path})


def test_the_papers_settings_are_the_defaults() -> None:
    assert PULSE.Settings().model_dump() == {
        "steps": 100, "learning_rate": 0.4, "tolerance": 2e-3, "fidelity_weight": 100.0,
        "geocross_weight": 0.05, "trainable_noise_layers": 5}  # fmt: skip
    ours = MGANPrior.Settings().model_dump()
    paper = {"codes": 20, "composing_layer": 6, "steps": 2000, "learning_rate": 1.0}
    assert ours.items() >= paper.items()
    with pytest.raises(ValidationError):
        PULSE.Settings(step=100)  # type: ignore[call-arg]


def test_pulse_takes_the_published_fit_where_the_mapping_is_missing(tmp_path: Path) -> None:
    tensors = {
        k: v for k, v in StyleGAN1Generator(WIDTHS, 16, 2).state_dict().items() if "dense" not in k
    }
    synthesis = tmp_path / "synthesis.safetensors"
    save_file(tensors, synthesis)
    method = made(PULSE, tmp_path, steps=2)
    with pytest.raises(BenchError, match="has no mapping network"):
        method.setup({"generator": synthesis})
    published = tmp_path / "gaussian_fit.pt"
    torch.save({"mean": torch.zeros(16), "std": torch.ones(16)}, published)
    method.setup({"generator": synthesis, "gaussian_fit": published})
    assert method.restore(observed(1), [0]).images.shape == (1, 3, 32, 32)
    torch.save({"mu": torch.zeros(16)}, published)
    with pytest.raises(BenchError, match="is no Gaussian fit"):
        method.setup({"generator": synthesis, "gaussian_fit": published})
    with pytest.raises(BenchError, match="has no mapping network"):
        made(MGANPrior, tmp_path, composing_layer=4).setup({"generator": synthesis})


def test_mganprior_names_the_layers_at_which_it_can_compose(tmp_path: Path) -> None:
    path = saved(bank(), tmp_path / "gan.safetensors")
    with pytest.raises(BenchError, match="after layer 3; composing_layer may be 2, 4, 6"):
        made(MGANPrior, tmp_path, composing_layer=3).setup({"generator": path})


@pytest.mark.parametrize("method_class", [ESRGAN, SRGAN, GLEAN])
def test_a_wrong_file_is_named_with_what_is_wrong(
    method_class: type[Method], tmp_path: Path
) -> None:
    path = tmp_path / "wrong.safetensors"
    save_file({"a": torch.ones(1)}, path)
    with pytest.raises(BenchError, match=r"wrong\.safetensors: not a .*among 1 that begin with a"):
        made(method_class, tmp_path).setup({"network": path})
    with pytest.raises(BenchError, match=r"absent\.pth cannot be read"):
        made(method_class, tmp_path).setup({"network": tmp_path / "absent.pth"})


def test_spandrel_runs_what_it_knows_and_refuses_the_rest(tmp_path: Path) -> None:
    pytest.importorskip("spandrel")
    from methods.spandrel_file import SpandrelFile

    network = RRDBNet(2, 8, 32, 1).eval()
    path = tmp_path / "x4.pth"
    torch.save(network.state_dict(), path)
    method = made(SpandrelFile, tmp_path, file=str(path))
    method.setup({})
    y = observed()
    torch.testing.assert_close(method.restore(y, [0, 0]).images, network(y).clamp(0, 1))
    assert len(method.settings.sha256) == 64
    with pytest.raises(BenchError, match="serves 4x, not 2x"):
        made(SpandrelFile, tmp_path, scale=2, file=str(path)).setup({})
    torch.save(RRDBNet(2, 8, 4, 1).state_dict(), path)  # spandrel's have a growth of 32
    with pytest.raises(BenchError, match=r"x4\.pth: spandrel cannot load it: .*RRDBNet"):
        made(SpandrelFile, tmp_path, file=str(path)).setup({})
    torch.save({"a": torch.ones(1)}, path)
    with pytest.raises(BenchError, match="no architecture that spandrel knows"):
        made(SpandrelFile, tmp_path, file=str(path)).setup({})
    with pytest.raises(BenchError, match=r"none\.pth: No such file"):
        made(SpandrelFile, tmp_path, file=str(tmp_path / "none.pth"))
