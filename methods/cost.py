"""Multiply-accumulates of a computation, counted as it runs."""

from __future__ import annotations

from collections.abc import Callable

from torch.utils.flop_counter import FlopCounterMode


def count_macs(run: Callable[[], object]) -> int:
    """Multiply-accumulates of matrix products and convolutions in `run`, backward included.

    Half of what `torch.utils.flop_counter` counts; it knows nothing of element-wise operations.
    """
    with FlopCounterMode(display=False) as counter:
        run()
    return int(counter.get_total_flops()) // 2
