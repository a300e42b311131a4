"""Files of weights that nobody meant: damaged, mixed, hostile. Each is read or refused in words;
there is no other error, nothing runs, and nothing takes for ever."""

from __future__ import annotations

import io
import os
import pickle
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from safetensors.torch import save
from torch import Tensor

from methods.checkpoints.eight_bits import narrowed
from methods.checkpoints.file import META, read
from methods.checkpoints.parts import Checkpoint
from methods.checkpoints.state_dict import CheckpointError
from methods.networks.dfdnet import DFDNetGenerator
from methods.networks.dfdnet_dictionary import Dictionary
from methods.networks.generator import open_generator
from methods.networks.glean import GLEANNet
from methods.networks.glean_light import GLEANLightNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.rrdb import RRDBNet
from methods.networks.srntt import SRNTTNet
from methods.networks.srntt_discriminator import SRNTTDiscriminator
from methods.networks.srntt_parts import ContentNet, TextureTransfer
from methods.networks.srresnet import MSRResNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.networks.vgg16 import VGG16Features
from methods.networks.vgg19 import VGG19Features
from tests.methods.test_networks_renamed import (
    small_stylegan1,
    small_stylegan2,
    stylegan1_to_genforce,
    to_basicsr,
    to_genforce,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

WIDTHS = {4: 6, 8: 4}
LOADERS: tuple[Callable[[Mapping[str, object]], object], ...] = (
    RRDBNet.from_state_dict,
    MSRResNet.from_state_dict,
    GLEANNet.from_state_dict,
    GLEANLightNet.from_state_dict,
    DFDNetGenerator.from_state_dict,
    Dictionary.from_state_dict,
    VGG16Features.from_state_dict,
    VGG19Features.from_state_dict,
    SRNTTNet.from_state_dict,
    ContentNet.from_state_dict,
    TextureTransfer.from_state_dict,
    SRNTTDiscriminator.from_state_dict,
    StyleGAN2Generator.from_state_dict,
    open_generator,
)


def cases(count: int) -> Callable[[Any], Any]:
    """The same `count` cases at every run."""

    def wrap(test: Any) -> Any:
        checks = list(HealthCheck)
        chosen = settings(
            max_examples=count, deadline=None, database=None, suppress_health_check=checks
        )
        return seed(14)(chosen(test))

    return wrap


def small_files() -> list[bytes]:
    """A whole file of each format."""
    torch.manual_seed(0)
    tensors = RRDBNet(1, 4, 2, 1).state_dict()
    legacy_and_zipped = []
    for protocol in (2, 4):
        for zipped in (True, False):
            out = io.BytesIO()
            torch.save({"params_ema": tensors, "epoch": 3}, out, pickle_protocol=protocol,
                       _use_new_zipfile_serialization=zipped)  # fmt: skip
            legacy_and_zipped.append(out.getvalue())
    arrays = io.BytesIO()
    np.savez(arrays, **{name: tensor.numpy() for name, tensor in tensors.items()})
    listed = io.BytesIO()
    np.savez(listed, params=list_of(content_arrays()), allow_pickle=True)
    with zipfile.ZipFile(io.BytesIO(legacy_and_zipped[0])) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    packed = [zip_of(entries), zip_of({"net.pth": legacy_and_zipped[1]})]
    plain, eight = save(dict(tensors)), save(narrowed({**tensors, "big": torch.randn(40, 50)}))
    return [*legacy_and_zipped, arrays.getvalue(), listed.getvalue(), *packed, plain, eight]


def content_arrays() -> list[np.ndarray]:
    """A small content network of SRNTT, as its authors publish it."""
    kernel, vector = np.ones((3, 3, 4, 4), np.float32), np.ones(4, np.float32)
    norm = [kernel, *[vector] * 4]
    shuffled = [np.ones((3, 3, 4, 16), np.float32), np.ones(16, np.float32)]
    first, last = np.ones((3, 3, 3, 4), np.float32), np.ones((1, 1, 4, 3), np.float32)
    arrays = [first, vector, *norm * 3, *shuffled * 2, last, np.ones(3, np.float32)]
    return [array.copy() for array in arrays]


def list_of(arrays: list[np.ndarray]) -> np.ndarray:
    whole = np.empty(len(arrays), dtype=object)
    whole[:] = arrays
    return whole


def zip_of(entries: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def try_bytes(content: bytes) -> None:
    """Read, looked into, and made a network of: all of it well, or refused."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "a.pth"
        path.write_bytes(content)
        for device in (META, torch.device("cpu")):
            said = str(path)
            try:
                try_loaders(read(path, device))
            except CheckpointError as error:
                said = str(error)
            assert str(path) in said


def try_loaders(loaded: Mapping[str, object]) -> None:
    for load in loaders():
        with suppress(CheckpointError):
            load(loaded)


def loaders() -> tuple[Callable[[Mapping[str, object]], object], ...]:
    try:
        import spandrel  # noqa: F401

        from methods.spandrel_file import described
    except ImportError:
        return LOADERS
    return (*LOADERS, lambda loaded: described(Checkpoint(loaded)) if is_real(loaded) else None)


def is_real(loaded: Mapping[str, object]) -> bool:
    """Whether there are numbers: spandrel's architectures are not built of shapes alone."""
    return not any(isinstance(v, Tensor) and v.is_meta for v in loaded.values())


FILES = small_files()
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "remove", "splice", "number"]),
        st.floats(0, 1),
        st.binary(min_size=1, max_size=9),
    ),
    min_size=1,
    max_size=5,
)


