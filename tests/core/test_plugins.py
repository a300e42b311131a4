"""Methods and metrics of third parties: installed with entry points, and in files."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from bench.core.code_version import code_digest, content_digest
from bench.core.errors import BenchError
from bench.metrics import registry
from methods import registry as method_registry
from tests.support.commands import ROOT, bench, bench_here, rows, states

MODULE = '''
"""A third party's package."""

import torch

from bench.metrics.base import Metric
from bench.metrics.registry import Direction, MetricFacts
from methods.base import Method, Restoration, Settings


class BoxSettings(Settings):
    gain: float = 1.0


class Box(Method):
    Settings = BoxSettings

    def restore(self, y, seeds):
        s = self.task.scale
        return Restoration(self.settings.gain * y.repeat_interleave(s, 2).repeat_interleave(s, 3))


class Sharpness(Metric):
    facts = MetricFacts("edge_error", "Edge | <error>", Direction.LOWER, "", "edges/rgb/L1")

    def score(self, sample):
        a, b = (torch.diff(x, dim=-1) for x in (sample.restored, sample.truth))
        return (a - b).abs().mean((1, 2, 3)).tolist()


class Elsewhere(Sharpness):
    facts = MetricFacts("elsewhere", "Elsewhere", Direction.LOWER, "", "edges/rgb/L1")
