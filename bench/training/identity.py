"""An identity embedder: pictures of one rendered person near each other, of two far apart.

ArcFace (Deng et al. 2019, arXiv 1801.07698): every person trained on has a centre on the sphere;
the angle to one's own centre is widened by a margin before the softmax over all centres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from bench.core.errors import BenchError
from bench.datasets.factors import IDENTITY
from bench.pictures.files import Pixels
from bench.training.arcface import arcface_loss, area_under_roc
from bench.training.average import WeightAverage
from bench.training.batches import batch_indices, seed_step
from bench.training.data import TrainingPictures
from bench.training.factors import Known, TrainingFactors
from bench.training.memory import channels_last
from bench.training.recipe import Product, Stateful
from bench.training.sheets import tile
from bench.training.varied import PART, small, varied
from methods.networks.reader import FEATURES, IdentityEmbedder

SHEET = 8


@dataclass(frozen=True)
class IdentitySettings:
    """The loss, the optimiser, and how pictures are varied.

    The paper's scale and margin, 64 and 0.5, are for millions of photographs; with four pictures
    a person, half of each is hard enough. At a rate of 1e-3 an embedder of coloured discs knew
    nothing after 4,300 images (an area of 0.61); at 3e-4 it stood at 0.95 after 7,700.
    """

    scale: float = 32.0
    margin: float = 0.25  # radians
    batch: int = 64
    learning_rate: float = 3e-4
    weight_decay: float = 0.05
    shift: int = 1  # of the 64 pixels a side that are looked at
    noise: float = 0.02  # largest deviation, of values in [0, 1]
    seed: int = 0


class IdentityRecipe:
    """The `Recipe` of an embedder."""

    score_name = "1 - area under the ROC curve of all pairs of held-out pictures"

    def __init__(
        self,
        pictures: TrainingPictures,
        factors: TrainingFactors,
        device: torch.device,
        settings: IdentitySettings,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.pictures, self.device, self.config = pictures, device, settings
        self.batch, self.digest = settings.batch, factors.digest
        self.people, self.shown = numbered(factors.train)
        others, held_out = numbered(factors.held_out)
        if len(self.people) < 2 or len(others) < 2 or len(others) == len(held_out):
            raise BenchError(
                f"{len(self.people)} identities to train on and {len(others)} in "
                f"{len(held_out)} held-out pictures: at least two of each are needed, and two "
                "pictures of a held-out one; `python -m bench render` makes four of each"
            )
        self.same = held_out[:, None] == held_out
        self.train, self.held_out = small(pictures.train), small(pictures.held_out)
        self.network = IdentityEmbedder().to(device).to(memory_format=torch.channels_last)
        self.centres = nn.Embedding(len(self.people), FEATURES, device=device)
        self.average = WeightAverage(self.network)
        self.adam = torch.optim.AdamW(
            [*self.network.parameters(), *self.centres.parameters()],
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        self.area = math.nan

    @property
    def product(self) -> Product:
        """The embedder; its centres stay behind."""
        pictures = self.pictures
        return Product(
            name=f"{pictures.stem}-identity",
            kind="rendered-identity",
            title=f"Identity embedder of {pictures.subject} pictures",
            serves=[{"split": pictures.split, "domain": "rendered"}],
            measured={"verification_auc": round(self.area, 4), "identities": len(self.people)},
        )

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of `IdentitySettings`, and who is trained on."""
        facts = {
            "identities": len(self.people),
            "known": self.digest,
            "parameters": sum(p.numel() for p in self.network.parameters()),
        }
        return {"recipe": f"{self.pictures.split}-identity", **asdict(self.config), **facts}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update on a batch of varied pictures."""
        seed_step(self.config.seed, iteration)
        indices = batch_indices(len(self.train), self.batch, iteration, self.config.seed)
        images = varied(self.train[indices].float(), self.config.shift, self.config.noise)
        embeddings = self.network(channels_last(images.to(self.device)))
        shown = torch.from_numpy(self.shown)[indices].to(self.device)
        cosines = embeddings @ F.normalize(self.centres.weight).T
        loss = arcface_loss(cosines, shown, self.config.scale, self.config.margin)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        self.average.update((iteration + 1) * self.batch, self.batch)
        return {"loss": loss.item()}

    @torch.no_grad()
    def cosines(self) -> NDArray[np.float64]:
        """(N, N): of every pair of held-out pictures."""
        parts = torch.split(self.held_out, PART)
        embeddings = torch.cat([self.average.network(p.float().to(self.device)) for p in parts])
        found: NDArray[np.float64] = (embeddings @ embeddings.T).double().cpu().numpy()
        return found

    def score(self) -> float:
        """What the verification of people never seen lacks to perfection."""
        pairs = np.triu_indices(len(self.held_out), 1)
        self.area = area_under_roc(self.cosines()[pairs], self.same[pairs])
        return 1 - self.area

    def sheet(self) -> Pixels:
        """A row a picture held out: itself, then those that are nearest to it."""
        count = min(SHEET, len(self.held_out))
        nearest = np.argsort(-self.cosines()[:count], axis=1, kind="stable")[:, :count]
        images = self.pictures.held_out[nearest.ravel()].float() / 127.5 - 1
        return tile(images, count)

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """The network, its centres, its average and the optimiser."""
        return {
            "network": self.network,
            "centres": self.centres,
            "average": self.average.network,
            "adam": self.adam,
        }


def numbered(known: Sequence[Known]) -> tuple[list[str], NDArray[np.int64]]:
    """The identities, and the number of the one that each picture shows. Raises `BenchError`."""
    lacking = sum(IDENTITY not in factors for factors in known)
    if lacking:
        raise BenchError(
            f"{lacking} of {len(known)} pictures do not say whom they show: their JSON file "
            f"needs {IDENTITY!r}"
        )
    names = [str(factors[IDENTITY]) for factors in known]
    people = sorted(set(names))
    places = {name: place for place, name in enumerate(people)}
    return people, np.array([places[name] for name in names], dtype=np.int64)
