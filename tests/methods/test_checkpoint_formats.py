"""Files of weights in every packing: read where that is safe, else refused in words that are true."""

from __future__ import annotations

import io
import lzma
import os
import tarfile
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor

from methods.checkpoints.file import META, read
from methods.checkpoints.state_dict import CheckpointError, unwrap
from methods.networks.rrdb import RRDBNet

# Numbers that do not compress, as those of networks.
TENSORS = OrderedDict(weight=torch.randn(40, 50), bias=torch.nn.Parameter(torch.randn(3).half()))
EXTRAS = {"names": ("a", "torch._utils"), "size": torch.Size([2]), "big": 10**12, "n": None}


class Attack:
    """Would create a file if its pickle ran."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


def torch_file(protocol: int = 2, zipped: bool = True, value: Any = None) -> bytes:
    out = io.BytesIO()
    content = {"params": TENSORS, "meta": EXTRAS} if value is None else value
    torch.save(content, out, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    return out.getvalue()


def zip_of(entries: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def packed_again(content: bytes, folder: str, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The zip unpacked, and packed by another program with its entries in another folder."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}
    extra = {"__MACOSX/._data.pkl": b"\0" * 20, ".DS_Store": b"\0" * 20}
    return zip_of({**{f"{folder}{n}": c for n, c in entries.items()}, **extra}, packing)


def refusal(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.filterwarnings("error")
def test_torch_files_of_every_protocol_are_read(
    protocol: int, zipped: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(torch_file(protocol, zipped))
    loaded = read(path)
    assert loaded["meta"] == EXTRAS
    found = loaded["params"]
    assert isinstance(found, dict)
    assert all(torch.equal(found[name], tensor) for name, tensor in TENSORS.items())
    looked_into = read(path, META)["params"]
    assert isinstance(looked_into, dict)
    assert all(looked_into[name].is_meta for name in TENSORS)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("zipped", [True, False])
def test_no_protocol_runs_code(protocol: int, zipped: bool, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hostile = torch_file(protocol, zipped, {"params": {**TENSORS, "x": Attack(mark)}})
    assert "holds more than data" in refusal(hostile, tmp_path)
    assert "system" in refusal(zip_of({"a.pth": hostile}), tmp_path)
    if zipped:
        assert "system" in refusal(packed_again(hostile, "x/"), tmp_path)
    assert not mark.exists()
    torch.load(io.BytesIO(hostile), weights_only=False)
    assert mark.exists()  # the attack itself works


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(packed_again(torch_file(), "archive/"), id="deflated"),
        pytest.param(packed_again(torch_file(4), "a/b/c/"), id="deeper"),
        pytest.param(packed_again(torch_file(), ""), id="without a folder"),
        pytest.param(packed_again(torch_file(), "x/", zipfile.ZIP_STORED), id="stored"),
        pytest.param(packed_again(torch_file(), "x/", zipfile.ZIP_LZMA), id="lzma"),
        pytest.param(zip_of({"some/net.pth": torch_file(), "LICENSE": b"MIT"}), id="in a zip"),
        pytest.param(zip_of({"net.pth": torch_file(5, zipped=False)}), id="legacy in a zip"),
        pytest.param(zip_of({"a.ckpt": packed_again(torch_file(), "y/")}), id="twice packed"),
        pytest.param(
            zip_of({"a.safetensors": save({k: v.detach() for k, v in TENSORS.items()})}),
            id="safetensors in a zip",
        ),
    ],
)
def test_what_was_packed_again_is_read(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    tensors = unwrap(read(path), ("weight",), "network")
    assert {name: tuple(t.shape) for name, t in tensors.items()} == {
        "weight": (40, 50),
        "bias": (3,),
    }
    assert torch.equal(tensors["weight"], TENSORS["weight"])


def test_arrays_of_numpy_are_read_in_every_order_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    weight = TENSORS["weight"].numpy()
    for dtype in ("<f4", ">f4", "<f8"):
        np.savez_compressed(path, weight=np.asfortranarray(weight.astype(dtype)), step=np.array(3))
        found = read(path)
        assert isinstance(found["weight"], Tensor)
        assert torch.equal(found["weight"].float(), TENSORS["weight"])
        assert found.keys() == {"weight", "step"}
        tensors = read(path, META)
        assert isinstance(tensors["weight"], Tensor)
        assert tensors["weight"].is_meta
        assert tensors["weight"].shape == found["weight"].shape
        assert tensors["weight"].dtype == found["weight"].dtype


def test_objects_and_absurd_claims_of_numpy_are_refused(tmp_path: Path) -> None:
    mark, out = tmp_path / "ran", io.BytesIO()
    np.savez(out, weight=np.array([Attack(mark)], dtype=object), allow_pickle=True)
    said = refusal(out.getvalue(), tmp_path)
    assert "weight.npy names " in said
    assert "not opened any further, since that could run code" in said
    assert not mark.exists()
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    claim = array.getvalue().replace(b"(3,), }         ", b"(3000000000,), }")
    assert claim != array.getvalue()
    assert "claims to be (3000000000,)" in refusal(zip_of({"a.npy": claim}), tmp_path)
    assert "a single array of NumPy, not weights" in refusal(array.getvalue(), tmp_path)


def tar_of(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("net.pth")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 66950048\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LFS, "is a Git LFS pointer to the file, not the file: get it by `git lfs pull`"),
        (b"/annex/objects/SHA256E-s9--ab.pth\n", "is a git-annex pointer"),
        (tar_of(torch_file()), "is a tar archive, not weights: unpack it"),
        (lzma.compress(torch_file()), "is an xz archive, not weights: unpack it"),
        (b"\x1f\x8b\x08" + b"\0" * 30, "is a gzip archive, not weights"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 30, "is a 7z archive, not weights"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 30, "is an HDF5 file, as Keras writes them, not weights"),
        (b"\x08\x07\x12\x07pytorch" + b"\0" * 30, "is an ONNX graph, not weights"),
        (b"GGUF" + b"\0" * 30, "is a GGUF file, not weights"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "is a picture, not weights"),
        (zip_of({"README.md": b"hello", "b.txt": b"b"}), "a zip, not a file of weights, and holds none, but README.md, b.txt"),
        (zip_of({"a.pth": torch_file(), "b.pth": torch_file()}), "holds several, a.pth, b.pth: unpack it"),
        (zip_of({"a.pth": zip_of({"b.pth": torch_file()})}), "is a zip in a zip, not weights"),
        (zip_of({"a.pth": LFS}), "is a Git LFS pointer"),
        (zip_of({"a.pth": bytes(10**6)}), "would unpack to 1000000"),
        (zip_of({"x/data.pkl": bytes(10**6)}), "would unpack to 1000000"),
        (packed_again(torch_file(), "x/")[:-40], "cut off or damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_called_what_it_is(
    content: bytes, words: str, tmp_path: Path
) -> None:
    assert words in refusal(content, tmp_path)


def test_sides_that_a_file_could_not_have_are_refused(tmp_path: Path) -> None:
    hollow = torch_file(value={"weight": torch.zeros(0, 10**9)})
    assert "weight claims to be (0, 1000000000)" in refusal(hollow, tmp_path)


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int32, torch.int64, torch.bool])
def test_integers_where_the_network_holds_floats_are_refused(
    dtype: torch.dtype, tmp_path: Path
) -> None:
    tensors = dict(RRDBNet(2, 8, 4, 1).state_dict())
    path = tmp_path / "a.safetensors"
    for name in ("conv_first.weight", "body.0.rdb1.conv1.bias"):
        save_file({**tensors, name: (tensors[name] * 100).to(dtype)}, path)
        told = rf"1 of the wrong kind of number.*: {name} is {str(dtype)[6:]}"
        with pytest.raises(CheckpointError, match=told):
            RRDBNet.from_state_dict(read(path))
        with pytest.raises(CheckpointError, match=told):  # as planning looks
            RRDBNet.from_state_dict(read(path, META))


@pytest.mark.parametrize("dtype", [torch.complex64, torch.float4_e2m1fn_x2])
def test_numbers_that_no_network_holds_are_refused(dtype: torch.dtype) -> None:
    tensors = dict(RRDBNet(2, 8, 4, 1).state_dict())
    tensors["conv_hr.bias"] = torch.empty(8, dtype=dtype)
    with pytest.raises(CheckpointError, match=rf"conv_hr\.bias is \(8,\) of {str(dtype)[6:]}"):
        RRDBNet.from_state_dict(tensors)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float8_e4m3fn])
def test_floats_of_every_width_are_read(dtype: torch.dtype) -> None:
    tensors = {k: v.to(dtype) for k, v in RRDBNet(2, 8, 4, 1).state_dict().items()}
    loaded = RRDBNet.from_state_dict(tensors).state_dict()
    assert all(torch.equal(loaded[name], tensor.float()) for name, tensor in tensors.items())
