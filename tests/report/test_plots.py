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

from bench.analysis.analysis import analyse
from bench.analysis.curves import curves_of
from bench.core.rows import RowState
from bench.metrics.facts import Direction
from bench.report.ink import one_line
from bench.report.pictures.canvas import FOOT, GAP, HEAD, SIDE
from bench.report.pictures.examples import MOST_IMAGES, Example, examples_of, first_of
from bench.report.pictures.grids import draw_grids
from bench.report.plots.budget_curves import budget_curves
from bench.report.plots.figures import draw_plots
from bench.report.plots.forest import quality_by_split
from bench.report.plots.identity import identity
from bench.report.plots.planes import (
    pareto_set,
    perception_distortion,
    quality_latency,
    quality_memory,
)
from bench.report.style import FIXED, drawing, styles
from bench.results.results import Results
from tests.support.synthetic import HOSTILE, METHODS, results, with_budgets, write_images

DRAWS = (quality_by_split, perception_distortion, quality_latency, quality_memory)
EMPTY = Results((), (), (), {}, {}, {})


def grids(made: Results, folder: Path, images: Path | None) -> list[Path]:
    analysis = analyse(made)
    return draw_grids(analysis, examples_of(analysis, images), folder)


def examples(images: Path | None, made: Results) -> list[Example]:
    (found,) = examples_of(analyse(made), images).values()
    return first_of(found)


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
            shown = texts(draw(analyse(made)))
            assert set(splits) <= set(shown)
            assert shown.count("Nearest neighbour") == len(splits)


@pytest.mark.parametrize("draw", [perception_distortion, quality_latency, quality_memory])
def test_names_of_points_cover_neither_each_other_nor_points(draw: object) -> None:
    made = results(images=10)
    with drawing():
        figure = draw(analyse(made))  # type: ignore[operator]
        figure.draw_without_rendering()
        for axis in figure.axes:
            names = [found for found in axis.texts if isinstance(found, Annotation)]
            assert len(names) == len(METHODS)
            boxes = [Text.get_window_extent(name) for name in names]
            for one, other in itertools.combinations(boxes, 2):
                assert not one.overlaps(other)
            points = [axis.transData.transform(name.xy) for name in names]
            assert not any(box.contains(x, y) for box in boxes for x, y in points)
            panel = axis.bbox.padded(1)
            assert all(box.x0 >= panel.x0 and box.x1 <= panel.x1 for box in boxes)


def test_nothing_measured_is_said() -> None:
    alone = results(["glean"], ["face"], columns=("psnr_rgb_db",))
    with drawing():
        for draw in DRAWS:
            assert texts(draw(analyse(EMPTY))) == [next(t for t in texts(draw(analyse(EMPTY))))]
            assert texts(draw(analyse(EMPTY)))[0].startswith("nothing measured")
        assert "needs PSNR" in texts(perception_distortion(analyse(alone)))[0]
        assert "GLEAN" in texts(quality_latency(analyse(alone)))


def test_a_run_without_latencies_or_intervals_is_drawn() -> None:
    made = results(["glean", "pulse"], ["face"], images=2)
    rows = tuple(replace(row, latency_s=None) for row in made.rows)
    made = replace(made, rows=rows)
    with drawing():
        assert texts(quality_latency(analyse(made))) == ["nothing measured"]
        assert any("Fewer than 6" in t for t in texts(quality_by_split(analyse(made))))


def test_means_over_fewer_images_are_hollow() -> None:
    made = results(["glean", "pulse"], ["face"], images=3)
    rows = list(made.rows)
    glean = [i for i, row in enumerate(rows) if row.method == "glean"]
    for i in glean[:2]:  # too many for a table over the images that both restored
        rows[i] = replace(rows[i], state=RowState.FAILED, metrics={})
    made = replace(made, rows=tuple(rows))
    with drawing():
        figure = perception_distortion(analyse(made))
    fills = {line.get_markerfacecolor() for line in figure.axes[0].lines}
    assert fills == {"white", FIXED["pulse"][0]}


