"""Plots and picture grids: what is drawn, where names stand, which pictures are shown."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from PIL import Image

from bench.report.examples import MOST_IMAGES, examples
from bench.report.forest import quality_by_split
from bench.report.grids import FOOT, GAP, HEAD, SIDE, draw_grids
from bench.report.planes import perception_distortion, quality_latency
from bench.report.plots import draw_plots
from bench.report.style import FIXED, drawing, one_line, styles
from bench.results import Results
from bench.rows import RowState
from bench.summary import summarise
from tests.synthetic import HOSTILE, METHODS, results, write_images

DRAWS = (quality_by_split, perception_distortion, quality_latency)
EMPTY = Results((), (), (), {}, {}, {})


def texts(figure: Figure) -> list[str]:
    return [
        found.get_text()
        for found in figure.findobj(Text)
        if found.get_text() and found.get_visible()
    ]


@pytest.mark.parametrize("count", [1, 10])
@pytest.mark.parametrize("splits", [("face",), ("face", "cat", "car", "bedroom", "tower")])
def test_every_method_and_split_is_named(count: int, splits: tuple[str, ...]) -> None:
    made = results(list(METHODS)[:count], splits, images=7)
    with drawing():
        for draw in DRAWS:
            shown = texts(draw(made, summarise(made)))
            assert set(splits) <= set(shown)
            assert shown.count("Nearest neighbour") == len(splits)


@pytest.mark.parametrize("draw", [perception_distortion, quality_latency])
def test_names_of_points_cover_neither_each_other_nor_points(draw: object) -> None:
    made = results(images=10)
    with drawing():
        figure = draw(made, summarise(made))  # type: ignore[operator]
        figure.draw_without_rendering()
        for axis in figure.axes:
            names = [found for found in axis.texts if isinstance(found, Annotation)]
            assert len(names) == len(METHODS)
            boxes = [Text.get_window_extent(name) for name in names]
            for one, other in itertools.combinations(boxes, 2):
                assert not one.overlaps(other)
            points = [axis.transData.transform(name.xy) for name in names]
            assert not any(box.contains(x, y) for box in boxes for x, y in points)


def test_nothing_measured_is_said() -> None:
    alone = results(["glean"], ["face"], columns=("psnr_rgb_db",))
    with drawing():
        for draw in DRAWS:
            assert texts(draw(EMPTY, [])) == [next(t for t in texts(draw(EMPTY, [])))]
            assert texts(draw(EMPTY, []))[0].startswith("nothing measured")
        assert "needs PSNR" in texts(perception_distortion(alone, summarise(alone)))[0]
        assert "GLEAN" in texts(quality_latency(alone, summarise(alone)))


def test_a_run_without_latencies_or_intervals_is_drawn() -> None:
    made = results(["glean", "pulse"], ["face"], images=2)
    rows = tuple(replace(row, latency_s=None) for row in made.rows)
    made = replace(made, rows=rows)
    with drawing():
        assert texts(quality_latency(made, summarise(made))) == ["nothing measured"]
        assert any("Fewer than 6" in t for t in texts(quality_by_split(made, summarise(made))))


def test_means_over_fewer_images_are_hollow() -> None:
    made = results(["glean", "pulse"], ["face"], images=3)
    rows = list(made.rows)
    rows[0] = replace(rows[0], state=RowState.FAILED, metrics={})
    made = replace(made, rows=tuple(rows))
    with drawing():
        figure = perception_distortion(made, summarise(made))
    fills = {line.get_markerfacecolor() for line in figure.axes[0].lines}
    assert fills == {"white", FIXED["pulse"][0]}


def test_methods_keep_their_look_whoever_else_takes_part() -> None:
    alone, together = styles(["glean"]), styles(["mine", "bicubic", "glean", "yours"])
    assert alone["glean"] == together["glean"]
    many = styles([*FIXED, *(f"method-{i}" for i in range(20))])
    assert len(set(many.values())) == len(FIXED) + 20


def test_the_users_own_settings_change_nothing_and_stay(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=3)
    plain = draw_plots(made, summarise(made), tmp_path / "plain")
    with mpl.rc_context({"font.size": 20, "axes.grid": False, "svg.hashsalt": None}):
        dressed = draw_plots(made, summarise(made), tmp_path / "dressed")
        assert mpl.rcParams["font.size"] == 20
    assert plain == dressed


def test_files_carry_no_dates_or_versions(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    for plot in draw_plots(made, summarise(made), tmp_path):
        assert b"<dc:date>" not in plot.svg
        assert mpl.__version__.encode() not in plot.svg
        assert Image.open(tmp_path / f"{plot.name}.png").info.keys() <= {"dpi"}


@pytest.mark.parametrize("name", [HOSTILE, "caf\udce9", "\x00\x1b", "日本", "$\\frac", "n" * 300])
def test_any_name_is_drawn(name: str, tmp_path: Path) -> None:
    made = replace(results(["glean"], ["face"], images=2), titles={"glean": name})
    made = replace(made, rows=tuple(replace(row, split=name) for row in made.rows))
    plots = draw_plots(made, summarise(made), tmp_path)
    assert all(b"<script" not in plot.svg for plot in plots)
    assert len(one_line(name)) <= 24
    assert "\n" not in one_line(name)


def test_the_grid_shows_input_methods_and_truth(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=8)
    images = write_images(tmp_path / "images", made)
    (path,) = draw_grids(made, summarise(made), tmp_path, images)
    assert path.name == "grid-face.png"
    grid = np.asarray(Image.open(path))
    assert grid.shape == (HEAD + MOST_IMAGES * (SIDE + FOOT), 4 * (SIDE + GAP) - GAP, 3)
    folder = images / "face" / "000"
    for column, name in enumerate(("input", "bicubic", "glean", "truth")):
        left = column * (SIDE + GAP)
        pixels = np.asarray(Image.open(folder / f"{name}.png").convert("RGB"))
        step = SIDE // len(pixels)
        shown = grid[HEAD : HEAD + SIDE : step, left : left + SIDE : step]
        assert np.array_equal(shown, pixels)  # whole squares: no pixel is smoothed


def test_examples_are_those_of_the_tables_own_scale(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    images = write_images(tmp_path, made)
    eight = replace(made, rows=tuple(replace(row, scale=8) for row in made.rows))
    lines = summarise(eight)
    assert examples(images, lines[0].table, lines, eight) == []  # those pictures are of 16x
    for folder in (images / "face").iterdir():
        with Image.open(folder / "truth.png") as truth:
            truth.resize((8, 8)).save(folder / "input.x8.png")
            truth.save(folder / "glean.x8.png")
    found = examples(images, lines[0].table, lines, eight)
    assert [example.restored["glean"].name for example in found] == ["glean.x8.png"] * 2
    both = replace(made, rows=(*made.rows, *eight.rows))
    grids = draw_grids(both, summarise(both), tmp_path / "plots", images)
    assert [path.name for path in grids] == ["grid-face.png", "grid-face.x8.png"]


def test_names_lead_to_no_file_outside_the_folder(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    images = write_images(tmp_path / "images", made)
    away = replace(made, rows=tuple(replace(row, split="../images/face") for row in made.rows))
    lines = summarise(away)
    assert examples(images, lines[0].table, lines, away) == []
    assert examples(None, lines[0].table, lines, away) == []
    assert examples(tmp_path / "absent", summarise(made)[0].table, summarise(made), made) == []
