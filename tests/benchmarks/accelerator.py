"""What an accelerator does with this benchmark, in at most eight minutes, as one Markdown table.

    python -m tests.benchmarks.accelerator --out DIR                        # the first CUDA device
    python -m tests.benchmarks.accelerator --out DIR --device cpu --quick   # its logic, anywhere

Each part has a process and a limit of its own: one that fails or takes too long costs its own lines
and no others. Searches and first look are runs of the command line, so their figures are those of
`rows.csv`. DIR receives `accelerator.md` and the results folders.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

import torch
from tabulate import tabulate

from bench.core.files import write_text
from bench.machine.device import resolve_device
from bench.machine.hardware import hardware
from bench.machine.timing import synchronise
from methods.loading import to_channels_last
from methods.networks.glean import GLEANNet
from methods.networks.stylegan2 import StyleGAN2Generator, config_f_channels

ROOT = Path(__file__).resolve().parents[2]
LIMITS_S = {"tests": 120, "first look": 90, "PULSE": 75, "GLEAN": 100}  # together below 8 minutes


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    figure: str


@dataclass(frozen=True)
class Part:
    """What one process measures; `quick` is as little of it as shows that it works."""

    device: str
    out: Path
    quick: bool

    def first_look(self) -> Iterator[Figure]:
        """The first command of the README, on four pictures a split."""
        options = ["--splits", "face", "--set", "pulse.steps=3"] if self.quick else []
        images = 1 if self.quick else 4
        began = time.perf_counter()
        rows = self.run("look", "--methods", "glean,pulse", "--scale", "16",
                        "--images", images, *options)  # fmt: skip
        yield Figure(f"first look, {len(rows)} rows", f"{time.perf_counter() - began:.1f} s")
        for method in ("glean", "pulse"):
            latency = statistics.median(
                float(row["latency_s"]) for row in rows if row["method"] == method
            )
            yield Figure(f"{method}, small networks, one picture", f"{1000 * latency:.1f} ms")

    def pulse(self, batch: int) -> Iterator[Figure]:
        """PULSE on the small bank of faces in batches."""
        options = ["--set", "pulse.steps=3"] if self.quick else []
        images = 3 if self.quick else batch
        rows = self.run(f"pulse-{batch}", "--methods", "pulse", "--splits", "face", "--batch", batch,
                        "--timed", 0, "--images", images, *options)  # fmt: skip
        rate = statistics.median(float(row["images_per_s"]) for row in rows)
        yield Figure(f"PULSE, small bank, batch {rows[0]['batch']}", f"{rate:.2f} pictures/s")

    def glean(self) -> Iterator[Figure]:
        """GLEAN of the paper's widths, 16 to 256 pixels, in both precisions."""
        torch.manual_seed(0)
        device = resolve_device(self.device)
        channels = dict.fromkeys((4, 8, 16, 32), 8) if self.quick else config_f_channels(256)
        bank = StyleGAN2Generator(max(channels), channels=channels)
        network = GLEANNet(16, bank, blocks=1 if self.quick else 23).eval().requires_grad_(False)
        to_channels_last(network.to(device))
        for precision in (torch.float32, torch.bfloat16):
            for batch in (1, 2) if self.quick else (1, 16):
                y = torch.rand(batch, 3, 16, 16, device=device)
                seconds = median_s(lambda y=y, p=precision: restored(network, y, p), device)
                name = str(precision).removeprefix("torch.")
                yield Figure(
                    f"GLEAN 16 to {bank.resolution}, {name}, batch {batch}",
                    f"{1000 * seconds:.1f} ms, {batch / seconds:.1f} pictures/s",
                )

    def tests(self) -> Iterator[Figure]:
        """The tests marked `gpu`."""
        chosen = ["-k", "bicubic"] if self.quick else []
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-m",
            "gpu",
            "tests/machine/test_gpu.py",
            *chosen,
        ]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False,
            env={**environment(), "BENCH_TEST_DEVICE": self.device},
        )  # fmt: skip
        yield Figure("tests marked gpu", (done.stdout.strip().splitlines() or [done.stderr])[-1])

    def run(self, name: str, *arguments: object) -> list[dict[str, str]]:
        """The rows of a run of the command line. Raises `RuntimeError` with what it said."""
        out = self.out / name
        command = [sys.executable, "-m", "bench", "run", *map(str, arguments),
                   "--device", self.device, "--out", str(out), "--fresh"]  # fmt: skip
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment()
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-500:])
        with (out / "rows.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        if failed := [row["reason"] for row in rows if row["state"] != "ok"]:
            raise RuntimeError(failed[0])
        return rows


def environment() -> dict[str, str]:
    """This process's, with the project on the path."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@torch.no_grad()
def restored(network: GLEANNet, y: torch.Tensor, precision: torch.dtype) -> torch.Tensor:
    """One pass; float32 in all its bits."""
    with (
        torch.autocast(y.device.type, torch.bfloat16, enabled=precision is torch.bfloat16),
        torch.backends.cudnn.flags(enabled=True, allow_tf32=False),
    ):
        found: torch.Tensor = network(y)
    return found


def median_s(call: Callable[[], object], device: torch.device, rounds: int = 7) -> float:
    """Wall time of a call, the device synchronised at both ends, after two to warm up."""
    call(), call()
    times = []
    for _ in range(rounds):
        synchronise(device)
        began = time.perf_counter()
        call()
        synchronise(device)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def measure(part: Part, name: str, queue: Queue[Figure | None]) -> None:
    """One part, line by line, in a process of its own."""
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "tests": part.tests, "first look": part.first_look, "GLEAN": part.glean,
        "PULSE, batch 16": lambda: part.pulse(16), "PULSE, batch 64": lambda: part.pulse(64),
    }  # fmt: skip
    try:
        for figure in parts[name]():
            queue.put(figure)
    except Exception as error:
        queue.put(Figure(name, f"failed: {error}"))
    queue.put(None)


def figures(part: Part, name: str) -> list[Figure]:
    """The lines of a part; one more that says so if it ran out of time or died."""
    limit = LIMITS_S[name.split(",", maxsplit=1)[0]]
    context = get_context("spawn")
    queue: Queue[Figure | None] = context.Queue()
    process = context.Process(target=measure, args=(part, name, queue))
    process.start()
    end, found = time.monotonic() + limit, list[Figure]()
    while True:
        try:
            figure = queue.get(timeout=min(1.0, max(0.01, end - time.monotonic())))
        except Empty:
            if time.monotonic() < end and process.is_alive():
                continue
            why = f"took longer than {limit} s" if process.is_alive() else "its process died"
            found.append(Figure(name, f"stopped: {why}"))
            break
        if figure is None:
            break
        found.append(figure)
    process.kill()
    process.join()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every part and write the table after each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    device = resolve_device(options.device)
    part = Part(options.device, options.out.absolute(), options.quick)
    named = torch.cuda.get_device_name(device) if device.type == "cuda" else hardware()["cpu"]
    lines: list[Figure] = []
    for name in ("tests", "first look", "PULSE, batch 16", "PULSE, batch 64", "GLEAN"):
        new = figures(part, name)
        print(*(f"{one.what}: {one.figure}" for one in new), sep="\n", flush=True)  # noqa: T201
        lines += new
        table = tabulate([(one.what, one.figure) for one in lines], ["what", named], "pipe")
        write_text(part.out / "accelerator.md", f"{table}\n\ntorch {torch.__version__}\n")


if __name__ == "__main__":
    main()
