"""The training loop that all recipes share: steps, checkpoints, the best weights, the record."""

from __future__ import annotations

import json
import platform
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from bench.core.files import write_text
from bench.pictures.files import write_png
from bench.training.checkpoints import (
    Progress,
    load_checkpoint,
    refuse_to_overwrite,
    save_checkpoint,
)
from bench.training.data import TrainingPictures
from bench.training.export import export
from bench.training.picture_lists import lists_beside, write_lists
from bench.training.precision import has_bfloat16
from bench.training.recipe import Recipe, go_on, state_of
from bench.training.reporter import Reporter


@dataclass(frozen=True)
class Schedule:
    """When to stop, and how often to save.

    minutes: of training, all sittings together. images: stop there if it comes first.
    """

    minutes: float
    images: int | None = None
    checkpoint_s: float = 180.0

    def done(self, seconds: float, images: int) -> float:
        """The part of the training that is over; 1 at its end."""
        by_time = seconds / (60 * self.minutes)
        return by_time if self.images is None else max(by_time, images / self.images)


class Training:
    """A recipe on its way, in a folder.

    out: receives checkpoint.pt, the best weights so far with their card and the list of the
    pictures trained on, sheet.png and training.json. Whatever ends the process, the files are
    those of the last checkpoint. built_on: weights that these contain, whose pictures count too.
    """

    def __init__(
        self,
        recipe: Recipe,
        pictures: TrainingPictures,
        out: Path,
        *,
        device: torch.device,
        licence: str,
        resume: bool,
        built_on: Path | None = None,
    ) -> None:
        self.recipe, self.pictures, self.out = recipe, pictures, out
        self.inherited = lists_beside(built_on) if built_on else ()
        self.device, self.licence = device, licence
        self.losses: Counter[str] = Counter()
        self.steps = 0
        # As JSON has it, so that tuples and mappings compare equal to what was saved.
        self.identity = json.loads(
            json.dumps({"pictures": pictures.digest, "settings": recipe.settings})
        )
        if resume:
            self.progress, state = load_checkpoint(out, self.identity)
            go_on(recipe, state)
        else:
            refuse_to_overwrite(out)
            self.progress = Progress()

    @property
    def images(self) -> int:
        """Images seen so far."""
        return self.progress.iteration * self.recipe.batch

    def run(self, schedule: Schedule, reporter: Reporter) -> None:
        """Train until the schedule is over; an interrupt saves first. Raises `BenchError`."""
        if self.recipe.settings.get("started_from") and not self.progress.curve:
            # What the training is to improve on.
            start = {"images": 0, "seconds": 0, "score": self.recipe.score()}
            self.progress.curve.append(start)
        clock = saved = time.monotonic()
        try:
            while (done := schedule.done(self.progress.seconds, self.images)) < 1:
                losses = self.step()
                now = time.monotonic()
                self.progress.seconds += now - clock
                clock = now
                seconds = self.progress.seconds
                left_s = seconds / done - seconds if done else 60 * schedule.minutes
                reporter.step(self.images, self.images / seconds, losses, done, left_s)
                if now - saved >= schedule.checkpoint_s:
                    self.checkpoint(reporter)
                    saved = time.monotonic()
        finally:
            if self.steps:
                self.checkpoint(reporter)

    def step(self) -> Mapping[str, float]:
        """One step of the recipe."""
        losses = self.recipe.step(self.progress.iteration)
        self.progress.iteration += 1
        self.steps += 1
        self.losses.update(losses)
        return losses

    def checkpoint(self, reporter: Reporter) -> None:
        """Score, keep the weights if they are the best, and write everything."""
        progress, recipe = self.progress, self.recipe
        score = recipe.score()
        means = {name: total / self.steps for name, total in self.losses.items()}
        entry = {"images": self.images, "seconds": round(progress.seconds), "score": score}
        progress.curve.append(entry | means)
        self.losses.clear()
        self.steps = 0
        is_best = score < progress.best
        progress.best = min(score, progress.best)
        if is_best:
            facts = self.facts(score)
            lists = write_lists(self.out, self.pictures, self.inherited)
            export(
                self.out,
                recipe.product,
                recipe.average.network.state_dict(),
                self.licence,
                facts,
                lists,
            )
        write_png(self.out / "sheet.png", recipe.sheet())
        write_text(self.out / "training.json", json.dumps(self.record(), indent=1) + "\n")
        save_checkpoint(self.out, progress, state_of(recipe), self.identity)
        reporter.say(
            f"{self.images:,} images: {recipe.score_name} {score:.4g}"
            + (", the best so far" if is_best else f" (best {progress.best:.4g})")
        )
        self.pictures.check_present()

    def facts(self, score: float) -> dict[str, Any]:
        """What the card says of these weights."""
        return {
            "pictures": self.pictures.digest,
            "trained_on": len(self.pictures.train),
            "images_seen": self.images,
            "minutes": round(self.progress.seconds / 60, 1),
            "score_name": self.recipe.score_name,
            "score": score,
        }

    def record(self) -> dict[str, Any]:
        """training.json."""
        return {
            "product": self.recipe.product.name,
            **self.identity,
            "trained_on": len(self.pictures.train),
            "held_out": len(self.pictures.held_out),
            "score_name": self.recipe.score_name,
            "best_score": self.progress.best,
            "images_seen": self.images,
            "minutes": round(self.progress.seconds / 60, 1),
            "torch": torch.__version__,
            "device": self.device.type,
            "machine": platform.processor() or platform.machine(),
            "bfloat16": has_bfloat16(self.device),
            "threads": torch.get_num_threads(),
            "curve": self.progress.curve,
        }
