"""The page in a browser: sort, filter, viewer, slider, themes, phone; and it asks for nothing."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench import report
from bench.analysis.analysis import analyse
from bench.core.rows import RowState
from bench.report.page import render_page
from bench.report.pictures.examples import examples_of
from bench.results.results import Results
from tests.conftest import picture
from tests.support.synthetic import HOSTILE, hostile, results, with_budgets, write_images

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install 'sr-prior-bench[dev]'")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium"
)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
METHODS = ("bicubic", "glean", "pulse", "oracle")


@dataclass
class Visit:
    """A page that was opened, and what it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def transforms(self) -> set[str]:
        every = "all => all.map(img => getComputedStyle(img).transform)"
        return set(self.page.locator("#panes img").evaluate_all(every))

    def pixels(self, selector: str) -> np.ndarray:
        shot = self.page.locator(selector).first.screenshot()
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))[3:-3, 3:-3]  # edges blend


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """Opens a report; at the end nothing may have been asked for but files of the report."""
    opened: list[tuple[Visit, Path]] = []

    def visit(path: Path, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        found = Visit(context.new_page())
        found.page.set_default_timeout(20_000)
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("dialog", lambda dialog: found.complaints.append(dialog.message))
        opened.append((found, path))
        found.page.goto(path.as_uri())
        return found

    yield visit
    for found, path in opened:
        assert found.complaints == []
        outside = [url for url in found.requests if not url.startswith(("data:", path.parent.as_uri()))]  # fmt: skip
        assert outside == []
        found.page.context.close()


def some_results() -> Results:
    made = results(METHODS, ["face", "cat"], images=7)
    rows = list(made.rows)
    failed = next(i for i, row in enumerate(rows) if (row.method, row.image) == ("pulse", "006"))
    rows[failed] = replace(
        rows[failed], state=RowState.TIMEOUT, reason="took longer than 9 s", metrics={}
    )
    return replace(made, rows=tuple(rows))


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with pictures, budgets and a failure; the oracle restores the truth itself."""
    out = tmp_path_factory.mktemp("ordinary")
    made = some_results()
    write_images(out / "images", made)
    for folder in (out / "images").glob("*/*"):
        shutil.copyfile(folder / "truth.png", folder / "oracle.png")
    report.write(with_budgets(made, ["pulse"]), out, out / "images")
    return out / "report.html"


def values(found: Visit, body: int, place: int) -> list[float]:
    cells = found.page.locator("#summary-table tbody").nth(body).locator(f"tr:not(.block) > :nth-child({place + 1})")  # fmt: skip
    shown = cells.evaluate_all("all => all.map(cell => cell.dataset.v ?? null)")
    return [float(value) for value in shown if value is not None]


def test_columns_sort_within_each_split(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    header = found.page.locator("#summary-table thead th").nth(1)
    before = [values(found, body, 1) for body in range(3)]
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"  # the best of PSNR first
    assert [values(found, body, 1) for body in range(3)] == [sorted(v, reverse=True) for v in before]  # fmt: skip
    header.get_by_role("button").press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    assert [values(found, body, 1) for body in range(3)] == [sorted(v) for v in before]
    lpips = found.page.locator("#summary-table thead th").nth(3)
    lpips.get_by_role("button").click()
    assert lpips.get_attribute("aria-sort") == "ascending"
    assert header.get_attribute("aria-sort") is None
    # What has no value stays last, whichever way the column goes.
    for _ in range(2):
        header.get_by_role("button").click()
        last = found.page.locator("#summary-table tbody").first.locator("tr").last
        assert last.locator("td").first.get_attribute("data-v") is None


def test_splits_and_methods_are_filtered_everywhere(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    page = found.page
    assert page.locator("#chart-plane .chart").count() == 2
    page.get_by_label("Split", exact=True).select_option("cat")
    assert page.locator("#summary-table tbody:visible").count() == 1
    assert found.texts(".verdicts tbody tr:visible th")[0].startswith("cat, 16x")
    assert page.locator("#chart-plane .chart").count() == 1
    assert found.texts("#view-table option:checked") == ["cat, 16x"]
    chip = page.locator("#filter").get_by_role("button", name="GLEAN")
    chip.press("Space")
    assert chip.get_attribute("aria-pressed") == "false"
    assert "GLEAN" not in found.texts("#summary-table tbody:visible tr:visible th")
    assert "GLEAN" not in found.texts("#panes .name")
    assert "GLEAN" not in page.locator("#chart-latency text.name").all_text_contents()
    page.get_by_role("button", name="show all").click()
    assert "GLEAN" in found.texts("#panes .name")
    assert page.locator("#summary-table tbody:visible").count() == 3


def test_pictures_come_first_and_open_in_the_viewer(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary, viewport={"width": 1400, "height": 900})
    page = found.page
    assert page.locator("main section").first.get_attribute("id") == "strip"
    assert found.texts("#strip-table tbody th") == ["face, 16x", "cat, 16x"]
    heads = found.texts("#strip-table thead th")
    assert (heads[:2], heads[-1]) == (["split", "input"], "truth")
    assert set(heads[2:-1]) == {"Bicubic (MATLAB)", "GLEAN", "PULSE", "oracle"}
    assert page.locator("#strip-table img").count() == 2 * len(heads[1:])
    page.locator("#strip-table tbody tr").nth(1).locator("button").last.click()
    assert found.texts("#view-table option:checked") == ["cat, 16x"]
    page.get_by_label("Split", exact=True).select_option("face")
    assert found.texts("#strip-table tbody th") == ["face, 16x"]
    fits = "all => all.every(box => box.scrollWidth <= box.clientWidth)"
    assert page.locator("#glance .scroll, #summary .scroll, #strip .scroll").evaluate_all(fits)


def test_charts_of_five_splits_stand_in_rows_that_balance(visit: Any, tmp_path: Path) -> None:
    made = results(METHODS, ["face", "cat", "car", "bedroom", "tower"], images=6)
    report.write(made, tmp_path, None)
    found = visit(tmp_path / "report.html", viewport={"width": 1400, "height": 900})
    charts = found.page.locator("#chart-plane .chart")
    tops = charts.evaluate_all("all => all.map(chart => chart.getBoundingClientRect().top)")
    lefts = charts.evaluate_all("all => all.map(chart => chart.getBoundingClientRect().left)")
    rows = [tops.count(top) for top in dict.fromkeys(tops)]
    assert rows == [3, 2]
    assert lefts[0] < lefts[3] < lefts[1]  # the shorter row stands in the middle


def test_the_viewer_shows_every_picture_with_its_numbers(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    page = found.page
    names = found.texts("#panes .name")
    assert names[0] == "input"
    assert names[-1] == "truth"
    assert set(names[1:-1]) == {"Bicubic (MATLAB)", "GLEAN", "PULSE", "oracle"}
    row = next(r for r in some_results().rows if (r.method, r.image) == ("glean", "000"))
    pane = page.locator(".pane", has_text="GLEAN")
    assert f"{row.metrics['psnr_rgb_db']:.2f} dB" in pane.inner_text()
    page.locator("#view").focus()
    page.keyboard.press("ArrowRight")
    assert found.texts("#view-place") == ["2/7"]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert found.texts("#view-place") == ["7/7"]
    absent = page.locator(".pane", has_text="PULSE").locator(".absent")
    assert "took longer than 9 s" in absent.inner_text()


def test_zoom_and_pan_move_all_pictures_together(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    page = found.page
    assert found.transforms() == {"matrix(1, 0, 0, 1, 0, 0)"}
    page.locator("#view").focus()
    page.keyboard.press("+")
    zoomed = found.transforms()
    assert len(zoomed) == 1
    assert next(iter(zoomed)).startswith("matrix(1.5,")
    page.keyboard.press("Shift+ArrowRight")
    panned = found.transforms()
    assert len(panned) == 1
    assert panned != zoomed
    page.locator("#panes .frame").nth(1).scroll_into_view_if_needed()
    frame = page.locator("#panes .frame").nth(1).bounding_box()
    page.mouse.move(frame["x"] + 60, frame["y"] + 60)
    page.mouse.down()
    page.mouse.move(frame["x"] + 90, frame["y"] + 80)
    page.mouse.up()
    assert found.transforms() != panned
    page.mouse.wheel(0, -400)
    page.wait_for_function("document.getElementById('view-zoom').textContent !== '1.5×'")
    assert len(found.transforms()) == 1
    page.keyboard.press("0")
    assert found.transforms() == {"matrix(1, 0, 0, 1, 0, 0)"}


def test_the_slider_moves_by_mouse_and_by_keys(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    page = found.page
    page.locator("#view").focus()
    page.keyboard.press("s")
    page.locator("#view-left").select_option(label="input")
    slider = page.get_by_role("slider", name="between input and truth")
    assert slider.get_attribute("aria-valuenow") == "50"
    slider.press("ArrowRight")
    slider.press("PageUp")
    assert slider.get_attribute("aria-valuenow") == "61"
    slider.press("Home")
    assert slider.get_attribute("aria-valuenow") == "0"
    frame = page.locator("#panes .frame").bounding_box()
    page.locator("#panes .frame").scroll_into_view_if_needed()
    frame = page.locator("#panes .frame").bounding_box()
    page.mouse.move(frame["x"] + 2, frame["y"] + frame["height"] / 3)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.8, frame["y"] + frame["height"] / 3)
    page.mouse.up()
    assert slider.get_attribute("aria-valuenow") == "80"
    assert found.texts("#view-place") == ["1/7"]  # its arrows turn no pages
    shown = found.pixels("#panes .frame")
    slider.press("End")
    whole = found.pixels("#panes .frame")
    assert not np.array_equal(shown, whole)  # at the end there is nothing but the input


def test_difference_maps_are_black_where_nothing_differs(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    found.page.locator("#view").focus()
    found.page.keyboard.press("d")
    oracle = found.pixels(".pane:has-text('oracle') .map")
    assert oracle.max() <= 12
    glean = found.pixels(".pane:has-text('GLEAN') .map")
    assert glean.max() > 120
    dim = glean.astype(float).mean()
    found.page.locator("#view-gain").fill("12")
    assert found.pixels(".pane:has-text('GLEAN') .map").astype(float).mean() > dim
    assert found.texts("#legend-most") == ["21"]


def test_galleries_lead_to_the_viewer(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    page = found.page
    rows = [row for row in some_results().rows if row.state is RowState.OK]
    worst = max(rows, key=lambda row: row.metrics["lpips_alex"])
    first = page.locator("#worst-cards .card").first
    assert f"{worst.split}, 16x · {worst.image}" in first.inner_text()
    assert page.locator("#worst-cards .card").count() == len(METHODS)
    page.locator("#worst-metric").select_option("psnr_rgb_db")
    worst = min(rows, key=lambda row: row.metrics["psnr_rgb_db"])
    assert f"{worst.split}, 16x · {worst.image}" in first.inner_text()
    first.press("Enter")
    assert found.texts("#view-image option:checked") == [worst.image]
    assert page.evaluate("document.activeElement.id") == "view"
    assert page.locator("#disagree-cards .card").count() > 0
    failed = page.locator("#worst table.text tbody tr")
    assert failed.count() == 1
    assert "--methods pulse --splits face --scale 16 --retry" in failed.inner_text()


def test_charts_are_read_with_the_arrow_keys(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    page = found.page
    chart = page.locator("#chart-plane svg.plot").first
    chart.focus()
    page.keyboard.press("ArrowRight")
    assert "PSNR" in page.locator("#tip").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    assert all(text.startswith("Pareto set: ") for text in found.texts("#chart-latency .chart p"))
    assert page.locator("#chart-budgets .curve").count() == 2
    page.locator("#budget-x").select_option("seconds")
    assert page.locator("#chart-budgets .curve").count() == 2
    page.locator("#quality").select_option("ssim")
    assert "SSIM" in page.locator("#chart-plane svg.plot").first.get_attribute("aria-label")


CONTRAST = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.body.querySelectorAll("*")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest(".frame, script, noscript")) continue;
    const style = getComputedStyle(node);
    const colour = node.closest("svg.plot") ? style.fill : style.color;
    const [a, b] = [light(parts(colour)), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(`${node.tagName} ${node.textContent.trim().slice(0, 30)} ${colour}`);
  }
  return bad;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_themes(visit: Any, ordinary: Path, scheme: str) -> None:
    found = visit(ordinary, color_scheme=scheme)
    background = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 150) == (scheme == "dark")
    assert found.page.evaluate(CONTRAST) == []


def test_the_theme_can_be_set_and_stays(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary)
    background = "getComputedStyle(document.body).backgroundColor"
    light = found.page.evaluate(background)
    button = found.page.get_by_role("button", name="Theme")
    button.click()
    assert found.page.evaluate(background) == light
    button.click()
    assert found.page.evaluate(background) != light
    found.page.reload()
    assert button.inner_text() == "Theme: dark"
    assert found.page.evaluate(background) != light


def test_the_page_fits_a_phone_and_paper(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    assert found.page.evaluate("document.documentElement.scrollWidth") == 360
    found.page.locator("#view-next").tap()
    assert found.texts("#view-place") == ["2/7"]
    found.page.emulate_media(media="print")
    assert found.page.locator("#filter").is_hidden()
    assert found.page.locator("#summary-table").is_visible()


def test_names_of_strangers_are_shown_as_text(visit: Any, tmp_path: Path) -> None:
    made = hostile()
    split = "a'\"><img src=x onerror=alert(2)>"
    rows = tuple(replace(row, split=split, image=f"</script>{row.image}") for row in made.rows)
    report.write(replace(made, rows=rows), tmp_path, None)
    found = visit(tmp_path / "report.html")
    assert found.page.locator("img").count() == 0
    assert HOSTILE.split("\n")[0] in found.page.locator("#summary-table").inner_text()
    found.page.locator("#split-filter").select_option(split)
    assert found.page.locator("#summary-table tbody:visible").count() >= 1
    found.page.locator("#chart-plane svg.plot").first.focus()
    found.page.keyboard.press("ArrowRight")


def test_tables_need_no_script(visit: Any, ordinary: Path) -> None:
    found = visit(ordinary, java_script_enabled=False)
    assert found.page.locator("#summary-table").is_visible()
    assert found.page.locator(".scripted:visible").count() == 0
    assert "need JavaScript" in found.page.inner_text("body")


def test_a_report_of_nothing_opens(visit: Any, tmp_path: Path) -> None:
    report.write(Results((), (), (), {}, {}, {}), tmp_path, None)
    assert "Nothing was measured." in visit(tmp_path / "report.html").page.inner_text("main")


def opened(visit: Any, path: Path) -> tuple[Visit, float]:
    """The page with all its pictures shown, and the seconds until then."""
    start = time.perf_counter()
    found = visit(path)
    found.page.wait_for_function("[...document.querySelectorAll('#panes img')].filter(i => i.complete && i.naturalWidth).length > 1")  # fmt: skip
    found.page.wait_for_function("[...document.querySelectorAll('#panes img')].every(i => i.complete && i.naturalWidth)")  # fmt: skip
    return found, time.perf_counter() - start


def test_a_large_run_makes_a_page_that_opens_at_once(
    visit: Any, ordinary: Path, tmp_path: Path
) -> None:
    """5 splits, 8 methods and 64 images of 128 px, as noisy as photographs."""
    methods = ["nearest", "bicubic", "lanczos", "srgan", "esrgan", "glean", "pulse", "mganprior"]
    splits = ["face", "cat", "car", "bedroom", "tower"]
    made = results(methods, splits, images=64)
    for i in range(16):
        Image.fromarray(picture(i, 128)).save(tmp_path / f"{i}.png", compress_level=1)
    Image.fromarray(picture(0, 8)).save(tmp_path / "input.png")
    for place in {(row.split, row.image) for row in made.rows}:
        folder = tmp_path / "images" / "/".join(place)
        folder.mkdir(parents=True)
        os.link(tmp_path / "input.png", folder / "input.png")
        for i, name in enumerate(["truth", *methods]):
            os.link(tmp_path / f"{(int(place[1]) + i) % 16}.png", folder / f"{name}.png")
    analysis = analyse(made)
    page = render_page(analysis, examples_of(analysis, tmp_path / "images"), [], tmp_path)
    path = tmp_path / "report.html"
    path.write_text(page)
    assert path.stat().st_size < 40e6
    # In units of a page of 14 images, 40 times smaller: 2 to 3 here, whatever else the machine does.
    unit = min(opened(visit, ordinary)[1] for _ in range(2))
    found, seconds = opened(visit, path)
    assert found.page.locator("#panes img").count() == 10
    assert seconds < 8 * unit
    assert "images are within this page" in found.page.locator("#view-keys").inner_text()
    # The last image lies beside the page, and is shown and compared all the same.
    found.page.locator("#view-image").select_option("63")
    found.page.locator("#view").focus()
    found.page.keyboard.press("d")
    found.page.wait_for_function("[...document.querySelectorAll('#panes img')].every(i => i.complete && i.naturalWidth)")  # fmt: skip
    assert any(url.endswith("images/face/063/truth.png") for url in found.requests)
    assert found.pixels(".pane:has-text('GLEAN') .map").max() > 120
