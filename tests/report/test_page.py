"""The page as text: what it says, that it is safe, and what of the pictures is in it."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench import report
from bench.analysis.analysis import analyse
from bench.core.rows import RowState
from bench.metrics.registry import METRICS as REGISTRY
from bench.report.page import with_code
from bench.report.page.data import as_json
from bench.report.page.disagreements import disagreements
from bench.report.page.failures import failures
from bench.report.page.glance import answers
from bench.report.page.marks import outline
from bench.report.page.pictures import data_uri, link
from bench.report.plots.forest import quality_by_split
from bench.report.plots.planes import perception_distortion
from bench.report.style import FIXED, OTHER_MARKERS, drawing, styles
from bench.results.cautions import Caution, CautionKind
from bench.results.results import Results
from tests.report.test_plots import texts
from tests.support.synthetic import METRICS, hostile, results, write_images


class Tags(html.parser.HTMLParser):
    """Collects the elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.text = ""
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        assert not any(name.startswith("on") for name, _ in attrs)
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside not in ("script", "style") else ""


def written(made: Results, out: Path, images: Path | None = None) -> tuple[str, Tags]:
    report.write(made, out, images)
    source = (out / "report.html").read_text()
    return source, Tags(source)


def data_of(source: str, name: str = "data") -> Any:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', source, re.S)
    assert found
    return json.loads(found[1])


def test_hostile_text_stays_text_and_nothing_is_asked_for(tmp_path: Path) -> None:
    made = hostile()
    source, page = written(made, tmp_path, tmp_path / "images")
    assert page.tags.count("script") == 3  # the numbers, the pictures, and the page's own
    assert page.text.count('<script>alert("1")</script>') >= 4
    assert all(link.startswith("#") for link in page.links)
    assert "img" not in page.tags
    assert "http" not in re.sub(r"http://www.w3.org/2000/svg", "", page.text)
    reasons = [r.get("reason") for t in data_of(source)["tables"] for i in t["images"] for r in i["rows"]]  # fmt: skip
    assert made.rows[0].reason in reasons  # as it was, quotes and newlines included


def test_no_script_runs_but_the_one_that_the_policy_names(tmp_path: Path) -> None:
    source, _ = written(hostile(), tmp_path)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', source)
    (script,) = re.findall(r"<script>(.*?)</script>", source, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'"
    )
    assert "innerHTML" not in script
    assert "eval(" not in script


@pytest.mark.parametrize("text", ["</script><script>", "<!--", "&amp;", "\u2028", "caf\udce9", '"'])
def test_data_ends_no_script(text: str) -> None:
    made = as_json({"name": text})
    assert not set("<>&\u2028") & set(made)
    assert json.loads(made) == {"name": text}


def test_the_page_says_who_is_best_and_how_to_make_it_again(tmp_path: Path) -> None:
    made = results(["bicubic", "glean", "pulse"], ["face", "cat"], images=12)
    images = write_images(tmp_path / "images", made)
    source, page = written(made, tmp_path, images)
    for text in ("Perceptual distance", "Fidelity to the truth", "Identity", "told from every",
                 "Agreement with the input", "A Processor", "No row failed.",
                 "python -m bench run --suite photo --data 'my pictures'"):  # fmt: skip
        assert text in page.text, text
    for facts in made.metrics:
        assert facts.protocol in page.text
    assert page.tags.count("tbody") >= 3
    data = data_of(source)
    assert [table["title"] for table in data["tables"]] == ["face, 16x", "cat, 16x"]
    pictures = data_of(source, "pictures")
    image = data["tables"][0]["images"][0]
    shown = {image["input"], image["truth"], *(row["p"] for row in image["rows"])}
    assert len(shown) == 5
    assert all(pictures[place].startswith("data:image/webp") for place in shown)


def test_pictures_in_the_page_are_those_of_the_run_pixel_for_pixel(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=1)
    images = write_images(tmp_path / "images", made)
    source, _ = written(made, tmp_path, images)
    row = data_of(source)["tables"][0]["images"][0]["rows"][0]
    uri = data_of(source, "pictures")[row["p"]]
    file = tmp_path / "within.webp"
    file.write_bytes(base64.b64decode(uri.partition(",")[2]))
    original = np.asarray(Image.open(images / "face" / "000" / "glean.png").convert("RGB"))
    assert np.array_equal(np.asarray(Image.open(file).convert("RGB")), original)


