"""What is asked for most often answers at once: no heavy import before there is work to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.cli import app
from tests.support.commands import ROOT

HEAVY = ("torch", "pandas", "matplotlib", "scipy", "skimage", "onnxruntime", "dlib")
COMMANDS = [command.name for command in app.registered_commands]
PROBE = """
import resource, runpy, sys
sys.argv = ["bench", *{arguments!r}]
try:
    runpy.run_module("bench", run_name="__main__")
    status = 0
except SystemExit as end:
    status = end.code
used = resource.getrusage(resource.RUSAGE_SELF)
print(status, used.ru_utime + used.ru_stime, *(set({heavy!r}) & sys.modules.keys()))
"""


def probed(arguments: list[str]) -> tuple[str, float, list[str]]:
    """Exit status, CPU seconds from the start of the interpreter, and heavy modules imported."""
    code = PROBE.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    status, seconds, *modules = done.stdout.splitlines()[-1].split()
    return status, float(seconds), modules


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        *([command, "--help"] for command in COMMANDS),
        ["list"],
        ["info"],
        *(["info", name] for name in ("glean", "spandrel", "lpips_alex", "paper", "lpips-alex")),
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    status, _, modules = probed(arguments)
    assert (status, modules) == ("0", [])


def test_help_takes_less_than_six_tenths_of_a_second() -> None:
    # CPU time, since a busy machine makes wall time anything; the best of three, for the cache.
    assert min(probed(["--help"])[1] for _ in range(3)) < 0.6


def test_every_command_is_there_and_shows_how_it_is_used() -> None:
    assert {"run", "list", "info", "check", "import", "render", "train", "report"} <= set(COMMANDS)
    for command in ("run", "check", "import", "render", "train"):
        done = subprocess.run(
            [sys.executable, "-m", "bench", command, "--help"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert f"python -m bench {command}" in done.stdout.split("Example")[1]
