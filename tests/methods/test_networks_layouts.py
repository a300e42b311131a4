"""Configurations read off keys and shapes, layouts, wrappers, and what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from methods.checkpoints.state_dict import CheckpointError
from methods.networks.generator import open_generator
from methods.networks.glean import FUSIONS, Fusion, GLEANNet, num_fused_sizes
from methods.networks.glean_light import GLEANLightNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.rrdb import RRDBNet
from methods.networks.srresnet import MSRResNet, Variant
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan1_layers import AdaptiveInstanceNorm, UpConv
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.support.narrow import narrow_dfdnet

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}


def glean_light() -> GLEANLightNet:
    bank = StyleGAN2Generator(32, 16, 2, WIDTHS)
    decoder = {8: 11, 16: 9, 32: 7}
    return GLEANLightNet(8, bank, channels=8, growth=4, blocks=1, decoder_channels=decoder)


GENERATORS: dict[str, Callable[[], nn.Module]] = {
    "stylegan2": lambda: StyleGAN2Generator(32, 16, 2, WIDTHS),
    "stylegan1": lambda: StyleGAN1Generator(WIDTHS, 16, 2),
    "pggan": lambda: PGGANGenerator(WIDTHS, 16),
}
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    **GENERATORS,
    "rrdb": lambda: RRDBNet(2, 8, 4, 2),
    "srresnet": lambda: MSRResNet((2, 2), 8, 2),
    "glean": lambda: glean("all"),
    "glean-light": glean_light,
    "dfdnet": narrow_dfdnet,
}


def glean(fusion: Fusion, in_size: int = 8) -> GLEANNet:
    bank = StyleGAN2Generator(32, 16, 2, WIDTHS)
    decoder = {8: 11, 16: 9, 32: 7}
    return GLEANNet(
        in_size, bank, channels=8, growth=4, blocks=1, decoder_channels=decoder, fusion=fusion
    )


def same(one: nn.Module, other: nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[k], theirs[k]) for k in mine)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda t: t, id="bare"),
        pytest.param(lambda t: {"params_ema": t, "params": {"no": torch.ones(1)}}, id="params_ema"),
        pytest.param(lambda t: {"params": t}, id="params"),
        pytest.param(
            lambda t: {"g_ema": t, "g": {"no": torch.ones(1)}, "latent_avg": 1}, id="g_ema"
        ),
        pytest.param(lambda t: {"generator_smooth": t, "generator": {}}, id="generator_smooth"),
        pytest.param(
            lambda t: {
                "meta": {"epoch": 1},
                "state_dict": {
                    **{f"generator.{k}": v for k, v in t.items()},
                    "discriminator.convs.0.weight": torch.ones(1),
                    "perceptual_loss.vgg.mean": torch.ones(1),
                },
            },
            id="mmagic",
        ),
        pytest.param(
            lambda t: {
                "state_dict": {f"generator_ema.{k}": v for k, v in t.items()}
                | {f"generator.{k}": v + 1 for k, v in t.items()}
            },
            id="generator_ema",
        ),
        pytest.param(lambda t: {f"module.{k}": v for k, v in t.items()}, id="module"),
        pytest.param(lambda t: {f"module.generator.{k}": v for k, v in t.items()}, id="both"),
        pytest.param(lambda t: {k: v.half().float().half() for k, v in t.items()}, id="float16"),
    ],
)
def test_wrappers_of_the_wild_are_taken_off(
    name: str, wrap: Callable[[dict[str, Tensor]], dict[str, object]]
) -> None:
    network = NETWORKS[name]()
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.copy_(tensor.half())
    loaded = type(network).from_state_dict(wrap(network.state_dict()))  # type: ignore[attr-defined]
    assert same(loaded, network)
    assert all(p.dtype == torch.float32 for p in loaded.parameters())
    assert not loaded.training


@pytest.mark.parametrize("name", NETWORKS)
def test_a_loaded_network_shares_no_memory_with_the_file(name: str) -> None:
    network = NETWORKS[name]()
    loaded = type(network).from_state_dict(network.state_dict())  # type: ignore[attr-defined]
    mine = {p.data_ptr() for p in network.parameters()}
    assert not mine & {p.data_ptr() for p in loaded.parameters()}


@pytest.mark.parametrize("name", NETWORKS)
def test_one_error_names_all_that_does_not_fit(name: str) -> None:
    network = NETWORKS[name]()
    tensors = dict(network.state_dict())
    missing, misshapen = [k for k in tensors if k.endswith("weight")][-3:-1]
    del tensors[missing]
    tensors["a.stranger"] = torch.zeros(2)
    tensors[misshapen] = torch.zeros(1, 2, 3)
    with pytest.raises(CheckpointError) as caught:
        type(network).from_state_dict(tensors)  # type: ignore[attr-defined]
    for words in (f"1 missing: {missing}", "1 unexpected: a.stranger", f"{misshapen} is (1, 2, 3)"):
        assert words in str(caught.value)


@pytest.mark.parametrize("name", NETWORKS)
def test_another_networks_file_is_refused(name: str) -> None:
    for other, build in NETWORKS.items():
        if other != name:
            tensors = build().state_dict()
            with pytest.raises(CheckpointError, match="not a "):
                type(NETWORKS[name]()).from_state_dict(tensors)  # type: ignore[attr-defined]


def test_absurd_depth_is_refused_at_once() -> None:
    tensors = dict(RRDBNet(2, 8, 4, 2).state_dict())
    tensors["body.999999999.rdb1.conv1.weight"] = torch.zeros(4, 8, 3, 3)
    with pytest.raises(CheckpointError, match="1000000000 parts"):
        RRDBNet.from_state_dict(tensors)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_keys_tell_the_generator(name: str) -> None:
    generator = GENERATORS[name]()
    assert same(open_generator({"generator_ema": generator.state_dict()}), generator)


def test_no_generator_is_said_so() -> None:
    with pytest.raises(CheckpointError, match=r"no generator: none of .*layer0\.conv\.weight"):
        open_generator(RRDBNet(2, 8, 4, 2).state_dict())


@pytest.mark.parametrize("stages", [1, 2, 4])
def test_both_older_layouts_of_esrgan_are_read(stages: int) -> None:
    network = RRDBNet(stages, 8, 4, 2).eval()
    newer, older = {}, {}
    tail = {f"conv_up{k}": f"model.{3 * k}" for k in range(1, stages + 1)}
    tail |= {"conv_hr": f"model.{3 * stages + 2}", "conv_last": f"model.{3 * stages + 4}"}
    for key, tensor in network.state_dict().items():
        layer, kind = key.rsplit(".", 1)
        new = re.sub(r"^body\.(\d+)\.rdb(\d)", r"RRDB_trunk.\1.RDB\2", layer)
        new = {"conv_body": "trunk_conv", "conv_hr": "HRconv"}.get(new, new)
        newer[f"{new.replace('conv_up', 'upconv')}.{kind}"] = tensor
        old = re.sub(r"^body\.(\d+)\.rdb(\d)\.conv(\d)", r"model.1.sub.\1.RDB\2.conv\3.0", layer)
        old = {"conv_first": "model.0", "conv_body": "model.1.sub.2", **tail}.get(old, old)
        older[f"{old}.{kind}"] = tensor
    for published in (newer, older):
        assert not published.keys() & network.state_dict().keys() - {
            "conv_first.weight", "conv_first.bias", "conv_last.weight", "conv_last.bias"
        }  # fmt: skip
        assert same(RRDBNet.from_state_dict(published), network)


def test_rrdb_sizes_are_read_off_the_shapes() -> None:
    plus = RRDBNet.from_state_dict(RRDBNet(4, 12, 6, 3).state_dict())
    assert (plus.scale, plus(torch.rand(1, 3, 3, 5)).shape) == (16, (1, 3, 48, 80))
    for unshuffle, scale in ((2, 2), (4, 1)):
        folded = RRDBNet.from_state_dict(RRDBNet(2, 8, 4, 1, unshuffle).state_dict())
        assert folded.scale == scale
        assert folded(torch.rand(1, 3, 8, 8)).shape == (1, 3, 8 * scale, 8 * scale)
        for sides in ((9, 8), (6, 5), (1, 1)):
            x = torch.rand(1, 3, *sides)
            height, width = (side * scale for side in sides)
            assert folded(x).shape == (1, 3, height, width)
            bottom, right = (-side % unshuffle for side in sides)
            mode = "reflect" if min(sides) > 1 else "replicate"
            whole = folded(torch.nn.functional.pad(x, (0, right, 0, bottom), mode))
            assert torch.equal(folded(x), whole[..., :height, :width])


@pytest.mark.parametrize("variant", ["basicsr", "mmagic"])
@pytest.mark.parametrize("factors", [(2,), (3,), (2, 2), (2, 2, 2, 2)])
def test_srresnets_are_read_off_their_keys(variant: Variant, factors: tuple[int, ...]) -> None:
    network = MSRResNet(factors, 8, 2, variant).eval()
    loaded = MSRResNet.from_state_dict(network.state_dict())
    x = torch.rand(1, 3, 4, 6)
    assert (loaded.factors, loaded.variant) == (factors, variant)
    assert torch.equal(loaded(x), network(x))
    assert loaded(x).shape == (1, 3, 4 * loaded.scale, 6 * loaded.scale)
    trunk = "body.0.conv1.weight" if variant == "basicsr" else "trunk_net.0.conv1.weight"
    stage = "upconv1.weight" if variant == "basicsr" else "upsample1.upsample_conv.weight"
    assert {trunk, stage} <= loaded.state_dict().keys()


def test_the_two_srresnets_differ() -> None:
    basicsr = MSRResNet((2,), 8, 1, "basicsr")
    renamed = {
        k.replace("body", "trunk_net").replace("upconv1", "upsample1.upsample_conv"): v
        for k, v in basicsr.state_dict().items()
    }
    x = torch.rand(1, 3, 4, 4)
    assert not torch.allclose(MSRResNet.from_state_dict(renamed)(x), basicsr(x), atol=1e-4)


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("in_size", [4, 8, 16])
def test_glean_and_its_ablations_are_read_off_their_keys(fusion: Fusion, in_size: int) -> None:
    network = glean(fusion, in_size).eval()
    loaded = GLEANNet.from_state_dict(network.state_dict())
    x = torch.rand(2, 3, in_size, in_size) * 2 - 1
    assert (loaded.in_size, loaded.out_size) == (in_size, 32)
    assert loaded.num_fused == num_fused_sizes(in_size, fusion)
    assert torch.equal(loaded(x), network(x))
    assert torch.allclose(loaded(x)[:1], loaded(x[:1]), atol=1e-5)


def test_the_papers_coarse_features_are_those_of_4_to_16_pixels() -> None:
    assert [num_fused_sizes(64, fusion) for fusion in FUSIONS] == [0, 3, 5]


def test_only_latents_reach_the_picture_without_fusion() -> None:
    network = glean("latents").eval()
    features, latents = network.encode(torch.rand(1, 3, 8, 8))
    other = {size: torch.rand_like(f) for size, f in features.items()}
    assert torch.equal(
        network.decode(network.retrieve(features, latents)),
        network.decode(network.retrieve(other, latents)),
    )


def test_glean_refuses_sizes_that_make_no_network() -> None:
    with pytest.raises(ValueError, match="not from 32 to 32"):
        glean("all", 32)


@pytest.mark.parametrize("name", GENERATORS)
def test_head_and_tail_make_the_whole(name: str) -> None:
    generator = GENERATORS[name]().eval()
    w = generator.mapping(torch.randn(2, 16))  # type: ignore[operator]
    noise = [torch.randn(2, 1, side, side) for side in generator.noise_sides]  # type: ignore[union-attr]
    whole = generator.synthesis(w, noise)  # type: ignore[operator]
    assert whole.shape == (2, 3, 32, 32)
    for layer in generator.split_layers:  # type: ignore[union-attr]
        features = generator.head(w, layer, noise)  # type: ignore[operator]
        assert features.shape[-1] == 4 << (layer - 1) // 2
        assert torch.allclose(generator.tail(features, layer, w, noise), whole, atol=1e-5)  # type: ignore[operator]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("count", [1, 2])
def test_adaptive_instance_norm_is_its_formula_and_so_is_its_gradient(
    count: int, layout: torch.memory_format
) -> None:
    stream = torch.Generator().manual_seed(3)
    x = 5 + torch.randn(count, 4, 6, 3, generator=stream, dtype=torch.float64)
    scale, shift = torch.randn(2, count, 4, 1, 1, generator=stream, dtype=torch.float64)
    given = [part.requires_grad_() for part in (x.contiguous(memory_format=layout), scale, shift)]
    mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), correction=0, keepdim=True)
    expected = (x - mean) / (variance + 1e-5).sqrt() * scale + shift
    torch.testing.assert_close(AdaptiveInstanceNorm.apply(*given), expected)
    assert torch.autograd.gradcheck(
        lambda *parts: AdaptiveInstanceNorm.apply(*parts).contiguous(memory_format=layout), given
    )


def test_stylegan1_fuses_upsampling_with_convolution_from_128_pixels() -> None:
    # Below 128 px the port enlarges and convolves; from there on it convolves transposed, which
    # is the same with the kernel turned round.
    up = UpConv(3, 5)
    x = torch.randn(1, 3, 64, 64)
    fused = up(x)
    up.weight.data = up.weight.data.flip(2, 3)
    enlarged = torch.nn.functional.interpolate(x, scale_factor=2.0)
    plain = torch.nn.functional.conv2d(enlarged, up.weight * up.scale, padding=1)
    assert torch.allclose(fused, up.intermediate(plain), atol=1e-5)