'''
ENTRY_POINTS = """
[bench.methods]
box = third_party:Box
bicubic = third_party:Box
absent = third_party:Absent

[bench.metrics]
edge_error = third_party:Sharpness
psnr_rgb_db = third_party:Sharpness
misnamed = third_party:Elsewhere
"""


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """PYTHONPATH with a distribution on it, laid out as an installer does."""
    site = tmp_path / "site"
    info = site / "third_party-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "third_party.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    return os.pathsep.join([str(ROOT), str(site)])


def test_installed_methods_and_metrics_take_part(
    installed: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", "box,bicubic", "--set", "box.gain=0.5",
                 "--metrics", "psnr_rgb_db,edge_error", "--out", out)  # fmt: skip
    done = bench(*arguments, PYTHONPATH=installed)
    assert done.returncode == 0, done.stderr
    assert states(out) == {"ok": 4}
    scores = {row["method"]: (row["psnr_rgb_db"], row["edge_error"]) for row in rows(out)}
    assert all(float(score) > 0 for pair in scores.values() for score in pair)
    assert scores["box"] != scores["bicubic"]  # nobody takes the name of a built-in
    run = json.loads((out / "run.json").read_text())
    assert run["metrics"]["edge_error"]["protocol"] == "edges/rgb/L1"
    assert "Edge \\| &lt;error&gt; ↓" in (out / "summary.md").read_text()
    assert "Edge | &lt;error&gt;" in (out / "report.html").read_text()
    # The tables can be made again where the package is not installed.
    (out / "rows.csv").unlink()
    again = bench("report", out, PYTHONPATH=str(ROOT))
    assert again.returncode == 0, again.stderr
    assert {(row["method"], row["edge_error"]) for row in rows(out)} >= {
        ("box", scores["box"][1]), ("bicubic", scores["bicubic"][1])}  # fmt: skip
    with (out / "summary.csv").open(newline="") as file:
        assert "edge_error_mean" in next(csv.reader(file))


def test_installed_ones_are_listed_without_being_imported(installed: str, tmp_path: Path) -> None:
    (tmp_path / "site" / "third_party.py").write_text("raise SystemExit('imported')")
    listed = bench("list", PYTHONPATH=installed)
    assert listed.returncode == 0, listed.stderr
    assert "box (from third-party)" in listed.stdout
    assert "edge_error (from third-party)" in listed.stdout
    assert "bicubic (from third-party)" not in listed.stdout
    assert "psnr_rgb_db (from third-party)" not in listed.stdout
    for name in ("box", "edge_error"):
        told = bench("info", name, PYTHONPATH=installed)
        assert told.returncode == 0, told.stderr
        assert "third-party" in told.stdout
    # The facts of a method stand on its class: what keeps them from being read is told.
    assert "SystemExit: imported" in bench("info", "box", PYTHONPATH=installed).stdout


def test_the_check_tries_installed_ones_and_a_broken_one_fails_alone(installed: str) -> None:
    done = bench("check", "box", "edge_error", "absent", "misnamed", PYTHONPATH=installed)
    assert done.returncode == 1, done.stderr
    verdicts = {
        line.split()[1]: line.split()[2] for line in done.stdout.splitlines() if line[0] == "m"
    }
    assert verdicts == {
        "box": "passed", "absent": "failed", "edge_error": "passed", "misnamed": "failed"}  # fmt: skip
    assert "has no attribute 'Absent'" in done.stdout
    assert "states the column 'elsewhere'" in done.stdout


def test_a_metric_of_a_file_takes_part_by_option_and_by_suite(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(MODULE)
    common = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1)
    done = bench(*common, "--methods", "nearest", "--metrics", f"{file}:Sharpness",
                 "--out", tmp_path / "a")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = rows(tmp_path / "a")
    assert float(row["edge_error"]) > 0
    assert "psnr_rgb_db" not in row
    # Another way to compute it is another number: the picture is scored again.
    file.write_text(MODULE.replace(".mean((1, 2, 3))", ".sum((1, 2, 3))"))
    suite.write_text(suite.read_text().replace('"lr_psnr_db"', f'"{file}:Sharpness"'))
    changed = bench(*common, "--methods", "nearest", "--out", tmp_path / "a")
    assert changed.returncode == 0, changed.stderr
    assert float(rows(tmp_path / "a")[0]["edge_error"]) > 100 * float(row["edge_error"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = 1", "has no attribute 'Thing'"),
        ("def broken(:", "cannot be loaded"),
        ("import no_such_package", "No module named 'no_such_package'"),
        ("1 / 0", "ZeroDivisionError: division by zero (.*mine.py:1)"),
        ("class Thing: pass", "is not a subclass of"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(content)
    with pytest.raises(BenchError, match=message.replace("(", r"\(").replace(")", r"\)")):
        method_registry.load(method_registry.resolve(f"{file}:Thing"))
    with pytest.raises(BenchError, match=r"mine\.py"):
        registry.resolve(f"{file}:Thing")


@pytest.mark.parametrize("option", ["--methods", "--metrics"])
def test_a_run_tells_what_is_wrong_with_a_file(
    option: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("1 / 0")
    done = bench_here("run", "--suite", suite, "--data", data, option, f"{tmp_path}/mine.py:Thing",
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ("ssmi", "Did you mean 'ssim'"),
        ("ssim,psnr_rgb", "Did you mean 'psnr_rgb_db'"),
        ("mine.py:Mine", "no such file: mine.py"),
    ],
)
def test_an_unknown_metric_is_told_with_the_nearest(
    metrics: str, message: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--metrics", metrics,
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2
    assert message in done.stderr


def test_the_version_of_a_plugin_follows_its_own_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "a_plugin"
    (package / "nets").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "method.py": "from . import loops\nfrom .nets import wide\nimport torch\n",
        "loops.py": "from a_plugin.nets.deep import Deep\n",
        "unused.py": "",
        "nets/__init__.py": "from .shared import width\n",
        "nets/wide.py": "from ..constants import GAIN\n",
        "nets/deep.py": "",
        "nets/shared.py": "width = 1\n",
        "constants.py": "GAIN = 1\n",
    }.items():
        (package / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    def version() -> str:
        return code_digest("a_plugin.method:Method")

    before = version()
    for name in ("method", "loops", "nets/wide", "nets/deep", "nets/shared", "constants"):
        path = package / f"{name}.py"
        text = path.read_text()
        path.write_text(f"{text}x = 1\n")
        assert version() != before, name
        path.write_text(text)
    (package / "unused.py").write_text("x = 1\n")
    assert version() == before


def test_the_version_of_a_file_hangs_neither_on_its_place_nor_on_imports_of_ours(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "here.py", tmp_path / "rooms" / "there.py"
    there.parent.mkdir()
    here.write_text("from bench.operators import resize\nimport torch\n\nGAIN = 1\n")
    there.write_text(
        "from methods.base import (\n    Method,\n    Restoration,\n)\nimport torch\n\nGAIN = 1\n"
    )
    assert content_digest(here) == content_digest(there)
    other = tmp_path / "other.py"
    other.write_text("import numpy\n\nGAIN = 1\n")
    assert content_digest(here) != content_digest(other)
