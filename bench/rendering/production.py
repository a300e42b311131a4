"""Many pictures into a folder, by several processes; what is there is not rendered again.

Every picture depends on its own split, seed and index alone, never on how many others there are
or on which process renders it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.core.errors import BenchError
from bench.core.files import DiskError, write_text
from bench.pictures.files import write_lossless
from bench.rendering.category import CATEGORIES, factors_of, load
from bench.rendering.folder import RenderSettings, name_of
from bench.rendering.scene import mitsuba


@dataclass(frozen=True)
class Order:
    """Pictures 0 to `count` - 1 of a seed."""

    settings: RenderSettings
    seed: int
    count: int
    folder: Path

    def picture(self, index: int) -> Path:
        """Where a picture goes."""
        name = name_of(self.settings.split, self.seed, index)
        return self.folder / f"{name}.{self.settings.format}"

    def is_there(self, index: int) -> bool:
        """A picture is put in its place only whole, and after its factors."""
        path = self.picture(index)
        return path.is_file() and path.with_suffix(".json").is_file()

    @property
    def left(self) -> list[int]:
        """The pictures that are still to be rendered."""
        return [index for index in range(self.count) if not self.is_there(index)]


@dataclass(frozen=True)
class Finished:
    """One picture that was attempted; `problem` says why there is none."""

    index: int
    problem: str = ""


def produce(order: Order, indices: Sequence[int], processes: int) -> Iterator[Finished]:
    """Render these pictures of an order, told of as they come.

    A picture that fails costs no other. Raises `DiskError`, and `BenchError` where a process dies;
    however it ends, the pictures at work are finished first.
    """
    context = multiprocessing.get_context("spawn")  # nothing of this process's threads is copied
    with inherited_by_workers(), ProcessPoolExecutor(processes, context, set_up) as pool:
        with no_interrupt():  # inherited: an interrupt is for this process to handle
            waiting: set[Future[Finished]] = {pool.submit(render, order, i) for i in indices}
        try:
            while waiting:
                with held_interrupt():  # within `wait` it would leave locks that are never freed
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BrokenProcessPool:
            raise BenchError(
                "a rendering process ended by itself, as happens when memory runs out; the same "
                "command goes on, with fewer --processes if need be"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def render(order: Order, index: int) -> Finished:
    """One picture and its factors, in their places."""
    settings = order.settings
    try:
        factors = factors_of(settings.split, order.seed, index, settings.views)
        scene = load(settings.split).build(factors)
        pixels = scene.render(noise_seed(settings.split, order.seed, index), settings.samples)
        path = order.picture(index)
        write_text(path.with_suffix(".json"), json.dumps(factors) + "\n")
        write_lossless(path, pixels)
    except DiskError:
        raise
    # One scene in thousands may have a shape that cannot be built: the others must not suffer.
    except Exception as error:
        return Finished(index, f"{type(error).__name__}: {error}")
    return Finished(index)


def noise_seed(split: str, seed: int, index: int) -> int:
    """Of the sampler: another for each picture, so that no two share their grain."""
    sequence = np.random.SeedSequence((seed, CATEGORIES.index(split), index))
    return int(sequence.generate_state(1)[0])


def set_up() -> None:
    """Prepare a process: one thread, and an end when the process that started it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    mitsuba()
    import drjit  # noqa: PLC0415 - comes with Mitsuba, whose threads it keeps

    drjit.set_thread_count(1)


def end_with_parent() -> None:
    """Wait for the parent process, however it ends, and end too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def inherited_by_workers() -> Iterator[None]:
    """An environment in which libraries start one thread a process."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def no_interrupt() -> Iterator[None]:
    """Ctrl-C is ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def held_interrupt() -> Iterator[None]:
    """Ctrl-C takes effect only at the end."""
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
