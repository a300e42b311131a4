"""A split's pictures, decoded once into one array of bytes."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True)
class PictureSet:
    """images: (N, 3, H, W) uint8."""
    images: Tensor
    hash: str


def read_folder(folder: Path) -> PictureSet:
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    h = hashlib.sha256()
    out = []
    for f in files:
        h.update(hashlib.sha256(f.read_bytes()).digest())
        out.append(np.asarray(Image.open(f).convert("RGB")))
    return PictureSet(torch.from_numpy(np.stack(out)).permute(0, 3, 1, 2).contiguous(), h.hexdigest())


def batch_indices(count: int, batch: int, iteration: int, seed: int) -> Tensor:
    """The pictures of one iteration: every epoch a new permutation, drawn from (seed, epoch)."""
    per_epoch = count // batch
    epoch, place = divmod(iteration, per_epoch)
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    order = torch.randperm(count, generator=generator)
    return order[place * batch : (place + 1) * batch]


def batch_of(images: Tensor, indices: Tensor, flips: Tensor) -> Tensor:
    """float (N, 3, H, W) in [-1, 1], those with a flip mirrored."""
    x = images[indices].float() / 127.5 - 1
    return torch.where(flips[:, None, None, None], x.flip(3), x)