def test_methods_keep_their_look_whoever_else_takes_part() -> None:
    alone, together = styles(["glean"]), styles(["mine", "bicubic", "glean", "yours"])
    assert alone["glean"] == together["glean"]
    many = styles([*FIXED, *(f"method-{i}" for i in range(20))])
    assert len(set(many.values())) == len(FIXED) + 20


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_users_own_settings_change_nothing_and_stay(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=3)
    draw_plots(analyse(made), tmp_path / "plain")
    with mpl.rc_context({"font.size": 20, "axes.grid": False, "svg.hashsalt": None}):
        draw_plots(analyse(made), tmp_path / "dressed")
        assert mpl.rcParams["font.size"] == 20
    assert files_of(tmp_path / "plain") == files_of(tmp_path / "dressed")


def test_files_carry_no_dates_or_versions(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    for name in draw_plots(analyse(made), tmp_path):
        svg = (tmp_path / f"{name}.svg").read_bytes()
        assert b"<dc:date>" not in svg
        assert mpl.__version__.encode() not in svg
        assert Image.open(tmp_path / f"{name}.png").info.keys() <= {"dpi"}


def test_methods_that_failed_are_compared_on_the_images_that_all_restored(tmp_path: Path) -> None:
    made = results(["glean", "pulse", "bicubic"], ["face"], images=9)
    rows = list(made.rows)
    for i in (0, 9 + 4):
        rows[i] = replace(rows[i], state=RowState.FAILED, metrics={})
    made = replace(made, rows=tuple(rows))
    analysis = analyse(made)
    draw_plots(analysis, tmp_path)
    common = analysis.tables[0].common
    assert (common.images, common.of, common.is_whole) == (7, 9, False)
    assert {line.coverage.images for line in common.lineup.lines} == {7}
    with drawing():
        shown = texts(quality_by_split(analysis))
    assert "7 images" in shown
    assert any("Over the images that all of these restored: 7 of 9 of face" in t for t in shown)


def test_identity_shows_every_image_of_faces_alone() -> None:
    made = results(["glean", "bicubic"], ["face", "cat"], images=7)
    with drawing():
        figure = identity(analyse(made))
        assert figure is not None
        assert "face" in texts(figure)
        assert "cat" not in texts(figure)
        dots = [line for line in figure.axes[0].lines if len(line.get_xdata()) > 1]  # type: ignore[arg-type]
        drawn = sorted(float(x) for line in dots for x in line.get_xdata())  # type: ignore[union-attr]
        scores = sorted(r.metrics["arcface_cosine"] for r in made.rows if r.split == "face")
        assert drawn == scores
        assert identity(analyse(results(["glean"], ["cat"]))) is None


def test_budget_curves_end_at_the_rows_own_means(tmp_path: Path) -> None:
    plain = results(["pulse", "mganprior", "glean"], ["face", "cat"], images=7)
    analysis = analyse(with_budgets(plain, ["pulse", "mganprior"]))
    lines = {(line.table, line.method): line for line in analysis.lines}
    curves = [curve for table in analysis.tables for curve in table.curves]
    assert {curve.method for curve in curves} == {"pulse", "mganprior"}
    assert {curve.column for curve in curves} == {facts.column for facts in plain.metrics}
    for curve in curves:
        assert [stage.steps for stage in curve.stages] == [10, 33, 100]
        mean = lines[curve.table, curve.method].scores.means[curve.column].mean
        assert curve.stages[-1].score.mean == pytest.approx(mean)
        assert {stage.score.n for stage in curve.stages} == {7}
    with drawing():
        figure = budget_curves(analysis)
        assert figure is not None
        assert {"face", "cat", "PULSE", "mGANprior"} <= set(texts(figure))
    assert "budgets" in draw_plots(analysis, tmp_path)
    assert "budgets" not in draw_plots(analyse(plain), tmp_path)
    assert not (tmp_path / "budgets.png").exists()  # a plot of an earlier report would mislead


def test_budget_curves_are_over_images_that_reached_every_stage() -> None:
    plain = results(["pulse"], ["face"], images=7)
    made = with_budgets(plain, ["pulse"])
    first = replace(made.rows[0], budgets=made.rows[0].budgets[:1])
    stages = curves_of([first, *made.rows[1:]], made.metrics)[0].stages
    assert [stage.score.n for stage in stages] == [6, 6, 6]
    assert curves_of(plain.rows, plain.metrics) == ()


@pytest.mark.parametrize("better", [Direction.HIGHER, Direction.LOWER])
def test_the_pareto_set_holds_what_nothing_beats(better: Direction) -> None:
    rng = np.random.default_rng(3)
    points = [(float(x), float(y)) for x, y in rng.random((40, 2)).round(1)]
    sign = 1 if better is Direction.HIGHER else -1
    found = pareto_set(points, better)

    def beaten(point: tuple[float, float]) -> bool:
        return any(
            o != point and o[0] <= point[0] and sign * o[1] >= sign * point[1] for o in points
        )

    assert set(found) == {point for point in points if not beaten(point)}
    assert found == sorted(set(found))


@pytest.mark.parametrize("name", [HOSTILE, "caf\udce9", "\x00\x1b", "日本", "$\\frac", "n" * 300])
def test_any_name_is_drawn(name: str, tmp_path: Path) -> None:
    made = replace(results(["glean"], ["face"], images=2), titles={"glean": name})
    made = replace(made, rows=tuple(replace(row, split=name) for row in made.rows))
    plots = draw_plots(analyse(made), tmp_path)
    assert all(b"<script" not in (tmp_path / f"{plot}.svg").read_bytes() for plot in plots)
    assert len(one_line(name)) <= 24
    assert "\n" not in one_line(name)


def test_the_grid_shows_input_methods_and_truth(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=8)
    images = write_images(tmp_path / "images", made)
    (path,) = grids(made, tmp_path, images)
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


def test_one_grid_has_a_picture_of_each_split(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face", "cat"], images=3)  # whose images share names
    images = write_images(tmp_path / "images", made)
    paths = grids(made, tmp_path, images)
    assert [path.name for path in paths] == ["grid-face.png", "grid-cat.png", "grid.png"]
    face, cat, both = (np.asarray(Image.open(path)) for path in paths)
    row = HEAD + SIDE + FOOT  # the captions too
    assert both.shape[0] == HEAD + 2 * (SIDE + FOOT)
    assert np.array_equal(both[:row], face[:row])
    assert np.array_equal(both[row:], cat[HEAD:row])


def test_the_grid_of_all_splits_shows_the_methods_that_serve_all(tmp_path: Path) -> None:
    made = results(["srgan", "glean", "bicubic"], ["face", "cat"], images=1)
    rows = [row for row in made.rows if (row.method, row.split) != ("srgan", "cat")]
    made = replace(made, rows=tuple(rows))
    images = write_images(tmp_path / "images", made)
    paths = grids(made, tmp_path, images)
    widths = {path.name: Image.open(path).width for path in paths}
    five, four = (columns * (SIDE + GAP) - GAP for columns in (5, 4))
    assert widths == {"grid-face.png": five, "grid-cat.png": four, "grid.png": four}


def test_examples_are_those_of_the_tables_own_scale(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    images = write_images(tmp_path, made)
    eight = replace(made, rows=tuple(replace(row, scale=8) for row in made.rows))
    assert examples(images, eight) == []  # those pictures are of 16x
    for folder in (images / "face").iterdir():
        with Image.open(folder / "truth.png") as truth:
            truth.resize((8, 8)).save(folder / "input.x8.png")
            truth.save(folder / "glean.x8.png")
    found = examples(images, eight)
    assert [example.restored["glean", 0].name for example in found] == ["glean.x8.png"] * 2
    both = replace(made, rows=(*made.rows, *eight.rows))
    paths = grids(both, tmp_path / "plots", images)
    assert [path.name for path in paths] == ["grid-face.png", "grid-face.x8.png"]


def test_names_lead_to_no_file_outside_the_folder(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    images = write_images(tmp_path / "images", made)
    away = replace(made, rows=tuple(replace(row, split="../images/face") for row in made.rows))
    assert examples(images, away) == []
    assert examples(None, away) == []
    assert examples(tmp_path / "absent", made) == []
