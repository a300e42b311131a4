"""The restorers' networks, small enough to be trained on a CPU and shipped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from torch import nn

from bench.core.errors import BenchError
from bench.datasets.splits import hash_file
from bench.training.bank import BankSettings
from bench.training.data import TrainingPictures
from bench.training.dfdnet import DFDNetSizes
from bench.training.matched import macs_of, matching_rrdb, size_of
from methods.dfdnet import FACE
from methods.loading import network_of
from methods.networks.dfdnet import DFDNetGenerator
from methods.networks.glean import Fusion, GLEANNet
from methods.networks.glean_light import GLEANLightNet
from methods.networks.rrdb import RRDBNet
from methods.networks.srntt import SRNTTNet, Stage
from methods.networks.srntt_parts import SCALE, ContentNet, TextureTransfer
from methods.networks.srresnet import MSRResNet
from methods.networks.stylegan2 import StyleGAN2Generator

DECODER_CHANNELS = {8: 32, 16: 32, 32: 32, 64: 24, 128: 16, 256: 16}
SRRESNET_CHANNELS = 32
SRNTT_CHANNELS, SRNTT_CONTENT_BLOCKS, SRNTT_BLOCKS = 32, 6, (3, 2, 1)
Restorer = GLEANNet | GLEANLightNet | RRDBNet | MSRResNet | SRNTTNet | DFDNetGenerator


class Narrow(TypedDict):
    """Sizes of the encoder and decoder that every GLEAN of this project has."""

    channels: int
    growth: int
    blocks: int
    decoder_channels: Mapping[int, int]


def narrow(side: int) -> Narrow:
    """The sizes for inputs of `side` pixels."""
    decoder = {r: c for r, c in DECODER_CHANNELS.items() if side < r}
    return Narrow(channels=24, growth=12, blocks=4, decoder_channels=decoder)


def glean(bank: StyleGAN2Generator, scale: int, fusion: Fusion = "all") -> GLEANNet:
    """A GLEAN with narrow encoder and decoder on a bank, which it freezes.

    Raises `BenchError` at a factor that the sizes do not allow.
    """
    side = low_side(bank.resolution, scale)
    try:
        network = GLEANNet(side, bank, **narrow(side), fusion=fusion)
    except ValueError as error:
        raise BenchError(f"--scale {scale} of {bank.resolution} pixels: {error}") from None
    network.generator.requires_grad_(False)
    return network


def glean_light(bank: StyleGAN2Generator, scale: int, *, has_decoder: bool = True) -> GLEANLightNet:
    """A LightGLEAN with the encoder and decoder of `glean`, on a bank, which it freezes.

    Raises `BenchError` at a factor that the sizes do not allow.
    """
    side = low_side(bank.resolution, scale)
    network = GLEANLightNet(side, bank, **narrow(side), has_decoder=has_decoder)
    network.begin_at_mean(bank)
    network.generator.requires_grad_(False)
    return network


def esrgan(size: int, scale: int) -> RRDBNet:
    """ESRGAN+: an RRDBNet with one x2 stage a factor of two, as costly as that GLEAN."""
    reference = glean(BankSettings().generator(size), scale)
    side = low_side(size, scale)
    return matching_rrdb(macs_of(reference, side), size_of(reference), side, int(math.log2(scale)))


def srgan(size: int, scale: int) -> MSRResNet:
    """SRResNet with one x2 stage a factor of two."""
    low_side(size, scale)
    return MSRResNet((2,) * int(math.log2(scale)), channels=SRRESNET_CHANNELS)


def srntt(size: int, scale: int) -> SRNTTNet:
    """One stage for each factor of 4; before it is trained each gives bicubic's picture."""
    low_side(size, scale)
    stages = round(math.log(scale, SCALE))
    if scale != SCALE**stages:
        raise BenchError(f"--scale {scale}: SRNTT enlarges by 4, 16 or 64, in stages of 4")
    made = []
    for _ in range(stages):
        content = ContentNet(SRNTT_CHANNELS, SRNTT_CONTENT_BLOCKS, is_residual=True)
        transfer = TextureTransfer(
            SRNTT_CHANNELS, SRNTT_BLOCKS, last=SRNTT_CHANNELS // 2, is_residual=True
        )
        for last in (content.conv_last, transfer.conv_last):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        made.append(Stage(content, transfer))
    return SRNTTNet(made)


def dfdnet(sizes: DFDNetSizes, pictures: TrainingPictures, scale: int) -> DFDNetGenerator:
    """A DFDNet for faces. Raises `BenchError` for pictures of anything else."""
    if pictures.split != FACE:
        raise BenchError(
            f"--split {pictures.split}: a DFDNet has dictionaries of the parts of faces, and is "
            f"trained on split {FACE}"
        )
    low_side(pictures.size, scale)
    return sizes.network(pictures.size, pictures.domain)


def start_from(network: Restorer, path: Path) -> str:
    """Give an untrained restorer the weights of an earlier training; their sha256.

    Raises `BenchError` if they are not of a network of the same kind and size.
    """
    try:
        network.load_state_dict(network_of(path, type(network).from_state_dict).state_dict())
    except RuntimeError as error:
        raise BenchError(
            f"--start {path} holds another network than the one to train: "
            f"{str(error).splitlines()[-1].strip()}"
        ) from None
    return hash_file(path)


def low_side(size: int, scale: int) -> int:
    """Side of the input. Raises `BenchError` unless the scale is a power of two that leaves 4."""
    if scale < 2 or scale & (scale - 1) or size // scale < 4:
        allowed = [str(2**k) for k in range(1, int(math.log2(size)) - 1)]
        raise BenchError(
            f"--scale {scale}: pictures of {size} pixels are restored at {', '.join(allowed)}"
        )
    return size // scale


def read_bank(path: Path, size: int) -> StyleGAN2Generator:
    """The bank in a checkpoint of any layout. Raises `BenchError` if it is none, or of another
    size."""
    try:
        bank = network_of(path, StyleGAN2Generator.from_state_dict)
    except BenchError as error:
        raise BenchError(
            f"--bank: {error}; a bank is what `python -m bench train bank` made, or a StyleGAN2"
        ) from None
    if bank.resolution != size:
        raise BenchError(
            f"--bank {path} makes pictures of {bank.resolution} pixels, "
            f"and those to train on have {size}"
        )
    return bank
