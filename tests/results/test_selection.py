"""What of a store stands in a table: one kind under one label, on the pictures of the command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.analysis.analysis import analyse
from bench.core.errors import BenchError
from bench.core.rows import Row, RowState
from bench.metrics.registry import METRICS
from bench.report.tables.markdown import summary_markdown
from bench.results.cautions import CautionKind
from bench.results.folder import load_results, origins
from bench.results.merge import merge
from bench.results.results import Results
from bench.results.rows_csv import rows_csv
from bench.results.store import Record, Store
from tests.support.commands import ROOT, bench_here, rows
from tests.support.synthetic import results

GAIN = ROOT / "tests" / "support" / "gain.py"
PSNR = "psnr_rgb_db"
PROTOCOL = METRICS[PSNR].protocol
OPERATOR = "matlab-bicubic-x16#0"


class Folder:
    """A results folder, as commands fill it."""

    def __init__(self, out: Path) -> None:
        self.out, self.store = out, Store(out)

    def run(
        self,
        cells: Mapping[str, Mapping[str, Any]],
        pictures: Mapping[str, str],
        metric: str = "v1",
        state: str | None = None,
        **place: Any,
    ) -> Folder:
        """A command: label to what its cell is made of; name to content of the pictures.

        The score is the length of what the cell is made of, so that each kind has its own.
        """
        head = {"split": "face", "scale": 16, "operator": OPERATOR, "seed": 0, **place}
        digest = f"{PROTOCOL}|{metric}"
        planned = []
        for label, identity in cells.items():
            text = repr((label, sorted(identity.items()), *head.values()))
            key = hashlib.sha256(text.encode()).hexdigest()[:16]
            entry = {"key": key, "method": label, **head, "identity": dict(identity)}
            entry["pictures"] = [
                {"name": name, "sha256": sha, "state": state, "reason": "why" if state else ""}
                for name, sha in pictures.items()
            ]
            planned.append(entry)
        self.store.add_plan(
            {"made": "", "metrics": {PSNR: PROTOCOL}, "metric_digests": {PSNR: digest},
             "missing_metrics": {}, "titles": {}, "cells": planned}
        )  # fmt: skip
        for entry in planned if state is None else ():
            row = Row(entry["method"], **head, image="", state=RowState.OK, latency_s=1.0)
            scores = {PSNR: float(len(repr(entry["identity"])))}
            known = self.store.records(entry["key"])
            self.store.add(entry["key"], [
                Record(sha, replace(row, image=name, metrics=scores), {PSNR: digest}, None, 0)
                for name, sha in pictures.items()
                if sha not in known or known[sha].scored_by[PSNR] != digest
            ])  # fmt: skip
        return self

    @property
    def shown(self) -> dict[str, dict[str, float | None]]:
        """Label to image to score."""
        found: dict[str, dict[str, float | None]] = {}
        for row in load_results(self.out).rows:
            found.setdefault(row.method, {})[row.image] = row.score(PSNR)
        return found

    @property
    def said(self) -> list[str]:
        """What of the store is not shown."""
        cautions = load_results(self.out).cautions
        return [c.text for c in cautions if c.kind is CautionKind.STORED]


def some(count: int, data: str = "A") -> dict[str, str]:
    return {f"{i:03d}": f"{data}{i}" for i in range(count)}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "out")


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ({"settings": {"gain": 1.0}}, {"settings": {"gain": 0.5}}, "settings (gain 1.0, not 0.5)"),
        ({"weights": {"a": "1"}}, {"weights": {"a": "2"}}, "weights"),
        ({"code": "1"}, {"code": "2"}, "code"),
        ({"precision": "fp32"}, {"precision": "bf16"}, "precision (fp32, not bf16)"),
        ({"device": "cpu"}, {"device": "cuda"}, "device (cpu, not cuda)"),
        ({"torch": "2.1"}, {"torch": "2.2"}, "torch (2.1, not 2.2)"),
        ({"setting_files": {"a": "1"}}, {"setting_files": {"a": "2"}}, "setting files"),
    ],
)
def test_a_label_is_of_one_kind(
    then: dict[str, Any], now: dict[str, Any], told: str, folder: Folder
) -> None:
    folder.run({"m": then}, some(6)).run({"m": now}, some(3))
    assert folder.shown == {"m": dict.fromkeys(some(3), float(len(repr(now))))}
    assert {row.cell_key for row in load_results(folder.out).rows} != {""}
    (text,) = folder.said
    assert text == (
        f"m on face at 16x: 6 rows of earlier commands, with other {told}, stay in the store and "
        "are not shown"
    )
    # The first command again shows what it measured, all of it.
    folder.run({"m": then}, some(6))
    assert len(folder.shown["m"]) == 6
    assert "3 rows" in folder.said[0]


def test_a_table_is_of_the_pictures_that_were_asked_for(folder: Folder) -> None:
    folder.run({"m": {}}, some(8, "A")).run({"m": {}}, some(8, "B"))
    found = load_results(folder.out)
    assert found.pictures == {"face": some(8, "B")}
    assert len(found.rows) == 8
    assert folder.said == [
        "m on face at 16x: 8 rows of earlier commands, on other pictures, stay in the store and "
        "are not shown"
    ]


def test_other_methods_stand_beside_it_on_the_same_pictures_whatever_their_names(
    folder: Folder,
) -> None:
    folder.run({"old": {}, "m": {}}, some(4))
    renamed = {"cat.png": "A0", "dog.png": "A1", "new.png": "C0"}
    folder.run({"m": {}}, renamed)
    assert folder.shown == {
        "old": dict.fromkeys(("cat.png", "dog.png"), 2.0),
        "m": dict.fromkeys(renamed, 2.0),
    }
    assert load_results(folder.out).pictures["face"] == renamed
    assert len(folder.said) == 2  # of each two rows on other pictures
    places = origins(folder.store)
    assert {key.image for key in places if key.method == "old"} == {"cat.png", "dog.png"}
    assert all(sha in renamed.values() for _, sha in places.values())


def test_a_name_means_one_picture_of_a_split_in_every_table(folder: Folder) -> None:
    folder.run({"m": {}}, some(4, "A"), scale=16)
    folder.run({"m": {}}, {"000": "B0", "003": "A3"}, scale=8, operator="x8#0")
    found = load_results(folder.out)
    assert [(row.scale, row.image) for row in found.rows] == [
        (16, "001"), (16, "002"), (16, "003"), (8, "000"), (8, "003")]  # fmt: skip
    assert found.pictures["face"]["000"] == "B0"
    assert len(folder.said) == 1


def test_tables_of_earlier_commands_stand_apart(folder: Folder) -> None:
    folder.run({"m": {}, "old": {}}, some(3)).run({"m": {}}, some(2, "C"), split="cat")
    tables = {(row.method, row.split) for row in load_results(folder.out).rows}
    assert tables == {("m", "face"), ("old", "face"), ("m", "cat")}
    assert folder.said == []


def test_more_seeds_of_an_earlier_command_are_not_pooled(folder: Folder) -> None:
    for seed in (0, 1):
        folder.run({"m": {"seed": seed}}, some(2), seed=seed)
    # Two commands of one seed each: the latest asked for seed 1 alone.
    assert {row.seed for row in load_results(folder.out).rows} == {1}
    assert folder.said == [
        "m on face at 16x: 2 rows of earlier commands, of seed 0, stay in the store and are not "
        "shown"
    ]


def test_what_could_not_be_measured_says_so_beside_a_later_command(folder: Folder) -> None:
    folder.run({"absent": {}}, some(2), state="unavailable").run({"m": {}}, some(2))
    found = load_results(folder.out).rows
    assert [(row.method, row.state) for row in found] == [
        *[("absent", RowState.UNAVAILABLE)] * 2, *[("m", RowState.OK)] * 2]  # fmt: skip


def test_scores_of_a_column_are_of_one_version_of_its_metric(folder: Folder) -> None:
    folder.run({"old": {}}, some(2), metric="v1").run({"m": {}}, some(2), metric="v2")
    assert folder.shown == {"old": dict.fromkeys(some(2)), "m": dict.fromkeys(some(2), 2.0)}
    text = summary_markdown(analyse(load_results(folder.out)))
    assert "scored earlier by another version of the metric" in text
    # As before the version was on record, and after rescoring: the protocol alone decides.
    folder.store.add_plan({"metrics": {PSNR: PROTOCOL}, "missing_metrics": {}, "titles": {},
                           "cells": []})  # fmt: skip
    assert folder.shown["old"] == dict.fromkeys(some(2), 2.0)


def test_plans_of_an_earlier_version_open(folder: Folder) -> None:
    """They told neither what a key is made of nor the versions of metrics."""
    folder.run({"m": {"settings": {"gain": 1}}}, some(6)).run({"m": {}}, some(3))
    for path in (folder.store.root / "plans").iterdir():
        plan = json.loads(path.read_text())
        del plan["metric_digests"]
        for entry in plan["cells"]:
            del entry["identity"]
        path.write_text(json.dumps(plan))
    assert folder.shown == {"m": dict.fromkeys(some(3), 2.0)}
    assert "measured under another key" in folder.said[0]


def made_with(key: str, images: range) -> Results:
    made = results(["glean"], ["face"], images=8)
    kept = [replace(row, cell_key=key) for row in made.rows if int(row.image) in images]
    return replace(made, rows=tuple(kept))


def test_rows_of_two_kinds_in_one_file_are_refused(tmp_path: Path) -> None:
    """As when somebody puts two files together."""
    both = (*made_with("a" * 16, range(4)).rows, *made_with("b" * 16, range(4, 8)).rows)
    made = replace(made_with("", range(0)), rows=both)
    (tmp_path / "rows.csv").write_text(rows_csv(made))
    with pytest.raises(BenchError, match="two kinds"):
        load_results(tmp_path)


def test_runs_that_made_a_method_differently_are_not_merged_into_one() -> None:
    """Though no row of one is in the other."""
    runs = {
        Path("a"): made_with("a" * 16, range(4)),
        Path("b"): made_with("b" * 16, range(4, 8)),
    }
    with pytest.raises(BenchError, match="made the same method differently: 'glean' on 'face'"):
        merge(runs)
    apart = merge(runs, keep_apart=True).results.rows
    assert {row.method for row in apart} == {"glean@a", "glean@b"}
    runs[Path("b")] = made_with("a" * 16, range(4, 8))
    assert {row.method for row in merge(runs).results.rows} == {"glean"}


def test_merged_runs_pair_pictures_by_content() -> None:
    first, second = (results([method], ["face"], images=3) for method in ("glean", "bicubic"))
    first = replace(first, pictures={"face": {"000": "x", "001": "y", "002": "z"}})
    second = replace(second, pictures={"face": {"000": "y", "001": "x", "002": "z"}})
    merged = merge({Path("a"): first, Path("b"): second})
    assert merged.results.pictures["face"] == {"000": "x", "001": "y", "002": "z"}
    swapped = {
        source.own.image: row.image
        for row, source in zip(merged.results.rows, merged.sources, strict=True)
        if row.method == "bicubic" and source.own
    }
    assert swapped == {"000": "001", "001": "000", "002": "002"}


def test_a_second_command_with_other_settings_shows_its_own(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    """Through the command line, which wants to be told that it is meant."""
    out = tmp_path / "out"
    common = ("run", "--suite", suite, "--data", data, "--splits", "face",
              "--methods", f"{GAIN}:Gain", "--out", out)  # fmt: skip
    assert bench_here(*common).returncode == 0
    before = rows(out)
    done = bench_here(*common, "--set", "Gain.gain=0.5", "--images", 3, "--fresh")
    assert len({row["cell_key"] for row in rows(out)}) == 1
    assert len(rows(out)) == 3
    assert rows(out)[0][PSNR] not in {row[PSNR] for row in before}
    said = "5 rows of earlier commands, with other settings (gain 1.0, not 0.5), stay in the store"
    assert said in done.stdout
    assert said in (out / "summary.md").read_text()
    assert said in (out / "report.html").read_text()
    again = bench_here(*common)
    assert again.returncode == 2
    assert "Gain stands in" in again.stderr
    assert "with gain 0.5, not 1.0" in again.stderr
    assert len(rows(out)) == 3


def test_a_second_folder_of_pictures_is_another_table(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    """Of the same names: neither their rows nor their files are taken for one another's."""
    out, other = tmp_path / "out", tmp_path / "other" / "face"
    other.mkdir(parents=True)
    for i in range(4):  # 004, 003, 002, 001 under the names 000 to 003
        (other / f"{i:03d}.png").write_bytes((data / "face" / f"{4 - i:03d}.png").read_bytes())
    common = ("run", "--suite", suite, "--splits", "face", "--out", out)
    assert bench_here(*common, "--data", data, "--methods", "nearest,bicubic").returncode == 0
    first = {row["image"]: row[PSNR] for row in rows(out) if row["method"] == "bicubic"}
    done = bench_here(*common, "--data", other.parent, "--methods", "nearest")
    assert done.returncode == 0, done.stderr
    bicubic = {row["image"]: row[PSNR] for row in rows(out) if row["method"] == "bicubic"}
    assert bicubic == {f"{i:03d}": first[f"{4 - i:03d}"] for i in range(4)}
    assert (
        bench_here("rescore", out, "--metrics", "ssim").returncode == 0
    )  # each with its own truth
    assert all(float(row["ssim"]) > 0 for row in rows(out))
    assert "bicubic on face at 16x: 1 row of earlier commands, on other pictures" in done.stdout
