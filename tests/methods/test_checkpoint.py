"""Files of weights: what is read, what is refused and in which words; nothing in one ever runs."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import cast
from unittest.mock import patch

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from methods.checkpoints.eight_bits import narrowed
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError, some_keys, unwrap

TENSORS = OrderedDict(weight=torch.arange(6.0).view(2, 3), bias=torch.ones(3))


class Attack:
    """Would create a file if its pickle ran."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


def save_legacy(value: object, path: Path) -> None:
    torch.save(value, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize("save", [torch.save, save_legacy])
def test_torch_files_are_read_zipped_and_legacy(
    save: Callable[[object, Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "a.pth"
    save({"params_ema": TENSORS, "meta": {"epoch": 3, "names": ["a"]}}, path)
    loaded = read(path)
    assert loaded["meta"] == {"epoch": 3, "names": ["a"]}
    tensors = unwrap(loaded, ("weight",), "test")
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_safetensors_of_float16_become_float32(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({name: tensor.half() for name, tensor in TENSORS.items()}, path)
    tensors = unwrap(read(path), ("weight",), "test")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    assert torch.equal(tensors["weight"], TENSORS["weight"])


def test_eight_bits_keep_half_a_step_of_each_channel(tmp_path: Path) -> None:
    torch.manual_seed(0)
    spread = torch.tensor([1e-7, 1e-3, 1.0, 0.0])
    convolution = torch.randn(4, 32, 3, 3) * spread[:, None, None, None]
    modulated = convolution[None]  # a StyleGAN2's: its output channels come second
    tensors = {"a": convolution, "b": modulated, "c": torch.randn(5000), "d": torch.arange(9)}
    path = tmp_path / "a.safetensors"
    save_file(narrowed(tensors), path)
    loaded = cast("dict[str, Tensor]", read(path))
    assert set(loaded) == set(tensors)
    for name in "ab":
        error = (loaded[name] - tensors[name]).reshape(4, -1).abs().amax(1)
        most = tensors[name].reshape(4, -1).abs().amax(1)
        assert (error <= most / 254 * 1.001).all()
        assert (error[:3] > 0).all()
    assert torch.equal(loaded["c"], tensors["c"].half())
    assert torch.equal(loaded["d"], tensors["d"])
    alone = narrowed({"a": torch.randn(64, 64)})
    save_file(alone, tmp_path / "b.safetensors")  # whose numbers take four times the file's bytes
    assert {
        tensor.shape
        for tensor in cast("dict[str, Tensor]", read(tmp_path / "b.safetensors")).values()
    } == {(64, 64)}
    assert path.stat().st_size < sum(t.numel() for t in tensors.values()) * 2


@pytest.mark.parametrize(
    ("weight", "scale"),
    [
        (torch.zeros(4, 9, dtype=torch.int8), torch.zeros(4)),
        (torch.zeros(4, 9, dtype=torch.int8), torch.zeros(5, 1)),
        (torch.zeros(4, 9, dtype=torch.int8), torch.zeros(4, 1, dtype=torch.int64)),
        (torch.zeros(4, 9), torch.zeros(4, 1)),
        (torch.zeros(1, 1, dtype=torch.int8), torch.zeros(4096, 4096)),
    ],
)
def test_scales_that_do_not_fit_are_refused(weight: Tensor, scale: Tensor, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"w": weight, "w@scale": scale}, path)
    with pytest.raises(CheckpointError, match=r"a\.safetensors: w is .* does not scale: int8"):
        read(path)


def test_a_scale_without_its_tensor_is_a_stranger(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"w@scale": torch.zeros(4, 1)}, path)
    assert set(read(path)) == {"w@scale"}


@pytest.mark.parametrize("save", [torch.save, save_legacy])
@pytest.mark.parametrize("wrapped", [False, True])
def test_no_torch_file_can_run_code(
    save: Callable[[object, Path], None], wrapped: bool, tmp_path: Path
) -> None:
    mark, path = tmp_path / "ran", tmp_path / "a.pth"
    attack = Attack(mark)
    save({"state_dict": {**TENSORS, "x": attack}} if wrapped else attack, path)
    with pytest.raises(CheckpointError, match=r"holds more than data .*system"):
        read(path)
    assert not mark.exists()
    torch.load(path, weights_only=False)
    assert mark.exists()  # the attack itself works


def test_plain_and_nvidia_pickles_are_refused_unopened(tmp_path: Path) -> None:
    mark, path = tmp_path / "ran", tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(Attack(mark)))
    with pytest.raises(CheckpointError, match=r"a Python pickle, .* could run code"):
        read(path)
    assert not mark.exists()
    path.write_bytes(b"\x80\x03cdnnlib.tflib.network\nNetwork\n")
    with pytest.raises(CheckpointError, match=r"NVIDIA network pickle.*Convert it in a sandbox"):
        read(path)


def test_nvidias_pickles_are_told_apart_whatever_their_protocol(tmp_path: Path) -> None:
    class Network:
        """Pickled under the name that NVIDIA's TensorFlow networks bear."""

    Network.__module__, Network.__qualname__ = "dnnlib.tflib.network", "Network"
    path = tmp_path / "stylegan2.pkl"
    names = ("dnnlib", "dnnlib.tflib", "dnnlib.tflib.network")
    modules = {name: ModuleType(name) for name in names}
    modules[names[-1]].Network = Network  # type: ignore[attr-defined]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        with patch.dict(sys.modules, modules):
            path.write_bytes(pickle.dumps((Network(), Network()), protocol))
        with pytest.raises(CheckpointError, match=r"NVIDIA network pickle.*load_network_pkl"):
            read(path)


def test_torchscript_which_is_a_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), path)
    with pytest.raises(CheckpointError, match=r"a TorchScript program, .* torch\.save"):
        read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"  <!DOCTYPE html><title>Quota exceeded</title>", "is a web page, not weights"),
        (b"<html>login</html>", "is a web page, not weights"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "neither safetensors nor a file of torch"),
        (b"\x10\0\0\0\0\0\0\0{not json       ", "damaged safetensors"),
        (b"\xff\xff\xff\xff\xff\xff\xff\x7f{}", "damaged safetensors"),
        (b"PK\x03\x04" + b"\0" * 100, "cut off or damaged"),
    ],
)
def test_what_is_not_weights_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.pth cannot be read: No such file"):
        read(tmp_path / "none.pth")


