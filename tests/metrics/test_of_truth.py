"""What a metric computed of a truth is used again, and decides no score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from bench.conformance.pictures import blurred, noisy, sample, truths
from bench.metrics import faces, of_truth
from bench.metrics.base import Composed, Metric, Sample
from bench.metrics.of_truth import OfTruth
from bench.metrics.registry import METRICS, resolve
from bench.metrics.scorer import Scoring, ready_metric, score_of
from methods.faces import face_finder
from tests.support.metric_samples import ready, stand_ins

OF_TRUTH = ["lpips_alex", "lpips_vgg", "st_lpips", "arcface_cosine", "dlib_distance",
            "rendered_identity_cosine"]  # fmt: skip


class Counting:
    """Computes of a truth its own doubles, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Iterator[Tensor]:
        self.calls += 1
        yield torch.arange(6, dtype=torch.float64).view(2, 3).T
        yield torch.full((3,), float(self.calls))


def values(found: object) -> list[list[float]]:
    assert isinstance(found, list)
    return [tensor.tolist() for tensor in found]


def test_another_process_reads_what_was_computed(tmp_path: Path) -> None:
    compute, truth = Counting(), truths()[:1]
    first = values(OfTruth(tmp_path, "m")(truth, compute))
    assert values(OfTruth(tmp_path, "m")(truth, compute)) == first
    assert compute.calls == 1


@pytest.mark.parametrize("other", ["truth", "metric", "kind", "shape", "folder"])
def test_what_decides_it_is_not_mixed_up(other: str, tmp_path: Path) -> None:
    compute, truth = Counting(), truths()[:1]
    (tmp_path / "b").mkdir()
    OfTruth(tmp_path, "m")(truth, compute)
    changed = truth.clone()
    changed[0, 0, 0, 0] = 1 - changed[0, 0, 0, 0].round()
    OfTruth(tmp_path / "b" if other == "folder" else tmp_path, "n" if other == "metric" else "m")(
        {"truth": changed, "shape": truth.reshape(1, 3, 64, 256)}.get(other, truth),
        compute,
        "k" if other == "kind" else "",
    )
    assert compute.calls == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "one bit", "another file", "folder gone"])
def test_what_is_damaged_is_computed_anew(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "truths"
    folder.mkdir()
    compute, truth = Counting(), truths()[:1]
    look = OfTruth(folder, "m")
    look(truth, compute)
    (path,) = folder.glob("*.safetensors")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    content = {"empty": b"", "cut": bytes(data[:-8]), "one bit": bytes(data), "another file": b"{}"}
    if damage == "folder gone":
        path.unlink()
        (folder / "ledger").unlink()
        folder.rmdir()
    else:
        path.write_bytes(content[damage])
    assert values(look(truth, compute)) == [[[0, 3], [1, 4], [2, 5]], [2, 2, 2]]
    if damage != "folder gone":
        look(truth, compute)  # what took its place is whole
        assert compute.calls == 2


def test_nothing_found_is_kept_too(tmp_path: Path) -> None:
    calls = []

    def no_face() -> list[Tensor]:
        calls.append(1)
        return []

    look, truth = OfTruth(tmp_path, "m"), truths()[:1]
    assert list(look(truth, no_face)) == list(look(truth, no_face)) == []
    assert len(calls) == 1


def test_the_folder_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_truth, "MOST", 3 * of_truth.BLOCK)
    look = OfTruth(tmp_path, "m")
    for place in range(9):
        list(look(torch.full((1, 3, 8, 8), place / 255), Counting()))
    assert len(list(tmp_path.glob("*.safetensors"))) == 3


def test_what_is_large_comes_as_it_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_truth, "LARGEST", 100)
    computed = []

    def compute() -> Iterator[Tensor]:
        for place in range(5):
            computed.append(place)
            yield torch.full((20,), float(place))

    going = iter(OfTruth(tmp_path, "m")(truths()[:1], compute))
    assert [tensor[0].item() for tensor in (next(going), next(going))] == [0, 1]
    assert len(computed) < 5
    assert [tensor[0].item() for tensor in going] == [2, 3, 4]
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_full_disk_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_truth, "SPARE", 2**62)
    compute, truth = Counting(), truths()[:1]
    for _ in range(2):
        list(OfTruth(tmp_path, "m")(truth, compute))
    assert compute.calls == 2
    assert not list(tmp_path.iterdir())


def test_the_face_finder_is_read_for_the_first_cell_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    monkeypatch.setattr(faces, "face_finder", lambda: reads.append(1) or face_finder())
    prepared, truth = scoring("arcface_cosine", tmp_path), truths()[:1]
    folder = tmp_path / "truths"
    folder.mkdir()
    first = ready_metric(prepared, torch.device("cpu"), folder)
    assert len(reads) == 1  # where loading has its time
    score_of(first, sample(truth, truth))
    then = len(reads)
    score_of(ready_metric(prepared, torch.device("cpu"), folder), sample(truth, truth))
    assert len(reads) == then


def scoring(column: str, tmp_path: Path) -> Scoring:
    (tmp_path / "weights").mkdir(exist_ok=True)
    return Scoring(resolve(column), stand_ins(column, tmp_path / "weights"), f"digest of {column}")


@pytest.mark.parametrize("column", OF_TRUTH)
def test_scores_are_the_same_to_the_bit(column: str, tmp_path: Path) -> None:
    folder = tmp_path / "truths"
    folder.mkdir()
    plain = ready(column, tmp_path)
    prepared = scoring(column, tmp_path)
    truth = truths()[:1]
    for spoilt in (blurred(truth, 2.0), noisy(truth, 0.1).clamp(0, 1), truth):
        given = sample(spoilt, truth)
        metric = ready_metric(prepared, torch.device("cpu"), folder)
        assert score_of(metric, given) == plain.score(given)[0]
    assert len(list(folder.glob("*.safetensors"))) == 1


@pytest.mark.parametrize("column", OF_TRUTH)
def test_a_batch_has_the_scores_of_its_pictures(column: str, tmp_path: Path) -> None:
    metric, every = ready(column, tmp_path), truths()
    together = metric.score(sample(blurred(every, 2.0), every))
    apart = [metric.score(sample(blurred(t[None], 2.0), t[None]))[0] for t in every]
    assert together == apart


class Strange(Metric):
    """A stranger's metric whose attribute has the name of ours."""

    facts = METRICS["psnr_rgb_db"]

    def of_truth(self, sample: Sample) -> float:  # type: ignore[override]
        return sample.truth.sum().item()

    def score(self, sample: Sample) -> list[float | Composed]:
        return [self.of_truth(sample)]  # type: ignore[arg-type]


def test_a_strangers_attribute_of_that_name_is_the_strangers(tmp_path: Path) -> None:
    facts = resolve("psnr_rgb_db")
    foreign = replace(facts, column="strange", target=f"{__file__}:Strange")
    metric = ready_metric(Scoring(foreign, {}, "d"), torch.device("cpu"), tmp_path)
    truth = truths()[:1]
    assert score_of(metric, sample(truth, truth)) == pytest.approx(truth.sum().item())
