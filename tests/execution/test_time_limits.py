"""`--timeout`: whatever never ends costs its picture the limit and a few seconds, and is named."""

from __future__ import annotations

from pathlib import Path

from bench.cli import check
from tests.execution.test_plugins_apart import specs
from tests.support.commands import bench_here, rows


def test_the_phase_that_does_not_end_is_named(data: Path, suite: Path, tmp_path: Path) -> None:
    """Each of the hung processes once had two minutes."""
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", specs("EndlessSetup", "EndlessWarmUp", "EndlessRestore"),
                 "--timeout", 1, "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = rows(tmp_path / "out")
    states = [(row["method"], row["state"], row["reason"]) for row in found]
    loading = "loading the method (setup) took longer than 7 s (--timeout 1)"
    assert states == [
        ("EndlessSetup", "timeout", loading),
        ("EndlessSetup", "timeout", loading),
        ("EndlessWarmUp", "timeout", "warming up the method took longer than 6 s (--timeout 1)"),
        ("EndlessWarmUp", "ok", ""),
        ("EndlessRestore", "timeout", "warming up the method took longer than 6 s (--timeout 1)"),
        ("EndlessRestore", "timeout", "the restoration took longer than 1 s"),
    ]


def test_a_metric_that_does_not_end_costs_its_score_alone(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", "nearest",
                 "--metrics", f"{specs('EndlessMetricSetup', 'EndlessScoring')},psnr_rgb_db",
                 "--timeout", 1, "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    for row in rows(tmp_path / "out"):
        assert row["state"] == "ok"
        assert float(row["psnr_rgb_db"]) > 0
        assert "setting up the metric endless_metric_setup took longer than 7 s" in row["notes"]
        assert "scoring by endless_scoring took longer than 6 s (--timeout 1)" in row["notes"]


def test_the_check_ends_and_keeps_quiet(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    (tmp_path / "endless.py").write_text("while True:\n    pass\n")
    loud = tmp_path / "loud.py"
    done = bench_here("check", "--methods", f"{loud}:Loud,{loud}:Quits,{specs('EndlessRestore')}",
                 "--metrics", specs("EndlessScoring"), "--timeout", 5)  # fmt: skip
    assert done.returncode == 1, done.stderr
    verdicts = {
        line.split()[1]: line.split()[2] for line in done.stdout.splitlines() if line[:2] == "me"
    }
    assert verdicts == {"Loud": "passed", "Quits": "failed", "EndlessRestore": "failed",
                        "endless_scoring": "failed"}  # fmt: skip
    assert done.stdout.count("it took longer than 5 s (--timeout gives more)") == 2
    assert "SystemExit: 3 (loud.py:" in done.stdout
    assert "noise" not in done.stdout + done.stderr
    never = bench_here("check", "--methods", f"{tmp_path}/endless.py:Loud", "--timeout", 1)
    assert never.returncode == 2
    assert "cannot be loaded: it took longer than 1 s" in never.stderr


def test_the_check_has_a_limit_without_asking() -> None:
    assert check.check.__defaults__ is not None
    assert 60.0 in check.check.__defaults__


LOUD = """
import os, subprocess, sys
from methods.base import Method, Restoration, Toy
print("noise at import")


class Loud(Method):
    @classmethod
    def toy(cls, folder):
        print("noise of a toy")
        return Toy()

    def restore(self, y, seeds):
        print("noise", flush=True)
        print("noise", file=sys.stderr)
        os.write(1, b"noise")
        subprocess.run(["echo", "noise"])
        s = self.task.scale
        return Restoration(y.repeat_interleave(s, 2).repeat_interleave(s, 3))


class Quits(Loud):
    def restore(self, y, seeds):
        sys.exit(3)
"""
