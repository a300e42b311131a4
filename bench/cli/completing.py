"""Names that a shell completes: of methods, splits, suites, metrics and files of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Names = Callable[[], Iterable[str]]


def completes(names: Names) -> Callable[[str], list[str]]:
    """What completes one name."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return complete


def completes_list(names: Names) -> Callable[[str], list[str]]:
    """What completes the last of several names with commas between them."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        taken = before.split(",")
        return [f"{before}{comma}{n}" for n in names() if n.startswith(last) and n not in taken]

    return complete


def methods() -> Iterable[str]:
    """Every installed method."""
    from methods.registry import known

    return known()


def metrics() -> Iterable[str]:
    """Every installed metric."""
    from bench.metrics.registry import METRICS, third_parties

    return [*METRICS, *third_parties()]


def suites() -> Iterable[str]:
    """The suites that come with the project."""
    from bench.datasets.suites import known_suites

    return known_suites()


def splits() -> Iterable[str]:
    """The splits of those suites."""
    from bench.datasets.suites import load_suite

    return dict.fromkeys(split for suite in suites() for split in load_suite(suite).splits)


def kernels() -> Iterable[str]:
    """The kernels of degradations."""
    from bench.datasets.kernels import KERNEL_FACTS

    return KERNEL_FACTS


def weights() -> Iterable[str]:
    """Every known file of weights."""
    from bench.weights.shelves import cards

    return cards()


def everything() -> Iterable[str]:
    """What `info` tells of."""
    return [*methods(), *metrics(), *suites(), *weights()]


def checked() -> Iterable[str]:
    """What `check` tries."""
    return [*methods(), *metrics()]


def settings() -> Iterator[str]:
    """METHOD.NAME= of every hyper-parameter of the project's own methods."""
    from methods.registry import BUILT_IN, settings_class
    from methods.settings.documented import documented

    for facts in BUILT_IN.values():
        yield from (f"{facts.name}.{s.name}=" for s in documented(settings_class(facts)))


def method_files() -> Iterator[str]:
    """METHOD= of every method that takes a file of weights."""
    from methods.registry import known

    yield from (f"{facts.name}=" for facts in known().values() if facts.weights)
