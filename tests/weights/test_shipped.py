"""The weights that come with the project are what their cards say."""

from __future__ import annotations

import hashlib
import json
import tomllib
import zlib
from pathlib import Path

import pytest
import torch

from bench.metrics.factor_fidelity import Reader
from bench.operators import resize
from bench.rendering.category import CATEGORIES
from bench.weights.card import make_card
from bench.weights.shelves import shipped_dir
from bench.weights.training_pictures import SUFFIX
from methods.checkpoints.file import read
from methods.dfdnet_boxes import scaled
from methods.networks.dfdnet import DFDNetGenerator
from methods.networks.glean import GLEANNet
from methods.networks.glean_light import GLEANLightNet
from methods.networks.reader import IdentityEmbedder
from methods.networks.rrdb import RRDBNet
from methods.networks.srntt import SRNTTNet
from methods.networks.srresnet import MSRResNet
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.networks.vgg19 import VGG19Features

# A folder for each domain has what was trained here; imagenet/ holds others' features.
FILES = [p for p in sorted(shipped_dir().glob("*/*.safetensors")) if p.parent.name != "imagenet"]
READING = ("-readers", "-identity")  # how names of those end that metrics read pictures with
MAKING = [path for path in FILES if not path.stem.endswith(READING)]


def test_there_are_banks_and_restorers() -> None:
    kinds = {tomllib.loads(p.with_suffix(".toml").read_text())["kind"] for p in FILES}
    assert {"stylegan2", "glean", "esrgan"} <= kinds


def test_a_wheel_of_all_of_them_stays_small() -> None:
    packed = sum(len(zlib.compress(path.read_bytes())) for path in shipped_dir().glob("*/*"))
    assert packed <= 77_000_000


def test_every_rendered_split_has_its_networks() -> None:
    rendered = [path for path in FILES if path.parent.name == "rendered"]
    found: dict[str, set[tuple[str, int | None]]] = {}
    for path in rendered:
        card = tomllib.loads(path.with_suffix(".toml").read_text())
        (serves,) = card["serves"]
        found.setdefault(serves["split"], set()).add((card["kind"], serves.get("scale")))
    restorers = ("glean", "glean-light", "esrgan", "srgan")
    everywhere = {("stylegan2", None), ("factor-reader", None), *((kind, 16) for kind in restorers)}
    assert found.keys() == set(CATEGORIES)
    assert all(networks >= everywhere for networks in found.values())
    kinds = ("glean-coarse", "glean-latents", "dfdnet")
    assert found["face"] >= {("glean", 8), ("esrgan", 8), *((kind, 16) for kind in kinds)}
    assert found["face"] >= {("rendered-identity", None), ("srntt", 16)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_the_one_of_its_card(path: Path) -> None:
    card = make_card(path.stem, tomllib.loads(path.with_suffix(".toml").read_text()), path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card.sha256
    assert path.stat().st_size == card.bytes < 8_000_000
    (serves,) = card.serves
    assert serves.domain == path.parent.name
    if serves.domain == "rendered":
        assert card.licence == "Apache-2.0"
    else:
        assert "non-commercial" in card.licence or "for research" in card.licence
    assert card.pictures
    assert all(name.endswith(SUFFIX) and (path.parent / name).is_file() for name in card.pictures)


@pytest.mark.parametrize("name", ["lpips-alex", "vgg16-relu3_1"])
def test_the_features_of_imagenet_are_those_of_their_card(name: str) -> None:
    path = shipped_dir() / "imagenet" / f"{name}.safetensors"
    card = make_card(path.stem, tomllib.loads(path.with_suffix(".toml").read_text()), path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card.sha256
    assert path.stat().st_size == card.bytes < 10_000_000
    assert "BSD-3-Clause" in card.licence
    assert "ImageNet" in card.licence
    assert len(list(path.parent.glob("*.safetensors"))) == 2


def test_the_features_of_srntt_are_five_layers() -> None:
    features = VGG19Features.from_state_dict(
        read(shipped_dir() / "imagenet" / "vgg16-relu3_1.safetensors")
    )
    assert features.maps == (256, 128, 64)
    assert len(list(features.children())) == 5


def test_the_features_of_lpips_are_whole() -> None:
    path = shipped_dir() / "imagenet" / "lpips-alex.safetensors"
    card = make_card(path.stem, tomllib.loads(path.with_suffix(".toml").read_text()), path)
    assert card.package is not None
    tensors = read(path)
    assert sorted(tensors) == sorted(
        f"features.{layer}.{part}"
        for layer in card.package.convolutions
        for part in ("weight", "bias")
    )
    assert all(t.dtype == torch.float32 for t in tensors.values() if isinstance(t, torch.Tensor))


@pytest.mark.parametrize("path", MAKING, ids=lambda path: path.stem)
def test_a_file_makes_pictures_of_the_size_it_serves(path: Path) -> None:
    card = tomllib.loads(path.with_suffix(".toml").read_text())
    (serves,) = card["serves"]
    tensors = read(path)
    assert all(t.isfinite().all() for t in tensors.values() if isinstance(t, torch.Tensor))
    with torch.no_grad():
        if card["kind"] == "srntt":
            features = VGG19Features.from_state_dict(
                read(shipped_dir() / "imagenet" / "vgg16-relu3_1.safetensors")
            )
            side = serves["size"] // serves["scale"]
            references = torch.rand(2, 1, 3, serves["size"], serves["size"]) * 2 - 1
            srntt = SRNTTNet.from_state_dict(tensors)
            made = srntt(torch.rand(2, 3, side, side), references, features)[-1].picture
        elif card["kind"] == "stylegan2":
            bank = StyleGAN2Generator.from_state_dict(tensors)
            made = bank(torch.randn(2, bank.style_dim), "stored")
        else:
            builders = {"esrgan": RRDBNet, "srgan": MSRResNet, "glean-light": GLEANLightNet}
            builders |= {"dfdnet": DFDNetGenerator}
            network = builders.get(card["kind"], GLEANNet).from_state_dict(tensors).eval()
            side = serves["size"] // serves["scale"]
            y = torch.rand(2, 3, side, side)
            if card["kind"] == "dfdnet":
                size = (serves["size"], serves["size"])
                made = network(resize(y, size, "matlab-bicubic"), scaled(network.template, size))
            else:
                made = network(y)
    assert made.shape == (2, 3, serves["size"], serves["size"])
    assert made.isfinite().all()
    assert (made[0] - made[1]).abs().mean() > 0.01  # no collapse to one picture


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_file_reads_stands_on_its_card(path: Path) -> None:
    card = make_card(path.stem, tomllib.loads(path.with_suffix(".toml").read_text()), path)
    if card.kind == "factor-reader":
        reader = Reader(path, torch.device("cpu"))
        assert reader.description.split == card.serves[0].split
        read_well = {f.name for f in reader.description.factors if f.is_readable}
        assert read_well == card.settings["accuracy"].keys()
        assert len(read_well) >= 5
        assert path.stat().st_size < 1_500_000
    elif card.kind == "rendered-identity":
        IdentityEmbedder.from_state_dict(read(path))
        assert card.settings["verification_auc"] > 0.8
    else:
        assert path in MAKING


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_held_out_score_improved_over_the_training(path: Path) -> None:
    record = json.loads(path.with_suffix(".json").read_text())
    scores = [entry["score"] for entry in record["curve"] if "score" in entry]
    if "shipped" in record:  # a mean of what a training went on from and of what it came to
        assert record["curve"][0]["images"] == 0
        scores.append(record["shipped"]["score"])
    assert len(scores) >= 2
    assert min(scores[1:]) < scores[0]
