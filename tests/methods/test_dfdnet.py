"""DFDNet: parity with its authors' code, its dictionaries and boxes, and its files."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from bench.core.errors import BenchError
from bench.operators import Downsample
from methods.base import Task
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError
from methods.dfdnet import DFDNet
from methods.dfdnet_boxes import CROP_POINTS, boxes_of, scaled, similarity
from methods.networks.dfdnet import DFDNetGenerator, area_of
from methods.networks.dfdnet_dictionary import PARTS, STRIDES, Dictionary, adain, completed, scores
from methods.networks.dfdnet_layouts import to_basicsr
from tests.support.golden import Golden, assert_close, assert_parity, golden, golden_cases
from tests.support.narrow import narrow_dfdnet

CPU = torch.device("cpu")
SIZE = 64
BOXES = torch.tensor([[8, 12, 24, 28], [36, 12, 52, 28], [24, 28, 40, 44], [20, 40, 48, 60]])


@pytest.fixture(autouse=True)
def repeatable() -> None:
    torch.manual_seed(0)


def picture(case: Golden) -> Tensor:
    """The input of a case, by its formula."""
    i, j = np.mgrid[: case.config["height"], : case.config["width"]].astype(np.float64)
    turn = 2 * np.pi
    channels = [
        0.45 * np.sin(turn * (a * i + b * j) / 512 + c)
        + 0.3 * np.cos(turn * d * i * j / 512**2 + e)
        + 0.2 * np.sign(np.sin(turn * (f * i - g * j) / 512))
        for a, b, c, d, e, f, g in case.facts["A"]
    ]
    return torch.from_numpy(np.stack(channels).astype(np.float32))[None]


def published(case: Golden) -> DFDNetGenerator:
    return DFDNetGenerator.from_state_dict(
        case.parts["network"], Dictionary.from_state_dict(case.parts["dictionary"])
    )


def assert_sampled(case: Golden, name: str, found: Tensor, relative: float = 1e-4) -> None:
    """The stored values of a tensor, within `relative` of the largest."""
    assert_parity(found.flatten()[case[f"{name}_index"].long()], case[f"{name}_value"], relative)


def is_large(config: dict[str, Any]) -> bool:
    """Whether a forward pass takes more than some seconds."""
    return int(config["height"]) * int(config["width"]) > 300**2


@golden_cases("dfdnet_", slow=is_large)
@torch.no_grad()
def test_it_computes_what_its_authors_code_does(name: str) -> None:
    case = golden(name)
    network, x, boxes = published(case), picture(case), case["boxes"].long()
    assert_sampled(case, "input", x, 1e-6)
    given: dict[str, Tensor] = {}
    made: dict[str, Any] = {}
    for part in ("vgg_extractor", "multi_scale_dilation", *(f"upsample{k}" for k in range(4))):

        def note(layer: nn.Module, inputs: tuple[Tensor, ...], out: Any, part: str = part) -> None:
            given[part], made[part] = inputs[-1], out

        network.get_submodule(part).register_forward_hook(note)
    assert_output(case, network(x, boxes))
    assert_sampled(case, "dilated", made["multi_scale_dilation"])
    for stage, scale in enumerate((32, 64, 128, 256)):
        assert_sampled(case, f"up{stage}", made[f"upsample{stage}"])
        assert_sampled(case, f"updated_{scale}", given[f"upsample{stage}"])
    for row, (scale, maps) in enumerate(made["vgg_extractor"].items()):
        assert_sampled(case, f"vgg_{scale}", maps)
        for column, (part, box) in enumerate(zip(PARTS, boxes.tolist(), strict=True)):
            own = maps[area_of(box, STRIDES[scale], maps.shape[-2:])]
            entries = network.dictionary[f"{part}_{scale}"]
            resized = nn.functional.interpolate(own, entries.shape[2:], mode="bilinear")
            found = scores(entries, resized)[0]
            assert_close(found, case["scores"][row, column], 1e-5)
            assert found.argmax() == case["match_index"][row, column]
            winner = adain(entries[found.argmax()][None], resized)
            if (part, scale) == ("left_eye", 256):
                assert_sampled(case, "left_eye_256_adain", adain(entries, resized))
            if (part, scale) == ("nose", 32):
                assert_parity(resized[0], case["nose_32_part"], 1e-4)
                assert_parity(winner[0], case["nose_32_adain"], 1e-4)
            if (part, scale) == ("mouth", 128):
                winner = nn.functional.interpolate(winner, own.shape[2:], mode="nearest")
                attention = network.attn_blocks["mouth_128"](winner - own)
                assert_sampled(case, "mouth_128_attention", attention)


def assert_output(case: Golden, out: Tensor) -> None:
    found = out.flatten()[case["output_index"].long()]
    assert (found - case["output_value"]).abs().max() <= 1e-4
    assert (out[0, :, ::8, ::8] - case["output_grid8"]).abs().max() <= 1e-4


def in_official_layout(case: Golden, ours: dict[str, Tensor]) -> dict[str, Tensor]:
    """A network's tensors under the keys of the authors' file, with what nothing reads of it."""
    official = case.parts["network"]
    names = {key: name for key in official for name in to_basicsr({ANCHOR: ONE, key: ONE})}
    tensors = {key: ours[name] for key, name in names.items() if name in ours}
    dead = {re.sub(r"\.$", ".0.weight", key): ONE for key in case.facts["dead"]}
    kernels = {key: official[key] for key in official.keys() - tensors.keys()}
    assert all(".conv1.0.weight" in key for key in kernels)
    return tensors | dead | kernels


ANCHOR, ONE = "MSDilate.convi.bias", torch.ones(1)


def in_basicsr_layout(case: Golden) -> dict[str, Tensor]:
    found = to_basicsr(case.parts["network"])
    for official, key in case.facts["basicsr_keys"].items():
        assert found[key] is case.parts["network"][official]
    return found


@golden_cases("dfdnet_", slow=is_large)
def test_the_keys_of_basicsrs_layout_are_the_networks_own(name: str) -> None:
    case = golden(name)
    with torch.device("meta"):
        own = DFDNetGenerator(case.config["num_feat"]).state_dict()
    assert in_basicsr_layout(case).keys() == own.keys() - {"template"}


def zipped(arrays: dict[str, np.ndarray], path: Path) -> Path:
    """The folder of `.npy` files of the authors' release, in a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            archive.writestr(name, content.getvalue())
    return path


