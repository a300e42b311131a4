"""A web server on this machine that misbehaves by plan: one answer of the plan a request, then
honest ones."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Serves `content` under every path."""

    daemon_threads = True

    def __init__(self, content: bytes, plan: tuple[Answer, ...]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.etag = '"first"'
        self.plan = list(plan)
        self.asked: list[str | None] = []  # the Range of each request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pth"

    def handle_error(self, *_: object) -> None:
        """A client that was killed is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("Range"))
        answer = self.server.plan.pop(0) if self.server.plan else honest
        answer(self)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""

    def head(self, status: int, **headers: object) -> None:
        """Status and headers; `Content_Length` stands for `Content-Length`."""
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def start(self) -> int:
        """The first byte that is asked for and may be had."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        same = self.headers.get("If-Range") in (None, self.server.etag)
        return int(match[1]) if match and same else 0


def honest(handler: Handler) -> None:
    """All of it, or the rest."""
    drop_after(len(handler.server.content) + 1)(handler)


def drop_after(count: int) -> Answer:
    """As `honest`, but the connection ends after so many bytes."""

    def answer(handler: Handler) -> None:
        content, start = handler.server.content, handler.start()
        total, etag = len(content), handler.server.etag or None
        if start >= total > 0:
            handler.head(416, Content_Range=f"bytes */{total}", Content_Length=0)
            return
        said = f"bytes {start}-{total - 1}/{total}" if start else None
        handler.head(
            206 if start else 200, Content_Length=total - start, Content_Range=said, ETag=etag
        )
        handler.wfile.write(content[start : start + count])

    return answer


def without_ranges(count: int | None = None) -> Answer:
    """Always from the start, ending after `count` bytes; says nothing by which to know a change."""

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=len(handler.server.content))
        handler.wfile.write(handler.server.content[:count])

    return answer


def other(content: bytes, length: int | None = -1, **headers: object) -> Answer:
    """Other bytes, and perhaps another Content-Length; None: no length at all."""

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=len(content) if length == -1 else length, **headers)
        handler.wfile.write(content)

    return answer


def status(code: int, **headers: object) -> Answer:
    """A refusal, or a redirect."""
    return lambda handler: handler.head(code, Content_Length=0, **headers)


def silent(seconds: float) -> Answer:
    """Nothing at all for a while."""
    return lambda handler: time.sleep(seconds)


def changed(content: bytes, etag: str) -> Answer:
    """The file is replaced before this answer, which is honest."""

    def answer(handler: Handler) -> None:
        handler.server.content, handler.server.etag = content, etag
        honest(handler)

    return answer


def slow(pause_s: float, piece: int) -> Answer:
    """As `honest`, with a pause after each piece."""

    def answer(handler: Handler) -> None:
        content, start = handler.server.content, handler.start()
        total = len(content)
        handler.head(200, Content_Length=total, ETag=handler.server.etag)
        for first in range(start, total, piece):
            handler.wfile.write(content[first : first + piece])
            time.sleep(pause_s)

    return answer


@contextmanager
def serve(content: bytes, *plan: Answer) -> Iterator[Server]:
    """A server at work."""
    with Server(content, plan) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
