"""Bringing a file here whole, over connections that break: resumed where possible, tried again
after a growing pause, begun anew where the file at the other end has changed."""

from __future__ import annotations

import http.client
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bench.core.files import DiskError
from bench.weights.part import Origin, Part
from bench.weights.web import BEYOND_THE_END, Dropped, FetchError, Reply, Unreachable, request
from methods.checkpoints.file_kinds import LOOK

CHUNK = 1 << 16
LONGEST_PAUSE_S = 30.0
LARGEST = 32 << 30  # bytes, where nobody says how many it should be


@dataclass(frozen=True)
class Patience:
    """How long and how often a server is given another chance."""

    timeout_s: float = 20.0  # without an answer, or without a byte
    retries: int = 5  # in a row that bring nothing new
    pause_s: float = 0.5  # before the second; doubled before each further one


class Listener(Protocol):
    """Told how a download goes."""

    def at(self, done: int, total: int | None) -> None:
        """So many bytes are here, of so many."""

    def say(self, text: str) -> None:
        """Something that the user should know."""


@dataclass(frozen=True)
class Wanted:
    """What is fetched, and what is known of it beforehand."""

    url: str
    size: int | None  # bytes that it must have
    look: Callable[[bytes], None]  # raises `FetchError` for a wrong beginning


def download(wanted: Wanted, part: Part, patience: Patience, listener: Listener) -> bool:
    """Fill `part`, continuing what it has, and say whether it came in one piece.

    Raises `FetchError` when patience ends, at once when there was no connection at all, and
    `DiskError`; what has come stays for the next time.
    """
    url = wanted.url
    farthest, in_vain, reached = part.size, 0, False
    while True:
        try:
            reply = ask(url, part, patience)
            reached = True
            if receive(wanted, reply, part, listener):
                return reply.status == 200
            raise Dropped("the file has changed meanwhile")
        except Unreachable as error:
            if not reached:
                raise
            failure = Dropped(str(error))
        except Dropped as error:
            reached, failure = True, error
        # Progress is a part longer than ever before: a server that always begins anew makes none.
        in_vain = 0 if part.size > farthest else in_vain + 1
        farthest = max(farthest, part.size)
        if in_vain > patience.retries:
            kept = f"; {part.size} bytes are kept, the same command resumes" if part.size else ""
            raise FetchError(f"{url}: {failure}, {in_vain} times in a row{kept}")
        pause = min(max(patience.pause_s * 2**in_vain, failure.wait_s), LONGEST_PAUSE_S)
        listener.say(f"{failure}; trying again from byte {part.size} in {pause:g} s")
        time.sleep(pause)


def ask(url: str, part: Part, patience: Patience) -> Reply:
    """The server's answer to the request of what the part lacks."""
    origin = part.origin
    if origin is None or origin.url != url:
        part.clear()
    start = part.size
    return request(url, start, origin.validator if origin and start else "", patience.timeout_s)


def receive(wanted: Wanted, reply: Reply, part: Part, listener: Listener) -> bool:
    """Put the body of the reply into the part, and say whether the file is complete.

    Raises `Dropped` where the connection ends early. False: what was here is of another file and
    was dropped.
    """
    url, size = wanted.url, wanted.size
    with reply.body:
        have = part.size
        if reply.status == BEYOND_THE_END:
            if have and reply.total in (None, have):
                return True
            part.clear()
            return False
        if reply.status == 206 and not continues(reply, part):
            part.clear()
            return False
        if size is not None and reply.total not in (None, size):
            raise FetchError(f"{url} has {reply.total} bytes, expected {size}: it is another file")
        start = b""
        if reply.status != 206:
            # Looked at before what is here is given up for it: a page may be in the way.
            start = read(reply, 0)
            if reply.total and not start:
                raise Dropped("the connection ended before the first byte")
            wanted.look(start[:LOOK])
            part.begin(Origin(url, reply.validator, reply.total))
        check_room(part, reply.total or size)
        copy(wanted, reply, start, part, listener)
    if reply.total is not None and part.size < reply.total:
        raise Dropped(f"the connection ended after {part.size} of {reply.total} bytes")
    return True


def continues(reply: Reply, part: Part) -> bool:
    """Whether the body goes on where the part ends, and belongs to the same file."""
    origin = part.origin
    return (
        origin is not None
        and reply.start == part.size
        and reply.total in (None, origin.total)
        and reply.validator in ("", origin.validator)
    )


def copy(wanted: Wanted, reply: Reply, start: bytes, part: Part, listener: Listener) -> None:
    """Append the body, of which `start` is read already. Raises `Dropped` if it breaks off."""
    done, most = part.size, reply.total or wanted.size or LARGEST
    data = start or read(reply, done)
    while data:
        done += len(data)
        if done > most:
            part.clear()
            raise FetchError(f"{wanted.url} gives more than the {most} bytes that were expected")
        part.append(data)
        listener.at(done, reply.total)
        data = read(reply, done)


def read(reply: Reply, done: int) -> bytes:
    """The next bytes of the body, none at its end. Raises `Dropped` if it breaks off."""
    try:
        return reply.body.read(CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise Dropped(f"the connection broke after {done} bytes ({error})") from error


def check_room(part: Part, total: int | None) -> None:
    """Raise `DiskError` if the rest of the file does not fit on the disk."""
    free = shutil.disk_usage(part.path.parent).free
    lacking = (total or 0) - part.size - free
    if lacking > 0:
        raise DiskError(
            f"{part.path} does not fit on the disk: {lacking} bytes are lacking; free some space, "
            f"or choose another folder with --out DIR, and run the same command again"
        )
