"""The documents: their whole files work as they stand, and what they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.commands import ROOT, bench_here

DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / folder / "README.md" for folder in ("bench", "methods", "reports", "tests")),
]


@pytest.mark.parametrize("kind", ["methods", "metrics"])
def test_the_whole_files_of_contributing_pass_the_check(kind: str, tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    files = {
        f"{re.sub(r'(?<!^)(?=[A-Z])', '_', name).lower()}.py": code
        for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        for name in re.findall(r"^class (\w+)\(Me", code, re.MULTILINE)
    }
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    (command,) = re.findall(rf"python -m bench (check --{kind} \S+)", text.split("## Train")[0])[
        -1:
    ]
    file = command.split()[-1]
    done = bench_here("check", f"--{kind}", tmp_path / file)
    assert done.returncode == 0, done.stdout + done.stderr
    if kind == "methods":
        run = bench_here("run", "--methods", tmp_path / file, "--splits", "face", "--images", 1,
                    "--metrics", "psnr_rgb_db", "--out", tmp_path / "out")  # fmt: skip
        assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_links_to_is_there(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+?)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_every_room_stands_in_the_picture_and_in_the_contract() -> None:
    rooms = {p.parent.name for p in (ROOT / "bench").glob("*/__init__.py")}
    shown = (ROOT / "bench" / "README.md").read_text()
    contract = (ROOT / "pyproject.toml").read_text()
    for room in rooms:
        assert f"| `{room}` |" in shown, room
        assert f"bench.{room}" in contract, room


def test_two_modules_and_the_entrance_stand_at_the_top_and_none_is_long() -> None:
    top = {path.name for path in (ROOT / "bench").glob("*.py")}
    assert top == {"__init__.py", "__main__.py", "api.py"}
    for package in ("bench", "methods"):
        for path in (ROOT / package).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= 300, path


def test_the_tables_of_the_readme_are_what_their_commands_print(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"^    python -m bench (table reports/.*)$", text, re.MULTILINE)
    assert len(commands) >= 2
    for command in commands:
        done = bench_here(*command.split())
        assert f"    python -m bench {command}\n\n{done.stdout}" in text, command
