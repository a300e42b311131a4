"""Command lines and TOML files of any shape: told in words, never a traceback, a hang or code run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from typer.main import get_command

from bench.cli import app
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench, bench_here

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
CASES = 400
# One case takes a fraction of a second; only one that hangs takes minutes on the slowest machine.
HANGS_AFTER_S = 240
STATUSES = {0, 1, 2, 3, 4}
FUZZED = settings(
    max_examples=CASES, deadline=None, database=None, derandomize=False,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Hung(Exception):
    """A case took so long that it would have gone on for ever."""


@contextmanager
def no_hang() -> Iterator[None]:
    """Raise `Hung` in what takes too long."""

    def ring(_: int, __: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(HANGS_AFTER_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a suite and a results folder, all small; `ran` appears there if a value is run."""
    folder = tmp_path_factory.mktemp("fuzz")
    write_pictures(folder / "data" / "face", 2)
    (folder / "tiny.toml").write_text(SUITE)
    done = bench("run", "--suite", folder / "tiny.toml", "--data", folder / "data", "--methods",
                 "nearest", "--out", folder / "run", BENCH_CACHE=str(folder / "cache"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a case makes are made there."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("BENCH_CACHE", str(place / "cache"))


CODE = (
    "$(touch ran)", "`touch ran`", "; touch ran", "| touch ran", "{{ open('ran', 'w') }}",
    "__import__('os').system('touch ran')", "!!python/object/apply:os.system ['touch ran']",
    "open('ran','w')", "pathlib:Path", "os:system", "builtins:exec", "%s%n{0}",
)  # fmt: skip
MEANT = (
    "nearest", "bicubic", "face", "mini", "tiny.toml", "data", "run", "run2", "psnr_rgb_db", "16",
    "8,16", "cpu", "auto", "fp32", "local", "nearest=tiny.toml", "pulse.steps=3", "glean", "bank",
    "readers", "weights", "methods", "1", "0", "psnr_rgb_db=0.1", "test", "lpips-alex",
)  # fmt: skip
ODD = (
    "-1", "0.5", "nan", "inf", "1e400", "9" * 5000, "", " ", ",", ",,", "=", ".", "..", "/", "~", "-",
    "--", "\\", "\n", "\udce4", "ä", "大", "a" * 5000, "face,face", "cuda:99", "meta", "/dev/null",
    "/proc/self/mem", "data/face", "data/face/000.png", "nowhere", "nowhere.py:Class", "tiny.toml:X",
    "[", "[" * 3000, "glean=[", "glean.x=" + "[" * 3000, "nearest.x=1\ny=2", "a=b=c", "spandrel:",
    "spandrel:nowhere", "spandrel:tiny.toml", "*", "../../etc/passwd", "@tiny.toml",
)  # fmt: skip


def values() -> st.SearchStrategy[str]:
    """What may stand behind an option; no argument of a process holds a NUL."""
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
    return st.sampled_from((*MEANT, *MEANT, *ODD, *CODE)) | text


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command with options of its own, of others and of nobody, in any order."""
    name = draw(st.sampled_from([*COMMANDS, "rnu"]))
    known = COMMANDS[name].params if name in COMMANDS else ()
    flags = [flag for param in known for flag in param.opts if flag.startswith("-")]
    words = [name]
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.integers(0, 9))
        if kind < 7 and flags:
            words += [draw(st.sampled_from(flags)), draw(values())]
        elif kind < 9:
            words.append(draw(values()))
        else:
            words.append(draw(st.sampled_from(["--imges", "-x", "--", "--out=", "--help", "-h=1"])))
    return harmless(name, words)


def harmless(name: str, words: list[str]) -> list[str]:
    """The command line without what would rightly take minutes: a run, a download, a rendering,
    a training, a check of everything."""
    if name == "run":
        return [*words[:1], "--dry-run", *words[1:]]
    if name == "fetch":
        return [*words[:1], "--list", *words[1:]]
    if name == "check":
        return [*words[:1], "bicubic", *words[1:]]
    if name in (
        "train",
        "render",
    ):  # no such folder holds enough pictures, no such split is rendered
        return ["nowhere" if word == "face" else word for word in words]
    return words


def told(words: list[str], place: Path) -> str:
    """Run it, and hold it to what every command owes."""
    with no_hang():
        done = bench_here(*words)  # an exception that leaves the command fails here
    assert done.returncode in STATUSES, words
    assert "Traceback" not in done.stderr, words
    if done.returncode == 2:
        assert done.stderr.strip(), words  # a mistake is told
    assert not (place / "ran").exists(), words
    return done.stderr


@seed(14)
@FUZZED
@given(words=command_lines())
def test_any_command_line_is_told_in_words(words: list[str], place: Path) -> None:
    told(words, place)


KEYS = (
    "name", "title", "domain", "data", "weights_ship", "scales", "kernel", "methods", "metrics",
    "default_size", "splits", "settings", "face", "size", "list", "prepare", "split", "steps",
    "nearest", "pulse", "__class__", "__init__", "extra", "a b", "", "ä",
)  # fmt: skip
SCALARS = (
    st.sampled_from(
        ('"photo"', '"nearest"', "16", "true", "64", '"psnr_rgb_db"', '"../../.."', "-1")
    )
    | st.sampled_from(CODE).map(lambda code: "'''" + code.replace("'", '"') + "'''")
    | st.integers().map(str)
    | st.sampled_from(("nan", "inf", "1979-05-27", "0x1F", "9" * 5000, "[" * 3000, '"""', "=", ""))
    | st.text(max_size=8).map(lambda text: f'"{text}"')
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]")
        | st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f'"{key}" = {value}' for key, value in pairs) + "}"
        )
    ),
    max_leaves=6,
)


