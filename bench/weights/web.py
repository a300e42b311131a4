"""One request of a file over http or https, and what can go wrong with it, told apart.

Whatever another try may mend is a `Dropped`; the rest is a `FetchError` in words for the user.
No request hangs: looking up the name, connecting and the wait for an answer have one time limit.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, NoReturn, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

import bench
from bench.core.errors import BenchError, ExitStatus

T = TypeVar("T")
PASSING = {408, 425, 429, 500, 502, 503, 504}  # of these statuses a later try may be spared
BEYOND_THE_END = 416
BROKEN = (ConnectionError, http.client.HTTPException, ssl.SSLError)


class FetchError(BenchError):
    """A file that could not be fetched, or is not the one that it was taken for."""

    status = ExitStatus.SOME_ROWS_FAILED


class Unreachable(FetchError):
    """No connection: most likely this machine is offline."""


class Dropped(Exception):
    """What another try may mend; `wait_s` is how long the server asks to wait."""

    def __init__(self, what: str, wait_s: float = 0) -> None:
        super().__init__(what)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Reply:
    """A server's answer, its body still to be read."""

    status: int
    body: IO[bytes]
    start: int  # of the body, in the file
    total: int | None  # bytes of the whole file
    validator: str  # an ETag, or else a date, by which a change of the file is known


def request(url: str, start: int, validator: str, timeout_s: float) -> Reply:
    """The file from byte `start` on; from 0 if it is not any more the one of `validator`.

    Raises `Dropped`, `Unreachable` or `FetchError`.
    """
    headers = {
        "User-Agent": f"sr-prior-bench/{bench.__version__}",
        "Accept-Encoding": "identity",
    }
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator
    asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - cards name http(s) alone
    opener = urllib.request.build_opener(WebOnly)
    try:
        answer = within(timeout_s, lambda: opener.open(asked, timeout=timeout_s))
    except HTTPError as error:
        if error.code != BEYOND_THE_END:
            refuse(url, error)
        answer = error
    except (OSError, http.client.HTTPException, ValueError) as error:
        explain(url, error, timeout_s)
    return reply_of(url, answer.status, answer.headers, answer)


def reply_of(url: str, status: int, headers: Mapping[str, str], body: IO[bytes]) -> Reply:
    """What the headers say. Raises `FetchError` for a body that is not the file itself."""
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FetchError(f"{url} comes compressed, although that was not asked for")
    start, total = 0, whole_number(headers.get("Content-Length"))
    if status in (206, BEYOND_THE_END):
        said = headers.get("Content-Range") or ""
        match = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", said)
        start = int(match[1] or 0) if match else 0
        total = whole_number(match[2]) if match else None
    etag = headers.get("ETag") or ""
    # A weak ETag promises no equal bytes, and may not stand in If-Range.
    validator = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified") or ""
    return Reply(status, body, start, total, validator)


def whole_number(text: str | None) -> int | None:
    """The number, or None for what is none."""
    return int(text) if text and re.fullmatch(r"\d{1,18}", text) else None


class WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the web; not into files, and not from https back to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if new not in ("http", "https") or (old, new) == ("https", "http"):
            raise FetchError(f"{req.full_url} redirects to {newurl}, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives, or a `TimeoutError` after so many seconds.

    The timeout of a socket holds for each of a name's addresses anew, and not for the look-up.
    """
    outcome: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def work() -> None:
        try:
            outcome.put((call(), None))
        except BaseException as error:
            outcome.put((None, error))

    Thread(target=work, daemon=True).start()
    try:
        value, error = outcome.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]


def refuse(url: str, error: HTTPError) -> NoReturn:
    """Raise what the server's refusal means."""
    told = f"HTTP {error.code} {error.reason}".strip()
    error.close()
    if error.code in PASSING:
        raise Dropped(told, float(whole_number(error.headers.get("Retry-After")) or 0))
    raise FetchError(f"{url}: the server answers {told}")


def explain(url: str, error: Exception, timeout_s: float) -> NoReturn:
    """Raise what a failed connection means."""
    cause: Any = error.reason if isinstance(error, URLError) else error
    host = urlsplit(url).hostname
    if isinstance(cause, ssl.SSLCertVerificationError):
        raise FetchError(f"{url}: {host} cannot prove who it is: {cause.verify_message}")
    if isinstance(cause, socket.gaierror):
        raise Unreachable(f"{host} is not found: is this machine offline?")
    if isinstance(cause, http.client.InvalidURL):
        raise FetchError(f"{url} is no address: {cause}")
    if isinstance(cause, BROKEN) and not isinstance(cause, ConnectionRefusedError):
        raise Dropped(f"the connection broke ({cause})")
    if isinstance(cause, TimeoutError):  # of the socket or of `within`, whichever fires first
        cause = TimeoutError(f"no answer within {timeout_s:g} s")
    if isinstance(cause, OSError):
        reason = cause.strerror or str(cause)
        raise Unreachable(f"{host} cannot be reached ({reason}): is this machine offline?")
    raise FetchError(f"{url}: {cause}")
