"""Small networks of random weights, on which an adapter can be tried; never for scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

# Channels of a StyleGAN2 by side in pixels.
BANK_WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}


def random_weights(build: Callable[[], nn.Module], path: Path) -> Path:
    """`path`, filled with the network that `build` makes: float16 safetensors, as those that ship.

    The same at every call; the random numbers of the caller are left as they are.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        tensors = build().state_dict()
    save_file({key: tensor.half().contiguous() for key, tensor in tensors.items()}, path)
    return path
