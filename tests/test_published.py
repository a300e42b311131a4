"""The papers' tables as data, and when measured numbers may be held against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.published import publications, read_publication
from bench.report.literature import literature_tables
from bench.suites import load_suite
from bench.summary import summarise
from tests.synthetic import results

MINIMAL = """
title = "A paper"
source = "somewhere"
suite = "paper"
pictures.face = "ten faces"

[[table]]
name = "Table 1"
metric = "psnr_rgb_db"
title = "PSNR (dB) ↑"
scale = 16
protocol = "unknown"
protocol_known = false
values.face.glean = 26.84
"""


def test_the_tables_of_glean_are_there_in_full() -> None:
    paper = next(p for p in publications() if p.title == "GLEAN, CVPR 2021")
    tables = {table.metric: table for table in paper.table}
    assert tables["psnr_rgb_db"].values["face"]["glean"] == 26.84
    assert tables["lpips"].values["tower"]["pulse"] == 0.7066
    assert tables["arcface_cosine"].values["face"]["singan"] == 0.7718
    for metric in ("psnr_rgb_db", "lpips"):
        values = tables[metric].values
        assert list(values) == ["face", "cat", "car", "bedroom", "tower"]
        assert all(list(v) == ["mganprior", "pulse", "esrgan", "glean"] for v in values.values())
    assert not tables["lpips"].protocol_known


def test_measurements_of_the_released_files_are_kept_apart_from_the_paper() -> None:
    released = next(p for p in publications() if "released" in p.title)
    assert {table.by for table in released.table} == {"author", "a user"}
    scales = {table.scale for table in released.table}
    assert scales == {8, 16}


def test_figures_are_comparable_under_the_same_suite_and_list_only() -> None:
    paper = publications()[0]
    same = load_suite(paper.suite).model_dump(mode="json")
    assert paper.obstacle("face", same) == ""
    assert "never released" in paper.obstacle("tower", same)
    other = load_suite("photo").model_dump(mode="json")
    assert paper.obstacle("face", other) == (
        "128 px pictures of suite photo, not 100 CelebA-HQ pictures at 1024 px"
    )
    assert "unknown" in paper.obstacle("face", {})


def test_other_scales_have_other_figures() -> None:
    made = results(["glean"], ["cat"], images=2, scale=8)
    lines = summarise(made)
    (found,) = literature_tables(lines[0].table, lines, made)
    assert found.rows[0][1] == "23.98"
    made = results(["glean"], ["boats"], images=2)
    assert literature_tables(summarise(made)[0].table, summarise(made), made) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("scale = 16", "scail = 16"), "did you mean scale"),
        (("scale = 16", 'scale = "x"'), "scale"),
        (("values.face", "values.cat"), "does not say what they were measured on"),
        (("name = ", "nam"), "not valid TOML"),
    ],
)
def test_mistakes_in_a_file_are_told(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "paper.toml"
    path.write_text(MINIMAL)
    assert read_publication(path).table[0].values == {"face": {"glean": 26.84}}
    path.write_text(MINIMAL.replace(*change))
    with pytest.raises(BenchError, match=message) as error:
        read_publication(path)
    assert str(path) in str(error.value)
