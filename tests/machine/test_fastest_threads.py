"""The number of threads is that with which the work is done soonest, and only within."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import torch

from bench.machine import fastest_threads as module
from bench.machine.fastest_threads import computing_with, fastest_threads


def work_of(seconds: dict[int, float]) -> Callable[[], None]:
    """Work that takes so long with so many threads."""
    return lambda: time.sleep(seconds[torch.get_num_threads()])


def test_work_that_threads_slow_down_gets_one_and_other_work_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROUNDS", 2)
    before = torch.get_num_threads()
    assert fastest_threads(work_of({1: 0.001, 2: 0.05, 3: 0.05}), 3) == 1
    assert fastest_threads(work_of({1: 0.05, 2: 0.001, 3: 0.05}), 3) == 2
    assert fastest_threads(work_of({1: 0.05, 2: 0.05, 3: 0.001}), 3) == 3
    assert torch.get_num_threads() == before


def test_long_work_is_done_once_and_work_of_one_thread_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[int] = []
    monkeypatch.setattr(module, "LONG_S", 0.0)
    assert fastest_threads(lambda: done.append(torch.get_num_threads()), 4) == 4
    assert done == [4]
    assert fastest_threads(lambda: done.append(0), 1) == 1
    assert done == [4]


def test_threads_are_given_back_whatever_happens() -> None:
    before, within = torch.get_num_threads(), []

    def fail() -> None:
        within.append(torch.get_num_threads())
        raise RuntimeError

    with pytest.raises(RuntimeError), computing_with(before + 1):
        fail()
    assert within == [before + 1]
    assert torch.get_num_threads() == before
