"""Networks built on `meta`, where tensors have shapes and no values, without a detour.

For random numbers and arithmetic on `meta` torch takes the way of its compiler, and imports that
and sympy first: two seconds of every start. Where no value counts, neither is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Module = TypeVar("Module", bound=nn.Module)

FILLED = (Tensor.normal_,)
SCALED = (torch.mul, torch.div, Tensor.mul, Tensor.div, Tensor.__truediv__)


class ShapesAlone(TorchFunctionMode):
    """`with torch.device("meta"), ShapesAlone():` around what builds a network."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = kwargs or {}
        if func is torch.randn:
            return torch.empty(*args, **given)
        if func is torch.outer:
            return torch.empty(len(args[0]), len(args[1]))
        if func in FILLED:
            return args[0]
        if func in SCALED and not isinstance(args[1], Tensor):
            return args[0].clone()
        return func(*args, **given)


def in_memory(module: Module) -> Module:
    """The module with room for values on the CPU, as `to_empty` makes it."""
    made: Module = module._apply(room_for)  # type: ignore[no-untyped-call]
    return made


def room_for(tensor: Tensor) -> Tensor:
    """An unfilled tensor of its shape and type."""
    return torch.empty(tensor.shape, dtype=tensor.dtype)
