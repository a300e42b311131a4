"""Rankings in tie groups: methods that the images do not tell apart share a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def tie_groups(best_first: Sequence[str], apart: Callable[[str, str], bool]) -> dict[str, int]:
    """Each method's group, counted from 1.

    The best method leads the first group, which all join that are not told apart from it; the
    best of those left leads the second, and so on. Members of one group may still be told apart
    from each other, and a leader not be told apart from the last of the group above: being not
    told apart is no equivalence, and the full list of pairs says which pairs are.
    """
    groups: dict[str, int] = {}
    left = list(best_first)
    group = 0
    while left:
        group += 1
        leader = left[0]
        groups |= {name: group for name in left if name == leader or not apart(leader, name)}
        left = [name for name in left if name not in groups]
    return groups
