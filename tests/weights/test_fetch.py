"""Fetching weights from servers that drop, lie, change and refuse; what is kept is right or absent."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.core.files import DiskError
from bench.weights.card import Card
from bench.weights.download import Patience
from bench.weights.fetch import fetch, place
from bench.weights.part import part_path
from bench.weights.web import FetchError
from tests.support.flaky_server import (
    Answer,
    Server,
    changed,
    drop_after,
    honest,
    other,
    serve,
    silent,
    status,
    without_ranges,
)

CONTENT = b"PK\x03\x04" + random.Random(0).randbytes(300_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NEWER = b"PK\x03\x04" + random.Random(1).randbytes(280_000)
HTML = b"<!DOCTYPE html><title>Google Drive - Quota exceeded</title>"
QUICK = Patience(timeout_s=5, retries=2, pause_s=0.01)


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.seen: list[tuple[int, int | None]] = []

    def at(self, done: int, total: int | None) -> None:
        self.seen.append((done, total))

    def say(self, text: str) -> None:
        self.said.append(text)


def card(server: Server, **facts: object) -> Card:
    given = {"name": "w", "title": "W", "kind": "esrgan", "file": "weights.pth", "licence": "mine"}
    return Card(**{**given, "url": server.url, "sha256": DIGEST, **facts})


@pytest.fixture
def heard() -> Heard:
    return Heard()


def assert_nothing_left(folder: Path) -> None:
    assert list(folder.iterdir()) == []


RECOVERED: dict[str, tuple[Answer, ...]] = {
    "honest": (),
    "dropped twice": (drop_after(100_000), drop_after(100_000)),
    "dropped again and again, a little further each time": (drop_after(40_000),) * 6,
    "dropped before a byte": (drop_after(0), drop_after(0)),
    "503 and 429, then well": (status(503), status(429, Retry_After=0)),
    "no ranges": (without_ranges(200_000), without_ranges()),
    "changed between two attempts": (other(NEWER, len(NEWER) + 9, ETag='"old"'), honest),
    "changed into what is wanted": (other(NEWER[:200_000], len(NEWER)), without_ranges()),
    "a length that is too long": (other(CONTENT, len(CONTENT) + 5, ETag='"first"'),),
    "no length": (other(CONTENT, None),),
    "redirected": (status(302, Location="/elsewhere"),),
    "silent once": (drop_after(1000), silent(7)),
}


@pytest.mark.parametrize("plan", RECOVERED.values(), ids=RECOVERED)
def test_whatever_happens_on_the_way_the_file_comes_whole(
    plan: tuple[Answer, ...], tmp_path: Path, heard: Heard
) -> None:
    with serve(CONTENT, *plan) as server:
        placed = fetch(card(server), tmp_path, Patience(1.5, 2, 0.01), heard)
    assert (placed.sha256, placed.was_there) == (DIGEST, False)
    assert placed.path.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["weights.pth"]
    assert heard.seen[-1][0] == len(CONTENT)


def test_only_what_lacks_is_asked_for_again(tmp_path: Path, heard: Heard) -> None:
    with serve(CONTENT, drop_after(100_000), drop_after(50_000)) as server:
        fetch(card(server), tmp_path, QUICK, heard)
        assert server.asked == [None, "bytes=100000-", "bytes=150000-"]
    assert "the connection ended after 100000 of 300004 bytes" in heard.said[0]


def test_a_file_that_changed_meanwhile_is_begun_anew(tmp_path: Path, heard: Heard) -> None:
    digest = hashlib.sha256(NEWER).hexdigest()
    with serve(CONTENT, drop_after(100_000), changed(NEWER, '"second"')) as server:
        placed = fetch(card(server, sha256=digest), tmp_path, QUICK, heard)
    assert placed.path.read_bytes() == NEWER


def test_a_change_that_only_the_length_tells_is_noticed(tmp_path: Path, heard: Heard) -> None:
    digest = hashlib.sha256(NEWER).hexdigest()
    with serve(CONTENT, drop_after(100_000), changed(NEWER, "")) as server:
        server.etag = ""
        placed = fetch(card(server, sha256=digest), tmp_path, QUICK, heard)
        assert server.asked == [None, "bytes=100000-", None]
    assert placed.path.read_bytes() == NEWER


def test_a_change_that_nothing_tells_is_noticed_by_the_hash(tmp_path: Path, heard: Heard) -> None:
    renewed = CONTENT[:4] + random.Random(2).randbytes(300_000)
    digest = hashlib.sha256(renewed).hexdigest()
    with serve(CONTENT, drop_after(100_000), changed(renewed, "")) as server:
        server.etag = ""
        placed = fetch(card(server, sha256=digest), tmp_path, QUICK, heard)
    assert placed.path.read_bytes() == renewed
    assert "the pieces do not fit together: beginning anew" in heard.said


REFUSED: dict[str, tuple[tuple[Answer, ...], str]] = {
    "wrong bytes": ((other(NEWER),), rf"is not w: its sha256 is \w{{64}}, expected {DIGEST}"),
    "a length that is too short": ((other(CONTENT, 1000),), "its sha256 is"),
    "a page with status 200": ((other(HTML),), "is a web page, not w: a login, a quota"),
    "a page behind a byte order mark": ((other(b"\xef\xbb\xbf\n<HTML>"),), "is a web page"),
    "a pickle": ((other(b"\x80\x04\x95" + b"\0" * 99),), "is a Python pickle, not w"),
    "JSON": ((other(b'{"error": "gone"}'),), "of no format that is known here"),
    "nothing": ((other(b""),), "is empty, not w"),
    "404": ((status(404),), r"weights\.pth: the server answers HTTP 404 Not Found"),
    "403": ((status(403),), "the server answers HTTP 403"),
    "into a file of this machine": (
        (status(302, Location="file:///etc/passwd"),),
        "Redirection to url 'file:///etc/passwd' is not allowed",
    ),
    "to another kind of server": ((status(302, Location="ftp://a/b.pth"),), "is not followed"),
    "round in circles": ((status(302, Location="/weights.pth"),) * 99, "HTTP 302"),
    "compressed": ((other(CONTENT, Content_Encoding="gzip"),), "comes compressed"),
}


@pytest.mark.parametrize(("plan", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_the_file_is_refused_at_once_and_not_kept(
    plan: tuple[Answer, ...], words: str, tmp_path: Path, heard: Heard
) -> None:
    with serve(CONTENT, *plan) as server, pytest.raises(FetchError, match=words):
        fetch(card(server), tmp_path, QUICK, heard)
    assert_nothing_left(tmp_path)
    assert heard.said == []


@pytest.mark.parametrize("page", [other(HTML), status(403), other(NEWER)], ids=["page", "403", "x"])
def test_what_is_in_the_way_for_a_while_costs_nothing_that_is_here(
    page: Answer, tmp_path: Path, heard: Heard
) -> None:
    wanted = {"bytes": len(CONTENT)}
    with serve(CONTENT, drop_after(100_000), page) as server:
        with pytest.raises(FetchError):
            fetch(card(server, **wanted), tmp_path, QUICK, heard)
        assert part_path(tmp_path / "weights.pth").stat().st_size == 100_000
        assert fetch(card(server, **wanted), tmp_path, QUICK, heard).sha256 == DIGEST
        assert server.asked[2:] == ["bytes=100000-"]


def test_a_file_of_another_size_is_refused_before_it_is_fetched(
    tmp_path: Path, heard: Heard
) -> None:
    with (
        serve(NEWER) as server,
        pytest.raises(FetchError, match="has 280004 bytes, expected 300004"),
    ):
        fetch(card(server, bytes=len(CONTENT)), tmp_path, QUICK, heard)
    assert heard.seen == []
    assert_nothing_left(tmp_path)


def test_bytes_without_end_are_cut_off(tmp_path: Path, heard: Heard) -> None:
    plan = other(CONTENT * 20, None)
    with serve(CONTENT, plan) as server, pytest.raises(FetchError, match="more than the 300004"):
        fetch(card(server, bytes=len(CONTENT)), tmp_path, QUICK, heard)
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        ((status(503),) * 9, 0),
        ((drop_after(1000), *(drop_after(0),) * 9), 1000),
        ((without_ranges(1000),) * 9, 1000),
        ((other(CONTENT[:9000], 10**6),) + (status(500),) * 9, 9000),
    ],
)
def test_patience_ends_and_what_has_come_is_kept(
    plan: tuple[Answer, ...], kept: int, tmp_path: Path, heard: Heard
) -> None:
    with serve(CONTENT, *plan) as server, pytest.raises(FetchError, match="3 times in a row"):
        fetch(card(server), tmp_path, QUICK, heard)
    part = part_path(tmp_path / "weights.pth")
    assert (part.stat().st_size if part.exists() else 0) == kept
    assert not (tmp_path / "weights.pth").exists()


def test_a_disk_without_room_is_told_beforehand(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))
    with serve(CONTENT) as server, pytest.raises(DiskError, match="200004 bytes are lacking"):
        fetch(card(server), tmp_path, QUICK, heard)
    assert heard.seen == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, heard: Heard) -> None:
    (tmp_path / "file").write_text("")
    with serve(CONTENT) as server, pytest.raises(DiskError, match=r"choose a folder .* --out DIR"):
        fetch(card(server), tmp_path / "file" / "folder", QUICK, heard)


@pytest.mark.parametrize("name", ["evil.toml", "weights", "weights.py"])
def test_nothing_but_weights_is_ever_written(name: str, tmp_path: Path, heard: Heard) -> None:
    with serve(CONTENT) as server, pytest.raises(FetchError, match=r"weights end in \.pth"):
        fetch(card(server, file=name), tmp_path, QUICK, heard)
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://a/b.pth", "/b.pth", "http://", "http://a/ b"]
)
@pytest.mark.parametrize("field", ["url", "page"])
def test_cards_name_addresses_of_the_web_alone(field: str, address: str) -> None:
    with pytest.raises(ValueError, match=r"begins with http:// or https://"):
        Card(name="w", title="", kind="k", file="a.pth", licence="", **{field: address})


def test_a_file_by_hand_is_placed_whole_or_not_at_all(tmp_path: Path) -> None:
    wanted = Card(name="w", title="W", kind="k", file="weights.pth", licence="", sha256=DIGEST)
    out, brought = tmp_path / "out", tmp_path / "a.pth"
    for content, words in ((NEWER, "its sha256 is"), (b"", "is empty"), (HTML, "is a web page")):
        brought.write_bytes(content)
        with pytest.raises(FetchError, match=words):
            place(wanted, brought, out)
        assert_nothing_left(out)
    with pytest.raises(FetchError, match=r"none\.pth cannot be read: No such file"):
        place(wanted, tmp_path / "none.pth", out)
    brought.write_bytes(CONTENT)
    assert place(wanted, brought, out).path.read_bytes() == CONTENT
    assert place(wanted, out / "weights.pth", out).was_there
