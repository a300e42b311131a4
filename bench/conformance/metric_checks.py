"""What a metric owes the benchmark."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from bench.conformance.metric_subject import MetricSubject
from bench.conformance.pictures import BLURS, NOISES, blurred, noisy, sample, truths
from bench.conformance.refusals import damaged, must_refuse
from bench.conformance.verdict import Breach, Check, NotApplicable
from bench.metrics.base import Composed, Unscored
from bench.metrics.facts import Direction
from bench.metrics.registry import COLUMN

ROUNDING = 1e-5  # relative, of a batch that sums in another order


def facts_are_complete(subject: MetricSubject) -> None:
    """Column, title, direction and protocol; the unit ends the column's name; what it needs to be
    installed comes with a command."""
    facts = subject.facts
    if not COLUMN.fullmatch(facts.column):
        raise Breach(f"{facts.column!r} is no name for a column: lower-case letters, digits and _")
    empty = [name for name in ("title", "protocol") if not getattr(facts, name).strip()]
    if empty:
        raise Breach(f"nothing is said of {', '.join(empty)}")
    if not isinstance(facts.better, Direction):
        raise Breach(f"`better` is {facts.better!r}, expected Direction.HIGHER or Direction.LOWER")
    ending = f"_{facts.unit.lower()}" if facts.unit else ""
    if not facts.column.endswith(ending):
        raise Breach(f"the column {facts.column!r} does not end with its unit, {ending}")
    if facts.modules and not facts.install:
        raise Breach(f"it needs {', '.join(facts.modules)} and names no command that installs them")


def missing_weights_are_refused(subject: MetricSubject) -> None:
    """`setup` with a path where there is no file."""
    absent = subject.folder / "absent.pth"
    for kind in kinds_of(subject):
        must_refuse(setup_of(subject), files_but(subject, kind, absent), kind, "is not there")


def damaged_weights_are_refused(subject: MetricSubject) -> None:
    """`setup` with an empty file, one that is no weights, a web page, and half of the true one."""
    for kind in kinds_of(subject):
        for path, how in damaged(subject.folder, subject.files.get(kind)):
            must_refuse(setup_of(subject), files_but(subject, kind, path), kind, how)


def kinds_of(subject: MetricSubject) -> Sequence[str]:
    """Kinds of files to spoil. Raises `NotApplicable` where the metric takes none."""
    kinds = tuple(dict.fromkeys((*subject.facts.weights, *subject.files)))
    if not kinds:
        raise NotApplicable("it takes no weights")
    return kinds


def setup_of(subject: MetricSubject) -> Callable[[Mapping[str, Path]], None]:
    """`setup` of a new instance, on the CPU."""
    return partial(subject.metric_class().setup, device=torch.device("cpu"))


def files_but(subject: MetricSubject, kind: str, path: Path) -> dict[str, Path]:
    """The metric's files with `path` as that of one kind, and of those that are not here."""
    return {**dict.fromkeys(subject.facts.weights, path), **subject.files, kind: path}


def the_truth_scores_best(subject: MetricSubject) -> None:
    """Three pictures against themselves, and against themselves blurred and with noise."""
    truth = truths()
    best = subject.scores(truth, truth)
    for spoil, amount in ((blurred, BLURS[0]), (noisy, NOISES[0]), (blurred, BLURS[-1])):
        worse = subject.scores(spoil(truth, amount), truth)
        for own, other in zip(best, worse, strict=True):
            if not subject.better(own, other):
                raise Breach(
                    f"the truth scores {own:.6g} and a spoilt picture {other:.6g}, though "
                    f"{subject.facts.better.value} is better"
                )


def more_blur_scores_worse(subject: MetricSubject) -> None:
    """A face, and the same under four Gaussian blurs."""
    fall(subject, blurred, BLURS)


def more_noise_scores_worse(subject: MetricSubject) -> None:
    """A face, and the same under four amounts of one pattern of noise."""
    fall(subject, noisy, NOISES)


