"""Speed as a ratio to the calibration kernel, and its comparison with a committed baseline.

    pytest tests/benchmarks -k test_speed -o addopts= --benchmark-only --speed-compare=FILE

How noise is handled: CPU time of the process is compared, not the wall clock; the subject and the
kernel take turns, one thread each, and the median of the ratios counts; what takes less than the
kernel is called several times a round; what seems slower is measured again, up to twice, and its
fastest median counts. Over six runs on two cores, with three to five other processes at work, the
largest ratio of each subject was 1.12 to 1.23 times its smallest. A baseline of another machine is
not compared with, and that is said.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.files import write_text
from bench.machine.calibration import Kernel
from bench.machine.hardware import hardware, machine_digest
from bench.training.memory import keep_freed_pages

ROUNDS = 15
CALLS = 3  # of the kernel before each round
SLOWER = 1.3  # times the baseline
MOST_TRIES = 3

Measure = Callable[[Callable[[], object]], float]
RATIOS = pytest.StashKey[dict[str, float]]()
BASELINE = pytest.StashKey[dict[str, Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("speed", "speed as a ratio to the calibration kernel")
    group.addoption("--speed-compare", metavar="FILE", help="fail what is slower than in FILE")
    group.addoption("--speed-save", metavar="FILE", help="write the ratios to FILE")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RATIOS] = {}
    config.stash[BASELINE] = {}
    if path := config.getoption("--speed-compare", None):
        try:
            config.stash[BASELINE] = json.loads(Path(path).read_text())
        except (OSError, ValueError) as error:
            raise pytest.UsageError(f"--speed-compare {path}: {error}") from None


@pytest.fixture
def speed(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> Iterator[Measure]:
    """Call it with the subject: it returns the subject's CPU time in units of the kernel's.

    With --speed-compare on the machine of the baseline, fails if it became slower.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    keep_freed_pages()  # or one call in two pays for pages that the other gave back
    kernel = Kernel(torch.device("cpu"))
    config, name = request.config, request.node.name

    def measure(subject: Callable[[], object]) -> float:
        kernel()
        subject()
        calls = max(1, math.ceil(cpu_s(kernel) / cpu_s(subject)))

        def repeated() -> None:
            for _ in range(calls):
                subject()

        times: list[float] = []
        benchmark.pedantic(repeated, setup=lambda: times.append(cpu_s(kernel)), rounds=ROUNDS)
        if benchmark.stats is None:
            pytest.skip("benchmarks are disabled")
        pairs = zip(benchmark.stats.stats.data, times, strict=True)
        ratio = statistics.median(all_s / kernel_s for all_s, kernel_s in pairs) / calls
        expected = comparable(config.stash[BASELINE]).get(name)
        for _ in range(MOST_TRIES - 1):
            if expected is None or ratio <= SLOWER * expected:
                break
            ratio = min(ratio, ratio_of(repeated, kernel) / calls)
        benchmark.extra_info |= {"ratio_to_kernel": round(ratio, 3), "calls_a_round": calls}
        config.stash[RATIOS][name] = ratio
        if expected is not None and ratio > SLOWER * expected:
            pytest.fail(
                f"slower: {ratio:.2f} times the calibration kernel, {expected:.2f} in the "
                f"baseline: {ratio / expected:.2f}x, more than {SLOWER}x"
            )
        return ratio

    yield measure
    torch.set_num_threads(threads)


def cpu_s(call: Callable[[], object]) -> float:
    """The median CPU time of a few calls."""
    times = []
    for _ in range(CALLS):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return statistics.median(times)


def ratio_of(subject: Callable[[], object], kernel: Kernel) -> float:
    """The median over rounds of what the subject takes in units of the kernel."""
    return statistics.median(cpu_s(subject) / cpu_s(kernel) for _ in range(ROUNDS))


def comparable(baseline: dict[str, Any]) -> dict[str, float]:
    """The ratios of the baseline, if it is of this machine."""
    is_here = baseline.get("machine") == machine_digest(hardware())
    return dict(baseline["ratios"]) if is_here else {}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    ratios, baseline = config.stash[RATIOS], config.stash[BASELINE]
    if not ratios:
        return
    here = hardware()
    write = terminalreporter.write_line
    if baseline and not comparable(baseline):
        write(f"not compared: the baseline is of {baseline['named']}, this is {here['cpu']}")
        write("make one of your own: the same command with --speed-save=FILE for --speed-compare")
    for name, ratio in ratios.items():
        before = comparable(baseline).get(name)
        change = f", {ratio / before:5.2f}x the baseline" if before else ""
        write(f"{ratio:8.2f} kernels{change}  {name}")
    if path := config.getoption("--speed-save", None):
        content = {
            "machine": machine_digest(here),
            "named": f"{here['cpu']}, {here['cores']} cores",
            "torch": torch.__version__,
            "threads": 1,
            "ratios": {name: float(f"{ratio:.4g}") for name, ratio in ratios.items()},
        }
        write_text(Path(path), json.dumps(content, indent=1) + "\n")
        write(f"written to {path}")
