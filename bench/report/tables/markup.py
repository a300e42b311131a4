"""Markdown made of text of strangers: tables, lists, code, and everything else escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tabulate import tabulate


def pipe_table(head: Sequence[str], body: Sequence[Sequence[str]], texts: int = 1) -> str:
    """A Markdown table: that many columns of text, and numbers to the right of them."""
    align = [*["left"] * texts, *["right"] * (len(head) - texts)]
    return tabulate(body, head, tablefmt="pipe", colalign=align, disable_numparse=True)


def bullets(texts: Iterable[str]) -> str:
    """A list of texts of strangers."""
    return "\n".join(f"- {escape(text)}" for text in texts)


def superscript(number: int) -> str:
    """The number as a mark that needs no markup."""
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def escape(text: str) -> str:
    """Text of strangers as text: no markup and no line breaks.

    What stands between backticks, as commands do, stays code.
    """
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner starts no code
        return literal("'".join(parts))
    return "".join(code(part) if i % 2 else literal(part) for i, part in enumerate(parts))


def in_table(text: str) -> str:
    """Text of strangers for a cell of a table, where even code must not hold a bare border."""
    return escape(text).replace("|", "\\|")


def literal(text: str) -> str:
    """Every character that Markdown or HTML would act on, made literal."""
    text = re.sub(r"([\\*\[\]#~$])", r"\\\1", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)  # within a word it is no emphasis
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """The text as code, between more backticks than stand together in it."""
    flat = " ".join(text.split())
    if not flat:
        return ""
    runs = re.findall(r"`+", flat)
    fence = "`" * (1 + max(map(len, runs), default=0))
    return f"{fence} {flat} {fence}" if runs else f"`{flat}`"
