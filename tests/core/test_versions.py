"""A change to what decides a result makes it be measured again; a change elsewhere does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.commands import ROOT, bench, bench_here, rows

METHOD = """
from pathlib import Path
import constants
from helper import gain
from nets.wide import Wide
from methods.base import Method, Restoration, Settings


class Mine(Method):
    class Settings(Settings):
        weights: Path = Path("none")
        table: str = "none"

    def restore(self, y, seeds):
        import lazily
        s = self.task.scale
        return Restoration(gain * y.repeat_interleave(s, 2).repeat_interleave(s, 3))
"""
METRIC = """
import wrapped
from bench.metrics.base import Metric
from bench.metrics.facts import Direction, MetricFacts


class Wraps(Metric):
    facts = MetricFacts("wraps", "Wraps", Direction.HIGHER, "", "wraps/1")

    def score(self, sample):
        return [wrapped.score()] * len(sample.truth)
"""


def left(*arguments: object) -> int:
    """How many images a dry run would restore or score."""
    told = bench_here("run", *arguments, "--dry-run")
    assert told.returncode == 0, told.stderr
    (line,) = (line for line in told.stdout.splitlines() if "to restore or score" in line)
    return int(line.split()[0])


def test_a_version_covers_what_lies_beside_a_file_and_what_settings_name(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "plugin"
    (folder / "nets").mkdir(parents=True)
    for name, text in {
        "mine.py": METHOD,
        "helper.py": "from constants import GAIN\ngain = GAIN\n",
        "constants.py": "GAIN = 1.0\n",
        "lazily.py": "",
        "nets/__init__.py": "",
        "nets/wide.py": "from .deep import x\nclass Wide: pass\n",
        "nets/deep.py": "x = 1\n",
        "unused.py": "",
    }.items():
        (folder / name).write_text(text)
    weights, table = tmp_path / "weights.bin", tmp_path / "table.txt"
    weights.write_bytes(b"1")
    table.write_text("1")
    common = ("--suite", suite, "--data", data, "--splits", "face", "--images", 1,
              "--methods", f"{folder}/mine.py:Mine", "--set", f"Mine.weights={weights}",
              "--set", f"Mine.table={table}", "--out", tmp_path / "out")  # fmt: skip
    done = bench("run", *common)
    assert done.returncode == 0, done.stderr
    before = rows(tmp_path / "out")[0]["psnr_rgb_db"]
    assert left(*common) == 0
    changed = ("constants.py", "lazily.py", "nets/__init__.py", "nets/deep.py")
    for path in (*(folder / name for name in changed), weights, table):
        kept = path.read_bytes()
        path.write_bytes(kept + b"\n#\n")
        assert left(*common) == 1, path
        path.write_bytes(kept)
    (folder / "unused.py").write_text("y = 1\n")
    assert left(*common) == 0
    # Of the same length, within the same second: the helper that is on record is the one that ran.
    (folder / "constants.py").write_text("GAIN = 0.5\n")
    assert bench("run", *common).returncode == 0
    assert rows(tmp_path / "out")[0]["psnr_rgb_db"] != before
    assert not list(folder.rglob("*.pyc"))


def test_two_files_have_each_the_helper_beside_it(data: Path, suite: Path, tmp_path: Path) -> None:
    """Method and metric are at work in one process."""
    for name, text in (
        ("a", METHOD),
        ("b", METRIC.replace("import wrapped", "import helper as wrapped")),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(text)
    (tmp_path / "a" / "helper.py").write_text("gain = 1.0")
    (tmp_path / "a" / "constants.py").write_text("")
    (tmp_path / "a" / "lazily.py").write_text("")
    (tmp_path / "a" / "nets").mkdir()
    (tmp_path / "a" / "nets" / "wide.py").write_text("class Wide: pass")
    (tmp_path / "b" / "helper.py").write_text("def score():\n    return 12.5")
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1,
                 "--methods", f"{tmp_path}/a/mine.py:Mine", "--metrics", f"{tmp_path}/b/mine.py:Wraps",
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [(row["state"], row["wraps"]) for row in rows(tmp_path / "out")] == [("ok", "12.5")]


def test_a_version_covers_the_library_that_a_metric_wraps(
    data: Path, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, info = tmp_path / "site", tmp_path / "site" / "wrapped-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "wrapped.py").write_text("def score():\n    return 1.0\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrapped\nVersion: 1.0\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "metric.py").write_text(METRIC)
    monkeypatch.syspath_prepend(site)
    common = ("--suite", suite, "--data", data, "--splits", "face", "--images", 1,
              "--methods", "nearest", "--metrics", f"{tmp_path}/own/metric.py:Wraps",
              "--out", tmp_path / "out")  # fmt: skip
    done = bench("run", *common, PYTHONPATH=os.pathsep.join([str(ROOT), str(site)]))
    assert done.returncode == 0, done.stderr
    assert left(*common) == 0
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrapped\nVersion: 1.1\n")
    assert left(*common) == 1


def test_a_setting_that_cannot_be_made_is_a_mistake(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from methods.base import Method\n"
        "class Mine(Method):\n"
        "    class Settings:\n        pass\n"
        "    def restore(self, y, seeds): ...\n"
    )
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", f"{tmp_path}/mine.py:Mine",
                      "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2
    assert "settings of Mine cannot be made: AttributeError" in done.stderr
