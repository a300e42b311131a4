"""The pictures of a training: what is read, what is held out, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from bench.core.errors import BenchError, ExitStatus
from bench.training.batches import batch_indices
from bench.training.data import read_pictures
from bench.training.export import export
from bench.training.licences import licence_of
from bench.training.recipes import Choice, Network, product_of
from bench.weights.search import Found, Missing, find
from tests.conftest import write_pictures
from tests.support.commands import bench_here


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """DIR/face/train with 210 pictures of 32 pixels and val with another 10."""
    paths = write_pictures(tmp_path / "face" / "train", 220, 32)
    (tmp_path / "face" / "val").mkdir()
    for path in paths[210:]:
        path.rename(tmp_path / "face" / "val" / path.name)
    return tmp_path / "face"


def test_train_and_val_are_read_whole(split: Path) -> None:
    pictures = read_pictures(split.parent, "face")
    assert pictures.train.shape == (210, 3, 32, 32)
    assert pictures.held_out.shape == (10, 3, 32, 32)


def test_a_flat_folder_is_divided_by_content(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "face", 260, 32)
    first = read_pictures(tmp_path, "face")
    assert len(first.train) + len(first.held_out) == 260
    held_out = {image.numpy().tobytes() for image in first.held_out}
    paths[0].rename(tmp_path / "face" / "renamed.png")
    again = read_pictures(tmp_path, "face")
    assert {image.numpy().tobytes() for image in again.held_out} == held_out


def test_pictures_of_the_test_are_refused_by_name(split: Path) -> None:
    (split / "test").mkdir()
    shutil.copy(split / "train" / "007.png", split / "test" / "other-name.png")
    with pytest.raises(BenchError, match=r"1 pictures.*007\.png"):
        read_pictures(split.parent, "face")


def test_held_out_pictures_are_not_trained_on(split: Path) -> None:
    shutil.copy(split / "train" / "007.png", split / "val" / "copy.png")
    assert len(read_pictures(split.parent, "face").train) == 209


def test_too_few_pictures(split: Path) -> None:
    for path in sorted((split / "train").iterdir())[:11]:
        path.unlink()
    with pytest.raises(BenchError, match="199 pictures to train on"):
        read_pictures(split.parent, "face")


def test_mixed_sizes_are_counted_and_named(split: Path) -> None:
    write_pictures(split / "train" / "large", 1, 64)
    (split / "train" / "large" / "000.png").rename(split / "train" / "large.png")
    with pytest.raises(BenchError, match=r"220 of 32x32, 1 of 64x64.*large\.png"):
        read_pictures(split.parent, "face")


def test_no_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="bench import"):
        read_pictures(tmp_path, "face")


def test_vanished_pictures_are_noticed(split: Path) -> None:
    pictures = read_pictures(split.parent, "face")
    pictures.check_present()
    (split / "train" / "003.png").unlink()
    with pytest.raises(BenchError, match=r"1 of the 220 .* 003\.png.*--resume"):
        pictures.check_present()


def test_batches_are_a_function_of_seed_and_iteration() -> None:
    epoch = [batch_indices(100, 16, iteration, seed=3) for iteration in range(6)]
    assert len(torch.cat(epoch).unique()) == 96
    assert torch.equal(epoch[4], batch_indices(100, 16, 4, seed=3))
    assert not torch.equal(epoch[4], batch_indices(100, 16, 10, seed=3))  # the next epoch
    assert not torch.equal(epoch[4], batch_indices(100, 16, 4, seed=4))


def as_rendered(folder: Path) -> None:
    """The folder's pictures pass for those of `bench render`."""
    (folder / "render.json").write_text("{}")
    for path in folder.glob("*.png"):
        path.with_suffix(".json").write_text('{"identity": "1-0"}')


def test_rendered_pictures_are_known_by_their_folder(split: Path) -> None:
    photographs = read_pictures(split.parent, "face")
    as_rendered(split / "train")
    with pytest.raises(BenchError, match="one holds rendered pictures and the other photographs"):
        read_pictures(split.parent, "face")
    as_rendered(split / "val")
    pictures = read_pictures(split.parent, "face")
    assert (photographs.domain, pictures.domain) == ("photo", "rendered")
    assert pictures.train.shape == photographs.train.shape
    (split / "train" / "007.json").unlink()
    with pytest.raises(BenchError, match=r"1 in it have no factors.*007\.png"):
        read_pictures(split.parent, "face")


def test_weights_of_photographs_and_of_rendered_pictures_do_not_serve_for_each_other(
    split: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does either hide the other, though both are of one split, kind, scale and size."""
    choice, zoo = Choice(Network.ESRGAN, 4), tmp_path / "zoo"
    paths = {}
    for domain in ("photo", "rendered"):
        if domain == "rendered":
            as_rendered(split / "train")
            as_rendered(split / "val")
        pictures = read_pictures(split.parent, "face")
        product, licence = product_of(choice, pictures), licence_of(pictures)
        weights = {"a": torch.tensor(float(domain == "photo"))}
        paths[domain] = export(zoo / domain, product, weights, licence, {})
    monkeypatch.setenv("BENCH_WEIGHTS", str(zoo))
    for domain, path in paths.items():
        found = find(("esrgan",), split="face", scale=4, size=32, domain=domain)
        assert isinstance(found, Found)
        assert found.path == path
        assert found.card is not None
        assert (domain == "rendered") == ("rendered face" in found.card.title)
        assert (domain == "rendered") == (found.card.licence == "Apache-2.0")
    paths["photo"].unlink()
    absent = find(("esrgan",), split="face", scale=4, size=32, domain="photo")
    assert isinstance(absent, Missing)


def test_terms_of_a_bank_go_on_to_what_contains_it(split: Path, tmp_path: Path) -> None:
    as_rendered(split / "train")
    as_rendered(split / "val")
    pictures = read_pictures(split.parent, "face")
    bank, card = tmp_path / "bank.safetensors", tmp_path / "bank.toml"
    assert licence_of(pictures, bank) == "that of the bank in it: unstated"
    card.write_text('licence = "for research"')
    assert licence_of(pictures, bank) == "that of the bank in it: for research"
    card.write_text('licence = "Apache-2.0"')
    assert licence_of(pictures, bank) == "Apache-2.0"


@pytest.mark.parametrize("name", ["gpu", "hpu", "xla"])  # unknown, and without their packages
def test_a_device_that_is_not_there_is_refused_before_pictures_are_read(
    name: str, tmp_path: Path
) -> None:
    done = bench_here("train", "bank", "--data", tmp_path, "--split", "face", "--out", tmp_path / "out",
                 "--device", name)  # fmt: skip
    assert done.returncode == ExitStatus.USAGE
    assert f"{name!r} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