def test_a_full_page_links_the_rest_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = results(["glean"], ["a b#%?<'", "cat"], images=4)
    images = write_images(tmp_path / "images", made)
    size = sum(len(data_uri(path)) for path in (images / "cat" / "000").iterdir())
    monkeypatch.setattr("bench.report.page.content.MOST_BYTES", int(size * 2.5))
    source, page = written(made, tmp_path, images)
    pictures = data_of(source, "pictures")
    for table in data_of(source)["tables"]:  # every table has some of its images in the page
        within = [pictures[image["truth"]].startswith("data:") for image in table["images"]]
        assert within == [True, False, False, False]
        for image in table["images"][1:]:
            address = pictures[image["truth"]]
            assert re.fullmatch(r"images/[\w%.-]+/00\d/truth\.png", address)
    assert "The pictures of 2 of 8 images are within this page" in page.text
    assert "img-src data: 'self' file:;" in source
    assert link(images / "a b#%?<'" / "x.png", tmp_path) == "images/a%20b%23%25%3F%3C%27/x.png"


def test_failed_rows_come_with_commands_that_try_them_again() -> None:
    made = results(["glean", "pulse"], ["face", "cat"], images=2)
    rows = list(made.rows)
    rows[-1] = replace(rows[-1], state=RowState.TIMEOUT, reason="took longer than 9 s")
    arguments = ["run", "--methods=glean,pulse", "--splits", "face,cat", "--data", "my pictures",
                 "--fresh", "--scale", "16,8"]  # fmt: skip
    run = {**made.run, "arguments": arguments}
    (found,) = failures(rows[-1:], run)
    assert found.command == (
        "python -m bench run --data 'my pictures' --methods pulse --splits cat --scale 16 --retry"
    )
    named = replace(rows[-1], method="Mine")
    mine = ["run", "--methods", "glean,dir/my file.py:Mine"]
    (found,) = failures([named], {"arguments": mine})
    assert "--methods 'dir/my file.py:Mine' --splits cat" in found.command
    # Rows of an earlier run, or of a merged report: its command is not on record.
    assert failures([named], {"arguments": ["report", "a"]})[0].command == ""
    assert failures([named], {**run, "splits": {"face": {}}})[0].command == ""


def test_leaders_are_the_best_and_those_not_told_from_it() -> None:
    made = results(["glean", "bicubic", "lanczos", "nearest"], ["face"], images=12)
    (table,) = analyse(made).tables
    perceptual = table.whole.rankings["lpips_alex"]
    assert perceptual.best == ("glean",)
    assert perceptual.is_alone
    few = results(["glean", "bicubic"], ["face"], images=4)
    told = analyse(few).tables[0].whole.rankings
    assert len(told) == len(few.metrics)
    assert not any(ranking.is_told or ranking.is_alone for ranking in told.values())
    same = replace(
        made,
        rows=tuple(
            replace(row, metrics={**row.metrics, "ssim": 0.5, "psnr_rgb_db": 20.0 + place % 2})
            for place, row in enumerate(made.rows)
        ),
    )
    assert len(analyse(same).tables[0].whole.rankings["ssim"].best) == 4


def test_identity_is_answered_by_whichever_metric_was_measured(tmp_path: Path) -> None:
    made = results(["bicubic", "glean"], ["face"], images=12)
    _, page = written(made, tmp_path / "photo")
    assert "IdentityArcFace cosine ↑" in page.text
    rendered = REGISTRY["rendered_identity_cosine"]
    rows = tuple(
        replace(row, metrics={"psnr_rgb_db": row.metrics["psnr_rgb_db"],
                              rendered.column: row.metrics["arcface_cosine"]})
        for row in made.rows
    )  # fmt: skip
    _, page = written(
        replace(made, rows=rows, metrics=(METRICS["psnr_rgb_db"], rendered)), tmp_path / "rendered"
    )
    assert "Identityidentity cosine (rendered) ↑" in page.text