@pytest.mark.parametrize("save", [torch.save, save_legacy, save_file])
def test_truncated_files_are_refused_wherever_they_end(
    save: Callable[[object, Path], None], tmp_path: Path
) -> None:
    whole, path = tmp_path / "whole", tmp_path / "cut"
    save(dict(TENSORS), whole)
    content = whole.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.99):
        path.write_bytes(content[: int(part * len(content))])
        with pytest.raises(CheckpointError, match=r"cut "):
            read(path)


def test_tensors_larger_than_their_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save({"weight": torch.zeros(1).expand(10**6, 10**6)}, path)
    with pytest.raises(CheckpointError, match=r"weight claims to be \(1000000, 1000000\)"):
        read(path)


@pytest.mark.parametrize("save", [torch.save, save_legacy])
@pytest.mark.parametrize("claimed", [7, 10**4, 2**31 - 301])
def test_storages_that_claim_more_than_they_hold_are_refused(
    save: Callable[[object, Path], None], claimed: int, tmp_path: Path
) -> None:
    honest, path = tmp_path / "honest.pth", tmp_path / "a.pth"
    save({"weight": torch.zeros(300)}, honest)
    # How a pickle writes the 300, and how the larger number.
    numbers = b"M" + (300).to_bytes(2, "little"), b"J" + (300 + claimed).to_bytes(4, "little")
    if zipfile.is_zipfile(honest):
        with zipfile.ZipFile(honest) as whole, zipfile.ZipFile(path, "w") as forged:
            for entry in whole.infolist():
                content = whole.read(entry)
                if entry.filename.endswith("data.pkl"):
                    content = content.replace(*numbers)
                forged.writestr(entry.filename, content)
    else:
        path.write_bytes(honest.read_bytes().replace(*numbers))
    with pytest.raises(CheckpointError, match=r"a\.pth"):
        read(path)


def test_archives_that_unpack_to_more_than_themselves_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"\0" * 10**7)
    with pytest.raises(CheckpointError, match="would unpack to 10000000"):
        read(path)


def test_files_without_tensors_by_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save([torch.ones(1)], path)
    with pytest.raises(CheckpointError, match="holds a list, not tensors by name"):
        read(path)
    with pytest.raises(CheckpointError, match="no tensor in it, only epoch"):
        unwrap({"epoch": 3}, ("weight",), "test")


def test_long_lists_are_counted() -> None:
    assert some_keys("dcba", most=2) == "a, b and 2 more"
