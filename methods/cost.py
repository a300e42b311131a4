"""Multiply-accumulates of a computation, counted as it runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from methods.networks.prepared import plainly


def count_macs(run: Callable[[], object]) -> int:
    """Multiply-accumulates of matrix products and convolutions in `run`, backward included.

    Half of what `torch.utils.flop_counter` counts; it knows nothing of element-wise operations.
    """
    # It imports triton where that is installed, which nothing else here needs.
    from torch.utils.flop_counter import FlopCounterMode  # noqa: PLC0415

    counter = FlopCounterMode(display=False)
    counter.mod_tracker = AllTogether()  # type: ignore[assignment]
    with counter, plainly():
        run()
    return int(counter.get_total_flops()) // 2


class AllTogether(nullcontext[None]):
    """Stands for torch's record of which module is at work, whose hooks refuse
    `torch.autograd.grad` of a module's own input, as in a gradient penalty."""

    parents = frozenset({"Global"})
