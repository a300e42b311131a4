"""Where a file of a package lies, asked of the indexes that pip is set to.

Each is a page of links for each package (PEP 503), so that mirrors serve as PyPI does. Reading it
downloads nothing and builds nothing, which `pip download` of a source package would do.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import count
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from bench.weights.card import Package
from bench.weights.download import LONGEST_PAUSE_S, Listener, Patience
from bench.weights.web import Dropped, FetchError, request

PYPI = "https://pypi.org/simple"
LONGEST_PAGE = 32 << 20  # bytes


def address(package: Package, patience: Patience, listener: Listener) -> str:
    """The address of the package's archive at the first index that has it. Raises `FetchError`."""
    told: list[FetchError] = []
    for index in indexes():
        page = f"{index.rstrip('/')}/{package.name}/"
        try:
            return link_to(package, links_of(page, patience, listener), page)
        except FetchError as error:
            told.append(error)
    words = "; ".join(map(str, told)) or "pip is set to use no index"
    raise FetchError(
        f"no index of pip's gives {package.archive}: {words}. Where there is a network, get it "
        f"from https://pypi.org/project/{package.name}/#files, and give it to --from"
    )


def indexes() -> list[str]:
    """Those of pip's settings: its files and variables, as `pip config list` has them."""
    command = [sys.executable, "-P", "-m", "pip", "config", "list"]
    try:
        listed = subprocess.run(  # noqa: S603 - nothing of a stranger's is in it
            command, capture_output=True, text=True, timeout=60, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        listed = ""
    return indexes_in(listed)  # empty too without pip: then there are no settings of pip's


def indexes_in(listed: str) -> list[str]:
    """The indexes in what `pip config list` prints: `global.index-url='https://...'` and so on.

    A variable counts more than what a file says of `pip download`, and this more than the rest.
    """
    settings: dict[str, str] = {}
    for section in ("global", "download", ":env:"):
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed, re.MULTILINE):
            settings[name] = str(ast.literal_eval(value))
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        return []
    return [settings.get("index-url", PYPI), *settings.get("extra-index-url", "").split()]


def links_of(page: str, patience: Patience, listener: Listener) -> list[str]:
    """The addresses that a page of an index links to, whole. Raises `FetchError`."""
    parts = urlsplit(page)
    if parts.scheme not in ("http", "https") or parts.username:
        why = "asks for a password" if parts.username else "is not on the web"
        where = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise FetchError(f"{where} {why}, and is passed over")
    text = read_page(page, patience, listener)
    parser = Links()
    parser.feed(text)
    return [urljoin(page, link) for link in parser.found]


def read_page(page: str, patience: Patience, listener: Listener) -> str:
    """The page, asked for again where that may help. Raises `FetchError`."""
    for attempt in count():
        try:
            reply = request(page, 0, "", patience.timeout_s)
            with reply.body:
                return reply.body.read(LONGEST_PAGE).decode(errors="replace")
        except (Dropped, OSError) as error:
            if attempt >= patience.retries:
                raise FetchError(f"{page}: {error}, {attempt + 1} times in a row") from None
            pause = min(patience.pause_s * 2**attempt, LONGEST_PAUSE_S)
            listener.say(f"{page}: {error}; trying again in {pause:g} s")
            time.sleep(pause)
    raise AssertionError("never ends")


class Links(HTMLParser):
    """The `href` of every link of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def link_to(package: Package, links: Sequence[str], page: str) -> str:
    """The link to the archive. Raises `FetchError` if there is none, or one to another file."""
    for link in links:
        url, fragment = urldefrag(link)
        if unquote(urlsplit(url).path).rpartition("/")[2] != package.archive:
            continue
        stated = fragment.removeprefix("sha256=")
        if fragment.startswith("sha256=") and stated != package.sha256:
            raise FetchError(
                f"{page} has another {package.archive}: its sha256 is {stated}, "
                f"expected {package.sha256}"
            )
        if urlsplit(url).scheme not in ("http", "https"):
            raise FetchError(f"{page} links to {url}, which is not on the web")
        return url
    raise FetchError(f"{page} has no {package.archive}")
