"""Suites that come with pictures and weights, as `mini` does, on stand-ins for both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.core.paths import data_dir
from bench.datasets.suites import load_suite
from bench.planning import plan
from bench.weights import shelves
from methods.glean import GLEAN
from tests.conftest import write_pictures
from tests.support.commands import bench_here, rows, states

SPLITS = ("face", "cat", "car", "bedroom", "tower")


def mark(folder: Path) -> None:
    """As `bench render` leaves it."""
    (folder / "render.json").write_text("{}")
    for path in folder.glob("*.png"):
        path.with_suffix(".json").write_text("{}")


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Suite mini, its file in a folder with two pictures of every split."""
    folder = tmp_path / "datasets"
    for split in SPLITS:
        write_pictures(folder / "mini" / split, 2, 128)
        mark(folder / "mini" / split)
    (folder / "suites").mkdir()
    shutil.copy(data_dir("datasets") / "suites" / "mini.toml", folder / "suites")
    return folder / "suites" / "mini.toml"


def weights_for(folder: Path, split: str, scale: int, domain: str, kind: str = "glean") -> None:
    """A card, and a file that is not looked into before a cell runs."""
    folder.mkdir(exist_ok=True)
    name = f"{domain}-{split}-{kind}-x{scale}"
    (folder / f"{name}.safetensors").write_bytes(name.encode())
    serves = f'{{ split = "{split}", scale = {scale}, size = 128, domain = "{domain}" }}'
    card = f'title = "T"\nkind = "{kind}"\nlicence = "mine"\nserves = [{serves}]\n'
    (folder / f"{name}.toml").write_text(card)


def test_mini_is_the_default_and_has_every_split() -> None:
    told = bench_here("run", "--help")
    assert "default: mini" in " ".join(told.stdout.split())
    suite = load_suite("mini")
    assert (tuple(suite.splits), suite.scales, suite.domain) == (SPLITS, (16,), "rendered")
    assert suite.own_data.resolve() == data_dir("datasets") / "mini"
    assert "_file" not in suite.model_dump_json()


def test_pictures_that_come_with_a_suite_need_no_folder(mini: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = bench_here("run", "--suite", mini, "--methods", "nearest", "--dry-run")
    assert shown.stdout.splitlines()[0].split()[1::2] == list(SPLITS)
    done = bench_here("run", "--suite", mini, "--methods", "nearest", "--images", 1, "--out", out,
                 "--metrics", "psnr_rgb_db", "--splits", "car")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [(row["split"], row["image"]) for row in rows(out)] == [("car", "000")]
    assert states(out) == {"ok": 1}
    assert "note:" not in done.stderr
    assert str(mini.parent) not in (out / "run.json").read_text().partition('"suite"')[2]


def test_pictures_that_did_not_come_along_are_missed(mini: Path, tmp_path: Path) -> None:
    shutil.rmtree(mini.parents[1] / "mini" / "car")
    done = bench_here("run", "--suite", mini, "--methods", "nearest", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "the pictures of car that come with suite 'mini' are not in" in done.stderr
    other = bench_here("run", "--suite", mini, "--methods", "nearest", "--splits", "dog")
    assert other.returncode == 2
    assert "pass --data DIR for pictures of your own" in other.stderr
    photo = bench_here("run", "--suite", "photo", "--methods", "nearest")
    assert photo.returncode == 2
    assert "pass --data DIR" in photo.stderr


def test_what_ships_for_no_weights_is_not_applicable(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for split in SPLITS:
        weights_for(tmp_path / "zoo", split, 16, "rendered")
    weights_for(tmp_path / "zoo", "face", 8, "photo")
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "zoo"))
    monkeypatch.setattr(shelves, "shipped_dir", lambda: tmp_path / "none")
    monkeypatch.setattr(plan, "look_into", lambda *_: ({}, None))  # the files hold nothing here
    done = bench_here("run", "--suite", mini, "--methods", "glean,srgan,bicubic", "--scale", "8,16",
                      "--dry-run", "--metrics", "psnr_rgb_db")  # fmt: skip
    assert done.returncode == 0, done.stderr
    grid = done.stdout.partition("\n\n")[0]
    lines = {line.split()[0]: line for line in grid.splitlines()}
    assert lines["glean"].count("not-applicable") == 5
    assert lines["glean"].count("2 to do") == 5
    assert lines["bicubic"].count("2 to do") == 10
    assert (
        "glean weights of suite mini serve bedroom, car, cat, face, tower at 16x, not face at 8x; "
        "`python -m bench train glean --bank FILE --scale 8 --data DIR --split face --out DIR` makes "
        "others"
    ) in done.stdout
    assert lines["srgan"].count("unavailable") == 10  # none is known: they were lost
    weights_for(tmp_path / "zoo", "face", 16, "rendered", "srgan")
    again = bench_here("run", "--suite", mini, "--methods", "srgan", "--dry-run")
    assert again.stdout.count("not-applicable: srgan weights of suite mini serve face at 16x") == 4


def test_a_metric_without_its_weights_says_how_to_train_them(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "shipped_dir", lambda: tmp_path / "none")
    done = bench_here("run", "--suite", mini, "--methods", "nearest", "--dry-run")
    assert (
        "rendered_identity_cosine: no rendered-identity weights for face; "
        "`python -m bench train identity --data DIR --split face --out DIR`"
    ) in done.stdout


def test_pictures_are_of_the_domain_that_their_folder_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    write_pictures(data / "face", 1, 128)
    for domain in ("photo", "rendered"):
        weights_for(tmp_path / "zoo", "face", 16, domain)
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "zoo"))
    told = bench_here("run", "--data", data, "--methods", "bicubic", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "--suite photo is for photographs" in told.stderr
    assert domain_of("photo", data) == "photo"
    assert domain_of("mini", data) == "rendered"
    mark(data / "face")
    assert domain_of("photo", data) == "rendered"
    quiet = bench_here("run", "--data", data, "--methods", "bicubic", "--dry-run")
    assert quiet.stderr == ""


def domain_of(suite: str, data: Path) -> str:
    """Of the pictures, and of the GLEAN that a run under the suite takes for them."""
    from bench.planning.plan import make_plan
    from bench.planning.request import Request

    plan = make_plan(Request(suite, methods=("glean",), data=data), data)
    (planned,) = plan.cells
    found = planned.cell.files["network"]
    assert found.path.stem.startswith(plan.splits[0].domain)
    assert GLEAN.__name__ in planned.cell.method.target
    return plan.splits[0].domain