def fall(
    subject: MetricSubject, spoil: Callable[[Tensor, float], Tensor], amounts: Sequence[float]
) -> None:
    """Raise `Breach` unless every amount scores worse than the one before, the first than none."""
    truth = truths()[:1]
    scores = [subject.scores(spoil(truth, amount), truth)[0] for amount in (0, *amounts)]
    if not all(subject.better(first, second) for first, second in pairwise(scores)):
        shown = ", ".join(f"{score:.6g}" for score in scores)
        raise Breach(
            f"for the amounts 0, {', '.join(map(str, amounts))} the scores are {shown}, "
            f"though {subject.facts.better.value} is better"
        )


def an_image_does_not_depend_on_its_batch(subject: MetricSubject) -> None:
    """Three different pictures together and one by one."""
    truth = truths()
    restored = noisy(truth, 0.1)
    together = subject.scores(restored, truth)
    for i, score in enumerate(together):
        (alone,) = subject.scores(restored[i : i + 1], truth[i : i + 1])
        if not math.isclose(alone, score, rel_tol=ROUNDING, abs_tol=1e-9):
            raise Breach(f"image {i} scores {alone:.8g} alone and {score:.8g} among three")
    if len(set(together)) < len(together):
        raise Breach(f"different pictures score the same: {together}")


def scores_repeat(subject: MetricSubject) -> None:
    """The same pictures, the same numbers, whatever state the random generators are in."""
    truth = truths()
    first = subject.scores(blurred(truth, 2.0), truth)
    torch.manual_seed(1)
    second = subject.scores(blurred(truth, 2.0), truth)
    if first != second:
        raise Breach(f"first {first}, then {second}")


def pictures_are_left_as_they_are(subject: MetricSubject) -> None:
    """Scoring writes into no picture."""
    given = sample(noisy(truths(), 0.1), truths())
    before = [given.restored.clone(), given.truth.clone(), given.y.clone()]
    subject.metric.score(given)
    for name, kept in zip(("restored", "truth", "y"), before, strict=True):
        if not torch.equal(kept, getattr(given, name)):
            raise Breach(f"score() changes `{name}`")


def every_picture_is_scored_or_not_in_words(subject: MetricSubject) -> None:
    """Black, white and chequered pictures, and another size: a finite score, or `Unscored`."""
    chequered = (torch.arange(128)[:, None] + torch.arange(128)) % 2 * torch.ones(1, 3, 1, 1)
    pairs = {
        "black for a face": (torch.zeros(1, 3, 128, 128), truths()[:1]),
        "white for a face": (torch.ones(1, 3, 128, 128), truths()[:1]),
        "white for black": (torch.ones(1, 3, 128, 128), torch.zeros(1, 3, 128, 128)),
        "black for black": (torch.zeros(1, 3, 128, 128), torch.zeros(1, 3, 128, 128)),
        "a chequerboard for a face": (chequered, truths()[:1]),
        "64x96 pixels": (blurred(truths(96, 64), 1.0), truths(96, 64)),
    }
    for what, (restored, truth) in pairs.items():
        for score in subject.scored(sample(restored, truth)):
            told = isinstance(score, Unscored) and score.reason
            number = score.value if isinstance(score, Composed) else score
            if not told and not (isinstance(number, float) and math.isfinite(number)):
                raise Breach(
                    f"{what} scores {number!r}, expected a finite number or an Unscored with a "
                    f"reason"
                )


METRIC_CHECKS: tuple[Check[MetricSubject], ...] = (
    facts_are_complete,
    missing_weights_are_refused,
    damaged_weights_are_refused,
    the_truth_scores_best,
    more_blur_scores_worse,
    more_noise_scores_worse,
    an_image_does_not_depend_on_its_batch,
    scores_repeat,
    pictures_are_left_as_they_are,
    every_picture_is_scored_or_not_in_words,
)
