"""Hyper-parameters: a class a method, each of its settings with a sentence and the paper's value.

Nothing here imports torch, so that `python -m bench info` answers at once.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

AS_DEFAULT = object()  # the paper's value is the default
NOT_IN_PAPER = None
PAPER, FILLED_IN = "paper", "filled_in"  # in the extras of a field


class Settings(BaseModel):
    """A method's hyper-parameters, as suites and `--set` give them; unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def setting(default: Any, says: str, *, paper: Any = AS_DEFAULT, **bounds: Any) -> Any:
    """A hyper-parameter with its default (`...`: there is none) and one sentence on it.

    paper: the value of the paper, or of its authors' code, where the default is another;
    NOT_IN_PAPER of what they do not have. bounds: those of `pydantic.Field`, as `ge=0`.
    """
    extra = {} if paper is AS_DEFAULT else {PAPER: paper}
    return Field(default, description=says, json_schema_extra=extra, **bounds)