def nested(entries: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """A dictionary as BasicSR publishes it."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in entries.items():
        part, _, scale = name.rpartition("_")
        found.setdefault(scale, {})[part] = tensor
    return found


@pytest.mark.slow
@golden_cases("dfdnet_")
@torch.no_grad()
def test_published_files_meet_the_reference(name: str, tmp_path: Path) -> None:
    case = golden(name)
    x, boxes = picture(case), case["boxes"].long()
    rows = {key: value.flatten(1).numpy() for key, value in case.parts["dictionary"].items()}
    entries = dict(Dictionary.from_state_dict(case.parts["dictionary"]).items())
    files = {
        "official": in_official_layout(case, to_basicsr(case.parts["network"])),
        "basicsr": {"params": in_basicsr_layout(case)},
    }
    dictionaries = {"official": zipped(rows, tmp_path / "DictionaryCenter512.zip"),
                    "basicsr": tmp_path / "dict.pth"}  # fmt: skip
    torch.save(nested(entries), dictionaries["basicsr"])
    for layout, tensors in files.items():
        torch.save(tensors, tmp_path / "net.pth")
        dictionary = Dictionary.from_state_dict(read(dictionaries[layout]))
        network = DFDNetGenerator.from_state_dict(read(tmp_path / "net.pth"), dictionary)
        assert_output(case, network(x, boxes))


@golden_cases("dfdnet_boxes")
def test_boxes_and_crops_are_its_authors(name: str) -> None:
    case = golden(name)
    for points, expected in zip(case["landmarks"].numpy(), case["boxes"], strict=True):
        assert torch.equal(boxes_of(points, (512, 512)), expected.long())
    template = case["template512"].numpy()
    np.testing.assert_allclose(CROP_POINTS, template, atol=0.1)
    places = zip(case["points5"].numpy(), case["matrix"], case["inverse_x4"], strict=True)
    for points, matrix, inverse in places:
        np.testing.assert_allclose(similarity(points, template), matrix, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(similarity(template, 4 * points), inverse, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_pictures_of_a_batch_do_not_touch_each_other() -> None:
    network, x = narrow_dfdnet(), torch.rand(3, 3, SIZE, SIZE) * 2 - 1
    out = network(x, BOXES)
    assert out.shape == x.shape
    for index in range(3):
        torch.testing.assert_close(network(x[index : index + 1], BOXES)[0], out[index])


@torch.no_grad()
def test_scores_are_inner_products_with_entries_after_adain() -> None:
    entries, parts = torch.randn(5, 6, 4, 3), torch.randn(2, 6, 4, 3) * 3 + 1
    for part, found in zip(parts, scores(entries, parts), strict=True):
        restyled = adain(entries, part[None])
        torch.testing.assert_close(found, (restyled * part).sum((1, 2, 3)))
        torch.testing.assert_close(restyled.mean((2, 3)), part.mean((1, 2)).expand(5, -1))
    # The part itself, at another contrast, is the best match.
    assert scores(torch.cat((entries, parts[:1] / 2 - 3)), parts[:1]).argmax() == 5


@torch.no_grad()
def test_an_entry_adds_nothing_where_attention_is_zero_and_all_where_it_is_one() -> None:
    entries, part = torch.randn(4, 6, 3, 2), torch.randn(1, 6, 7, 5)
    assert torch.equal(completed(part, entries, torch.zeros_like), part)
    added = completed(part, entries, torch.ones_like) - part
    best = scores(entries, nn.functional.interpolate(part, (3, 2), mode="bilinear")).argmax(1)
    small = nn.functional.interpolate(part, (3, 2), mode="bilinear")
    expected = nn.functional.interpolate(adain(entries[best], small), (7, 5), mode="nearest")
    torch.testing.assert_close(added, expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_norms_that_are_settled_give_the_same_pictures() -> None:
    network, x = narrow_dfdnet(), torch.rand(1, 3, SIZE, SIZE) * 2 - 1
    before = network(x, BOXES)
    network.settle()
    assert torch.equal(network(x, BOXES), before)


@torch.no_grad()
def test_parts_read_the_features_as_they_were_and_the_later_one_stays() -> None:
    network, maps = narrow_dfdnet(), torch.randn(1, 8, 32, 32)
    updated = network.complete(256, maps, BOXES)
    nose, mouth = BOXES[2:].tolist()
    area = area_of(mouth, 2, maps.shape[-2:])
    attention = network.attn_blocks["mouth_256"]
    expected = completed(maps[area], network.dictionary["mouth_256"], attention)
    assert torch.equal(updated[area], expected)
    assert nose[3] > mouth[1]  # they overlap
    outside = torch.ones(32, 32, dtype=torch.bool)
    for box in BOXES.tolist():
        outside[area_of(box, 2, maps.shape[-2:])[2:]] = False
    assert torch.equal(updated[..., outside], maps[..., outside])
    assert not torch.equal(updated, maps)


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        ([9, 12, 23, 28], slice(3, 7), slice(2, 5)),
        ([-6, -2, 9, 8], slice(0, 2), slice(0, 2)),
        ([30, 60, 90, 99], slice(15, 16), slice(7, 16)),
        ([70, 8, 90, 9], slice(2, 3), slice(15, 16)),
    ],
)
def test_boxes_are_kept_within_the_maps(box: list[int], rows: slice, columns: slice) -> None:
    assert area_of(box, 4, torch.Size((16, 16)))[2:] == (rows, columns)


@torch.no_grad()
@pytest.mark.parametrize("size", [(48, 80), (16, 16), (32, 64)])
def test_any_multiple_of_16_is_restored(size: tuple[int, int]) -> None:
    network = narrow_dfdnet()
    boxes = scaled(network.template, size)
    assert network(torch.rand(1, 3, *size), boxes).shape == (1, 3, *size)


def test_training_moves_the_estimates_of_spectral_norms_on_and_evaluation_does_not() -> None:
    network = narrow_dfdnet()
    layer = network.upsample0.convup[1]
    before = layer.weight_u.clone()
    weight = layer.normalised()
    layer.settle()
    assert torch.equal(layer.settled, weight)
    assert torch.equal(layer.weight_u, before)
    layer.train()
    for _ in range(100):
        weight = layer.normalised()
    assert torch.linalg.matrix_norm(weight.flatten(1), 2) == pytest.approx(1, abs=1e-3)
    assert not torch.equal(layer.weight_u, before)


def entries_of(**changed: Tensor | None) -> dict[str, Tensor]:
    found: dict[str, Any] = {f"{part}_64": torch.randn(2, 512, 3, 3) for part in PARTS}
    return {name: tensor for name, tensor in (found | changed).items() if tensor is not None}


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (entries_of(nose_64=None), "missing nose_64"),
        ({"a": entries_of(), "b": entries_of()}, "several entries are of left_eye_64"),
        ({"conv.weight": ONE}, r"no key like left_eye_256, among conv\.weight"),
        (entries_of(nose_64=torch.randn(2, 512, 1, 1)), r"nose_64 are single places, \(2, 512, 1,"),
        (entries_of(nose_64=torch.randn(2, 700)), r"nose_64 is \(2, 700\) of torch\.float32, exp"),
        (entries_of(nose_64=torch.zeros(2, 0)), r"nose_64 is \(2, 0\) of torch\.float32, exp"),
        (entries_of(nose_64=torch.ones(2, 512, 3, 3, dtype=torch.int8)), r"of torch\.int8, expe"),
    ],
)
def test_what_is_no_dictionary_is_refused(tensors: dict[str, Tensor], message: str) -> None:
    with pytest.raises(CheckpointError, match=f"not a dictionary of DFDNet: .*{message}"):
        Dictionary.from_state_dict(tensors)


def test_a_dictionary_of_another_width_is_refused() -> None:
    names = tuple(f"{part}_64" for part in PARTS)
    network = narrow_dfdnet(names)
    dictionary = Dictionary.from_state_dict(entries_of())
    with pytest.raises(CheckpointError, match=r"left_eye_64 is .*, expected 32 channels"):
        DFDNetGenerator.from_state_dict(network.state_dict(), dictionary)


def test_a_stranger_among_the_entries_is_named() -> None:
    tensors = narrow_dfdnet().state_dict() | {"dictionary.chin_64": torch.ones(2)}
    with pytest.raises(CheckpointError, match=r"1 unexpected: dictionary\.chin_64"):
        DFDNetGenerator.from_state_dict(tensors)


def made(
    folder: Path, split: str = "face", size: tuple[int, int] = (64, 64), **settings: Any
) -> Any:
    task = Task(split, size, 16, Downsample(16), CPU, folder)
    return DFDNet(task, DFDNet.Settings(**settings))


def test_only_faces_and_sides_of_multiples_of_16_are_restored(tmp_path: Path) -> None:
    assert made(tmp_path).skip() is None
    assert made(tmp_path, size=(48, 80)).skip() is None
    assert made(tmp_path, "cat").skip() == "DFDNet's dictionaries are of faces: it restores no cat"
    assert "multiples of 16 pixels, not 64x40" in made(tmp_path, size=(40, 64)).skip()


def test_published_networks_and_dictionaries_are_files_of_their_own(tmp_path: Path) -> None:
    network, y = narrow_dfdnet(), torch.rand(2, 3, 4, 4)
    state = dict(network.state_dict())
    whole = tmp_path / "whole.safetensors"
    save_file({key: tensor.contiguous() for key, tensor in state.items()}, whole)
    own = {k: v for k, v in state.items() if k != "template" and not k.startswith("dictionary.")}
    entries = dict(network.dictionary.items())
    torch.save({"params": own}, tmp_path / "net.pth")
    torch.save(nested(entries), tmp_path / "dict.pth")
    arrays = {f"DictionaryCenter512/{n}_center.npy": e.numpy() for n, e in entries.items()}
    results = []
    for files in (
        {"network": whole, "dictionary": whole},
        {"network": tmp_path / "net.pth", "dictionary": tmp_path / "dict.pth"},
        {"network": tmp_path / "net.pth", "dictionary": zipped(arrays, tmp_path / "d.zip")},
    ):
        method = made(tmp_path, landmarks=False)
        readings = method.inspect(files)
        assert set(readings) == ({"network"} if whole in files.values() else {*files})
        method.setup(files)
        results.append(method.restore(y, [0, 1]).images)
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])
    alone = {"network": tmp_path / "net.pth", "dictionary": tmp_path / "net.pth"}
    with pytest.raises(BenchError, match=r"no key like left_eye_256.*files of their own"):
        made(tmp_path).inspect(alone)


class Point:
    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y


class Face:
    """What dlib gives, of points on a grid."""

    def parts(self) -> list[Point]:
        return [Point(10 + index % 10 * 4, 10 + index // 10 * 5) for index in range(68)]


def test_the_row_says_whence_the_boxes_are(tmp_path: Path) -> None:
    toy = DFDNet.toy(tmp_path)
    method, y = made(tmp_path, landmarks=False), torch.rand(1, 3, 4, 4)
    method.setup(toy.files)
    by_template = method.restore(y, [0])
    assert by_template.notes == ("boxes of the parts: template (as set)",)
    method = made(tmp_path)
    method.setup(toy.files)
    method.find_face = lambda pixels: None
    found = method.restore(y, [0])
    assert found.notes == ("boxes of the parts: template (no face is found in the input)",)
    assert torch.equal(found.images, by_template.images)
    method.find_face = lambda pixels: Face()
    found = method.restore(y, [0])
    assert found.notes == ("boxes of the parts: landmarks",)
    assert not torch.equal(found.images, by_template.images)
    method.find_face = None
    (told,) = method.restore(y, [0]).notes
    assert told == "boxes of the parts: template (dlib or its landmark model is not installed)"
