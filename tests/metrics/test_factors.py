"""Factor fidelity: readers that learn, agreement that falls, sidecars that lie, tables that tell."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from bench import report
from bench.analysis.factors import factor_lines
from bench.core.errors import BenchError
from bench.core.rows import Part
from bench.datasets.factors import Known, Unknown, known_of, read_factors
from bench.metrics.base import Composed, Sample
from bench.metrics.factor_fidelity import FactorFidelity
from bench.metrics.factor_reader import Description, DescriptionError, Factor, description_of
from bench.metrics.registry import METRICS
from bench.operators import Downsample
from bench.pictures.files import read_rgb
from bench.pictures.tensors import to_tensor
from bench.planning.plan import make_plan
from bench.planning.request import Request
from bench.results import folder
from bench.results.results import Standing
from bench.training.data import read_pictures
from bench.training.factors import factor_of, factors_to_read, read_training_factors
from bench.training.readers import grade
from methods.networks.reader import FactorReader
from tests.support import synthetic
from tests.support.commands import bench, bench_here, rows
from tests.support.discs import VIEWS, write_category, write_discs

CPU = torch.device("cpu")
SUITE = """
name = "discs"
title = "Coloured discs"
domain = "rendered"
default_size = 64
scales = [8]
methods = ["nearest", "bicubic"]
metrics = ["psnr_rgb_db", "factor_fidelity", "rendered_identity_cosine"]
[splits]
face.size = 64
"""

COLUMN = "factor_fidelity"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_category(tmp_path_factory.mktemp("rendered"))


@pytest.fixture(scope="module")
def zoo(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader of discs, trained through the command line."""
    out = tmp_path_factory.mktemp("zoo")
    command = ("train", "readers", "--data", data, "--split", "face", "--out", out)
    done = bench(*command, "--images", "4000", "--threads", "1", "--licence", "none")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(out / "face-readers.safetensors")
    return out


def test_a_reader_learns_what_is_to_be_seen(zoo: Path) -> None:
    card = tomllib.loads((zoo / "face-readers.toml").read_text())
    accuracy = card["settings"]["accuracy"]
    assert accuracy.keys() == {"backdrop", "disc_colour", "has_ring", "lamp", "offset"}
    assert all(value > 0.5 for value in accuracy.values()), accuracy
    assert np.mean(list(accuracy.values())) > 0.85, accuracy
    assert card["settings"]["left_out"].keys() == {"hidden"}  # neither identity, seed nor constant
    assert card["serves"] == [{"split": "face", "domain": "rendered"}]
    assert card["bytes"] < 1_500_000
    described = description_of(zoo / "face-readers.safetensors")
    assert {f.name for f in described.factors if f.is_readable} == accuracy.keys()


def test_agreement_is_high_on_the_truth_and_falls_with_what_is_lost(zoo: Path, data: Path) -> None:
    metric = FactorFidelity()
    metric.setup({"factor-reader-face": zoo / "face-readers.safetensors"}, CPU)
    paths = sorted((data / "face" / "val").glob("*.png"))[: 8 * VIEWS]
    truth = torch.cat([to_tensor(read_rgb(path)) for path in paths])
    known = tuple(known_of(path, "face") for path in paths)
    flat = truth.mean((2, 3), keepdim=True).expand_as(truth)
    own = mean_score(metric, truth, truth, known)
    assert own > 0.85
    assert mean_score(metric, truth.roll(2 * VIEWS, 0), truth, known) < own - 0.3
    assert mean_score(metric, flat, truth, known) < own - 0.3


def mean_score(
    metric: FactorFidelity,
    restored: torch.Tensor,
    truth: torch.Tensor,
    known: tuple[Known | Unknown, ...],
) -> float:
    operator = Downsample(8)
    scores = metric.score(Sample(restored, truth, operator.observe(truth), operator, known))
    composed = [score for score in scores if isinstance(score, Composed)]
    assert len(composed) == len(scores)
    for score in composed:
        assert score.parts["hidden"].restored is None  # not counted
        counted = [p.restored for p in score.parts.values() if p.restored is not None]
        assert score.value == pytest.approx(np.mean(counted))
    return float(np.mean([score.value for score in composed]))


