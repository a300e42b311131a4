"""SRNTT's matching and swapping (Zhang et al. 2019, section 3.1; swap.py of ZZUTK/SRNTT).

Patches of 3x3 positions of the coarsest map (relu3_1) are compared; where one matches, the finer
maps are taken from the same place of the reference, in patches of 6x6 and 12x12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

PATCH = 3  # positions of the coarsest map, each way
AT_A_TIME = 512  # content patches compared at once: 2 kB for each patch of the references


@dataclass(frozen=True)
class Match:
    """Which patch of the references is nearest to each patch of a content map.

    index, similarity: (h - 2, w - 2): its number, counted row by row through all references, and
    the cosine of the two. sides: (height, width) of each reference's coarsest map.
    """

    index: Tensor
    similarity: Tensor
    sides: tuple[tuple[int, int], ...]
    patch: int  # side of the patches


def match(content: Tensor, references: Sequence[Tensor], patch: int = PATCH) -> Match:
    """The best patch for each patch of the content map (C, h, w), of maps (C, h', w').

    Reference patches are compared by their direction alone, and the first of several equal ones is
    taken. (The published code divides by zero at a patch of zeros, which then wins everywhere.)
    """
    patches = patches_of(content, patch)
    candidates = torch.cat([patches_of(reference, patch) for reference in references], 1)
    candidates = F.normalize(candidates, dim=0, eps=1e-12)
    best, index = zip(
        *((candidates.T @ part).max(0) for part in torch.split(patches, AT_A_TIME, 1)), strict=True
    )
    lengths = patches.norm(dim=0).clamp_min(1e-12)
    height, width = (side - patch + 1 for side in content.shape[1:])
    return Match(
        torch.cat(index).view(height, width),
        (torch.cat(best) / lengths).view(height, width),
        tuple((reference.shape[1], reference.shape[2]) for reference in references),
        patch,
    )


def patches_of(features: Tensor, patch: int) -> Tensor:
    """(patch^2 C, patches) of a map (C, h, w)."""
    return F.unfold(features[None], patch)[0]


def swap(found: Match, references: Sequence[Tensor], factor: int = 1) -> Tensor:
    """The map put together of matched patches, averaged where they overlap.

    references: maps (C, factor h', factor w') of the sharp references. Gives (C, factor h,
    factor w), h and w being the sides of the content map.
    """
    # One position of the coarsest map is a block of `factor` pixels each way. Here each is a row:
    # rows are gathered ten times as fast as columns.
    blocks = torch.cat([F.pixel_unshuffle(r, factor).flatten(1).T for r in references]).contiguous()
    corner, stride = corners(found)
    height, width = found.index.shape
    sums = blocks.new_zeros(height + found.patch - 1, width + found.patch - 1, blocks.shape[1])
    counts = sums.new_zeros(*sums.shape[:2], 1)
    for i in range(found.patch):
        for j in range(found.patch):
            place = (corner + i * stride + j).flatten()
            sums[i : i + height, j : j + width] += blocks[place].view(height, width, -1)
            counts[i : i + height, j : j + width] += 1
    return F.pixel_shuffle((sums / counts).permute(2, 0, 1), factor)


def corners(found: Match) -> tuple[Tensor, Tensor]:
    """Of each matched patch the position of its upper left corner among those of all references,
    and how many positions lie between a row and the next."""
    corner, stride = torch.empty_like(found.index), torch.empty_like(found.index)
    first_patch = first_position = 0
    for height, width in found.sides:
        rows, columns = height - found.patch + 1, width - found.patch + 1
        local = found.index - first_patch
        here = (local >= 0) & (local < rows * columns)
        place = first_position + local // columns * width + local % columns
        corner[here], stride[here] = place[here], width
        first_patch += rows * columns
        first_position += height * width
    return corner, stride
