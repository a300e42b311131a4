"""Names of methods as tables and plots show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bench.analysis.summary import Line

LONGEST_NAME = 32


def display_names(lines: Sequence[Line]) -> dict[str, str]:
    """Method to its title, or to its name where titles are long or shared."""
    return distinct_names({line.method: line.title for line in lines})


def distinct_names(titles: Mapping[str, str]) -> dict[str, str]:
    """The same, of methods with these titles."""
    shared = Counter(titles.values())
    return {
        method: title if shared[title] == 1 and len(title) <= LONGEST_NAME else method
        for method, title in titles.items()
    }