def test_a_metric_that_is_not_to_be_trusted_leads_nowhere_and_says_so(tmp_path: Path) -> None:
    made = results(["bicubic", "glean", "pulse"], ["face", "cat"], images=12)
    doubt = "cat at 16x: LPIPS (alex): blocks before pictures"
    cat = next(row.table for row in made.rows if row.split == "cat")
    caution = Caution(CautionKind.SANITY, doubt, cat, "lpips_alex")
    analysis = analyse(replace(made, cautions=(caution,)))
    face, cats = analysis.tables
    assert (face.whole.leading, cats.whole.leading) == (METRICS["lpips_alex"], METRICS["st_lpips"])
    assert analysis.leading == METRICS["st_lpips"]
    source, _ = written(analysis.results, tmp_path)
    assert f'title="not to be trusted: {doubt}"' in source
    text = (tmp_path / "summary.md").read_text()
    of_all, of_face, of_cat = re.split(r"\n## (?:face|cat), 16x\n", text)
    assert f"‡ LPIPS (alex) is not to be trusted: {doubt}." in of_all
    assert "‡" not in of_face
    assert (
        f"Best first by ST-LPIPS; the best mean of each column is set bold. ‡ not to be trusted, and never first: {doubt}."
        in of_cat
    )
    assert (
        f"‡ not to be trusted, and never first: {doubt}." in (tmp_path / "summary.tex").read_text()
    )
    with drawing():
        assert "LPIPS (alex) ↓ ‡" in texts(quality_by_split(analysis))
        assert "LPIPS (alex) ↓" not in texts(perception_distortion(analysis))
    both = tuple(replace(caution, table=table.key) for table in analysis.tables)
    (first, *_) = answers(analyse(replace(made, cautions=both)))
    assert (first.question, first.metric) == ("Perceptual distance", "ST-LPIPS ↓")
    every = tuple(replace(caution, metric=facts.column) for facts in made.metrics)
    lost = analyse(replace(made, cautions=every)).tables[1].whole
    assert lost.leading is None
    assert lost.best_first == lost.lines


def test_disagreements_are_found_where_they_are() -> None:
    images = [f"{i}" for i in range(8)]
    psnr = {"a": dict.fromkeys(images, 25.0), "b": dict.fromkeys(images, 24.0)}
    lpips = {"a": dict.fromkeys(images, 0.3), "b": dict.fromkeys(images, 0.4)}
    metrics = [METRICS["psnr_rgb_db"], METRICS["lpips_alex"]]
    agreed = {"psnr_rgb_db": psnr, "lpips_alex": lpips}
    assert list(disagreements(agreed, metrics)) == []
    lpips["a"]["5"], lpips["a"]["6"] = 0.9, 0.6  # there LPIPS prefers b, although PSNR prefers a
    found = list(disagreements(agreed, metrics))
    assert [(each.image, each.first, each.second) for each in found] == [("5", "a", "b"), ("6", "a", "b")]  # fmt: skip
    assert found[0].strength >= found[1].strength > 0
    nearly = {"a": {"5": 1e-8, "6": 0.2}, "b": {"5": 0.0, "6": 0.4}}  # rounding prefers nobody
    assert list(disagreements({"psnr_rgb_db": psnr, "lpips_alex": nearly}, metrics)) == []


def test_markers_are_drawn_alike_on_the_page() -> None:
    markers = {marker for _, marker in FIXED.values()} | set(OTHER_MARKERS)
    paths = {marker: outline(marker) for marker in markers}
    assert len(set(paths.values())) == len(markers)
    for path in paths.values():
        assert re.fullmatch(r"M[-\d. MLCQZ]+", path)
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", path)]
        assert max(map(abs, numbers)) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("method", [*FIXED, *(f"method-{i}" for i in range(6))])
def test_marks_stand_out_in_both_themes(method: str) -> None:
    look = styles(["method-0", "method-1", "method-2", "method-3", "method-4", "method-5", method])

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    on_white = 1.05 / (luminance(look[method].colour) + 0.05)
    on_black = (luminance(look[method].on_dark) + 0.05) / (luminance("#171b1e") + 0.05)
    assert on_black >= 4.5
    assert on_white >= 2  # the outlines have names beside them


def test_reasons_keep_their_commands_as_code() -> None:
    assert with_code("use `a <b>` & c") == "use <code>a &lt;b&gt;</code> &amp; c"
    assert with_code("a ` b <i>") == "a ` b &lt;i&gt;"


def test_a_page_to_pass_on_shows_few_images_and_needs_no_folder(tmp_path: Path) -> None:
    made = results(["bicubic", "glean"], ["face", "cat"], images=4)
    write_images(tmp_path / "images", made)
    sizes = {}
    for shown in (None, 2, 1, 0):
        report.write(made, tmp_path, tmp_path / "images", shown=shown)
        text = (tmp_path / "report.html").read_text()
        sizes[shown] = text.count("data:image/webp")
        assert "images/face" not in text
    # Of each image the input, two methods and the truth; equal pictures are stored once or twice.
    assert sizes == {None: 32, 2: 16, 1: 8, 0: 0}
