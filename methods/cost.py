"""Multiply-accumulates of a computation, counted as it runs."""

from __future__ import annotations

from collections.abc import Callable


def count_macs(run: Callable[[], object]) -> int:
    """Multiply-accumulates of matrix products and convolutions in `run`, backward included.

    Half of what `torch.utils.flop_counter` counts; it knows nothing of element-wise operations.
    """
    # It imports triton where that is installed, which nothing else here needs.
    from torch.utils.flop_counter import FlopCounterMode  # noqa: PLC0415

    with FlopCounterMode(display=False) as counter:
        run()
    return int(counter.get_total_flops()) // 2
