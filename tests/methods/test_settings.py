"""Hyper-parameters are documented, and told in words; third parties state their own facts."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Gt, Le
from pydantic import BaseModel, NonNegativeInt, PositiveInt

from methods import registry
from methods.settings import NOT_IN_PAPER, Settings, setting
from methods.settings.documented import ABSENT, documented, kind_of, others, worded
from tests.support.commands import bench_here, rows

THIRD = """
from methods.base import Method, Restoration, Settings
from methods.settings import setting


class Mine(Method):
    title = "My method"
    paper = "Me, arXiv 0000.00000"
    family = "guesses"
    weights = ("esrgan",)

    class Settings(Settings):
        strength: float = setting(0.5, "How much of it.", paper=0.25, ge=0)
        bare: int = 3

    def restore(self, y, seeds):
        return Restoration(y.repeat_interleave(self.task.scale, 2).repeat_interleave(self.task.scale, 3))


class Wrong(Mine):
    paper = 7


class Bare(Mine):
    title = paper = family = ""
    weights = ()
"""


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Odd(Settings):
    steps: PositiveInt = setting(..., "How many.")
    rate: float = setting(0.1, "How fast.", paper=0.2)
    own: int = setting(4, "Ours.", paper=NOT_IN_PAPER)
    plain: str = "a"


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_setting_of_the_project_has_a_sentence(name: str) -> None:
    facts = registry.BUILT_IN[name]
    settings = registry.settings_class(facts)
    if not registry.missing_extra(facts):
        assert registry.load(facts).Settings is settings
    for found in documented(settings):
        assert re.fullmatch(r"[A-Z].{5,160}\.", found.says), (name, found)
        assert found.kind
        assert found.default


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (int, "whole number"),
        (bool, "true or false"),
        (Annotated[float, Gt(0), Le(1)], "number above 0 and at most 1"),
        (PositiveInt, "whole number above 0"),
        (NonNegativeInt | None, "whole number at least 0 or none"),
        (Literal["a", "b", "c"], "a, b or c"),
        (tuple[int, ...], "list of whole number"),
        (list[Path], "list of file"),
        (dict[str, int], "table"),
        (Mode, "fast or slow"),
        (Any, "anything"),
        (complex, "complex"),
    ],
)  # fmt: skip
def test_types_are_told_in_words(annotation: Any, kind: str) -> None:
    assert kind_of(annotation) == kind


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"), (True, "true"), (100.0, "100"), (7e-4, "0.0007"), (0.1234567891, "0.1234567891"),
        ((1, 2), "1, 2"), ({"a": 1.0, "b": None}, "a 1, b none"), (Mode.SLOW, "slow"), ([], "none"),
        (Path("a/b"), "a/b"), (Odd(steps=2), "steps 2, rate 0.1, own 4, plain a"),
    ],
)  # fmt: skip
def test_values_are_told_in_words(value: Any, text: str) -> None:
    assert worded(value) == text


def test_what_differs_from_the_paper_is_told_with_it() -> None:
    told = {found.name: (found.default, found.paper) for found in documented(Odd)}
    assert told == {"steps": ("required", ABSENT), "rate": ("0.1", "0.2"), "own": ("4", ABSENT),
                    "plain": ("a", "a")}  # fmt: skip

    def differing(**values: Any) -> list[str]:
        return [str(found) for found in others(Odd, Odd(**values).model_dump(mode="json"))]

    assert differing(steps=3, rate=0.2) == ["steps 3"]
    assert differing(steps=3) == ["steps 3", "rate 0.1 (paper 0.2)"]
    assert differing(steps=3, rate=0.2, own=5) == ["steps 3", "own 5 (default 4)"]


def test_nothing_but_a_class_of_settings_is_needed() -> None:
    class Bare(BaseModel):
        values: list[int] = [1, 2]

    assert documented(Bare)[0].default == "1, 2"
    assert not list(others(Bare, {"values": [1, 2]}))


@pytest.fixture
def third(tmp_path: Path) -> Path:
    (tmp_path / "third.py").write_text(THIRD)
    return tmp_path / "third.py"


def test_third_parties_state_their_facts_on_the_class(
    third: Path, data: Path, suite: Path, tmp_path: Path
) -> None:
    told = " ".join(bench_here("info", f"{third}:Mine").stdout.split())
    for words in ("title My method", "family guesses", "paper Me, arXiv 0000.00000",
                  "takes weights of esrgan", "strength number at least 0 0.5 0.25 How much of it.",
                  "rendered-face-esrgan-x16-128"):  # fmt: skip
        assert words in told
    assert "title Bare family from a file" in " ".join(
        bench_here("info", f"{third}:Bare").stdout.split()
    )
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                      "--methods", f"bicubic,{third}:Mine,{third}:Mine@2", "--set", "Mine@2.bare=4",
                      "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {row["method"] for row in rows(tmp_path / "out")} == {"bicubic", "Mine", "Mine@2"}
    text = (tmp_path / "out" / "summary.md").read_text()
    assert "| My method " in text
    assert "| My method, 2 " in text
    wrong = bench_here("run", "--suite", suite, "--data", data, "--methods", f"{third}:Wrong",
                       "--out", tmp_path / "wrong")  # fmt: skip
    assert wrong.returncode == 2
    assert "third.py:Wrong: its paper is 7 (int), expected text" in wrong.stderr
