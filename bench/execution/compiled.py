"""A method's networks, compiled with `torch.compile`."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import nn

from bench.core.errors import BenchError, describe
from methods.base import Method

# What is called of a network: generators are asked for more than `forward`.
ENTRIES = ("synthesis", "head", "tail")


class NotCompiled(BenchError):
    """The networks cannot be compiled here."""


def compile_networks(method: Method) -> int:
    """Have the networks that the method holds compiled when they are first called; how many."""
    networks = [part for part in vars(method).values() if isinstance(part, nn.Module)]
    for network in networks:
        network.compile()
        for entry in ENTRIES:
            if callable(call := getattr(network, entry, None)):
                setattr(network, entry, torch.compile(call))
    return len(networks)


def compiling_s(call: Callable[[], object]) -> float:
    """Seconds that the first call took more than the second.

    Raises `NotCompiled` with the compiler's words; anything else is raised as it is.
    """
    # They import the compiler, which nothing else here needs.
    from torch._dynamo.exc import TorchDynamoException  # noqa: PLC0415

    times = []
    for _ in range(2):
        began = time.perf_counter()
        try:
            call()
        except TorchDynamoException as error:
            raise NotCompiled(
                f"--compile: {describe(error)}; on a CPU it needs a C++ compiler (g++, or that of "
                "$CXX): run it without --compile"
            ) from None
        times.append(time.perf_counter() - began)
    return max(0.0, times[0] - times[1])
