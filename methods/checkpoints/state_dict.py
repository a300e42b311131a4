"""State dicts of the wild: found inside their wrappers, loaded whole or refused with a list.

`unwrap` finds the tensors of a network among whatever its authors saved beside them, and
`load_strict` puts them into a module or says in one error all that does not fit. Files are
opened by `checkpoint_file.read`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from methods.checkpoints.parts import UndecidedError, choose, flattened
from methods.checkpoints.shapes import ShapesAlone, in_memory

Module = TypeVar("Module", bound=nn.Module)

# One number an element: not so of four bits, which are stored in pairs.
FLOATS = {torch.float16, torch.bfloat16, torch.float32, torch.float64}
FLOATS |= {torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz}
INTEGERS = {torch.int8, torch.int16, torch.int32, torch.int64, torch.bool}
INTEGERS |= {torch.uint8, torch.uint16, torch.uint32, torch.uint64}
PLAIN = FLOATS | INTEGERS


class CheckpointError(ValueError):
    """A file or state dict that is not the checkpoint it was taken for."""


def unwrap(
    loaded: Mapping[str, object],
    anchors: Sequence[str],
    what: str,
    rename: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] = dict,
) -> dict[str, Tensor]:
    """The tensors of a network, its floats in float32, under the names of its published layouts.

    loaded: a bare state dict, or one inside any wrappers, nested as mappings (`{"params_ema":
    {...}}`) or flat as prefixes (`generator.conv_first.weight`); see `parts.choose`.
    anchors: keys by which a layout of the network is known, one of each. rename: turns the layouts
    into the one that the network has.

    What training saved beside the network (its discriminator, say) is left out; any other
    stranger is kept, for `load_strict` to name. Raises `CheckpointError` if there is no tensor, if
    nothing says which of several sets is meant, and for tensors that no network could hold.
    """
    tensors = part_of(loaded, lambda tensors: any(a in tensors for a in anchors), what)
    for name, tensor in tensors.items():
        if tensor.dtype not in PLAIN or not tensor.numel():
            shape = tuple(tensor.shape)
            raise CheckpointError(f"not a {what}: {name} is {shape} of {kind_of_number(tensor)}")
    try:
        return rename(in_float32(tensors))
    except (IndexError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(f"not a {what}: its shapes make no network ({error})") from None


def part_of(
    loaded: Mapping[str, object], is_network: Callable[[Mapping[str, Tensor]], bool], what: str
) -> dict[str, Tensor]:
    """The tensors of the set that `is_network` knows, as they are stored; all, where none is known.

    Raises `CheckpointError` as `unwrap` does.
    """
    try:
        tensors = choose(loaded, is_network)
    except UndecidedError as error:
        raise CheckpointError(f"not one {what}: {error}") from None
    if tensors is None:
        tensors = {entry.path: entry.tensor for entry in flattened(loaded)}
    if not tensors:
        raise CheckpointError(
            f"not a {what}: no tensor in it, only {some_keys(map(str, loaded), 8)}"
        )
    if absurd := next(filter(re.compile(r"\d{10}").search, tensors), None):
        raise CheckpointError(f"not a {what}: no network has as many parts as {absurd[:99]} says")
    return tensors


def in_float32(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Floats of every width as float32; other kinds of number as they are, for `load_strict`."""
    return {
        name: tensor.float() if tensor.dtype in FLOATS else tensor
        for name, tensor in tensors.items()
    }


