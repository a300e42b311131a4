"""Small networks of random weights, on which an adapter can be tried; never for scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from methods.checkpoints.eight_bits import narrowed

# Channels of a StyleGAN2 by side in pixels.
BANK_WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}


def random_weights(build: Callable[[], nn.Module], path: Path) -> Path:
    """`path`, filled with the network that `build` makes: safetensors of eight bits, as training
    exports them.

    The same at every call; the random numbers of the caller are left as they are.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        tensors = build().state_dict()
    save_file(narrowed(tensors), path)
    return path
