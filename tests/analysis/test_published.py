"""The papers' tables as data, and when measured numbers may be held against them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.analysis import analyse
from bench.analysis.published import publications, read_publication
from bench.analysis.reproduction import Reproduction, ReproductionVerdict
from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.datasets.suites import load_suite
from bench.metrics.registry import METRICS
from bench.report.tables.literature import literature_tables
from bench.report.tables.markdown import summary_markdown
from bench.report.tables.published_orders import published_orders_markdown
from bench.results.results import Results
from tests.support.synthetic import results

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


# Entered a second time, from the paper: PSNR / LPIPS of mGANprior, PULSE, ESRGAN+ and GLEAN.
TABLE_2 = """
face    23.66 0.4661  21.83 0.4600  26.76 0.2787  26.84 0.2681
cat     17.01 0.5556  19.78 0.5241  19.99 0.3482  20.92 0.3215
car     14.53 0.7228  16.30 0.6491  19.42 0.3006  19.74 0.2830
bedroom 16.38 0.5439  12.97 0.7131  19.47 0.3291  19.44 0.3310
tower   15.96 0.4870  13.62 0.7066  17.86 0.3132  18.41 0.2850
"""
TABLE_1 = {"pulse": 0.4047, "mganprior": 0.5526, "dgp": 0.7341, "singan": 0.7718,
           "esrgan": 0.9599, "glean": 0.9678}  # fmt: skip


def test_the_tables_of_glean_are_there_in_full() -> None:
    paper = next(p for p in publications() if p.title == "GLEAN, CVPR 2021")
    tables = {table.metric: table for table in paper.table}
    psnr: dict[str, dict[str, float]] = {}
    lpips: dict[str, dict[str, float]] = {}
    for split, *figures in map(str.split, TABLE_2.strip().splitlines()):
        methods = ("mganprior", "pulse", "esrgan", "glean")
        psnr[split] = dict(zip(methods, map(float, figures[::2]), strict=True))
        lpips[split] = dict(zip(methods, map(float, figures[1::2]), strict=True))
    assert tables["psnr_rgb_db"].values == psnr
    assert tables["lpips"].values == lpips
    assert tables["arcface_cosine"].values == {"face": TABLE_1}
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


def in_paper_suite(methods: list[str], images: int = 100, **means: float) -> Results:
    """A run of the face split under the paper's own conditions; PSNR around these means."""
    made = results(methods, ["face"], images, ("psnr_rgb_db", "lpips_alex", "lpips_vgg"))
    rows = []
    for row in made.rows:
        offset = 0.5 if int(row.image) % 2 else -0.5
        psnr = means.get(row.method, 20.0) + offset
        rows.append(
            replace(row, operator=f"{OPERATOR}#abc", metrics={**row.metrics, "psnr_rgb_db": psnr})
        )
    suite = load_suite("paper").model_dump(mode="json")
    return replace(made, rows=tuple(rows), run={**made.run, "suite": suite})


OPERATOR = "downsample16-matlab-bicubic-u8"


def judged(made: Results, title: str = "GLEAN, CVPR 2021") -> dict[tuple[str, str], Reproduction]:
    """The figures of a publication by method and measured column."""
    (table,) = analyse(made).tables
    found = next(f for f in table.literature if f.publication.title == title)
    return {(f.method, f.metric.column if f.metric else "none"): f for f in found.figures}


def test_a_value_near_the_published_one_reproduces_it_and_another_differs() -> None:
    found = judged(in_paper_suite(["glean", "pulse", "esrgan"], glean=26.90, pulse=21.5))
    glean, pulse = found["glean", "psnr_rgb_db"], found["pulse", "psnr_rgb_db"]
    assert (glean.verdict, glean.reason) == (ReproductionVerdict.REPRODUCED, "")
    assert glean.difference == pytest.approx(0.06)
    assert glean.measured is not None
    assert glean.measured.mean == pytest.approx(26.90)
    assert pulse.verdict is ReproductionVerdict.DIFFERS
    assert pulse.difference == pytest.approx(-0.33)
    # The published network was never released: whatever is measured is of another.
    esrgan = found["esrgan", "psnr_rgb_db"]
    assert esrgan.verdict is ReproductionVerdict.NOT_COMPARABLE
    assert "never released" in esrgan.reason
    assert esrgan.difference is not None
    missing = found["mganprior", "psnr_rgb_db"]
    assert (missing.verdict, missing.measured, missing.difference) == (
        ReproductionVerdict.NOT_RUN,
        None,
        None,
    )
    assert missing.reason == "not a method of this run"
    # The network of the published LPIPS was not stated: every measured one stands beside it.
    for column in ("lpips_alex", "lpips_vgg"):
        open_figure = found["glean", column]
        assert open_figure.verdict is ReproductionVerdict.NOT_COMPARABLE
        assert "not stated" in open_figure.reason
        assert open_figure.difference is not None
    assert found["glean", "none"].reason == "no metric of this run answers to it"


