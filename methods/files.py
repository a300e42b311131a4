"""Networks from files of weights, and whether they serve the task."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from bench.core.errors import BenchError
from safetensors import SafetensorError, safe_open
from torch import nn

from methods.base import Task
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError

Network = TypeVar("Network", bound=nn.Module)

CLASSES = "classes"  # in the header of a safetensors file


def open_network(
    path: Path, build: Callable[[Mapping[str, object]], Network], device: torch.device
) -> Network:
    """The network that `build` makes of the file, fixed and on `device`.

    Raises `BenchError` with the path and what is wrong with the file.
    """
    try:
        network = build(read(path))
    except CheckpointError as error:
        told = str(error)
        raise BenchError(told if str(path) in told else f"{path}: {told}") from None
    network = network.requires_grad_(False).eval().to(device)
    if device.type == "cpu":
        to_channels_last(network)
    return network


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
    """Raise `BenchError` if the file's network enlarges by another factor than the task's."""
    if serves != task.scale:
        raise BenchError(
            f"{path} serves {serves}x, not {task.scale}x: run it with --scale {serves}, "
            f"or give weights for {task.scale}x"
        )


def require_size(path: Path, resolution: int, task: Task) -> None:
    """Raise `BenchError` if the file's generator makes pictures of another size than the task's."""
    if (resolution, resolution) != task.size:
        height, width = task.size
        raise BenchError(
            f"{path} makes pictures of {resolution}x{resolution} pixels, not {width}x{height}"
        )
