"""What latent optimisation asks of a generator, whichever its architecture.

Layers are counted as convolutions from 4x4 pixels up, two a resolution, as in mGANprior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor

from methods.checkpoints.state_dict import CheckpointError, some_keys, unwrap
from methods.networks import pggan, stylegan1, stylegan2_layouts
from methods.networks.pggan import PGGANGenerator
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator


class LatentGenerator(Protocol):
    """Latent z to w (`mapping`) to image (`synthesis`), or to features (`head`) to image (`tail`).

    For PGGAN, which has no w, it is z itself.
    """

    resolution: int  # side of the images, in pixels
    num_latents: int  # how many w an image is made of, if each layer has its own
    noise_sides: tuple[int, ...]  # sides of the noise maps
    split_layers: tuple[int, ...]  # layers after which the network can be cut in two

    @property
    def latent_dim(self) -> int:
        """Length of z, and of w."""
        ...

    @property
    def has_mapping(self) -> bool:
        """Whether w differs from z, and `mapping` can tell it."""
        ...

    def mapping(self, z: Tensor) -> Tensor:
        """z (N, D) from N(0, 1) to w (N, D)."""
        ...

    def synthesis(self, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Images (N, 3, R, R), nominally in [-1, 1], of w (N, D) or one a layer (N, L, D).

        noise: maps (N or 1, 1, r, r) of sides `noise_sides`.
        """
        ...

    def head(self, w: Tensor, layer: int, noise: Sequence[Tensor]) -> Tensor:
        """All that is known after the first `layer` layers, as features (N, C, r, r)."""
        ...

    def tail(self, features: Tensor, layer: int, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Images of what `head` gives for the same layer, the layers above steered by w."""
        ...


Generator = StyleGAN2Generator | StyleGAN1Generator | PGGANGenerator


def open_generator(state_dict: Mapping[str, object]) -> Generator:
    """The generator of a checkpoint, its class told by the names of its tensors.

    Raises `CheckpointError` if they are of none, or do not make a whole one.
    """
    anchors: dict[type[Generator], tuple[str, ...]] = {
        StyleGAN2Generator: stylegan2_layouts.ANCHORS,
        StyleGAN1Generator: stylegan1.ANCHORS,
        PGGANGenerator: pggan.ANCHORS,
    }
    known = [name for names in anchors.values() for name in names]
    tensors = unwrap(state_dict, known, "generator")
    for generator_class, names in anchors.items():
        if any(name in tensors for name in names):
            if generator_class is StyleGAN2Generator:  # searches draw the noise themselves
                return StyleGAN2Generator.from_state_dict(tensors, reads_noise=False)
            return generator_class.from_state_dict(tensors)
    raise CheckpointError(
        f"no generator: none of {some_keys(known)} among {len(tensors)} tensors "
        f"that begin with {some_keys(tensors, 4)}"
    )
