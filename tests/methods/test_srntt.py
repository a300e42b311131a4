"""SRNTT: parity with its authors' code, from the published layout on."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from methods.checkpoints.file import META, read
from methods.checkpoints.state_dict import CheckpointError
from methods.networks.patch_swap import match, swap
from methods.networks.srntt import SRNTTNet
from methods.networks.srntt_discriminator import SRNTTDiscriminator
from methods.networks.srntt_parts import ContentNet, TextureTransfer
from methods.networks.vgg19 import PLACES, VGG19Features
from tests.support.golden import assert_parity, golden, golden_cases

COARSEST, FINER = "relu3_1", ("relu2_1", "relu1_1")


def published(path: Path, tensors: Mapping[str, Tensor], protocol: int = 2) -> Path:
    """A file as TensorLayer writes it: an array of objects, pickled."""
    arrays = np.empty(len(tensors), dtype=object)
    for place, tensor in enumerate(tensors.values()):
        arrays[place] = tensor.numpy()
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out, {"descr": "|O", "fortran_order": False, "shape": arrays.shape}
    )
    content = out.getvalue() + pickle.dumps(arrays, protocol)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("params.npy", content)
    return path


def listed(tensors: Mapping[str, Tensor]) -> dict[str, object]:
    """What `read` makes of such a file."""
    return {f"params.{place}": tensor for place, tensor in enumerate(tensors.values())}


@golden_cases("srntt_content")
@torch.no_grad()
def test_the_content_network_is_the_published_one(name: str, tmp_path: Path) -> None:
    case = golden(name)
    network = ContentNet.from_state_dict(read(published(tmp_path / "upscale.npz", case.state_dict)))
    features, picture = network(case["input"])
    assert_parity(features, case["feature"], 1e-5)
    assert_parity(picture, case["output"], 1e-5)


@golden_cases("srntt_transfer")
@torch.no_grad()
def test_the_texture_transfer_is_the_published_one(name: str, tmp_path: Path) -> None:
    case = golden(name)
    content = ContentNet.from_state_dict(listed(case.parts["upscale"]))
    path = published(tmp_path / "srntt.npz", case.parts["srntt"], 4)
    transfer = TextureTransfer.from_state_dict(read(path))
    features, picture = content(case["input"])
    assert_parity(picture, case["upscale"], 1e-5)
    maps = [case[f"map_{layer}"] for layer in (COARSEST, *FINER)]
    small = transfer.small(features, maps[0])
    medium = transfer.medium(small, maps[1])
    for found, array in ((small, "after_small"), (medium, "after_medium")):
        assert_parity(found[:, : case[array].shape[1]], case[array], 1e-5)
    assert_parity(transfer(features, maps), case["output"], 1e-5)


@golden_cases("srntt_swap")
def test_matches_and_swapped_maps_are_the_published_ones(name: str) -> None:
    case = golden(name)
    assert case.config["stride"] == 1
    count = case.config["references"]

    def maps(layer: str) -> list[Tensor]:
        return [case[f"reference{i}_{layer}"] for i in range(count)]

    found = match(case["content"], maps(f"blurred_{COARSEST}"), case.config["patch"])
    assert torch.equal(found.index, case["index"])
    assert_parity(found.similarity, case["weights"], 1e-5)
    for layer in (COARSEST, *FINER):
        expected = case[f"swapped_{layer}"]
        factor = expected.shape[-1] // case["content"].shape[-1]
        assert_parity(swap(found, maps(layer), factor), expected, 1e-5)


def test_a_map_is_put_together_of_itself_and_zeros_match_nothing() -> None:
    torch.manual_seed(0)
    features, fine = torch.rand(5, 6, 7), torch.rand(2, 24, 28)
    found = match(features, [features.flip(1), torch.zeros(5, 4, 4), features])
    assert_parity(found.similarity, torch.ones(4, 5), 1e-5)
    references = [fine.flip(1), torch.zeros(2, 16, 16), fine]
    assert_parity(swap(found, references, 4), fine, 1e-6)


OFFICIAL: dict[str, Callable[[Mapping[str, object]], object]] = {
    "upscale": ContentNet.from_state_dict,
    "srntt": TextureTransfer.from_state_dict,
    "discriminator": SRNTTDiscriminator.from_state_dict,
}


@golden_cases("srntt_transfer", "srntt_losses")
def test_each_published_file_is_told_from_the_others(name: str) -> None:
    for part, tensors in golden(name).parts.items():
        for meant, load in OFFICIAL.items():
            if part == "vgg19":
                continue
            if part == meant:
                load(listed(tensors))
            else:
                with pytest.raises(CheckpointError):
                    load(listed(tensors))
        if part != "vgg19":
            with pytest.raises(CheckpointError, match="arrays without names"):
                SRNTTNet.from_state_dict(listed(tensors))


@golden_cases("srntt_losses")
def test_vgg19_reads_caffes_file_in_torchvisions_layout(name: str) -> None:
    case = golden(name)
    tensors = case.parts["vgg19"]
    layout: dict[str, object] = {}
    for place, (key, tensor) in enumerate(tensors.items()):
        is_first = place == 0
        part = key.rpartition(".")[2]
        layout[f"features.{PLACES[place // 2]}.{part}"] = tensor.flip(1) if is_first else tensor
    layout["classifier.0.weight"] = torch.zeros(3, 3)
    ours, theirs = (VGG19Features.from_state_dict(found, "conv5_1") for found in (tensors, layout))
    for key, tensor in ours.state_dict().items():
        assert torch.equal(tensor, theirs.state_dict()[key])


def test_what_else_is_in_a_list_is_refused(tmp_path: Path) -> None:
    array = torch.ones(3, 3, 2, 4)
    cases = {
        "kernels alone": {"a": array, "b": array},
        "a vector first": {"a": torch.ones(4), "b": array},
        "two vectors": {"a": array, "b": torch.ones(4), "c": torch.ones(4)},
    }
    for tensors in cases.values():
        loaded = read(published(tmp_path / "a.npz", tensors))
        for load in OFFICIAL.values():
            with pytest.raises(CheckpointError, match="its shapes make no network"):
                load(loaded)
    assert all(t.is_meta for t in read(tmp_path / "a.npz", META).values() if isinstance(t, Tensor))
