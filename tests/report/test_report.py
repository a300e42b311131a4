"""Tables: contracts, hostile text, nothing measured, the same bytes twice."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench import report
from bench.analysis.analysis import analyse
from bench.analysis.csv_lines import summary_lines
from bench.analysis.summary import summarise
from bench.core.csv_cells import Reader
from bench.core.files import DiskError
from bench.core.rows import Row, RowState
from bench.report import formats
from bench.report.tables.latex import summary_latex
from bench.report.tables.markdown import escape, in_table, summary_markdown
from bench.results.results import Results
from bench.results.rows_csv import rows_csv
from bench.results.summary_csv import summary_csv
from bench.stats import Interval
from tests.support.synthetic import HOSTILE, METRICS, hostile, results, write_images

EMPTY = Results((), (), (), {}, {}, {})


def table(text: str) -> list[dict[str, str]]:
    return list(Reader(io.StringIO(text, newline="")))


def test_rows_csv_has_the_columns_of_the_contract_and_reads_back() -> None:
    made = hostile()
    read = table(rows_csv(made))
    metrics = [facts.column for facts in made.metrics]
    assert list(read[0]) == [
        "method", "split", "image", "scale", "operator", "seed", "state", "reason", "latency_s",
        "peak_mem_bytes", *metrics, "lpips_vgg",
        "cpu_s", "metric_s", "batch", "images_per_s", "threads", "timed_under", "machine",
        "trace_length", "reached_tolerance",
        "output_digest", "cell_key", "notes",
    ]  # fmt: skip
    assert len(read) == len(made.rows)
    for line, row in zip(read, made.rows, strict=True):
        assert (line["method"], line["reason"], line["state"]) == (
            row.method, row.reason, row.state.value)  # fmt: skip
        for column in metrics:
            finite = row.metrics.get(column) not in (None, float("inf"))
            assert line[column] == (repr(row.metrics[column]) if finite else "")
        assert line["lpips_vgg"] == ""
    assert read[1]["notes"] == f"ssim: {HOSTILE}; psnr_rgb_db: the metric returned inf"


@pytest.mark.parametrize("reason", ["a\r\nb", "a\rb", '"', "a,b;c\td", "", "\u2028", "=1+1"])
def test_any_reason_survives_the_csv(reason: str) -> None:
    row = Row("a", "face", "0", 16, "o", 0, RowState.FAILED, reason)
    read = table(rows_csv(replace(EMPTY, rows=(row,))))
    assert read[0]["reason"] == reason.replace("\r\n", "\n").replace("\r", "\n")
    assert len(read) == 1


def test_summary_csv_has_means_intervals_and_costs() -> None:
    made = results(["glean", "pulse"], ["face", "cat"], images=8)
    lines = summarise(made)
    read = table(summary_csv(made, summary_lines(lines)))
    assert len(read) == 4
    for entry, line in zip(read, lines, strict=True):
        interval = line.scores.means["psnr_rgb_db"]
        for part, value in (("mean", interval.mean), ("lo", interval.low), ("hi", interval.high)):
            assert float(entry[f"psnr_rgb_db_{part}"]) == pytest.approx(value, rel=1e-7)
        assert (entry["psnr_rgb_db_n"], entry["n"], entry["ok"], entry["coverage"]) == (
            "8", "8", "8", "1")  # fmt: skip
        assert float(entry["latency_q1_s"]) <= float(entry["latency_median_s"])
        assert (entry["parameters"], entry["macs"]) == ("12345678", "54321000000")
    assert read[2]["arcface_cosine_mean"] == ""  # not defined on cats


def test_markdown_shows_hostile_text_as_text() -> None:
    made = hostile()
    text = summary_markdown(analyse(made))
    prose = re.sub(r"(`+) .*? \1|`[^`]*`", "", text)  # in code it is text without being escaped
    assert "<script" not in prose
    assert "&lt;script&gt;" in text
    head = next(i for i, line in enumerate(text.splitlines()) if line.startswith("| method"))
    rows = [line for line in text.splitlines()[head:] if line.startswith("|")][:5]
    borders = [len(re.findall(r"(?<!\\)\|", line)) for line in rows]
    assert len(set(borders)) == 1
    assert "LPIPS (vgg): no weights" in text


def test_markdown_says_what_a_reader_must_know() -> None:
    made = results(["nearest", "bicubic", "glean", "pulse"], ["face"], images=8)
    rows = list(made.rows)
    timeouts = [i for i, row in enumerate(rows) if row.method == "pulse"][:2]
    for i in timeouts:
        rows[i] = replace(rows[i], state=RowState.TIMEOUT, reason="took longer than 9 s")
    rows.append(
        replace(
            rows[0],
            method="esrgan",
            state=RowState.UNAVAILABLE,
            metrics={},
            latency_s=None,
            reason="no weights; `python -m bench train esrgan`",
        )
    )
    made = replace(made, rows=tuple(rows), missing_metrics={"lpips_vgg": "`bench fetch lpips`"})
    text = summary_markdown(analyse(made))
    body = [line for line in text.splitlines() if line.startswith("|")][2:7]
    names = [line.split("|")[1].strip() for line in body]
    # Best first by LPIPS; PULSE after all that cover the split, what has no weights at the end.
    assert names == ["GLEAN", "Bicubic (MATLAB)", "Nearest neighbour", "PULSE", "esrgan"]
    assert body[0].count("**") == 2 * 6
    assert body[3].count("†") == 6
    assert "**" not in body[3]
    assert "6/8" in body[3]
    assert "- PULSE: 2 of 8 images timeout: took longer than 9 s" in text
    assert "1 of 8 images unavailable: no weights; `python -m bench train esrgan`" in text
    assert "¹ PSNR (dB) ↑: `psnr/rgb/uint8`" in text
    assert "Not comparable: 128 px pictures of suite photo" in text
    assert "`python -m bench run --suite photo --data 'my pictures'`" in text


def test_reasons_that_methods_share_are_told_once() -> None:
    made = results(["glean", "pulse"], ["face"], images=4)
    rows = [replace(row, state=RowState.UNAVAILABLE, reason="no bank") for row in made.rows]
    text = summary_markdown(analyse(replace(made, rows=tuple(rows))))
    assert "- GLEAN, PULSE: 4 of 4 images unavailable: no bank" in text
    assert "Nothing was measured." in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain lpips_alex", "plain lpips_alex"),
        ("_a_ *b* [c](d)", r"\_a\_ \*b\* \[c\](d)"),
        ("<b> & `x|<y>`", "&lt;b&gt; &amp; `x|<y>`"),
        ("a lone ` tick", "a lone ' tick"),
        ("two\nlines # no", r"two lines \# no"),
        ("cost $1$ ~~x~~", r"cost \$1\$ \~\~x\~\~"),
    ],
)
def test_text_is_escaped(text: str, escaped: str) -> None:
    assert escape(text) == escaped
    assert in_table(text) == escaped.replace("|", r"\|")


UNESCAPED = re.compile(r"(?<!\\\\)[&%$#_{}~^]")


def test_latex_is_ready_to_paste_with_the_best_bold_and_ties_marked() -> None:
    made = results(["nearest", "glean", "spandrel-one"], ["face", "cat"], images=24)
    copy = [
        replace(
            row,
            method="glean-copy",
            metrics={c: v * (1 + 1e-3 * (-1) ** int(row.image)) for c, v in row.metrics.items()},
        )
        for row in made.rows
        if row.method == "glean"
    ]
    made = replace(made, rows=(*made.rows, *copy))
    whole = summary_latex(analyse(made))
    # All splits in one table first, for PSNR / LPIPS and for each metric.
    parts = whole.split(r"\begin{table}")[1 + 1 + len(made.metrics) :]
    text = "".join(r"\begin{table}" + part for part in parts)
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 2
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    columns = {len(re.findall(r"(?<!\\)&", row)) for row in rows[:5]}
    assert columns == {6 + 2}  # six metrics on faces, latency and images after the name
    glean = next(row for row in rows if row.startswith("GLEAN"))
    copied = next(row for row in rows if row.startswith("glean-"))
    assert glean.count(r"\textbf{") + copied.count(r"\textbf{") == 6
    assert glean.count(r"$^{\circ}$") + copied.count(r"$^{\circ}$") == 6  # whichever is not best
    assert r"PSNR (dB) $\uparrow$" in rows[0]


def test_latex_shows_hostile_text_as_text() -> None:
    hostile_name = "\\input{/etc/passwd} 50% $x$ a_b & #1 ~^ `x` \x1b[2J\n\\end{table} é"
    made = results(["glean", "bicubic"], ["face"], images=8)
    rows = tuple(replace(r, method=hostile_name) if r.method == "bicubic" else r for r in made.rows)
    run = {**made.run, "suite": {"title": f"a\n\\input{{x}}{hostile_name}"}}
    made = replace(made, rows=rows, titles={hostile_name: hostile_name}, run=run)
    text = summary_latex(analyse(made))
    assert all(c.isprintable() or c == "\n" for c in text)
    outside = [line for line in text.splitlines() if not line.startswith("%")]
    assert not any("\\input" in line for line in outside)
    assert sum("\\end{table}" in line for line in outside) == 1
    row = next(line for line in outside if "passwd" in line)
    name = row.partition(" & ")[0]
    for command in (
        r"\\textbackslash\{\}",
        r"\\text\w+\{\}",
        r"\\[{}%$&#_]",
        r"\{[\[\]*`]\}",
        r"-\{\}",
    ):
        name = re.sub(command, "", name)
    assert not re.search(r"[\\{}$&#_%~^]", name), name


def test_nothing_measured_is_said_and_crashes_nothing(tmp_path: Path) -> None:
    report.write(EMPTY, tmp_path / "empty", None)
    assert "Nothing was measured." in (tmp_path / "empty" / "summary.md").read_text()
    assert "Nothing was measured." in (tmp_path / "empty" / "report.html").read_text()
    assert (tmp_path / "empty" / "rows.csv").read_text().startswith("method,split,image")
    unavailable = Row("glean", "face", "0", 16, "o", 0, RowState.UNAVAILABLE, "no weights")
    made = replace(EMPTY, rows=(unavailable,), metrics=(METRICS["psnr_rgb_db"],))
    report.write(made, tmp_path / "none", None)
    assert (
        "glean: 1 of 1 images unavailable: no weights"
        in (tmp_path / "none" / "summary.md").read_text()
    )
    assert (tmp_path / "none" / "plots" / "quality-by-split.png").stat().st_size > 0


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    made = results(["bicubic", "glean", "other"], ["face"], images=4)
    images = write_images(tmp_path / "images", made)
    for name in ("first", "again"):
        report.write(made, tmp_path / name, images)
    first, again = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "first", tmp_path / "again")
    )
    assert {str(path) for path in first} == {
        ".shown", "rows.csv", "budgets.csv", "summary.csv", "pairs.csv", "summary.md", "summary.tex",
        "report.html", "plots/grid-face.png",
        *(f"plots/{name}.{kind}" for kind in ("png", "svg") for name in
          ("quality-by-split", "perception-distortion", "quality-latency", "quality-memory",
           "identity")),
    }  # fmt: skip
    assert first == again


def test_names_that_are_no_text_are_written_all_the_same(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], images=2)
    odd = "caf\udce9"  # the name of a file that is not UTF-8
    report.write(replace(made, titles={"glean": odd}), tmp_path, None)
    assert "caf" in (tmp_path / "summary.md").read_text()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="--out DIR"):
        report.write(EMPTY, tmp_path / "file" / "out", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234.6, "1230"), (99.96, "100"), (12.34, "12.3"), (9.996, "10.0"),
     (0.00131, "0.00131"), (0.0009, "<0.001"), (0.9996, "1.00")],
)  # fmt: skip
def test_costs_have_three_significant_digits(value: float, text: str) -> None:
    assert formats.significant(value) == text


def test_scores_and_latencies_are_written_as_the_field_does() -> None:
    assert formats.score(METRICS["psnr_rgb_db"], Interval(26.8449, 26.1, 27.555, 9)) == (
        "26.84", "[26.10, 27.55]")  # fmt: skip
    assert formats.score(METRICS["lpips_alex"], Interval(0.26811, None, None, 1)) == ("0.2681", "")
    assert formats.score(METRICS["lpips_alex"], None) == ("–", "")
    assert formats.latency(0.01234, (0.012, 1.5)) == ("12.3 ms", "[12.0, 1500]")
    assert formats.latency(2.5e-5, None) == ("25.0 µs", "")
    assert formats.latency(61.0, None) == ("61.0 s", "")
    assert formats.millions(12_345_678) == "12.3"
    assert formats.billions(54_321_000_000) == "54.3"
    assert formats.header(METRICS["lpips_alex"]) == "LPIPS (alex) ↓"
