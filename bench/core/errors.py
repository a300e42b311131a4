"""What goes wrong by the user's hand, and the words it is told in.

A `BenchError` carries a complete message: what was wrong, what was received, what is
accepted (the nearest names first) and, where one helps, the command to run. The command
line prints it without a traceback.
"""

from __future__ import annotations

import difflib
import traceback
import unicodedata
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

NAMED_AT_MOST = 5
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # categories of Unicode
LISTED_AT_MOST = 12  # more names than that are a page that hides the guess


# What parsers of TOML and JSON raise for a stranger's file: it is none, its numbers have thousands
# of digits, or it is nested as deep as Python's stack.
UNREADABLE = (ValueError, RecursionError)
LONGEST_TEXT = 500  # of a stranger's error, in letters: some hold a whole tensor


class ExitStatus(IntEnum):
    """What `python -m bench` tells the shell; ended by a signal, 128 and its number."""

    OK = 0
    SOME_ROWS_FAILED = 1
    USAGE = 2
    REGRESSION = 3
    NOTHING_MEASURED = 4
    OUTPUT_LOST = 74  # standard output could not be written, to a full disk for one


class BenchError(Exception):
    """A mistake that its reader can mend; `str(error)` says how."""

    status: ClassVar[ExitStatus] = ExitStatus.USAGE


class UnknownName(BenchError):
    """A name that is not among the known ones, with the nearest of them."""

    def __init__(self, what: str, name: str, known: Iterable[str], hint: str = "") -> None:
        names = sorted(known)
        near = nearest(name, names)
        guess = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        listing = catalogue(names, bool(near))
        super().__init__(f"unknown {what} {name!r}.{guess}{listing}{' ' + hint if hint else ''}")


def catalogue(names: Sequence[str], is_guessed: bool) -> str:
    """The known names as a sentence after another; of many some, or none if there was a guess."""
    if not names:
        return " None is known."
    if len(names) <= LISTED_AT_MOST:
        return f" Known: {', '.join(names)}."
    return "" if is_guessed else f" Known: {some(names)}."


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` of the known names that `name` may have been meant for, best first."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    folded = name.casefold()
    near = difflib.get_close_matches(folded, list(by_folded), n=count, cutoff=0.6)
    begun = [candidate for candidate in by_folded if folded and candidate.startswith(folded)]
    return [by_folded[match] for match in dict.fromkeys((*near, *begun))][:count]


def some(names: Sequence[str]) -> str:
    """The first few names, the rest counted."""
    rest = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")


def describe(error: BaseException) -> str:
    """One line: a user's error as it stands, any other with its type and place."""
    if isinstance(error, BenchError):
        return str(error)
    try:
        text = " ".join(str(error).split()) or "no message"
    except Exception:  # an error of a stranger's need not even have a text
        text = "its message cannot be read"
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]} ..."
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{place}"


def printable(text: object) -> str:
    """A path or any text as every terminal and file takes it: bytes that are no UTF-8 and control
    characters, which names of files may hold, as escapes."""
    return "".join(escaped(c) if unicodedata.category(c) in UNPRINTABLE else c for c in str(text))


def escaped(character: str) -> str:
    """Such as `\\xe9`."""
    byte = ord(character) - 0xDC00  # of a name that is no UTF-8, as Python holds it
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else ascii(character)[1:-1]
