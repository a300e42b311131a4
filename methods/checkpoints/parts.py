"""Which of the sets of tensors in a checkpoint is the network, and what is left out.

Training saves more than a network: its moving average, its discriminator, optimisers, counters;
nested as mappings or flat as leading parts of keys, behind any number of wrappers
(`_orig_mod.module.`). A set is known by its tensors, not by its wrappers' names; names only decide
which of several sets is meant: an average before what it is the average of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from methods.checkpoints.reading import Reading
from methods.checkpoints.set_names import (
    AMONG,
    AVERAGE,
    BESIDE,
    COUNTERS,
    NAMES,
    is_average,
    rank,
    swapped_by_mmengine,
)

DEEPEST = 12  # wrappers around a set

Predicate = Callable[[Mapping[str, Tensor]], bool]


class UndecidedError(ValueError):
    """Nothing says which set of several is meant."""


class Checkpoint(dict[str, object]):
    """What a file holds; once a network is made of it, also which part that took."""

    reading = Reading()


@dataclass(frozen=True)
class Entry:
    """A tensor, where it stands."""

    path: str
    tensor: Tensor
    owner: str  # path of the mapping that it is in, with a dot behind, or ""


@dataclass
class Branch:
    """The entries whose paths begin alike."""

    prefix: str  # empty, or with a dot behind
    entries: list[Entry] = field(default_factory=list)

    @property
    def path(self) -> list[str]:
        """The parts of the prefix."""
        return self.prefix.split(".")[:-1]

    @property
    def tensors(self) -> dict[str, Tensor]:
        """By the rest of their paths."""
        return {entry.path[len(self.prefix) :]: entry.tensor for entry in self.entries}

    def branches(self) -> dict[str, Branch]:
        """The entries that go on, by the next part of their paths."""
        found: dict[str, Branch] = {}
        for entry in self.entries:
            part, dot, _ = entry.path[len(self.prefix) :].partition(".")
            if dot:
                found.setdefault(part, Branch(f"{self.prefix}{part}.")).entries.append(entry)
        return found

    def __str__(self) -> str:
        return self.prefix.removesuffix(".") or "the set at its top"


def choose(loaded: Mapping[str, object], is_network: Predicate) -> dict[str, Tensor] | None:
    """The tensors of the set that `is_network` knows, the best of several; None if there is none.

    Tensors beside it that nothing accounts for are among them under their whole names, for the
    loading to refuse. The reading of a `Checkpoint` is noted in it.

    Raises `UndecidedError` with the names of sets of which none is better than the other, and of an
    average in a layout that is not known, rather than read the raw weights beside it.
    """
    entries = list(flattened(loaded))
    sets = list(networks(Branch("", entries), is_network))
    if not sets:
        return None
    known = swapped_by_mmengine(loaded)
    best, *others = sorted(sets, key=lambda branch: rank(branch.path, known))
    place = rank(best.path, known)
    if others and rank(others[0].path, known) == place:
        raise UndecidedError(
            f"it holds several networks, {best} and {others[0]}, and nothing says which is meant: "
            "save one of them alone"
        )
    tensors, left_out = divided(entries, best, others)
    if place[1] and (averages := [path for path in left_out if is_unread_average(path, entries)]):
        raise UndecidedError(
            f"it holds an average, {averages[0]}, in a layout that is not known, beside the raw "
            f"weights, {best}: save the one that is meant alone"
        )
    if isinstance(loaded, Checkpoint):
        loaded.reading = Reading(".".join(best.path), left_out)
    return tensors


def flattened(loaded: Mapping[str, object]) -> Iterator[Entry]:
    """Every tensor in nested mappings. A mapping that stands in several places, or in itself, is
    looked into once, or a small file could take for ever."""
    waiting: list[tuple[str, Mapping[Any, object], int]] = [("", loaded, 0)]
    seen = {id(loaded)}
    while waiting:
        owner, mapping, depth = waiting.pop(0)
        for key, value in mapping.items():
            if isinstance(value, Tensor):
                yield Entry(f"{owner}{key}", value.detach(), owner)
            elif isinstance(value, Mapping) and id(value) not in seen and depth < DEEPEST:
                seen.add(id(value))
                waiting.append((f"{owner}{key}.", value, depth + 1))


def networks(branch: Branch, is_network: Predicate) -> Iterator[Branch]:
    """The outermost sets that are networks, and averages that stand within one of them."""
    waiting = [(branch, 0)]
    while waiting:
        branch, depth = waiting.pop(0)
        found = is_network(branch.tensors)
        if found:
            yield branch
        if depth < DEEPEST:
            waiting += [
                (below, depth + 1)
                for part, below in branch.branches().items()
                if not found or AVERAGE.search(part)
            ]


def divided(
    entries: list[Entry], best: Branch, others: list[Branch]
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The tensors that are read, and the paths of those that are left out."""
    tensors: dict[str, Tensor] = {}
    left_out: dict[str, None] = {}
    owners = {entry.owner for entry in best.entries}
    for entry in entries:
        within = entry.path.startswith(best.prefix)
        name = entry.path.removeprefix(best.prefix)
        first = name.partition(".")[0]
        if other := next((o for o in others if belongs(entry, o, best)), None):
            left_out[str(other)] = None
        elif within and AMONG.fullmatch(first):
            left_out[best.prefix + first] = None
        elif within and not (name in COUNTERS and entry.tensor.numel() == 1):
            tensors[name] = entry.tensor
        elif not within and is_stranger(entry, best, owners):
            tensors[entry.path] = entry.tensor
        elif entry.tensor.numel() > 1:  # fewer are counters
            left_out[fork(entry.path, best.prefix)] = None
    return tensors, tuple(left_out)


def belongs(entry: Entry, other: Branch, best: Branch) -> bool:
    """Whether a tensor is of the other set and not of the best one, where one is in the other."""
    inner = other.prefix.startswith(best.prefix)
    return entry.path.startswith(other.prefix) and (inner or not entry.path.startswith(best.prefix))


def is_stranger(entry: Entry, best: Branch, owners: set[str]) -> bool:
    """Whether nothing accounts for a tensor outside the set: it stands in the same mapping, under
    no name of what trainings save beside a network."""
    if entry.owner not in owners or entry.tensor.numel() == 1:
        return False
    first = fork(entry.path, best.prefix).rpartition(".")[2]
    return first not in NAMES and is_average(first) is None and not BESIDE.search(first)


def is_unread_average(path: str, entries: list[Entry]) -> bool:
    """Whether something that was left out calls itself an average of a network, not of a tensor."""
    name = path.rpartition(".")[2]
    is_set = any(entry.path.startswith(f"{path}.") for entry in entries)
    return is_set and bool(is_average(name)) and not BESIDE.search(name)


def fork(path: str, prefix: str) -> str:
    """The path up to the first part that differs from the prefix's."""
    shared = ""
    for part in prefix.split(".")[:-1]:
        if not path.startswith(f"{shared}{part}."):
            break
        shared += f"{part}."
    return shared + path.removeprefix(shared).partition(".")[0]
