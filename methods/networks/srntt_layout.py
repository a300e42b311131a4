"""The published files of SRNTT: arrays without names, known by their order alone.

`params` lists TensorFlow's variables. A convolution gives its kernel (height, width, inputs,
outputs), then its bias, if it has one; a batch normalisation gives beta, gamma, mean and variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

ANCHOR = "0"  # the name of a list's first array
NORM = ("bias", "weight", "running_mean", "running_var")
SIZES = ("small", "medium", "large")

Named = Iterator[tuple[str, Tensor]]


@dataclass(frozen=True)
class Layer:
    """A kernel, with its bias or with the four vectors of the normalisation behind it."""

    kernel: Tensor
    vectors: tuple[Tensor, ...]

    @property
    def is_normalised(self) -> bool:
        """Whether a normalisation follows."""
        return len(self.vectors) == len(NORM)


def layers_of(tensors: Mapping[str, Tensor]) -> list[Layer]:
    """The layers of the arrays "0", "1", ... Raises `ValueError` where they make none."""
    arrays = [tensors[str(place)] for place in range(len(tensors)) if str(place) in tensors]
    if len(arrays) != len(tensors):
        raise ValueError(f"{len(tensors)} arrays, not all of them named by their places")
    found: list[Layer] = []
    for is_kernel, group in groupby(arrays, lambda array: array.dim() > 1):
        together = tuple(group)
        if is_kernel and len(together) > 1:
            raise ValueError("a kernel without a bias or a normalisation behind it")
        if is_kernel:
            found.append(Layer(together[0], ()))
        elif found and len(together) in (1, len(NORM)):
            found[-1] = Layer(found[-1].kernel, together)
        else:
            raise ValueError(f"{len(together)} vectors in a row, expected 1 or {len(NORM)}")
    return found


def content_from(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The content network of `upscale.npz`, by our names; what has names is given as it is."""
    if ANCHOR not in tensors:
        return dict(tensors)
    layers = layers_of(tensors)
    trunk, tail = layers[:-3], layers[-3:]
    return dict(
        (
            *trunk_from(trunk, ""),
            *(pair for i in range(2) for pair in shuffled(f"upsample.{i}", tail[i])),
            *plain("conv_last", tail[2]),
        )
    )


def transfer_from(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The texture transfer of `srntt.npz`, by our names; what has names is given as it is."""
    if ANCHOR not in tensors:
        return dict(tensors)
    *layers, last = layers_of(tensors)
    # Each size begins and ends with a convolution that has a bias.
    bounds = [place for place, layer in enumerate(layers) if not layer.is_normalised]
    if len(bounds) != 2 * len(SIZES):
        raise ValueError(f"{len(bounds)} convolutions with a bias before the last, expected 6")
    found: dict[str, Tensor] = {}
    for size, first, end in zip(SIZES, bounds[::2], bounds[1::2], strict=True):
        found |= dict(trunk_from(layers[first:end], f"{size}."))
        is_last = size == SIZES[-1]
        name = f"{size}.{'conv_hr' if is_last else 'upsample'}"
        found |= dict((plain if is_last else shuffled)(name, layers[end]))
    return found | dict(plain("conv_last", last))


def discriminator_from(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The discriminator of `discrim.npz`, by our names; what has names is given as it is."""
    if ANCHOR not in tensors:
        return dict(tensors)
    layers = layers_of(tensors)
    body = [layer for layer in layers if layer.is_normalised]
    dense = layers[len(body) :]
    if [layer.kernel.dim() for layer in dense] != [2, 2]:
        raise ValueError("it does not end in two dense layers")
    found: dict[str, Tensor] = {}
    for place, layer in enumerate(body):
        found |= dict(normalised(f"convs.{place}", f"norms.{place}", layer))
    for place, layer in enumerate(dense):
        found[f"dense.{place}.weight"] = layer.kernel.transpose(0, 1)
        found[f"dense.{place}.bias"] = layer.vectors[0]
    return found


def trunk_from(layers: Sequence[Layer], prefix: str) -> Named:
    """A convolution, blocks of two and one more."""
    first, *body, last = layers
    yield from plain(f"{prefix}conv_first", first)
    for place, layer in enumerate(body):
        block = f"{prefix}body.{place // 2}."
        number = place % 2 + 1
        yield from normalised(f"{block}conv{number}", f"{block}bn{number}", layer)
    yield from normalised(f"{prefix}conv_body", f"{prefix}bn_body", last)


def plain(name: str, layer: Layer) -> Named:
    """A convolution with a bias."""
    yield f"{name}.weight", as_torch(layer.kernel)
    yield f"{name}.bias", layer.vectors[0]


def shuffled(name: str, layer: Layer) -> Named:
    """The same before a pixel shuffle: TensorFlow's channels go through all of one of the four
    pixels first, PyTorch's through the four pixels of one channel."""
    for key, tensor in plain(name, layer):
        pixels_first = tensor.view(4, len(tensor) // 4, *tensor.shape[1:])
        yield key, pixels_first.transpose(0, 1).flatten(0, 1)


def normalised(conv: str, norm: str, layer: Layer) -> Named:
    """A convolution without bias, and its normalisation."""
    yield f"{conv}.weight", as_torch(layer.kernel)
    for part, vector in zip(NORM, layer.vectors, strict=True):
        yield f"{norm}.{part}", vector


def as_torch(kernel: Tensor) -> Tensor:
    """(outputs, inputs, height, width)."""
    return torch.permute(kernel, (3, 2, 0, 1)).contiguous()
