"""Batches as a pure function of seed and iteration: what makes a resumed run exact.

No state of a loader or of a random generator has to be saved: the iteration is the state.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

EPOCH_STREAM, STEP_STREAM = 0, 1


def seed_step(seed: int, iteration: int) -> None:
    """Seed every global generator of PyTorch for one iteration."""
    torch.manual_seed(mixed_seed(STEP_STREAM, seed, iteration))


def batch_indices(count: int, batch: int, iteration: int, seed: int) -> Tensor:
    """(batch,) indices below `count`: every epoch another permutation, its remainder left out."""
    epoch, place = divmod(iteration, count // batch)
    generator = torch.Generator().manual_seed(mixed_seed(EPOCH_STREAM, seed, epoch))
    order = torch.randperm(count, generator=generator)
    return order[place * batch : (place + 1) * batch]


def mixed_seed(stream: int, seed: int, counter: int) -> int:
    """A seed of its own for every (stream, seed, counter)."""
    state = np.random.SeedSequence((stream, seed, counter)).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))  # torch takes 63 bits


def signed(images: Tensor, device: torch.device) -> Tensor:
    """uint8 (N, 3, H, W) as float32 in [-1, 1]."""
    return images.to(device).float() / 127.5 - 1


def mirrored(images: Tensor, flips: Tensor) -> Tensor:
    """The images, those with a flip mirrored."""
    return torch.where(flips.to(images.device)[:, None, None, None], images.flip(3), images)
