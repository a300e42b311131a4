"""Test pictures that were trained on: known again by hash and by look, and warned of."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data as pictures_of_skimage

from bench.checks.leakage import leak
from bench.conformance.pictures import face
from bench.core.errors import BenchError
from bench.datasets.splits import open_folder
from bench.pictures.files import read_rgb, size_of
from bench.pictures.fingerprints import BITS, NEAR_BITS, distances, fingerprint, views
from bench.training.data import read_pictures
from bench.training.export import export
from bench.training.picture_lists import lists_beside, write_lists
from bench.training.recipe import Product
from bench.weights.training_pictures import HEAD, RECORD, read_list, write_list
from methods.networks.rrdb import RRDBNet
from tests.conftest import picture, write_pictures
from tests.support.commands import bench_here

Pixels = np.ndarray


def resized(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))


def jpeg(pixels: Pixels) -> Pixels:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=70)
    return np.asarray(Image.open(data))


def cropped(pixels: Pixels, part: float, corner: bool = False) -> Pixels:
    side = len(pixels)
    kept = round(side * (1 - part))
    first = 0 if corner else (side - kept) // 2
    return resized(pixels[first : first + kept, first : first + kept], side)


COPIES: dict[str, Callable[[Pixels], Pixels]] = {
    "recompressed": jpeg,
    "halved": lambda x: resized(x, len(x) // 2),
    "doubled": lambda x: resized(x, len(x) * 2),
    "mirrored": lambda x: x[:, ::-1],
    "brighter": lambda x: np.clip(x * 1.2, 0, 255).astype(np.uint8),
    "cropped": lambda x: cropped(x, 0.05),
    "cropped more": lambda x: cropped(x, 0.10),
    "cropped at a corner": lambda x: cropped(x, 0.05, corner=True),
    "all at once": lambda x: jpeg(cropped(x, 0.05)[:, ::-1]),
}


def photographs() -> list[Pixels]:
    """Eight different pictures that come with scikit-image."""
    whole = [pictures_of_skimage.astronaut(), pictures_of_skimage.chelsea(),
             pictures_of_skimage.coffee(), pictures_of_skimage.rocket()]  # fmt: skip
    return [
        resized(np.ascontiguousarray(x[top : top + 200, left : left + 200]), 128)
        for x in whole
        for top, left in ((0, 0), (90, 200))
    ]


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_known_again(name: str) -> None:
    for pixels in [face(), *photographs()[::3]]:
        copy = fingerprint(np.ascontiguousarray(COPIES[name](pixels)))
        assert distances(views(pixels), copy[None]).min() <= NEAR_BITS


def test_different_pictures_are_not_taken_for_each_other() -> None:
    different = [face(), *photographs(), *(picture(seed, 128) for seed in range(40))]
    prints = np.stack([fingerprint(pixels) for pixels in different])
    for i, pixels in enumerate(different):
        apart = distances(views(pixels), prints).min(0)
        assert apart[i] == 0
        assert np.delete(apart, i).min() > NEAR_BITS


def test_the_mirror_image_has_the_fingerprint_that_views_give_it() -> None:
    mirrored = fingerprint(np.ascontiguousarray(face()[:, ::-1]))
    assert distances(views(face()), mirrored[None])[9, 0] <= 1  # a sign of nearly nothing may turn


def test_a_list_takes_twenty_bytes_a_picture_and_tells_nothing_of_their_order(
    tmp_path: Path,
) -> None:
    several = [picture(seed) for seed in range(7)]
    hashes = [hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in several]
    for name, order in (("a", range(7)), ("b", reversed(range(7)))):
        places = list(order)
        write_list(tmp_path / name, [hashes[i] for i in places],
                   [fingerprint(several[i]) for i in places])  # fmt: skip
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").stat().st_size == len(HEAD) + 7 * RECORD == len(HEAD) + 140
    known = read_list(tmp_path / "a")
    assert len(known) == 7
    assert all(known.holds_file(content) for content in hashes)
    assert all(known.holds_looks(views(pixels)[None]).all() for pixels in several)
    assert not known.holds_file("0" * 64)
    assert not known.holds_looks(views(face())[None]).any()


@pytest.mark.parametrize("content", [b"", HEAD[:-2], HEAD + b"1234", b"<html>", HEAD + bytes(19)])
def test_what_is_no_list_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.pictures").write_bytes(content)
    with pytest.raises(BenchError, match="no whole list"):
        read_list(tmp_path / "x.pictures")


def test_a_list_of_nothing_holds_nothing(tmp_path: Path) -> None:
    write_list(tmp_path / "x", [], [])
    assert not read_list(tmp_path / "x").holds_looks(views(face())[None]).any()
    with pytest.raises(BenchError, match="cannot be read"):
        read_list(tmp_path / "y")
    flat = np.zeros((1, 1, 3), np.uint8)  # the smallest and dullest picture there is
    assert views(flat).shape == (18, BITS)


def export_esrgan(folder: Path, lists: list[str]) -> Path:
    """An untrained ESRGAN+ of 16x for faces of 64 pixels, with lists to its name."""
    torch.manual_seed(0)
    product = Product("face-esrgan-x16-64", "esrgan", "ESRGAN+", [{"split": "face", "scale": 16}])
    return export(folder, product, RRDBNet(4, 8, 4, 1).state_dict(), "none", {}, lists)


def test_a_training_leaves_its_list_and_that_of_what_it_is_built_on(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data" / "face", 230)
    pictures = read_pictures(tmp_path / "data", "face")
    bank = tmp_path / "bank"
    (bank / "other.pictures").parent.mkdir()
    write_list(bank / "other.pictures", [], [])
    inherited = lists_beside(export_esrgan(bank, ["other.pictures"]))
    out = tmp_path / "out"
    names = write_lists(out, pictures, inherited)
    assert names == sorted([f"{pictures.digest}.pictures", "other.pictures"])
    known = read_list(out / f"{pictures.digest}.pictures")
    assert len(known) == 230  # those held out included
    assert all(known.holds_file(content) for content in pictures.sha256)
    assert [path.name for path in lists_beside(export_esrgan(out, names))] == names
    (out / "other.pictures").unlink()
    with pytest.raises(BenchError, match=r"other\.pictures"):
        lists_beside(out / "face-esrgan-x16-64.safetensors")
    with pytest.raises(BenchError, match="without folders"):
        lists_beside(export_esrgan(out, ["../../etc/passwd"]))


@pytest.mark.parametrize(("domain", "by_look"), [("photo", 1), ("rendered", 0)])
def test_rendered_pictures_are_known_by_their_files_alone(
    domain: str, by_look: int, tmp_path: Path
) -> None:
    write_pictures(tmp_path / "face", 2)
    first, second = sorted((tmp_path / "face").iterdir())
    split = open_folder(tmp_path / "face", "face", size_of(first), domain)
    looks = [fingerprint(read_rgb(first)), fingerprint(jpeg(read_rgb(second)))]
    hashes = [hashlib.sha256(first.read_bytes()).hexdigest(), "0" * 64]
    write_list(tmp_path / "known.pictures", hashes, looks)
    found = leak(split, [read_list(tmp_path / "known.pictures")])
    assert (len(found.same_file), len(found.looks_the_same)) == (1, by_look)


def test_a_run_warns_of_pictures_that_were_trained_on(suite: Path, tmp_path: Path) -> None:
    test = write_pictures(tmp_path / "data" / "face", 6)
    trained = [picture(seed) for seed in range(100, 130)]
    hashes = [hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in trained]
    hashes.append(hashlib.sha256(test[1].read_bytes()).hexdigest())  # the file itself
    trained += [picture(1), np.ascontiguousarray(jpeg(picture(4))[:, ::-1])]  # and a copy
    hashes.append("f" * 64)
    zoo = tmp_path / "zoo"
    zoo.mkdir()
    write_list(zoo / "face.pictures", hashes, map(fingerprint, trained))
    export_esrgan(zoo, ["face.pictures", "lost.pictures"])
    out = tmp_path / "out"
    arguments = ("run", "--suite", suite, "--data", tmp_path / "data", "--methods",
                 "nearest,esrgan", "--out", out)  # fmt: skip
    done = bench_here(*arguments, BENCH_WEIGHTS=str(zoo))
    assert done.returncode == 0, done.stderr
    summary = (out / "summary.md").read_text()
    assert "esrgan on face at 16x: 2 of 6 test pictures are among those" in summary
    assert "1 are the same files (001) and 1 look the same (004)" in summary
    assert "lost.pictures is not beside the weights" in summary
    warnings = json.loads((out / "run.json").read_text())["warnings"]
    assert [warning["kind"] for warning in warnings] == ["leakage", "leakage"]
    # With pictures that it was not trained on, and a whole set of lists, there is nothing to say.
    write_list(zoo / "face.pictures", hashes[:30], map(fingerprint, trained[:30]))
    export_esrgan(zoo, ["face.pictures"])
    assert bench_here(*arguments, BENCH_WEIGHTS=str(zoo)).returncode == 0
    assert "Warnings" not in (out / "summary.md").read_text()
    assert "esrgan on face" not in (out / "report.html").read_text()
