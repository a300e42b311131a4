"""The built wheel, installed elsewhere, in an empty folder: nothing of the checkout is needed."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tests.support.commands import ROOT

pytest.importorskip("hatchling")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
               "--disable-pip-version-check", "--target", str(folder), str(wheel)]  # fmt: skip
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def installed(
    site: Path, folder: Path, command: list[str], *arguments: object
) -> subprocess.CompletedProcess[str]:
    """The command in `folder`, with the installed wheel and without the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *command, *map(str, arguments)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_the_wheel_has_every_file_of_the_packages_and_their_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    places = {"bench": "bench", "methods": "methods", "datasets": "bench/_data/datasets",
              "reports/published": "bench/_data/reports/published"}  # fmt: skip
    wanted = {
        f"{place}/{path.relative_to(ROOT / source).as_posix()}"
        for source, place in places.items()
        for path in (ROOT / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"bench/report/page/templates/page.html.j2", "methods/weights/registry.toml"} <= wanted
    assert wanted - names == set()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "bench",
        "methods",
    }


def test_it_works_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    where = installed(
        site, tmp_path, ["-c"], "import bench, methods; print(bench.__file__, methods.__file__)"
    )
    assert where.stdout.split() == [
        str(site / package / "__init__.py") for package in ("bench", "methods")]  # fmt: skip
    for command in (["-m", "bench"], [str(site / "bin" / "bench")]):
        told = installed(site, tmp_path, command, "--help")
        assert told.returncode == 0, told.stderr
        assert "check" in told.stdout
    listed = installed(site, tmp_path, ["-m", "bench"], "list")
    assert listed.returncode == 0, listed.stderr
    assert all(
        name in listed.stdout
        for name in ("pulse", "psnr_rgb_db", "mini", "photo", "paper", "lpips-alex")
    )
    assert installed(site, tmp_path, ["-m", "bench"], "info", "paper").returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_it_runs_and_writes_into_the_folder_it_is_in(site: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path / "data" / "face", 2, size=128)
    done = installed(site, tmp_path, ["-m", "bench"], "run", "--methods", "bicubic", "--data", "data",
                     "--metrics", "psnr_rgb_db,ssim,lr_psnr_db")  # fmt: skip
    assert done.returncode == 0, done.stderr
    out = tmp_path / "reports" / "runs" / "mini"
    with (out / "rows.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["state"] for row in found] == ["ok", "ok"]
    assert all(float(row["psnr_rgb_db"]) > 10 for row in found)
    assert "<html" in (out / "report.html").read_text()
    assert "arXiv 2012.00739" in (out / "summary.md").read_text()  # the published figures
    assert list((out / "plots").glob("*.png"))
    # The published test list, which the folder does not have.
    listed = installed(site, tmp_path, ["-m", "bench"], "run", "--suite", "paper", "--data", "data",
                       "--methods", "bicubic", "--dry-run")  # fmt: skip
    assert listed.returncode == 0, listed.stderr
    assert "the published list names" in listed.stdout
