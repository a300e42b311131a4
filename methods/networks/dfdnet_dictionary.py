"""DFDNet's dictionaries: what parts of faces look like to its trunk, and how they are used."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.parts import flattened
from methods.checkpoints.state_dict import FLOATS, CheckpointError, some_keys

PARTS = ("left_eye", "right_eye", "nose", "mouth")
STRIDES = {256: 2, 128: 4, 64: 8, 32: 16}  # by the side of the maps in a picture of 512 pixels
EPS = 1e-5
# Published rows may be flat; they are of VGG19's features, which have so many channels.
CHANNELS = {256: 128, 128: 256, 64: 512, 32: 512}
# `left_eye_256` as it stands, the authors' `DictionaryCenter512/left_eye_256_center.npy`, and
# BasicSR's mapping of scales to mappings of parts.
PART = "|".join(PARTS)
NAMED = re.compile(rf"(?:.*[./])?(?P<part>{PART})_(?P<scale>256|128|64|32)(?:_center)?(?:\.npy)?")
NESTED = re.compile(rf"(?:.*\.)?(?P<scale>256|128|64|32)\.(?P<part>{PART})")


class Dictionary(nn.Module):
    """Entries (K, C, h, w) by part and scale, such as `nose_64`; they never learn."""

    def __init__(self, entries: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.names = tuple(entries)
        for name, tensor in entries.items():
            self.register_parameter(name, nn.Parameter(tensor, requires_grad=False))

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> Dictionary:
        """The dictionary in a file, whichever of its layouts the file has.

        Raises `CheckpointError` if there is none or more than one, if parts lack at a scale, or if
        entries are no maps of two places or more, of which alone there is a deviation.
        """
        entries = {}
        for entry in flattened(state_dict):
            if match := NAMED.fullmatch(entry.path) or NESTED.fullmatch(entry.path):
                name = f"{match['part']}_{match['scale']}"
                if name in entries:
                    raise CheckpointError(
                        f"not a dictionary of DFDNet: several entries are of {name}"
                    )
                entries[name] = as_maps(name, entry.tensor, CHANNELS[int(match["scale"])])
        scales = [s for s in STRIDES if any(f"{part}_{s}" in entries for part in PARTS)]
        whole = [f"{part}_{scale}" for scale in scales for part in PARTS]
        if missing := [name for name in whole if name not in entries]:
            raise CheckpointError(f"not a dictionary of DFDNet: missing {some_keys(missing)}")
        if not whole:
            raise CheckpointError(
                "not a dictionary of DFDNet: no key like left_eye_256, "
                f"among {some_keys(map(str, state_dict), 4)}"
            )
        return cls({name: entries[name] for name in whole})

    def copied(self) -> Dictionary:
        """The same, with memory of its own."""
        return Dictionary({name: entries.clone() for name, entries in self.items()})

    def __getitem__(self, name: str) -> Tensor:
        return self.get_parameter(name)

    def items(self) -> Iterator[tuple[str, Tensor]]:
        """Name and entries of each part at each scale."""
        return ((name, self[name]) for name in self.names)


def as_maps(name: str, tensor: Tensor, channels: int) -> Tensor:
    """Entries as (K, C, h, w) in float32; flat rows are of square maps of so many channels."""
    shape = tuple(tensor.shape)
    if tensor.dim() == 2:
        side = math.isqrt(shape[1] // channels)
        if 0 < channels * side**2 == shape[1]:
            tensor = tensor.reshape(-1, channels, side, side)
    if tensor.dim() != 4 or tensor.dtype not in FLOATS or not tensor.numel():
        raise CheckpointError(
            f"not a dictionary of DFDNet: {name} is {shape} of {tensor.dtype}, expected floats of "
            "(entries, channels, height, width)"
        )
    if tensor.shape[2] * tensor.shape[3] < 2:
        raise CheckpointError(
            f"not a dictionary of DFDNet: entries of {name} are single places, {shape}, which have "
            "no deviation: leave the scale out, or take larger pictures"
        )
    return tensor.float()


def completed(part: Tensor, entries: Tensor, attention: Callable[[Tensor], Tensor]) -> Tensor:
    """Features of a part (N, C, h, w) with what the best entry adds to them, as attention says."""
    resized = F.interpolate(part, entries.shape[2:], mode="bilinear")
    best = scores(entries, resized).argmax(1)
    winner = adain(entries[best], resized)
    winner = F.interpolate(winner, part.shape[2:], mode="nearest")
    out: Tensor = part + attention(winner - part) * winner
    return out


def scores(entries: Tensor, part: Tensor) -> Tensor:
    """(N, K): inner products of parts (N, C, h, w) with every entry (K, C, h, w) after AdaIN.

    The published softmax is left out, which changes no order.
    """
    mean, deviation = statistics(part)
    own_mean, own_deviation = statistics(entries)
    # AdaIN of all K entries for each picture would take N times the dictionary's memory.
    standard = ((entries - own_mean) / own_deviation).flatten(1)
    shifted = (mean * part).sum((1, 2, 3))[:, None]
    return (deviation * part).flatten(1) @ standard.T + shifted


def adain(entries: Tensor, part: Tensor) -> Tensor:
    """Entries with the mean and deviation of the part, by channel (Huang & Belongie 2017)."""
    mean, deviation = statistics(part)
    own_mean, own_deviation = statistics(entries)
    return (entries - own_mean) / own_deviation * deviation + mean


def statistics(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (N, C, 1, 1) of each map; the variance is the unbiased one."""
    variance, mean = torch.var_mean(maps, (2, 3), keepdim=True)
    return mean, (variance + EPS).sqrt()
