"""Pictures to take detail from: never the test's, part of a cell's key, and held against the test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.planning.plan import PlannedCell, make_plan
from bench.planning.references import MOST, find_references
from bench.planning.request import Request
from methods.srntt import SRNTT
from tests.conftest import SUITE, picture, write_pictures
from tests.support.commands import bench_here, rows

SIZE = 32


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the toy's networks, as weights of faces."""
    folder = tmp_path_factory.mktemp("weights")
    toy = SRNTT.toy(folder)
    for role, kind in (("network", "srntt"), ("features", "vgg16-relu3_1")):
        path = toy.files[role].rename(folder / f"{kind}.safetensors")
        path.with_suffix(".toml").write_text(f'title = "t"\nkind = "{kind}"\nlicence = "none"\n')
    return folder


@pytest.fixture
def data(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two test pictures and a pool of three others."""
    folder = tmp_path / "data"
    for number, path in enumerate(write_pictures(folder / "face" / "test", 5, SIZE)):
        if number > 1:
            (folder / "face" / "train").mkdir(exist_ok=True)
            path.rename(folder / "face" / "train" / path.name)
    (tmp_path / "tiny.toml").write_text(SUITE.replace("64", str(SIZE)))
    monkeypatch.setenv("BENCH_WEIGHTS", str(weights))
    return folder


def planned(data: Path, method: str = "srntt", **options: object) -> PlannedCell:
    suite = str(data.parent / "tiny.toml")
    request = Request(suite, (method,), splits=("face",), scales=(4,), data=data, **options)  # type: ignore[arg-type]
    (cell,) = make_plan(request, data.parent / "cache").cells
    return cell


def test_the_pool_and_the_choice_are_part_of_the_key(data: Path) -> None:
    before, plain = planned(data), planned(data, "bicubic").cell.key
    assert before.absent is None
    assert before.cell.references is not None
    assert [path.name for path in before.cell.references.pool] == ["002.png", "003.png", "004.png"]
    assert planned(data).cell.key == before.cell.key
    assert planned(data, images=1).cell.key == before.cell.key
    assert planned(data, "srntt-random").cell.key != before.cell.key
    one = planned(data, settings={"srntt": {"references": 2}}).cell.key
    Image.fromarray(picture(9, SIZE)).save(data / "face" / "train" / "004.png")
    keys = {before.cell.key, one, planned(data).cell.key}
    (data / "face" / "train" / "004.png").unlink()
    assert len(keys | {planned(data).cell.key}) == 4
    assert planned(data, "bicubic").cell.key == plain


def test_copies_of_test_pictures_and_what_cannot_be_used_are_left_out(data: Path) -> None:
    train = data / "face" / "train"
    before = planned(data).cell.references
    shutil.copy(data / "face" / "test" / "001.png", train / "010.png")
    Image.fromarray(picture(9, 64)).save(train / "011.png")
    (train / "012.png").write_text("no picture")
    for images in (None, 1):
        found = planned(data, images=images).cell.references
        assert found is not None
        assert before is not None
        assert (found.pool, found.digest) == (before.pool, before.digest)
        assert "takes detail from 3 pictures of" in found.note
        assert "1 left out as copies of test pictures (010)" in found.note
        assert "2 left out, the first since" in found.note
        assert "011.png is 64x64 pixels, expected 32x32" in found.note
    done = bench_here("run", "--suite", data.parent / "tiny.toml", "--data", data, "--splits", "face",
                      "--methods", "srntt", "--scale", 4, "--dry-run")  # fmt: skip
    assert "1 left out as copies of test pictures" in done.stdout + done.stderr


def test_without_a_pool_it_is_unavailable_with_the_command_that_fills_one(data: Path) -> None:
    train = data / "face" / "train"
    for path in train.iterdir():
        path.unlink()
    absent = planned(data).absent
    assert absent is not None
    assert "train holds none of 32x32 pixels that is not the test's" in absent.reason
    train.rmdir()
    absent = planned(data).absent
    assert absent is not None
    assert absent.state.value == "unavailable"
    assert (
        f"`python -m bench import PICTURES --split face --out {data} --part train`" in absent.reason
    )


def test_an_oracle_knows_the_views_of_its_test_pictures_alone(data: Path) -> None:
    absent = planned(data, "srntt-oracle").absent
    assert absent is not None
    assert absent.state.value == "not-applicable"
    assert "no other views of what test pictures of face show are known" in absent.reason
    for folder, seed in (("test", 0), ("views", 20)):
        for number, who in enumerate(("a", "b")):
            path = data / "face" / folder / f"{number:03d}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(picture(seed + number, SIZE)).save(path)
            path.with_suffix(".json").write_text(json.dumps({"identity": who}))
    cell = planned(data, "srntt-oracle").cell
    assert cell.references is not None
    assert not cell.references.pool
    assert [path.name for path in cell.references.views.values()] == ["000.png", "001.png"]
    (data / "face" / "views" / "001.json").write_text(json.dumps({"identity": "c"}))
    out = data.parent / "out"
    done = bench_here("run", "--suite", data.parent / "tiny.toml", "--data", data, "--splits", "face",
                      "--methods", "srntt-oracle", "--scale", 4, "--out", out)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert [row["state"] for row in rows(out)] == ["ok", "failed"]
    assert "no other view of what this picture shows is known" in rows(out)[1]["reason"]


def test_of_a_large_pool_the_first_are_taken(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 1000
    monkeypatch.setattr("bench.planning.references.MOST", 2)
    found = planned(data).cell.references
    assert found is not None
    assert [path.name for path in found.pool] == ["002.png", "003.png"]
    assert "the 1 after the first 2 not looked at" in found.note


def test_a_reference_that_looks_like_a_test_picture_is_warned_of(data: Path) -> None:
    pixels = np.asarray(Image.open(data / "face" / "test" / "001.png"))
    Image.fromarray(pixels).save(data / "face" / "train" / "near.jpg", quality=90)
    out = data.parent / "out"
    done = bench_here("run", "--suite", data.parent / "tiny.toml", "--data", data, "--splits", "face",
                      "--methods", "srntt,bicubic", "--scale", 4, "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = (out / "summary.md").read_text()
    assert (
        "srntt on face at 4x: 1 of 2 test pictures are among those that it takes detail from"
        in said
    )
    assert "1 look the same (001)" in said
    assert "bicubic on face" not in said


def test_a_method_that_takes_nothing_is_given_nothing(data: Path) -> None:
    cell = planned(data, "bicubic").cell
    assert cell.references is None
    assert "references" not in cell.identity
    assert find_references(None, cell.split, cell.operator) == (None, None)
