"""Pictures in colour, given to networks of other channels where it is clear what that means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from methods.base import Unfit

GREY, COLOUR, WITH_ALPHA = 1, 3, 4


class Channels(NamedTuple):
    """How many channels the pictures have that a network takes, and those that it gives."""

    inputs: int
    outputs: int

    @property
    def adaptation(self) -> str:
        """How colour pictures are fitted to the network, in words; empty where they need not be."""
        if self == (COLOUR, COLOUR):
            return ""
        if self == (GREY, GREY):
            return "takes grey pictures: red, green and blue are restored one by one"
        return "takes or gives opacity: it is given opaque pictures, and what it says is dropped"


def require_channels(path: Path, channels: Channels) -> None:
    """Raise `Unfit`, naming the channels, if it is not clear what the network makes of colours."""
    in_colour = {COLOUR, WITH_ALPHA}
    if channels == (GREY, GREY) or in_colour.issuperset(channels):
        return
    raise Unfit(
        f"{path} takes pictures of {told(channels.inputs)} and gives some of "
        f"{told(channels.outputs)}: here they have 3, red, green and blue"
    )


def told(count: int) -> str:
    """Such as `2 channels`."""
    return f"{count} channel" + "s" * (count != 1)


def restored_in_colour(
    network: Callable[[Tensor], Tensor], y: Tensor, channels: Channels
) -> Tensor:
    """What the network makes of y (N, 3, h, w), as (N, 3, H, W).

    A network of grey pictures restores each colour as one. Opacity is 1 on the way in, and left
    out on the way out.
    """
    if channels.inputs == GREY:
        planes = network(y.flatten(0, 1)[:, None])
        return planes.view(*y.shape[:2], *planes.shape[-2:])
    if channels.inputs == WITH_ALPHA:
        y = torch.cat((y, torch.ones_like(y[:, :1])), 1)
    return network(y)[:, :COLOUR]
