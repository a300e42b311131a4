"""SRNTT's adapters: which reference each y takes, and whose networks restore it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from bench.core.errors import BenchError
from bench.operators import Downsample
from bench.pictures.tensors import pixels_digest, to_pixels, to_tensor
from methods.base import References, Task, Unfit
from methods.networks.srntt import SRNTTNet, Stage, swapped_maps
from methods.networks.srntt_parts import ContentNet, TextureTransfer
from methods.networks.vgg19 import VGG19Features
from methods.references import named_in, read
from methods.srntt import SRNTT
from methods.srntt_bounds import SRNTTOracle, SRNTTRandom
from tests.conftest import picture
from tests.methods.test_srntt import listed, published
from tests.support.golden import assert_parity, golden, golden_cases

SIZE, SCALE = 32, 4
OPERATOR = Downsample(SCALE)


def truth(seed: int, size: int = SIZE) -> Tensor:
    return to_tensor(picture(seed, size))


@pytest.fixture
def pool(tmp_path: Path) -> tuple[Path, ...]:
    """Five pictures."""
    paths = tuple(tmp_path / f"{seed}.png" for seed in range(5))
    for seed, path in enumerate(paths):
        Image.fromarray(picture(seed, SIZE)).save(path)
    return paths


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, Path]:
    return SRNTT.toy(tmp_path).files


def ready(
    method: type[SRNTT], beside: References | None, files: Mapping[str, Path], **settings: Any
) -> SRNTT:
    task = Task(
        "face", (SIZE, SIZE), SCALE, OPERATOR, torch.device("cpu"), Path(), references=beside
    )
    made = method(task, method.Settings(**settings))
    made.inspect(files)
    made.setup(files)
    return made


def test_the_nearest_in_low_resolution_is_taken(pool: tuple[Path, ...], files: Any) -> None:
    srntt = ready(SRNTT, References("d", pool=pool), files, references=3)
    for seed in range(5):
        y = OPERATOR.observe(truth(seed) * 0.9)
        found = srntt.chosen(y, 0)
        assert len(found) == 3
        assert found[0] == pool[seed]
        seen = [read(path, (SIZE, SIZE)) for path in found]
        apart = [(OPERATOR.observe(x) - y).square().mean() for x in seen]
        assert apart == sorted(apart)
    few = ready(SRNTT, References("d", pool=pool[:2]), files, references=3)
    assert len(few.chosen(y, 0)) == 2


def test_the_picture_depends_on_its_reference(pool: tuple[Path, ...], files: Any) -> None:
    y = OPERATOR.observe(truth(7))
    one, other = (ready(SRNTT, References("d", pool=(p,)), files) for p in pool[:2])
    restored = [method.restore(y, [0]).images for method in (one, other)]
    notes = [method.restore(y, [0]).notes for method in (one, other)]
    assert notes == [(f"detail from {path.stem}",) for path in pool[:2]]
    assert not torch.equal(*restored)
    both = ready(SRNTT, References("d", pool=pool[:2]), files, references=2).restore(y, [0]).images
    assert not torch.equal(both, restored[0])
    assert not torch.equal(both, restored[1])


def test_a_note_names_the_reference_and_others_name_none(pool: tuple[Path, ...]) -> None:
    known = References("d", pool=pool)
    assert named_in("detail from 3, 1", known) == pool[3]
    assert named_in("out of range: much; detail from 2", known) == pool[2]
    for other in ("", "detail from 9", "detail from ../3", "3"):
        assert named_in(other, known) is None


def test_the_lower_bound_draws_by_the_seed(pool: tuple[Path, ...], files: Any) -> None:
    method = ready(SRNTTRandom, References("d", pool=pool), files)
    y = OPERATOR.observe(truth(0))
    drawn = [method.chosen(y, seed) for seed in range(40)]
    assert drawn == [method.chosen(y, seed) for seed in range(40)]
    assert {path for (path,) in drawn} == set(pool)


def test_the_oracle_takes_what_it_is_told(pool: tuple[Path, ...], files: Any) -> None:
    ys = [OPERATOR.observe(truth(seed)) for seed in (10, 11)]
    views = {pixels_digest(y): path for y, path in zip(ys, pool[3:], strict=True)}
    oracle = ready(SRNTTOracle, References("d", views=views), files)
    for seed, y in zip((3, 4), ys, strict=True):
        assert oracle.chosen(y, 0) == [pool[seed]]
    with pytest.raises(BenchError, match="no other view of what this picture shows is known"):
        oracle.restore(OPERATOR.observe(truth(12)), [0])


def test_references_that_do_not_serve_are_refused(
    pool: tuple[Path, ...], files: Any, tmp_path: Path
) -> None:
    with pytest.raises(BenchError, match="beside the pictures of face there are none"):
        ready(SRNTT, None, files)
    Image.fromarray(picture(0, 64)).save(tmp_path / "large.png")
    with pytest.raises(BenchError, match=r"large\.png is 64x64 pixels, expected 32x32"):
        ready(SRNTT, References("d", pool=(*pool, tmp_path / "large.png")), files)


@pytest.mark.parametrize(
    ("scale", "size", "reason"),
    [
        (4, (32, 48), None),
        (16, (64, 64), None),
        (8, (64, 64), "enlarges by 4, 16 or 64, in stages of 4, not by 8"),
        (2, (64, 64), "not by 2"),
        (16, (32, 64), "matches patches of 3x3 pixels, more than 64x32 by 16 has"),
    ],
)
def test_what_it_cannot_do_by_nature(scale: int, size: tuple[int, int], reason: str | None) -> None:
    task = Task("face", size, scale, Downsample(scale), torch.device("cpu"), Path())
    said = SRNTT(task, SRNTT.Settings()).skip()
    assert (said is None) if reason is None else (said is not None and reason in said)


def test_what_serves_another_factor_or_other_features_is_unfit(
    pool: tuple[Path, ...], files: Mapping[str, Path], tmp_path: Path
) -> None:
    task = Task("face", (64, 64), 16, Downsample(16), torch.device("cpu"), Path())
    with pytest.raises(Unfit, match="serves 4x, not 16x"):
        SRNTT(task, SRNTT.Settings()).inspect(files)
    widths = dict.fromkeys(("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"), 4)
    path = tmp_path / "other.safetensors"
    save_file(VGG19Features(widths).state_dict(), path)
    with pytest.raises(Unfit, match=r"has maps of \(4, 4, 4\) channels, and not of \(8, 6, 4\)"):
        ready(SRNTT, References("d", pool=pool), {**files, "features": path})


@golden_cases("srntt_transfer")
def test_the_authors_files_restore_with_one_stage_for_each_factor_of_4(
    name: str, pool: tuple[Path, ...], tmp_path: Path
) -> None:
    parts = golden(name).parts
    torch.manual_seed(0)
    channels = {"conv1_1": 64, "conv1_2": 2, "conv2_1": 128, "conv2_2": 2, "conv3_1": 256}
    features = VGG19Features(channels)
    files = {
        "network": published(tmp_path / "srntt.npz", parts["srntt"]),
        "content": published(tmp_path / "upscale.npz", parts["upscale"]),
        "features": tmp_path / "vgg19.safetensors",
    }
    save_file(features.state_dict(), files["features"])
    stage = Stage(
        ContentNet.from_state_dict(listed(parts["upscale"])),
        TextureTransfer.from_state_dict(listed(parts["srntt"])),
    )
    y = OPERATOR.observe(truth(1) * 0.9)
    x, reference = y * 2 - 1, truth(1)[None] * 2 - 1
    with torch.no_grad():
        content, _ = stage.content(x)
        expected = stage.transfer(content, swapped_maps(x, reference, features))
    srntt = ready(SRNTT, References("d", pool=pool), files, weights="official")
    assert_parity(srntt.restore(y, [0]).images * 2 - 1, expected, 1e-4)
    assert srntt.parameters() == sum(p.numel() for m in (stage, features) for p in m.parameters())
    task = Task("face", (64, 64), 16, Downsample(16), torch.device("cpu"), Path())
    twice = SRNTT(task, SRNTT.Settings(weights="official"))
    twice.inspect(files)
    assert twice.network.scale == 16
    trained = SRNTT(task, SRNTT.Settings())
    with pytest.raises(BenchError, match="the setting weights=official reads them together"):
        trained.inspect({"network": files["network"], "features": files["features"]})


def test_a_second_stage_takes_the_first_ones_picture_and_the_whole_reference(files: Any) -> None:
    from bench.training.restorers import srntt

    torch.manual_seed(0)
    network = srntt(64, 16)
    assert isinstance(network, SRNTTNet)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    features = VGG19Features(dict(zip(("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"), (64, 2, 128, 2, 256), strict=True)))  # fmt: skip
    x, reference = (truth(seed, side) * 2 - 1 for seed, side in ((0, 16), (1, 64)))
    first, second = network(x[..., :4, :4], reference[None], features)
    assert first.picture.shape == (1, 3, 16, 16)
    assert second.picture.shape == (1, 3, 64, 64)
    assert [maps.shape[-1] for maps in second.swapped] == [16, 32, 64]
    alone = network.stages[1](first.picture.clamp(-1, 1), reference[None], features)
    assert torch.equal(alone.picture, second.picture)
    assert to_pixels((second.picture.detach() + 1) / 2).shape == (64, 64, 3)