@cases(150)
@given(st.sampled_from(FILES), st.sampled_from(FILES), EDITS)
def test_damaged_files(content: bytes, other: bytes, edits: list[tuple[str, float, bytes]]) -> None:
    for edit, where, piece in edits:
        # Half of the places are near the start, where headers are.
        place = int(where * 2 * 400 if where < 0.5 else (2 * where - 1) * len(content))
        before, behind = content[:place], content[place:]
        content = {
            "flip": before + bytes(b ^ p for b, p in zip(behind, piece, strict=False)) + behind[len(piece):],
            "cut": before,
            "insert": before + piece + behind,
            "remove": before + behind[len(piece):],
            "splice": before + other[place:],
            "number": before + b"\xff" * len(piece) + behind[len(piece):],
        }[edit]  # fmt: skip
    try_bytes(content)


NAMES = st.sampled_from(
    ["conv_first", "conv_body", "body", "0", "1", "99999999999", "weight", "bias", "generator", "ema",
     "generator_ema", "module", "_orig_mod", "params", "state_dict", "discriminator", "steps", "input",
     "style_mapping", "convs", "to_rgbs", "synthesis", "b4", "b0", "const", "layer0", "conv", "noise",
     "blocks", "4x4", "8x8", "torgb", "constant_input", "encoder", "features", "conv_up1", "conv_last",
     "wscale", "output0", "model", "sub", "RDB1", "trunk_conv", "", "é\n", "w@scale"]
)  # fmt: skip
KEYS = st.lists(NAMES, min_size=1, max_size=5).map(".".join)
KINDS = st.sampled_from(
    [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.int64, torch.bool,
     torch.uint8, torch.complex64, torch.float8_e4m3fn, torch.uint16]
)  # fmt: skip
SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 4, 16]), max_size=5)
TENSORS = st.builds(lambda kind, shape: torch.empty(shape, dtype=kind).zero_(), KINDS, SHAPES)
OTHERS = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
TREES = st.recursive(
    st.dictionaries(KEYS, TENSORS | OTHERS, max_size=8),
    lambda inner: st.dictionaries(KEYS, TENSORS | inner, max_size=4),
    max_leaves=6,
)


