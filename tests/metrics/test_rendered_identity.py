"""The identity embedder of rendered pictures: its loss, its measure, its metric."""

from __future__ import annotations

import json
import math
import tomllib
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.cli.progress.training import PlainLines
from bench.conformance.pictures import sample, truths
from bench.core.errors import BenchError
from bench.metrics.rendered_identity import RenderedIdentityCosine
from bench.training.arcface import arcface_loss, area_under_roc
from bench.training.data import read_pictures
from bench.training.loop import Schedule, Training
from bench.training.recipes import Choice, Network, make_recipe
from tests.support.discs import write_discs

CPU = torch.device("cpu")


def people(count: int, views: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Points (N, 16): the first 4 numbers are the person's, the louder others the view's."""
    own = torch.randn(count, 1, 4, generator=generator).expand(-1, views, -1)
    view = 3 * torch.randn(count, views, 12, generator=generator)
    return torch.cat((own, view), 2).flatten(0, 1), torch.arange(count).repeat_interleave(views)


def auc(points: Tensor, shown: Tensor) -> float:
    """Of the cosines of all pairs."""
    unit = F.normalize(points)
    i, j = np.triu_indices(len(points), 1)
    return area_under_roc((unit @ unit.T).numpy()[i, j], (shown[i] == shown[j]).numpy())


def test_the_loss_finds_what_tells_people_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    points, shown = people(60, 8, generator)
    new, who = people(30, 4, generator)
    torch.manual_seed(0)
    embed, centres = nn.Linear(16, 8), nn.Parameter(torch.randn(60, 8))
    adam = torch.optim.Adam([*embed.parameters(), centres], 0.03)
    for _ in range(150):
        cosines = F.normalize(embed(points)) @ F.normalize(centres).T
        loss = arcface_loss(cosines, shown, 16.0, 0.25)
        adam.zero_grad()
        loss.backward()
        adam.step()
    with torch.no_grad():
        assert auc(new, who) < 0.75
        assert auc(embed(new), who) > 0.9


def test_the_loss_is_that_of_the_paper() -> None:
    cosines = torch.tensor([[0.5, 0.2, -0.3]])
    margin, scale = 0.4, 10.0
    own = math.cos(math.acos(0.2) + margin)
    expected = -math.log(
        math.exp(scale * own) / sum(math.exp(scale * value) for value in (0.5, own, -0.3))
    )
    loss = arcface_loss(cosines, torch.tensor([1]), scale, margin)
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    # No angle is so wide that a still wider one would be cheaper.
    far = torch.linspace(-1, 1, 201)
    losses = [
        arcface_loss(torch.stack((value, torch.tensor(0.0)))[None], torch.tensor([0]), 10.0, 0.4)
        for value in far
    ]
    assert all(a > b for a, b in pairwise(losses))


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(0)
    scores, same = rng.integers(0, 6, 60).astype(float), rng.random(60) < 0.3
    pairs = list(product(scores[same], scores[~same]))
    expected = np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs])
    assert area_under_roc(scores, same) == pytest.approx(expected)


def test_an_embedder_trains_and_scores(tmp_path: Path) -> None:
    write_discs(tmp_path / "face" / "train", 0, 55, 32)
    write_discs(tmp_path / "face" / "val", 60, 4, 32)
    pictures = read_pictures(tmp_path, "face")
    recipe = make_recipe(Choice(Network.IDENTITY), pictures, CPU)
    training = Training(recipe, pictures, tmp_path / "out", device=CPU, licence="", resume=False)
    training.run(Schedule(minutes=60, images=3 * recipe.batch), PlainLines("test"))
    card = tomllib.loads((tmp_path / "out" / "face-identity.toml").read_text())
    assert card["kind"] == "rendered-identity"
    assert 0 <= card["settings"]["verification_auc"] <= 1
    assert card["settings"]["verification_auc"] == pytest.approx(
        1 - card["settings"]["score"], abs=1e-4
    )
    assert card["bytes"] < 1_500_000
    metric = RenderedIdentityCosine()
    metric.setup({"rendered-identity-face": tmp_path / "out" / "face-identity.safetensors"}, CPU)
    assert metric.score(sample(truths(), truths())) == pytest.approx([1, 1, 1], abs=1e-6)
    flipped = metric.score(sample(1 - truths(), truths()))
    assert all(-1 <= score < 0.999 for score in flipped)


def test_pictures_must_say_whom_they_show(tmp_path: Path) -> None:
    write_discs(tmp_path / "face" / "train", 0, 55, 32)
    write_discs(tmp_path / "face" / "val", 60, 4, 32)
    for path in (tmp_path / "face" / "val").glob("*.json"):
        factors = json.loads(path.read_text())
        path.write_text(json.dumps(factors | {"identity": path.stem}))
    pictures = read_pictures(tmp_path, "face")
    with pytest.raises(BenchError, match="two pictures of a held-out one"):
        make_recipe(Choice(Network.IDENTITY), pictures, CPU)
    (tmp_path / "face" / "val" / "0060-0.json").write_text('{"lamp": 1}')
    with pytest.raises(BenchError, match="1 of 16 pictures do not say whom they show"):
        make_recipe(Choice(Network.IDENTITY), pictures, CPU)
