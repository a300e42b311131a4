"""The shades of plots and pictures, and names as their labels; imports no matplotlib."""

from __future__ import annotations

INK, SOFT, RULE, GRID = "#1f2328", "#6b7280", "#9aa1ab", "#e6e8eb"


def one_line(text: str, longest: int = 24) -> str:
    """A name as a label: on one line, drawable, of a length that leaves room for others."""
    flat = " ".join(text.encode(errors="replace").decode().split())
    flat = "".join(c for c in flat if c.isprintable())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"