@cases(120)
@given(TREES, st.sampled_from([2, 3, 4, 5]), st.booleans())
def test_trees_of_anything(tree: dict[str, Any], protocol: int, zipped: bool) -> None:
    try_loaders(tree)
    out = io.BytesIO()
    torch.save(tree, out, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    try_bytes(out.getvalue())


def whole_networks() -> list[dict[str, Tensor]]:
    """The tensors of each network, in each layout that renames them."""
    torch.manual_seed(0)
    stylegan2, stylegan1 = small_stylegan2(), small_stylegan1()
    bank = StyleGAN2Generator(8, 4, 1, WIDTHS)
    newer = {
        k.replace("conv_body", "trunk_conv"): v for k, v in RRDBNet(1, 4, 2, 1).state_dict().items()
    }
    made = [
        RRDBNet(1, 4, 32, 1), MSRResNet((2,), 4, 1), MSRResNet((2,), 4, 1, "mmagic"),
        GLEANNet(4, bank, channels=4, growth=2, blocks=1), PGGANGenerator(WIDTHS, 4),
        StyleGAN1Generator(WIDTHS, 4, 1),
    ]  # fmt: skip
    states: list[Any] = [
        *(network.state_dict() for network in made), newer, stylegan2,
        to_basicsr(stylegan2)["params_ema"], to_genforce(stylegan2)["generator_smooth"],
        stylegan1_to_genforce(stylegan1)["generator_smooth"],
    ]  # fmt: skip
    return [dict(state) for state in states]


NETWORKS = whole_networks()
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "rename", "reshape", "retype", "squeeze", "empty", "add", "wrap"]),
        st.integers(0, 10**6),
        KEYS,
        TENSORS,
    ),
    min_size=1,
    max_size=4,
)


@cases(150)
@given(st.sampled_from(NETWORKS), CHANGES)
def test_networks_that_were_tampered_with(
    network: dict[str, Tensor], changes: list[tuple[str, int, str, Tensor]]
) -> None:
    tensors = dict(network)
    for change, which, name, tensor in changes:
        key = list(tensors)[which % len(tensors)]
        old = tensors.pop(key)
        if change == "wrap":
            tensors = {f"{name}.{k}": v for k, v in {key: old, **tensors}.items()}
        elif change == "rename":
            tensors[key.replace(key.split(".")[-1], name)] = old
        elif change != "drop":
            tensors[key] = {
                "reshape": old.flatten(),
                "retype": old.to(tensor.dtype),
                "squeeze": old.flatten()[:1].squeeze(),
                "empty": old.flatten()[:0],
                "add": old,
            }[change]
        if change == "add":
            tensors[f"{key}.{name}"] = tensor
    try_loaders(tensors)
    try_loaders({"state_dict": {k: v.to("meta") for k, v in tensors.items()}})


MARKS: list[Path] = []


class Attack:
    """Would create a file if its pickle ran."""

    def __init__(self, way: int) -> None:
        self.way = way

    def __reduce__(self) -> tuple[object, ...]:
        mark = MARKS[-1]
        return (
            (os.system, (f"touch {mark}",)),
            (exec, (f"open({str(mark)!r}, 'w').close()",)),
            (Path.touch, (mark,)),
            (getattr, (mark, "touch")),
            (eval, (f"open({str(mark)!r}, 'w')",)),
        )[self.way]


OPCODES = [bytes([code]) for code in range(256)]
HOSTILE = (
    b"cposix\nsystem\n(X\x04\x00\x00\x00trueltR",
    b"\x8c\x05posix\x94\x8c\x06system\x93\x8c\x04true\x85R",
    b"cbuiltins\nexec\n(X\x04\x00\x00\x00passltR",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ctorch\nload\n",
    b"(iposix\nsystem\n",
    b"\x82\x01",
    b"Q",
)


@cases(150)
@given(
    st.integers(0, 4),
    st.sampled_from([2, 3, 4, 5]),
    st.sampled_from(["zip", "legacy", "pickle", "raw"]),
    st.lists(st.sampled_from([*OPCODES, *HOSTILE]), min_size=1, max_size=30),
)
def test_hostile_pickles(way: int, protocol: int, packing: str, operations: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        MARKS.append(Path(folder) / "ran")
        value = {"params": {"conv_first.weight": torch.ones(3), "x": Attack(way)}}
        out = io.BytesIO()
        if packing == "raw":  # operations in no order, within a file of torch
            code = b"\x80" + bytes([protocol]) + b"".join(operations) + b"."
            out.write(zip_of({"a/data.pkl": code, "a/version": b"3\n", "a/data/0": bytes(64)}))
        elif packing == "pickle":
            pickle.dump(value["params"]["x"], out, protocol)
        else:
            torch.save(value, out, pickle_protocol=protocol,
                       _use_new_zipfile_serialization=packing == "zip")  # fmt: skip
        try_bytes(out.getvalue())
        assert not MARKS.pop().exists()