def load_strict(
    build: Callable[[], Module],
    tensors: Mapping[str, Tensor],
    what: str,
    unread: Sequence[str] = (),
) -> Module:
    """The module of `build`, in evaluation mode, with every tensor loaded and none left over.

    unread: patterns of keys that nothing reads of the network; those of one pattern may be absent
    together, and the module then lacks them too. Of tensors on `meta`, which have no values, comes
    a module on `meta`, which tells what fits.

    Raises `CheckpointError` listing the missing and unexpected keys, the wrong shapes, and integers
    where the network holds floats, which another tool may have made of them.
    """
    try:
        # Without memory or random numbers, so that absurd shapes cost nothing.
        with torch.device("meta"), ShapesAlone():
            module = build()
    except KeyError as error:
        raise CheckpointError(
            f"not a {what}: no key like {error.args[0]}, "
            f"among {len(tensors)} that begin with {some_keys(tensors, 4)}"
        ) from None
    except (IndexError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(f"not a {what}: its shapes make no network ({error})") from None
    for pattern in unread:
        leave_out(
            module, {key for key in module.state_dict() if re.fullmatch(pattern, key)}, tensors
        )
    expected = module.state_dict()
    if problems := misfits(expected, tensors):
        raise CheckpointError(f"not a {what} of {len(expected)} keys: " + "; ".join(problems))
    if not any(tensor.is_meta for tensor in tensors.values()):
        in_memory(module).load_state_dict(dict(tensors))
    return module.eval()


def leave_out(module: nn.Module, keys: set[str], tensors: Mapping[str, Tensor]) -> None:
    """Take the parameters and buffers of these keys out of a module, if no tensor is of one."""
    for key in keys if keys.isdisjoint(tensors) else ():
        owner, _, name = key.rpartition(".")
        delattr(module.get_submodule(owner), name)


def misfits(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> list[str]:
    """All that keeps `tensors` from being those of a module whose state is `expected`, in words."""
    problems = []
    if missing := expected.keys() - tensors.keys():
        problems.append(f"{len(missing)} missing: {some_keys(missing)}")
    if unexpected := tensors.keys() - expected.keys():
        problems.append(f"{len(unexpected)} unexpected: {some_keys(unexpected)}")
    both = expected.keys() & tensors.keys()
    wrong = [
        f"{key} is {tuple(tensors[key].shape)}, expected {tuple(expected[key].shape)}"
        for key in both
        if tensors[key].shape != expected[key].shape
    ]
    if wrong:
        problems.append(f"{len(wrong)} of the wrong shape: {some_keys(wrong)}")
    if kinds := [key for key in both if not same_kind(tensors[key], expected[key])]:
        problems.append(kinds_told(kinds, tensors))
    return problems


def same_kind(tensor: Tensor, expected: Tensor) -> bool:
    """Whether a tensor holds floats where floats are expected, and integers where integers are."""
    return tensor.dtype in (FLOATS if expected.is_floating_point() else INTEGERS)


def kinds_told(keys: Sequence[str], tensors: Mapping[str, Tensor]) -> str:
    """That these tensors are of the wrong kind of number, and of which."""
    told = some_keys(f"{key} is {kind_of_number(tensors[key])}" for key in keys)
    return f"{len(keys)} of the wrong kind of number, as if another tool had quantised them: {told}"


def kind_of_number(tensor: Tensor) -> str:
    """Such as `int8`."""
    return str(tensor.dtype).removeprefix("torch.")


def count(tensors: Mapping[str, Tensor], pattern: str) -> int:
    """How many parts a list of layers has: one more than the largest number `pattern` captures."""
    found = (re.match(pattern, key) for key in tensors)
    parts = max((int(match[1]) + 1 for match in found if match), default=0)
    if parts > len(tensors):
        raise ValueError(f"{parts} parts like {pattern}, but {len(tensors)} tensors")
    return parts


def width(tensors: Mapping[str, Tensor], layer: str) -> int:
    """Output channels of a convolution or linear layer, by its weight or else its bias."""
    for key in (f"{layer}.weight", f"{layer}.bias"):
        if key in tensors:
            return tensors[key].shape[0]
    raise KeyError(f"{layer}.weight")


def require_rgb(channels: int, does: str) -> None:
    """Raise `ValueError` unless the pictures have three channels; does: takes or gives."""
    if channels != 3:
        raise ValueError(f"it {does} pictures of {channels} channels, not of 3")


def some_keys(names: Iterable[str], most: int = 12) -> str:
    """The names in order, the rest of a long list counted."""
    ordered = sorted(names)
    rest = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + rest
