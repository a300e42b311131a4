"""Networks from files of weights, and whether they serve the task."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from bench.core.errors import BenchError
from methods.base import Task, Unfit
from methods.checkpoints.file import CPU, META, read
from methods.checkpoints.parts import Checkpoint
from methods.checkpoints.reading import Reading
from methods.checkpoints.state_dict import CheckpointError
from methods.networks.prepared import prepare

__all__ = [
    "META",
    "Opened",
    "open_network",
    "require_scale",
    "require_size",
    "to_channels_last",
]

CLASSES = "classes"  # in the header of a safetensors file

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Opened(Generic[Network]):
    """A network, and which part of its file it is made of."""

    network: Network
    reading: Reading

    def adapted(self, how: str) -> Reading:
        """The reading, with how pictures are fitted to the network."""
        return replace(self.reading, adapted=how)


def open_network(
    path: Path, build: Callable[[Mapping[str, object]], Network], device: torch.device
) -> Opened[Network]:
    """The network that `build` makes of the file, fixed and on `device`.

    On `META` it has shapes and no values: enough to tell whether it serves a task.

    Raises `BenchError` with the path and what is wrong with the file.
    """
    loaded, network = built(path, build, META if device == META else CPU)
    network = network.requires_grad_(False).eval().to(device)
    if device.type == "cpu":
        to_channels_last(network)
        prepare(network)
    return Opened(network, loaded.reading)


def network_of(path: Path, build: Callable[[Mapping[str, object]], Network]) -> Network:
    """The same, as it was built: on the CPU, to be trained."""
    return built(path, build, CPU)[1]


def built(
    path: Path, build: Callable[[Mapping[str, object]], Network], device: torch.device
) -> tuple[Checkpoint, Network]:
    """What the file holds, and the network of it."""
    try:
        loaded = read(path, device)
        return loaded, build(loaded)
    except CheckpointError as error:
        told = str(error)
        raise BenchError(told if str(path) in told else f"{path}: {told}") from None


def to_channels_last(network: nn.Module) -> None:
    """Store kernels in PyTorch's memory format `channels_last`; activations then follow.

    On a CPU this saves the small networks of this project about a quarter of their time at one
    picture a batch. `Module.to` cannot do it: it knows no five-dimensional kernels.
    """
    for parameter in network.parameters():
        if parameter.ndim >= 4:  # StyleGAN2's have an axis of length 1 before output and input
            kernel = parameter.data.flatten(0, -4).contiguous(memory_format=torch.channels_last)
            parameter.data = kernel.view(parameter.shape)


def named_classes(path: Path) -> list[str]:
    """The classes that a safetensors file names in its header, in the order of their indices; of
    other files, and of those that name none, an empty list. Raises `BenchError`."""
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(CLASSES, "[]")
        names = json.loads(text)
    except SafetensorError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise BenchError(f"{path}: its classes cannot be read: {error}") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BenchError(f"{path} names its classes as {text[:80]}, expected a list of names")
    return names


def require_scale(path: Path, serves: int, task: Task) -> None:
    """Raise `Unfit` if the file's network enlarges by another factor than the task's.

    What it advises is what the command line takes: factors of at least 2 that divide the pictures.
    """
    if serves == task.scale:
        return
    possible = serves > 1 and not any(side % serves for side in task.size)
    advice = f"run it with --scale {serves}, or " if possible else ""
    keeps = ", which is no enlargement" if serves == 1 else ""
    raise Unfit(
        f"{path} serves {serves}x, not {task.scale}x{keeps}: {advice}give weights for {task.scale}x"
    )


def require_size(path: Path, resolution: int, task: Task) -> None:
    """Raise `Unfit` if the file's generator makes pictures of another size than the task's."""
    if (resolution, resolution) != task.size:
        height, width = task.size
        raise Unfit(
            f"{path} makes pictures of {resolution}x{resolution} pixels, not {width}x{height}"
        )
