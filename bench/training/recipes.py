"""Recipes by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch

from bench.core.errors import BenchError
from bench.training import restorers
from bench.training.bank import BankRecipe, BankSettings
from bench.training.biggan import BigGANRecipe, BigGANSettings
from bench.training.data import TrainingPictures
from bench.training.dfdnet import DFDNetRecipe, DFDNetSizes
from bench.training.factors import read_training_factors
from bench.training.identity import IdentityRecipe, IdentitySettings
from bench.training.labelled import LabelledPictures, labelled
from bench.training.readers import ReaderRecipe, ReaderSettings
from bench.training.recipe import Product, Recipe
from bench.training.restorer import RestorerRecipe, RestorerSettings
from bench.training.srntt import SRNTTRecipe, SRNTTSettings
from methods.networks.dfdnet import DFDNetGenerator
from methods.networks.glean import Fusion
from methods.networks.srntt import SRNTTNet


class Network(StrEnum):
    """What can be trained."""

    BANK = "bank"
    BIGGAN = "biggan"
    GLEAN = "glean"
    GLEAN_LIGHT = "glean-light"
    ESRGAN = "esrgan"
    SRGAN = "srgan"
    SRNTT = "srntt"
    DFDNET = "dfdnet"
    READERS = "readers"
    IDENTITY = "identity"


SIX_BITS = 31  # a wheel of restorers stays small: archives of such weights are
FUSION_NAMES: Mapping[Fusion, str] = {"all": "", "coarse": "-coarse", "latents": "-latents"}
TITLES = {
    Network.GLEAN: "GLEAN",
    Network.GLEAN_LIGHT: "LightGLEAN (our reading)",
    Network.ESRGAN: "ESRGAN+",
    Network.SRGAN: "SRGAN",
    Network.SRNTT: "SRNTT",
    Network.DFDNET: "DFDNet",
}
ON_A_BANK = (Network.GLEAN, Network.GLEAN_LIGHT)


@dataclass(frozen=True)
class Choice:
    """What to train, as the command line says it."""

    network: Network
    scale: int = 16
    fusion: Fusion = "all"
    bank: Path | None = None
    start: Path | None = None
    kept: float = 0.0
    batch: int | None = None
    seed: int = 0
    has_decoder: bool = True


def make_recipe(choice: Choice, pictures: TrainingPictures, device: torch.device) -> Recipe:
    """The recipe of a choice.

    Raises `BenchError` where sizes, scale and bank do not agree, and where pictures whose factors
    are to be learnt come without them.
    """
    if choice.network is Network.BANK:
        return BankRecipe(pictures, device, BankSettings(seed=choice.seed))
    if choice.network is Network.BIGGAN:
        classes = pictures if isinstance(pictures, LabelledPictures) else labelled([pictures])
        return BigGANRecipe(classes, device, BigGANSettings(seed=choice.seed))
    if choice.network is Network.READERS:
        factors = read_training_factors(pictures)
        return ReaderRecipe(pictures, factors, device, ReaderSettings(seed=choice.seed))
    if choice.network is Network.IDENTITY:
        factors = read_training_factors(pictures)
        return IdentityRecipe(pictures, factors, device, IdentitySettings(seed=choice.seed))
    return make_restorer_recipe(choice, pictures, device)


def make_restorer_recipe(
    choice: Choice, pictures: TrainingPictures, device: torch.device
) -> Recipe:
    """The recipe of a network that enlarges pictures. Raises `BenchError` as `make_recipe` does."""
    torch.manual_seed(choice.seed)
    network = make_network(choice, pictures)
    product = product_of(choice, pictures)
    changes: dict[str, Any] = {} if choice.batch is None else {"batch": choice.batch}
    if choice.start is not None:
        changes["started_from"] = restorers.start_from(network, choice.start)
        changes["kept"] = choice.kept
    elif choice.kept:
        raise BenchError("--keep-start is a share of the weights of --start FILE, which is missing")
    if isinstance(network, SRNTTNet):
        own = SRNTTSettings(scale=choice.scale, seed=choice.seed, **changes)
        return SRNTTRecipe(network, product, pictures, device, own)
    settings = RestorerSettings(scale=choice.scale, seed=choice.seed, **changes)
    if isinstance(network, DFDNetGenerator):
        return DFDNetRecipe(DFDNetSizes(), product, pictures, device, settings, network)
    return RestorerRecipe(
        network,
        product,
        pictures,
        device,
        settings,
        is_signed=choice.network in ON_A_BANK,
    )


def make_network(choice: Choice, pictures: TrainingPictures) -> restorers.Restorer:
    """The untrained restorer of a choice."""
    size = pictures.size
    if choice.network is Network.DFDNET:
        return restorers.dfdnet(DFDNetSizes(), pictures, choice.scale)
    if choice.network is Network.ESRGAN:
        return restorers.esrgan(size, choice.scale)
    if choice.network is Network.SRGAN:
        return restorers.srgan(size, choice.scale)
    if choice.network is Network.SRNTT:
        return restorers.srntt(size, choice.scale)
    if choice.bank is None:
        raise BenchError(
            f"a {choice.network} needs the bank that it is built on: --bank FILE, "
            "made by `python -m bench train bank` with the same --data and --split"
        )
    bank = restorers.read_bank(choice.bank, size)
    if choice.network is Network.GLEAN_LIGHT:
        return restorers.glean_light(bank, choice.scale, has_decoder=choice.has_decoder)
    return restorers.glean(bank, choice.scale, choice.fusion)


def variant_of(choice: Choice) -> str:
    """What the kind of a restorer's weights has behind the name of its network."""
    if choice.network is Network.GLEAN:
        return FUSION_NAMES[choice.fusion]
    # The picture is the bank's.
    return "-bank" if choice.network is Network.GLEAN_LIGHT and not choice.has_decoder else ""


def product_of(choice: Choice, pictures: TrainingPictures) -> Product:
    """The file that a restorer ends in."""
    variant = variant_of(choice)
    kind = f"{choice.network}{variant}"
    size = pictures.size
    return Product(
        name=f"{pictures.stem}-{kind}-x{choice.scale}-{size}",
        kind=kind,
        title=f"{TITLES[choice.network]}{variant.replace('-', ', ')}, {pictures.subject}, "
        f"{choice.scale}x to {size} px, narrow",
        largest=SIX_BITS,
        serves=[
            {
                "split": pictures.split,
                "scale": choice.scale,
                "size": size,
                "domain": pictures.domain,
            }
        ],
    )
