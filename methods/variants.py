"""Variants: a method once more under a name of its own, with settings and weights of its own.

`pulse@long` is the variant `long` of `pulse`. Rows, files and tables call it by its whole name, so
that any number of variants stand in one run beside the plain method.
"""

from __future__ import annotations

import re
from pathlib import Path

from bench.core.errors import BenchError

MARK = "@"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
PATH_FOLLOWS = re.compile("[:=]")  # in a name, as in spandrel:FILE
RULE = (
    "the name after @ has 1 to 32 letters a-z and A-Z, digits, - and _, and begins with a letter "
    "or a digit, as pulse@long"
)


def variant_of(spec: str) -> tuple[str, str]:
    """What `--methods` calls the method, and the name of its variant: ("pulse", "long") of
    `pulse@long`, ("pulse", "") of `pulse`.

    Of `path/to/file.py:Class@long` and `spandrel:FILE@long` the path may hold an @ too. Raises
    `BenchError` for a name that breaks the rule.
    """
    place, colon, last = spec.rpartition(":")
    if not place.endswith(".py"):
        if PATH_FOLLOWS.search(spec.partition(MARK)[0]):
            return variant_of_file(spec)
        place, colon, last = "", "", spec
    method, mark, variant = last.partition(MARK)
    if mark and not (method and NAME.fullmatch(variant)):
        raise BenchError(f"method {spec!r}: {RULE}")
    return f"{place}{colon}{method}", variant


def variant_of_file(spec: str) -> tuple[str, str]:
    """The same of `spandrel:FILE`: an @ before what can be no variant's name is of the path."""
    base, _, variant = spec.rpartition(MARK)
    is_file = Path(PATH_FOLLOWS.split(spec, maxsplit=1)[1]).exists()
    return (base, variant) if NAME.fullmatch(variant) and base and not is_file else (spec, "")


def variant_label(name: str, variant: str) -> str:
    """Such as `pulse@long`; the name alone of no variant."""
    return f"{name}{MARK}{variant}" if variant else name
