"""The device that an option names, for running and for training."""

from __future__ import annotations

import torch

from bench.core.errors import BenchError


def resolve_device(name: str) -> torch.device:
    """The device called `name`; `auto` takes a GPU where there is one.

    Raises `BenchError` where there is no such device, or torch was built without it.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    # Where torch was built without a backend, it raises any of these.
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0]
        raise BenchError(
            f"device {name!r} cannot be used: {reason}. Accepted: auto, cpu, cuda, cuda:N, mps."
        ) from None
    return device