@pytest.mark.parametrize(
    ("method", "figure", "reason"),
    [
        ("dgp", 0.7341, "which BigGAN restored the faces is not on record"),
        ("singan", 0.7718, "trained on each picture anew: by which settings"),
    ],
)
def test_identities_of_methods_whose_networks_nobody_has_are_not_comparable(
    method: str, figure: float, reason: str
) -> None:
    made = results([method], ["face"], 100, ("arcface_cosine",))
    rows = tuple(replace(row, operator=f"{OPERATOR}#abc") for row in made.rows)
    suite = load_suite("paper").model_dump(mode="json")
    in_suite = replace(made, rows=rows, run={**made.run, "suite": suite})
    found = judged(in_suite)[method, "arcface_cosine"]
    assert (found.published, found.verdict) == (figure, ReproductionVerdict.NOT_COMPARABLE)
    assert reason in found.reason
    offline = judged(in_paper_suite([method]))[method, "none"]
    assert (offline.verdict, offline.reason) == (
        ReproductionVerdict.NOT_RUN, "no metric of this run answers to it")  # fmt: skip


def test_measurements_of_the_same_people_answer_to_each_other() -> None:
    made = in_paper_suite(["glean"], glean=26.90)
    found = judged(made, "GLEAN, released checkpoints measured again")
    assert found["glean", "psnr_rgb_db"].verdict is ReproductionVerdict.REPRODUCED
    # The author's LPIPS may be of either network, the user's is known to be alex.
    assert {c for _, c in found} == {"psnr_rgb_db", "lpips_alex", "lpips_vgg"}


def test_other_pictures_scales_and_operators_are_not_comparable_and_have_no_difference() -> None:
    few = judged(in_paper_suite(["glean"], images=10, glean=26.84))["glean", "psnr_rgb_db"]
    assert (few.verdict, few.difference, few.reason) == (
        ReproductionVerdict.NOT_COMPARABLE, None, "over 10 of the 100 pictures")  # fmt: skip
    made = in_paper_suite(["glean"], glean=26.84)
    other = replace(
        made, rows=tuple(replace(r, operator="downsample16-area-u8#1") for r in made.rows)
    )
    found = judged(other)["glean", "psnr_rgb_db"]
    assert (found.verdict, found.difference) == (ReproductionVerdict.NOT_COMPARABLE, None)
    assert "downsample16-area-u8" in found.reason
    photo = judged(results(["glean"], ["face"], images=100))["glean", "psnr_rgb_db"]
    assert (photo.verdict, photo.difference) == (ReproductionVerdict.NOT_COMPARABLE, None)
    assert photo.reason.startswith("128 px pictures of suite photo")


def test_methods_without_weights_were_not_run_and_say_why() -> None:
    made = in_paper_suite(["glean", "pulse"], images=4)
    rows = tuple(
        replace(r, state=RowState.UNAVAILABLE, reason="no weights", metrics={})
        if r.method == "glean"
        else r
        for r in made.rows
    )
    found = judged(replace(made, rows=rows))["glean", "psnr_rgb_db"]
    assert (found.verdict, found.reason) == (ReproductionVerdict.NOT_RUN, "no weights")


def test_the_order_of_the_methods_is_held_against_the_published_one() -> None:
    def orders(**means: float) -> list[str]:
        made = in_paper_suite(list(means), **means)
        return list(literature_tables(analyse(made).tables[0], made.titles)[0].orders)

    same = orders(mganprior=22.0, pulse=20.0, esrgan=24.0, glean=25.0)
    assert "Order by PSNR (dB) ↑ of 4 methods (GLEAN, ESRGAN+, mGANprior, PULSE)" in same[0]
    assert "Kendall tau 1.00" in same[0]
    assert "Kendall tau 0.67" in orders(mganprior=22.0, pulse=20.0, esrgan=26.0, glean=25.0)[0]
    assert "Kendall tau -1.00" in orders(pulse=26.0, esrgan=25.0, glean=24.0)[0]
    assert orders(glean=24.0) == []


def test_orders_are_told_over_the_images_that_all_their_methods_have() -> None:
    made = in_paper_suite(
        ["glean", "esrgan", "pulse"], images=8, glean=25.0, esrgan=24.0, pulse=20.0
    )
    # Only the first images were searched, and on these GLEAN is not the best.
    images = sorted({row.image for row in made.rows})
    first = set(images[:3])
    rows = tuple(
        replace(row, metrics={"psnr_rgb_db": 23.0 if row.image in first else 30.0})
        if row.method == "glean" else row
        for row in made.rows if row.method != "pulse" or row.image in first
    )  # fmt: skip
    found = analyse(replace(made, rows=rows)).tables[0].literature
    (order,) = (
        order for literature in found for order in literature.orders
        if order.metric.column == "psnr_rgb_db" and len(order.published) == 3
    )  # fmt: skip
    assert order.images == 3
    assert list(order.published) == ["glean", "esrgan", "pulse"]
    assert list(order.measured) == ["esrgan", "glean", "pulse"]
    assert order.measured["glean"] == 23.0
    assert order.agreement.tau == pytest.approx(1 / 3)


