"""Files of weights: what is known of them, where they lie, and which serves a task."""

from bench.core.paths import cache_dir
from bench.weights.card import Card, Serves
from bench.weights.search import Found, Missing, find, identify, served
from bench.weights.shelves import cards, check_named_folders, search_path

__all__ = [
    "Card",
    "Found",
    "Missing",
    "Serves",
    "cache_dir",
    "cards",
    "check_named_folders",
    "find",
    "identify",
    "search_path",
    "served",
]
