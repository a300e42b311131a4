"""Values by their keys."""

from __future__ import annotations

from bench.core.grouping import grouped


def test_keys_and_values_keep_their_order_and_need_not_be_neighbours() -> None:
    words = ("cat", "face", "car", "bed", "cab")
    found = grouped((word[0], word) for word in words)
    assert list(found.items()) == [("c", ["cat", "car", "cab"]), ("f", ["face"]), ("b", ["bed"])]
    assert grouped([]) == {}