@pytest.fixture(scope="module")
def run(zoo: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the test pictures, one of them without factors and one with a stranger's."""
    folder = tmp_path_factory.mktemp("run")
    own = shutil.copytree(data / "face" / "test", folder / "data" / "face" / "test").parents[1]
    names = sorted(path.stem for path in (own / "face" / "test").glob("*.png"))
    (own / "face" / "test" / f"{names[-1]}.json").unlink()
    (own / "face" / "test" / f"{names[-2]}.json").write_text('{"lamp": NaN}')
    (folder / "discs.toml").write_text(SUITE)
    command = ("run", "--suite", folder / "discs.toml", "--data", own, "--out", folder / "out")
    done = bench(*command, BENCH_WEIGHTS=str(zoo))
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_a_run_scores_what_is_known_and_says_why_not_elsewhere(run: Path) -> None:
    found = rows(run)
    assert {row["state"] for row in found} == {"ok"}
    scored = [row for row in found if row[COLUMN]]
    assert len(scored) == len(found) - 4
    assert all(0 <= float(row[COLUMN]) <= 1 for row in scored)
    notes = {row["notes"] for row in found if not row[COLUMN]}
    assert {note.partition(": ")[2] for note in notes} == {
        "what is in the picture is not known: no JSON file of factors beside it",
        f"{sorted({r['image'] for r in found})[-2]}.json is no JSON of factors: NaN is no number",
    }
    assert all(-1 <= float(row["rendered_identity_cosine"]) <= 1 for row in found)


def test_tables_plot_and_page_show_each_factor_beside_the_truth(run: Path) -> None:
    with (run / "factors.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    counted = [line for line in lines if line["method"]]
    assert {line["method"] for line in counted} == {"nearest", "bicubic"}
    assert {line["factor"] for line in lines} - {line["factor"] for line in counted} == {"hidden"}
    assert all(line["n"] == "10" and line["standing"] for line in counted)
    summary = (run / "summary.md").read_text()
    head = next(line for line in summary.splitlines() if line.startswith("| factor"))
    assert [cell.strip() for cell in head.strip("|").split("|")][:3] == [
        "factor",
        "chance",
        "truth",
    ]
    assert "Left out, as its reader cannot read them: hidden (truth" in summary
    page = (run / "report.html").read_text()
    assert '<section id="factors"' in page
    assert all(line["factor"] in page for line in lines)
    with Image.open(run / "plots" / "factors-face.png") as plot:
        assert plot.width > 400


def test_a_report_without_its_store_keeps_the_factors(run: Path, tmp_path: Path) -> None:
    for name in ("rows.csv", "run.json", "summary.csv", "factors.csv"):
        shutil.copy(run / name, tmp_path / name)
    assert bench_here("report", tmp_path).returncode == 0
    assert (tmp_path / "factors.csv").read_text() == (run / "factors.csv").read_text()
    assert "factors read back" in (tmp_path / "summary.md").read_text()
    (tmp_path / "factors.csv").write_text((run / "factors.csv").read_text().replace("kept", "no"))
    refused = bench_here("report", tmp_path)
    assert refused.returncode == 2
    assert "standing is 'no'" in refused.stderr


def test_rescoring_reads_the_factors_that_a_run_kept(
    run: Path, zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(zoo))
    copy = shutil.copytree(run, tmp_path / "copy")
    shutil.rmtree(copy / "store")
    (copy / "factors.csv").unlink()
    before = [row[COLUMN] for row in rows(copy)]
    assert bench_here("rescore", copy, "--metrics", COLUMN).returncode == 1  # some have reasons
    assert [row[COLUMN] for row in rows(copy)] == before
    assert (copy / "factors.csv").read_text() == (run / "factors.csv").read_text()


def test_photographs_have_no_known_factors(data: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.toml").write_text(SUITE.replace('"rendered"', '"photo"'))
    plan = make_plan(Request(str(tmp_path / "photo.toml"), data=data), tmp_path)
    assert [scoring.facts.column for scoring in plan.metrics] == ["psnr_rgb_db"]
    why = "not applicable: defined on rendered pictures only"
    assert plan.missing_metrics == {COLUMN: why, "rendered_identity_cosine": why}


def test_rescoring_photographs_is_refused(
    run: Path, zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(zoo))
    for name in ("rows.csv", "run.json"):
        text = (run / name).read_text().replace('"rendered"', '"photo"')
        (tmp_path / name).write_text(text)
    refused = bench_here("rescore", tmp_path, "--metrics", COLUMN)
    assert refused.returncode == 2
    assert "factor_fidelity is not applicable: defined on rendered pictures only" in refused.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no JSON"),
        ("[1]", "no object"),
        ("{}", "no object"),
        ('{"a": ' + "[" * 20_000 + "]" * 20_000 + "}", "no JSON"),
        ('{"a": "' + "x" * 70_000 + '"}', "longer than"),
        (json.dumps({f"f{i}": 1 for i in range(300)}), "300 factors"),
        ('{"../a": 1}', "no name"),
        ('{"A <b>": 1}', "no name"),
        ('{"yaw": Infinity}', "Infinity is no number"),
        ('{"yaw": 1e999}', "finite"),
        ('{"yaw": ' + "9" * 400 + "}", "finite"),
        ('{"yaw": null}', "finite"),
        ('{"hair": {"of": "gold"}}', "finite"),
        ('{"skin": []}', "finite"),
        ('{"skin": [0.1, true, 0.2]}', "finite"),
        ('{"skin": ' + json.dumps([0.5] * 17) + "}", "at most 16"),
        ('{"hair": "' + "x" * 101 + '"}', "100 letters"),
        ('{"hair": "\\u001b[31m"}', "all printable"),
        ('{"hair": "\\ud800"}', "all printable"),
        ('{"hair": "curly", "hair": "straight"}', "'hair' stands in it 2 times"),
    ],
)
def test_strange_sidecars_are_refused_in_words(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BenchError, match=told) as caught:
        read_factors(tmp_path / "a.json")
    assert str(tmp_path) not in str(caught.value)
    assert len(str(caught.value)) < 400
    found = known_of(tmp_path / "a.png", "face")
    assert isinstance(found, Unknown)
    assert found.reason == str(caught.value)


def test_factors_that_a_reader_was_not_made_for_are_named() -> None:
    hair = Factor(name="hair", options=("curly", "straight"))
    yaw = Factor(name="yaw", mean=(0.0,), spread=10.0)
    glasses = Factor(name="glasses", options=("no", "yes"), is_flag=True)
    description = Description(split="face", factors=(hair, yaw, glasses))
    good = {"hair": "curly", "yaw": 3.0, "glasses": True, "more": 1.0}
    assert [list(t) for t in description.targets(good).values()] == [[0], [0.3], [1]]
    for wrong, told in (
        ({"yaw": 3.0}, "lack hair, glasses"),
        (good | {"hair": "wavy"}, "hair = 'wavy'"),
        (good | {"hair": True}, "hair = True"),
        (good | {"glasses": "yes"}, "glasses = 'yes'"),
        (good | {"yaw": (3.0, 1.0)}, "yaw = "),
        (good | {"yaw": False}, "yaw = False"),
    ):
        with pytest.raises(DescriptionError, match=told):
            description.targets(wrong)


def test_a_reader_that_does_not_say_what_it_reads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    weights = FactorReader(2).state_dict()
    described = {"split": "face", "factors": [{"name": "hair", "options": ["a", "b"]}]}
    nan = {**described, "factors": [{"name": "yaw", "mean": [0], "spread": float("nan")}]}
    wide = {**described, "factors": [{"name": "hair", "options": ["a", "b", "c"]}]}
    for metadata, told in (
        (None, "does not say which factors"),
        ({"factors": "[" * 9999}, "no JSON"),
        ({"factors": "{}"}, "split"),
        ({"factors": json.dumps(nan)}, "finite"),
        ({"factors": json.dumps({**described, "run": "rm"})}, "run"),
        ({"factors": json.dumps(wide)}, "2 outputs, and its factors take 3"),
    ):
        path.write_bytes(save(weights, metadata))
        with pytest.raises(BenchError, match=told):
            FactorFidelity().setup({"factor-reader-face": path}, CPU)


def test_agreement_is_by_kind_and_within_half_a_deviation() -> None:
    yaw = Factor(name="yaw", mean=(10.0,), spread=20.0)
    target = yaw.target(20.0)
    assert target is not None
    assert yaw.agrees(np.array([0.99]), target)
    assert not yaw.agrees(np.array([1.01]), target)
    skin = Factor(name="skin", mean=(0.5, 0.5, 0.5), spread=0.1, is_list=True)
    colour = skin.target((0.5, 0.6, 0.5))
    assert colour is not None
    assert skin.agrees(np.array([0.0, 1 - 0.86, 0.0]), colour)  # 0.86 / sqrt(3) is below a half
    assert not skin.agrees(np.array([0.0, 1 - 0.88, 0.0]), colour)
    with pytest.raises(ValueError, match="options, or a mean"):
        Factor(name="neither")


def test_chance_is_what_the_best_single_answer_reaches() -> None:
    kind = factor_of("hair", ["a"] * 7 + ["b"] * 3)
    assert kind is not None
    assert (kind.options, kind.chance) == (("a", "b"), 0.7)
    rng = np.random.default_rng(0)
    number = factor_of("yaw", [float(v) for v in rng.uniform(-1, 1, 4000)])
    assert number is not None
    assert number.chance == pytest.approx(0.5 / 12**0.5 * 2, abs=0.02)  # a deviation's width of 2
    for nothing in (["a"] * 9, [1.0] * 9, ["a", 1.0], [1.0, (1.0,)], [f"x{i}" for i in range(99)]):
        assert factor_of("none", nothing) is None  # type: ignore[arg-type]


def test_grades_are_one_of_perfect_readings_and_none_of_blind_ones() -> None:
    hair = Factor(name="hair", options=("a", "b"))
    truths = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    logits = np.eye(2)[truths]
    assert grade(hair, logits, truths) == (1.0, 1.0, 1.0)
    assert grade(hair, np.array([[1.0, 0.0]] * 8), truths) == (0.75, 0.5, 0.0)
    yaw = Factor(name="yaw", mean=(0.0,))
    angles = np.linspace(-2, 2, 41)[:, None]
    assert grade(yaw, angles, angles) == (1.0, 1.0, 1.0)
    blind = grade(yaw, np.zeros((41, 1)), angles)
    assert (blind.accuracy, blind.skill) == (pytest.approx(11 / 41), pytest.approx(0))


def test_a_factor_is_readable_with_skill_and_above_a_guess() -> None:
    factor = Factor(name="yaw", mean=(0.0,), chance=0.4, agreement=0.55, skill=0.5)
    assert factor.is_readable
    assert not factor.model_copy(update={"skill": 0.29}).is_readable
    assert not factor.model_copy(update={"agreement": 0.45}).is_readable


@pytest.mark.parametrize(
    ("agreed", "standing"),
    [
        ([1] * 40, Standing.KEPT),
        ([1] * 28 + [0] * 12, Standing.PARTLY),
        ([1] * 12 + [0] * 28, Standing.LOST),
    ],
)
def test_what_is_kept_is_told_by_the_images(agreed: Sequence[int], standing: Standing) -> None:
    made = with_parts({"glean": agreed}, chance=0.35)
    counted, left_out = factor_lines(made)
    assert (counted.factor, counted.standing, counted.truth, counted.n) == ("hair", standing, 1, 40)
    assert counted.agreement == pytest.approx(np.mean(agreed))
    assert (left_out.factor, left_out.method, left_out.truth) == ("pose", "", 0.5)


def test_few_images_and_hard_factors_are_unclear() -> None:
    few = with_parts({"glean": [1, 0, 1, 0, 1]})
    assert factor_lines(few)[0].standing is None
    hard = with_parts({"glean": [1, 0, 0] * 10}, truth=[1, 0, 1] * 10, chance=0.6)
    assert factor_lines(hard)[0].standing is Standing.LOST
    same = with_parts({"glean": [1, 0, 0] * 10}, truth=[0, 1, 0] * 10, chance=0.6)
    assert factor_lines(same)[0].standing is Standing.UNCLEAR


def test_hostile_names_of_factors_are_text(tmp_path: Path) -> None:
    made = with_parts({"glean": [1] * 8}, factor=synthetic.HOSTILE)
    report.write(made, tmp_path, None)
    page = (tmp_path / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<script>" not in (tmp_path / "summary.md").read_text()
    assert folder.load_results(tmp_path).factors[0].factor == synthetic.HOSTILE


def with_parts(
    agreed: dict[str, Sequence[int]],
    truth: Sequence[int] | None = None,
    chance: float = 0.5,
    factor: str = "hair",
) -> synthetic.Results:
    """Results whose rows agree with the truth's factor or not; a second one is not counted."""
    (images,) = {len(shares) for shares in agreed.values()}
    made = synthetic.results(list(agreed), ["face"], images)
    made = replace(made, metrics=(*made.metrics, METRICS[COLUMN]))

    def parts(method: str, image: int) -> dict[str, dict[str, Part]]:
        own = 1 if truth is None else truth[image]
        return {
            COLUMN: {
                factor: Part(float(agreed[method][image]), float(own), chance),
                "pose": Part(None, float(image % 2), 0.4),
            }
        }

    return replace(
        made, rows=tuple(replace(row, parts=parts(row.method, int(row.image))) for row in made.rows)
    )


def test_training_refuses_what_would_teach_nothing(data: Path, tmp_path: Path) -> None:
    write_discs(tmp_path / "face" / "train", 0, 55, 32)
    write_discs(tmp_path / "face" / "val", 54, 2, 32)
    pictures = read_pictures(tmp_path, "face")
    seen = {path.name for path in pictures.files[: len(pictures.train)]}
    assert not any(name.startswith("0054") for name in seen)  # the same files are held out
    file = tmp_path / "face" / "train" / "0000-0.json"
    moved = json.loads(file.read_text()) | {"identity": "p-55"}
    file.write_text(json.dumps(moved))
    with pytest.raises(BenchError, match="1 identities are both trained on and held out: p-55"):
        read_training_factors(pictures)
    file.unlink()
    with pytest.raises(BenchError, match=r"1 of 224 .* missing, such as 0000-0\.json; `python"):
        read_training_factors(pictures)
    with pytest.raises(BenchError, match="nothing to read"):
        factors_to_read([{"identity": "a", "tile_seed": 1.0}, {"identity": "b", "tile_seed": 2.0}])
