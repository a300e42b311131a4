"""What a method says of a task before it is tried: that it cannot do it, or what it needs.

A method may be a stranger's: whatever it raises or answers costs its own rows, and no others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.core.errors import BenchError, describe
from bench.core.plain import shown
from bench.core.rows import RowState
from bench.planning.files import Absent
from methods.base import Method, Need


@dataclass(frozen=True)
class Asked:
    """The task can be tried with these files."""

    method: Method
    needs: tuple[Need, ...]


def ask(make: Callable[[], Method]) -> Asked | Absent:
    """What the method that `make` makes says of its task.

    Raises the `BenchError`s that it raises, which are mistakes of the user's.
    """
    try:
        method = make()
        reason: object = method.skip()
        needs: object = method.needs() if reason in (None, "") else ()
    except (BenchError, KeyboardInterrupt):
        raise
    except BaseException as error:
        return Absent(RowState.FAILED, describe(error))
    if reason not in (None, ""):
        if isinstance(reason, str):
            return Absent(RowState.NOT_APPLICABLE, str(reason))
        return failed(f"skip() gave {shown(reason)}, expected a reason or None")
    if not isinstance(needs, list | tuple):
        return failed(f"needs() gave {shown(needs)}, expected a tuple of `Need`")
    wrong = next((fault for need in needs if (fault := fault_of(need))), "")
    return failed(f"needs() gave {wrong}") if wrong else Asked(method, tuple(needs))


def fault_of(need: object) -> str:
    """What is wrong with an entry of `needs()`; "" of one that will do."""
    if not isinstance(need, Need):
        return f"{shown(need)}, expected a `Need`"
    kinds: object = need.kinds
    if not isinstance(kinds, list | tuple) or not kinds:
        return f"{need.role!r} the kinds {kinds!r}, expected a tuple of kinds of weights"
    return ""


def failed(reason: str) -> Absent:
    """The method cannot be tried, by its own fault."""
    return Absent(RowState.FAILED, reason)
