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

Module = TypeVar("Module", bound=nn.Module)

# Names under which files keep the weights of a generator, moving averages first.
WRAPPERS = (
    *("params_ema", "g_ema", "generator_ema", "generator_smooth", "G_ema", "params"),
    *("state_dict", "model_state_dict", "generator", "G", "model", "module"),
)
# What training frameworks save beside a generator, as leading parts of keys.
COMPANIONS = {"discriminator", "discriminator_smooth", "perceptual_loss", "gan_loss", "pixel_loss"}
COMPANIONS |= {
    "params",
    "g",
    "d",
    "generator",
    "generator_ema",
    "data_preprocessor",
    "step_counter",
}


class CheckpointError(ValueError):
    """A file or state dict that is not the checkpoint it was taken for."""


def unwrap(loaded: Mapping[str, object], anchors: Sequence[str], what: str) -> dict[str, Tensor]:
    """The tensors of a network, in float32, under the names of its published layouts.

    loaded: a bare state dict, or one inside any of `WRAPPERS`, nested as a mapping
    (`{"params_ema": {...}}`) or flat as a prefix (`generator.conv_first.weight`).
    anchors: keys by which a layout of the network is known, one of each.

    What training saved beside the network (its discriminator, say) is left out; any other
    stranger is kept, for `load_strict` to name. Raises `CheckpointError` if there is no tensor.
    """
    for name in WRAPPERS:
        inner = loaded.get(name)
        if isinstance(inner, Mapping):
            return unwrap(inner, anchors, what)
    tensors = {
        str(key): value.float() if value.is_floating_point() else value
        for key, value in loaded.items()
        if isinstance(value, Tensor)
    }
    if not tensors:
        raise CheckpointError(f"not a {what}: no tensor in it, only {listed(map(str, loaded), 8)}")
    prefix = find_prefix(tensors, anchors)
    if not prefix:
        return {
            k: v for k, v in tensors.items() if k.split(".")[0] not in COMPANIONS - {"generator"}
        }
    below = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    return below | {
        k: v
        for k, v in tensors.items()
        if not k.startswith(prefix) and k.split(".")[0] not in COMPANIONS
    }


def find_prefix(tensors: Mapping[str, Tensor], anchors: Sequence[str]) -> str:
    """The wrapper, as leading part of keys, behind which an anchor stands; "" if there is none."""
    if any(anchor in tensors for anchor in anchors):
        return ""
    once = [f"{name}." for name in WRAPPERS]
    for prefix in [*once, *(f"module.{name}" for name in once)]:
        if any(prefix + anchor in tensors for anchor in anchors):
            return prefix
    return ""


def load_strict(build: Callable[[], Module], tensors: Mapping[str, Tensor], what: str) -> Module:
    """The module of `build`, in evaluation mode, with every tensor loaded and none left over.

    Raises `CheckpointError` listing the missing and unexpected keys and the wrong shapes.
    """
    try:
        # Without memory or random numbers, so that absurd shapes cost nothing.
        with torch.device("meta"):
            module = build()
    except KeyError as error:
        raise CheckpointError(
            f"not a {what}: no key like {error.args[0]}, "
            f"among {len(tensors)} that begin with {listed(tensors, 4)}"
        ) from None
    except (IndexError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(f"not a {what}: its shapes make no network ({error})") from None
    expected = module.state_dict()
    problems = []
    if missing := expected.keys() - tensors.keys():
        problems.append(f"{len(missing)} missing: {listed(missing)}")
    if unexpected := tensors.keys() - expected.keys():
        problems.append(f"{len(unexpected)} unexpected: {listed(unexpected)}")
    wrong = [
        f"{key} is {tuple(tensors[key].shape)}, expected {tuple(expected[key].shape)}"
        for key in expected.keys() & tensors.keys()
        if tensors[key].shape != expected[key].shape
    ]
    if wrong:
        problems.append(f"{len(wrong)} of the wrong shape: {listed(wrong)}")
    if problems:
        raise CheckpointError(f"not a {what} of {len(expected)} keys: " + "; ".join(problems))
    module.to_empty(device="cpu").load_state_dict(dict(tensors))
    return module.eval()


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


def listed(names: Iterable[str], most: int = 12) -> str:
    """The names in order, the rest of a long list counted."""
    ordered = sorted(names)
    rest = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + rest