def test_identity_of_rendered_people_stands_in_for_arcface_where_orders_are_compared() -> None:
    made = results(["glean", "esrgan"], ["face"], images=3)
    identity = METRICS["rendered_identity_cosine"]
    scores = {"glean": 0.8, "esrgan": 0.9}
    rows = tuple(replace(r, metrics={identity.column: scores[r.method]}) for r in made.rows)
    analysis = analyse(replace(made, rows=rows, metrics=(identity,)))
    (table, note) = published_orders_markdown(analysis.tables, made.titles)
    (line,) = (line for line in table.splitlines() if "face" in line)
    assert "identity cosine (rendered) ↑, in place of ArcFace cosine" in line
    assert "GLEAN 0.9678, ESRGAN+ 0.9599" in line
    assert "ESRGAN+ 0.9000, GLEAN 0.8000" in line
    assert [cell.strip() for cell in line.split("|")][-3:-1] == ["3", "-1.00"]
    assert note.startswith("Kendall's tau")


def test_the_summary_prints_published_measured_difference_and_verdict() -> None:
    made = in_paper_suite(["glean", "pulse", "esrgan"], glean=26.90, pulse=21.5)
    text = summary_markdown(analyse(made))
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["method", "metric", "published", "measured", "difference", "verdict"] in cells
    glean = next(c for c in cells if c[:3] == ["GLEAN", "PSNR (dB) ↑", "26.84"])
    assert glean[3].startswith("26.90 [")
    assert glean[4:] == ["+0.06", "reproduced"]
    assert ["PULSE", "PSNR (dB) ↑", "21.83"] in [c[:3] for c in cells]
    assert "reproduced within 0.1" in text
    assert "Kendall tau" in text


def test_other_scales_have_other_figures() -> None:
    made = results(["glean"], ["cat"], images=2, scale=8)
    (found,) = literature_tables(analyse(made).tables[0], made.titles)
    assert found.rows[0][:3] == ("GLEAN (author)", "PSNR (dB) ↑", "23.98")
    made = results(["glean"], ["boats"], images=2)
    assert literature_tables(analyse(made).tables[0], made.titles) == []


def test_published_shares_of_costs_stand_beside_the_measured_ones() -> None:
    made = results(["glean", "glean-light"], ["face", "boats"], images=2)
    cells = tuple(
        replace(cell, parameters=2_000_000, macs=99) if cell.method == "glean-light"
        else replace(cell, parameters=3_000_000, macs=100)
        for cell in made.cells
    )  # fmt: skip
    for table in analyse(replace(made, cells=cells)).tables:
        found = literature_tables(table, {"glean-light": "Light", "glean": "GLEAN"})[-1]
        assert [row[:5] for row in found.rows] == [
            ("Light", "parameters, % of GLEAN's", "21", "66.7", "–"),
            ("Light", "FLOPs, % of GLEAN's", "35", "99.0", "–"),
        ]
        for row in found.rows:
            assert row[5].startswith("not comparable: no code, weights or table of it is public")
        assert found.comparability == "Costs alone, in which the pictures have no part."
    (alone,) = analyse(results(["glean-light"], ["boats"], images=2)).tables
    (found,) = literature_tables(alone, {})
    assert [row[3:5] for row in found.rows] == [("–", "–")] * 2
    assert "not run: the costs of glean-light and glean were not both measured" in found.rows[0]


def test_a_share_that_nothing_explains_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "paper.toml"
    share = '[[share]]\nname = "n"\nof = "glean"\ncost = "macs"\ntitle = "t"\nvalues.srgan = 3\n'
    path.write_text(MINIMAL + share)
    with pytest.raises(BenchError, match=r"shares of srgan, but \[models\] does not say"):
        read_publication(path)
    path.write_text(MINIMAL + share + '[models]\nsrgan = "why"\n')
    assert read_publication(path).share[0].values == {"srgan": 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("scale = 16", "scail = 16"), "did you mean scale"),
        (("scale = 16", 'scale = "x"'), "scale"),
        (("values.face", "values.cat"), "does not say what they were measured on"),
        (("name = ", "nam"), "not valid TOML"),
        (("protocol_known = false", "protocol_known = true"), "no tolerance"),
        (("protocol_known = false", "protocol_known = false\ntolerance = 0"), "tolerance"),
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
