"""Pictures of two runs paired by content: each under the name that the first run has for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from bench.results.results import Results

Pictures = Mapping[str, Mapping[str, str]]  # split to name to sha256


def named_as(results: Results, others: Pictures) -> Results:
    """The results with the names that `others` have for the same pictures.

    A picture of another content that has such a name here gets one of its own. Where contents are
    not on record, or stand under several names, names stay.
    """
    names = {
        split: changed
        for split, pictures in results.pictures.items()
        if (changed := new_names(pictures, others.get(split, {})))
    }
    if not names:
        return results
    return replace(
        results,
        rows=tuple(
            replace(row, image=names.get(row.split, {}).get(row.image, row.image))
            for row in results.rows
        ),
        pictures={
            split: {names.get(split, {}).get(name, name): sha256 for name, sha256 in found.items()}
            for split, found in results.pictures.items()
        },
    )


def new_names(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """What is called otherwise there, by the name here."""
    known = once(theirs)
    changed = {
        name: known[sha256]
        for sha256, name in once(ours).items()
        if sha256 in known and known[sha256] != name
    }
    taken = set(changed.values())
    for name, sha256 in ours.items():
        if name in taken and name not in changed:
            changed[name] = f"{name}@{sha256[:8]}"
    return changed


def once(pictures: Mapping[str, str]) -> dict[str, str]:
    """Content to name, of contents that have one name."""
    counts = Counter(pictures.values())
    return {sha256: name for name, sha256 in pictures.items() if sha256 and counts[sha256] == 1}
