"""Which set of tensors in a checkpoint is read: averages first, under any name and nesting; what is
left out is named; and what nothing decides is refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from methods.checkpoints.parts import Checkpoint
from methods.checkpoints.state_dict import CheckpointError, unwrap
from methods.networks.generator import open_generator
from methods.networks.pggan import PGGANGenerator
from methods.networks.rrdb import RRDBNet
from methods.networks.stylegan2 import StyleGAN2Generator

WIDTHS = {4: 12, 8: 10, 16: 8}
MEANT: dict[str, Tensor] = {
    "conv_first.weight": torch.full((2, 2), 7.0),
    "body.bias": torch.ones(3),
}
OTHER = {name: tensor - 5 for name, tensor in MEANT.items()}
ANCHORS = ("conv_first.weight",)
COUNT = torch.tensor(100)


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def read(loaded: Mapping[str, Any]) -> tuple[dict[str, Tensor], Checkpoint]:
    checkpoint = Checkpoint(loaded)
    return unwrap(checkpoint, ANCHORS, "network"), checkpoint


def assert_meant(tensors: Mapping[str, Tensor]) -> None:
    assert tensors.keys() == MEANT.keys()
    assert all(torch.equal(tensors[name], MEANT[name]) for name in MEANT)


# What files of the wild look like: the path of the average, and the sets that are left out.
AVERAGES: dict[str, tuple[Mapping[str, Any], str, tuple[str, ...]]] = {
    "mmagic": (
        {
            "meta": {"epoch": 1},
            "state_dict": {
                **under("generator", OTHER),
                **under("generator_ema.module", MEANT),
                "generator_ema.steps": COUNT,
                "step_counter": COUNT,
                **under("discriminator", {"conv.weight": torch.ones(4)}),
            },
        },
        "state_dict.generator_ema.module",
        ("state_dict.generator", "state_dict.discriminator"),
    ),
    "module before": (
        {**under("module.generator_ema", MEANT), **under("module.generator", OTHER)},
        "module.generator_ema",
        ("module.generator",),
    ),
    "module before and behind": (
        {**under("module.netG", OTHER), **under("module.netG_EMA.module", MEANT)},
        "module.netG_EMA.module",
        ("module.netG",),
    ),
    "ema beside state_dict": (
        {
            "state_dict": OTHER,
            "ema": MEANT,
            "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}},
        },
        "ema",
        ("state_dict", "optimizer"),
    ),
    "hyphen": ({"params": OTHER, "params-ema": MEANT}, "params-ema", ("params",)),
    "timm": ({"state_dict": OTHER, "state_dict_ema": MEANT}, "state_dict_ema", ("state_dict",)),
    "torch's AveragedModel": (
        {"model": OTHER, "swa_model": {**under("module", MEANT), "n_averaged": COUNT}},
        "swa_model.module",
        ("model",),
    ),
    "ema_pytorch": (
        {
            "ema": {
                **under("online_model", OTHER),
                **under("ema_model", MEANT),
                "initted": torch.tensor(True),
                "step": COUNT,
            }
        },
        "ema.ema_model",
        ("ema.online_model",),
    ),
    "rosinality's first": (
        {"generator": OTHER, "g_running": MEANT, "discriminator": {"a.b": torch.ones(2)}},
        "g_running",
        ("generator", "discriminator"),
    ),
    "averaged inside wrappers": (
        {"model": {"_orig_mod": {**under("g", OTHER), **under("avg_g", MEANT)}}},
        "model._orig_mod.avg_g",
        ("model._orig_mod.g",),
    ),
    "beside a raw set without a name": (
        {**OTHER, **under("ema", MEANT)},
        "ema",
        ("the set at its top",),
    ),
    "compiled": (
        {**under("_orig_mod.module", OTHER), **under("ema._orig_mod.module", MEANT)},
        "ema._orig_mod.module",
        ("_orig_mod.module",),
    ),
    "half-life in the name": (
        {"net": OTHER, "ema_0.999": MEANT},
        "ema_0.999",
        ("net",),
    ),
    "mmengine, which swaps them": (
        {
            "meta": {"mmengine_version": "0.10.4"},
            "state_dict": MEANT,
            "ema_state_dict": {**under("module", OTHER), "steps": COUNT},
        },
        "state_dict",
        ("ema_state_dict.module",),
    ),
    "the same, of another tool": (
        {"meta": {"epoch": 1}, "state_dict": OTHER, "ema_state_dict": under("module", MEANT)},
        "ema_state_dict.module",
        ("state_dict",),
    ),
}


@pytest.mark.parametrize(("loaded", "part", "left_out"), AVERAGES.values(), ids=AVERAGES)
def test_an_average_is_read_before_the_raw_weights_and_the_rest_is_named(
    loaded: Mapping[str, Any], part: str, left_out: tuple[str, ...]
) -> None:
    tensors, checkpoint = read(loaded)
    assert_meant(tensors)
    assert (checkpoint.reading.part, checkpoint.reading.left_out) == (part, left_out)
    again, _ = read(dict(reversed(loaded.items())))  # whichever comes first
    assert_meant(again)


@pytest.mark.parametrize(
    "prefix",
    [
        *("_orig_mod", "_orig_mod.module", "module._orig_mod", "generator.module", "netG", "net_g"),
        *("module.module.generator", "model.generator._orig_mod.module", "sr_model.backbone"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_wrappers_of_any_depth_are_taken_off(prefix: str, nested: bool) -> None:
    loaded: Mapping[str, Any] = under(prefix, MEANT)
    if nested:
        loaded = MEANT
        for part in reversed(prefix.split(".")):
            loaded = {part: loaded, "epoch": 3}
    tensors, checkpoint = read(loaded)
    assert_meant(tensors)
    assert (checkpoint.reading.part, checkpoint.reading.left_out) == (prefix, ())
    assert checkpoint.reading.note == ""


@pytest.mark.parametrize("counter", ["steps", "n_averaged", "step_counter", "num_updates"])
def test_counters_among_the_tensors_are_no_strangers(counter: str) -> None:
    for loaded in ({**MEANT, counter: COUNT}, {"params_ema": {**MEANT, counter: COUNT[None]}}):
        assert_meant(read(loaded)[0])
    several = torch.ones(3)
    assert torch.equal(read({**MEANT, counter: several})[0][counter], several)


def test_a_discriminator_of_the_same_layers_is_not_taken_for_the_generator() -> None:
    tensors, checkpoint = read({"discriminator_ema": OTHER, "net_d": {**OTHER}, "generator": MEANT})
    assert_meant(tensors)
    assert checkpoint.reading.left_out == ("discriminator_ema", "net_d")


def test_strangers_keep_their_whole_names_to_be_refused() -> None:
    stranger = torch.ones(2)
    tensors, _ = read({**under("generator", MEANT), "style_bank.weight": stranger})
    assert torch.equal(tensors["style_bank.weight"], stranger)


def test_of_two_equals_neither_is_picked() -> None:
    for names in (("student", "teacher"), ("ema_a", "ema_b")):
        with pytest.raises(CheckpointError, match=r"several networks, {} and {}".format(*names)):
            read({names[0]: OTHER, names[1]: MEANT})


def test_an_average_in_an_unknown_layout_is_no_reason_to_read_the_raw_weights() -> None:
    # As pytorch-lightning's LitEma has it: names without their dots.
    undotted = {f"model_ema.{name.replace('.', '')}": tensor for name, tensor in MEANT.items()}
    undotted["model_ema.x.y"] = torch.ones(2)
    with pytest.raises(CheckpointError, match="holds an average, model_ema, in a layout"):
        read({**under("model", OTHER), **undotted})


def test_mappings_in_themselves_and_in_many_places_end() -> None:
    loaded: dict[str, Any] = {"state_dict": MEANT}
    loaded["self"] = loaded
    assert_meant(read(loaded)[0])
    many: Any = {"leaf": {}}
    for _ in range(60):  # 2 ** 60 paths lead to the leaf
        many = {"a": many, "b": many}
    assert_meant(read({"params": MEANT, "many": many})[0])


def test_depths_without_end_are_not_followed() -> None:
    deep: Any = MEANT
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(CheckpointError, match="no tensor in it"):
        read(deep)


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Callable[[Mapping[str, object]], nn.Module]]] = {
    "rrdb": (lambda: RRDBNet(2, 8, 4, 1), RRDBNet.from_state_dict),
    "stylegan2": (
        lambda: StyleGAN2Generator(16, 16, 2, WIDTHS),
        StyleGAN2Generator.from_state_dict,
    ),
    "stylegan2 for a search": (lambda: StyleGAN2Generator(16, 16, 2, WIDTHS), open_generator),
    "pggan": (lambda: PGGANGenerator(WIDTHS, 16), open_generator),
}


@pytest.mark.parametrize(("build", "load"), NETWORKS.values(), ids=NETWORKS)
def test_whole_networks_load_their_average(
    build: Callable[[], nn.Module], load: Callable[[Mapping[str, object]], nn.Module]
) -> None:
    meant, raw = build().state_dict(), build().state_dict()
    loaded = load(
        {
            "state_dict": OrderedDict(
                **under("generator", raw), **under("generator_ema.module", meant),
                **{"generator_ema.steps": COUNT},
            )
        }
    ).state_dict()  # fmt: skip
    assert all(torch.equal(loaded[name], tensor) for name, tensor in meant.items())


def test_an_average_that_lacks_tensors_is_refused_rather_than_replaced() -> None:
    meant = RRDBNet(2, 8, 4, 1).state_dict()
    whole = dict(meant)
    del meant["conv_hr.weight"]
    with pytest.raises(CheckpointError, match=r"1 missing: conv_hr\.weight"):
        RRDBNet.from_state_dict({"params": whole, "params_ema": meant})