@st.composite
def toml_files(draw: st.DrawFn) -> str:
    """A suite with lines changed, taken away and put in, or no TOML at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text(max_size=200))
    lines = SUITE.strip().splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key = draw(st.sampled_from(KEYS))
        new = draw(
            VALUES.map(lambda value, key=key: f'"{key}" = {value}')  # type: ignore[misc]
            | VALUES.map(lambda value, old=lines[at]: f"{old.partition('=')[0]}= {value}")  # type: ignore[misc]
            | st.just(f'[settings."{key}"]')
            | st.just("")
        )
        if draw(st.booleans()):
            lines[at] = new
        else:
            lines.insert(at, new)
    return "\n".join(lines)


@seed(14)
@FUZZED
@given(text=toml_files())
def test_any_suite_is_told_in_words(text: str, place: Path) -> None:
    (place / "fuzzed.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    told(["run", "--suite", "fuzzed.toml", "--data", "data", "--dry-run", "--out", "out"], place)
    assert not (place / "out").exists()


@seed(14)
@settings(FUZZED, max_examples=CASES // 2)
@given(text=toml_files())
@pytest.mark.filterwarnings("ignore::UserWarning")  # cards that are passed over are warned of
def test_any_card_is_told_in_words(text: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place / "weights"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("BENCH_WEIGHTS", str(folder))
    for name in ("registry.toml", "x.toml"):
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    (folder / "x.pth").write_bytes(b"x")
    told(["list", "weights"], place)


@seed(14)
@settings(FUZZED, max_examples=40)
@given(words=command_lines())
@pytest.mark.skipif(sys.platform == "win32", reason="arguments are no bytes there")
def test_any_command_line_of_a_process_of_its_own(words: list[str], place: Path) -> None:
    """The same from the shell's side: bytes that are no UTF-8, streams of the system."""
    done = bench(*words, PYTHONIOENCODING="ascii:strict")
    assert done.returncode in STATUSES, (words, done.stderr)
    assert "Traceback" not in done.stderr, (words, done.stderr)
    assert not (place / "ran").exists(), words
