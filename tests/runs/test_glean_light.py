"""LightGLEAN by the commands: said to be missing, trained, found, and run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from methods.networks.stylegan2 import StyleGAN2Generator
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here, rows, states

SIZE = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a suite of their size, and a bank."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "data" / "face" / "test").mkdir(parents=True)
    for path in write_pictures(folder / "data" / "face", 242, SIZE)[240:]:
        path.rename(path.parent / "test" / path.name)
    (folder / "tiny.toml").write_text(SUITE.replace("64", str(SIZE)))
    torch.manual_seed(0)
    tensors = StyleGAN2Generator(SIZE, 16, 2, {4: 12, 8: 10, 16: 8, 32: 6}).state_dict()
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "bank.safetensors")
    return folder


@pytest.mark.parametrize(
    ("decoder", "kind", "setting"),
    [("--decoder", "glean-light", "true"), ("--no-decoder", "glean-light-bank", "false")],
)
def test_it_is_unavailable_until_the_command_that_is_told_has_trained_it(
    decoder: str, kind: str, setting: str, folder: Path, tmp_path: Path
) -> None:
    def run(weights: str, *more: str) -> list[dict[str, str]]:
        out = tmp_path / f"out{bool(weights)}"
        done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data",
                     "--splits", "face", "--methods", "glean-light", "--scale", 4, "--out", out,
                     "--set", f"glean-light.decoder={setting}", *more,
                     BENCH_WEIGHTS=weights)  # fmt: skip
        assert done.returncode == (0 if weights else 4), done.stdout + done.stderr
        return rows(out)

    for row in run(""):
        assert row["state"] == "unavailable"
        recipe = "glean-light --bank FILE" if setting == "true" else f"glean-light {decoder} --bank"
        assert f"no {kind} weights for face 4x 32 px" in row["reason"]
        assert f"`python -m bench train {recipe}" in row["reason"]
    zoo = tmp_path / "zoo"
    done = bench_here("train", "glean-light", decoder, "--bank", folder / "bank.safetensors",
                      "--scale", 4, "--data", folder / "data", "--split", "face", "--out", zoo,
                      "--images", 8, "--threads", 1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"face-{kind}-x4-{SIZE}.safetensors\n")
    found = run(str(zoo))
    assert [row["state"] for row in found] == ["ok", "ok"]
    assert states(tmp_path / "outTrue") == {"ok": 2}
    assert all(float(row["psnr_rgb_db"]) > 0 for row in found)
    assert "LightGLEAN (our reading)" in (tmp_path / "outTrue" / "summary.md").read_text()


def test_it_tells_that_it_is_a_reading_and_why_no_figure_compares() -> None:
    told = " ".join(bench_here("info", "glean-light").stdout.split())
    assert "LightGLEAN (our reading)" in told
    for part in ("21% of glean's parameters", "35% of glean's FLOPs"):
        assert f"{part} (abstract of LightGLEAN, TPAMI 2023); not comparable: no code" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("glean", "--no-decoder"), "--no-decoder is a variant of glean-light; glean has none"),
        (("glean-light", "--fusion", "coarse"), "--fusion coarse is a variant of glean; glean-li"),
        (("glean-light",), "a glean-light needs the bank that it is built on: --bank FILE"),
    ],
)
def test_variants_of_other_networks_are_refused(
    arguments: tuple[str, ...], message: str, folder: Path, tmp_path: Path
) -> None:
    done = bench_here("train", *arguments, "--data", folder / "data", "--split", "face",
                      "--scale", 4, "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert not (tmp_path / "out").exists()
