"""A dictionary of features by k-means: an entry is the mean of a cluster's members."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from scipy.cluster.vq import kmeans2
from torch import Tensor
from torch.nn import functional as F

from bench.training.batches import mixed_seed, signed
from methods.networks.dfdnet_dictionary import statistics

KMEANS_STREAM = 2  # of random numbers, beside those of epochs and steps
BATCH = 32  # pictures a pass
POOLED = 4  # places a side by which members are told apart

Look = Callable[[Tensor], Mapping[str, Tensor]]


@torch.no_grad()
def make_dictionary(
    look: Look, pictures: Tensor, count: int, seed: int, device: torch.device
) -> dict[str, Tensor]:
    """`count` entries (count, C, h, w) by name, of what `look` sees in pictures uint8 (N, 3, S, S).

    look: pictures in [-1, 1] to maps (N, C, h, w) by name.
    """
    seen: dict[str, list[Tensor]] = {}
    for part in torch.split(pictures, BATCH):
        for name, maps in look(signed(part, device)).items():
            seen.setdefault(name, []).append(maps.half().cpu())  # of thousands of pictures
    return {
        name: clustered(torch.cat(maps).float(), count, mixed_seed(KMEANS_STREAM, seed, index))
        for index, (name, maps) in enumerate(seen.items())
    }


def clustered(members: Tensor, count: int, seed: int) -> Tensor:
    """Means (count, C, h, w) of clusters of maps (N, C, h, w).

    Maps are compared as they are matched later, without their own mean and deviation, and pooled:
    in thousands of dimensions all are equally far from each other.
    """
    mean, deviation = statistics(members)
    height, width = members.shape[-2:]
    places = (min(POOLED, height), min(POOLED, width))
    points = F.adaptive_avg_pool2d((members - mean) / deviation, places).flatten(1).numpy()
    centres, labels = kmeans2(points, count, minit="++", rng=np.random.default_rng(seed))
    entries = []
    for index, centre in enumerate(centres):
        own = np.flatnonzero(labels == index)
        if not len(own):  # of a cluster that lost all its members, what is nearest to it
            own = np.square(points - centre).sum(1).argmin()[None]
        entries.append(members[torch.from_numpy(own)].mean(0))
    return torch.stack(entries)
