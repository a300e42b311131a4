"""The bank of DGP: trained on several splits at once, and found by `run` for each of them."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from bench.core.errors import BenchError
from bench.planning.plan import make_plan
from bench.planning.request import Request
from bench.training.biggan import BigGANRecipe, BigGANSettings
from bench.training.labelled import LabelledPictures, read_several
from bench.training.recipe import go_on, state_of
from bench.training.recipes import Choice, Network, make_recipe
from methods.checkpoints.file import read
from methods.networks.biggan import BigGANGenerator
from methods.networks.biggan_discriminator import BigGANDiscriminator
from methods.networks.biggan_layers import SpectralNorm
from tests.conftest import write_pictures
from tests.support.commands import bench, bench_here, rows

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of two splits, of which one is dark."""
    folder = tmp_path_factory.mktemp("data")
    write_pictures(folder / "face", 240, 32)
    from PIL import Image

    (folder / "cat").mkdir()
    for path in sorted((folder / "face").iterdir()):
        Image.open(path).point(lambda value: value // 4).save(folder / "cat" / path.name)
    return folder


@pytest.fixture(scope="module")
def pictures(data: Path) -> LabelledPictures:
    return read_several(data, ["face", "cat"])


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_each_picture_has_the_label_of_its_split(data: Path, pictures: LabelledPictures) -> None:
    assert pictures.classes == ("face", "cat")
    assert len(pictures.labels) == len(pictures.train)
    assert len(pictures.held_out_labels) == len(pictures.held_out)
    assert len(pictures.train) + len(pictures.held_out) == len(pictures.files) == 480
    folders = [path.parent.name for path in pictures.files]
    labels = [*pictures.labels.tolist(), *pictures.held_out_labels.tolist()]
    assert [pictures.classes[label] for label in labels] == folders
    # Hashes and files are in the order of the pictures, of which the list of the card is made.
    from bench.training.data import hash_files

    assert tuple(hash_files(pictures.files).values()) == pictures.sha256
    dark = pictures.train[pictures.labels == 1].float().mean()
    assert dark < 0.3 * pictures.train[pictures.labels == 0].float().mean()


def test_splits_that_do_not_go_together_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="names 'face' 2 times"):
        read_several(data, ["face", "cat", "face"])
    write_pictures(tmp_path / "cat", 240, 64)
    (tmp_path / "face").symlink_to(data / "face")
    with pytest.raises(BenchError, match="face are 32 pixels a side and those of cat 64"):
        read_several(tmp_path, ["face", "cat"])
    told = bench_here(
        "train", "bank", "--data", str(data), "--split", "face,cat", "--out", str(tmp_path / "o")
    )
    assert told.returncode == 2
    assert "biggan alone learns from several" in told.stderr


def recipe_of(pictures: LabelledPictures) -> BigGANRecipe:
    recipe = make_recipe(Choice(Network.BIGGAN), pictures, CPU)
    assert isinstance(recipe, BigGANRecipe)
    return recipe


def test_a_step_is_a_function_of_the_state(pictures: LabelledPictures) -> None:
    first = recipe_of(pictures)
    first.step(0)
    state = copy.deepcopy(state_of(first))
    kept = {k: v.clone() for k, v in first.pair.state_dict().items()}
    other = recipe_of(pictures)
    go_on(other, state)
    assert all(torch.equal(kept[k], v) for k, v in other.pair.state_dict().items())
    assert first.step(1) == other.step(1)
    for key, tensor in first.average.network.state_dict().items():
        assert torch.equal(tensor, other.average.network.state_dict()[key]), key


def test_all_players_learn_and_the_average_follows_the_generator_alone(
    pictures: LabelledPictures,
) -> None:
    recipe = recipe_of(pictures)
    before = {k: v.clone() for k, v in recipe.pair.state_dict().items()}
    losses = recipe.step(0)
    recipe.step(1)
    assert losses.keys() == {"discriminator", "judge", "generator"}
    now, average = recipe.pair.state_dict(), recipe.average.network.state_dict()
    still = {k for k, v in now.items() if torch.equal(v, before[k])}
    # The last bias has no gradient where every logit is within the margin.
    assert still <= {"discriminator.linear.bias"}
    for key, tensor in now.items():
        same = torch.equal(tensor, average[key])
        if tensor.numel() == 1:  # so near its average that the two may round alike
            continue
        assert same is key.startswith("discriminator."), key
    moved = [m for m in recipe.pair.modules() if isinstance(m, SpectralNorm)]
    assert all(layer.u0.norm().item() == pytest.approx(1, abs=1e-3) for layer in moved)


def test_the_judge_can_be_left_out(pictures: LabelledPictures) -> None:
    recipe = BigGANRecipe(pictures, CPU, BigGANSettings(judge_weight=0))
    assert recipe.step(0).keys() == {"discriminator", "generator"}


@pytest.mark.parametrize("size", [32, 64, 128, 256])
def test_the_networks_fit_every_size(size: int) -> None:
    pair = BigGANSettings().pair(size, 3).eval()
    with torch.no_grad():
        images = pair.generator(torch.randn(1, pair.generator.latent_dim), torch.tensor([2]))
        assert images.shape == (1, 3, size, size)
        assert pair.discriminator(images, torch.tensor([2])).shape == (1, 1)
    assert pair.discriminator.resolution == size


def test_sizes_beyond_the_widths_are_refused() -> None:
    with pytest.raises(BenchError, match="up to 256 pixels a side, not 512"):
        BigGANSettings().pair(512, 3)


def test_the_command_trains_a_pair_that_run_finds_for_each_split(
    data: Path, tmp_path: Path, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "zoo"
    done = bench(
        "train", "biggan", "--data", str(data), "--split", "face,cat", "--out", str(out),
        "--images", "16", "--threads", "1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = out / "photo-biggan-32.safetensors"
    assert done.stdout.strip().endswith(str(path))
    with safe_open(path, "pt") as file:
        assert json.loads(file.metadata()["classes"]) == ["face", "cat"]
    tensors = read(path)
    assert BigGANGenerator.from_state_dict(tensors).classes == 2
    assert BigGANDiscriminator.from_state_dict(tensors).resolution == 32
    record = json.loads((out / "training.json").read_text())
    assert record["settings"]["classes"] == ["face", "cat"]
    assert record["images_seen"] == 16

    tiny = tmp_path / "tiny.toml"
    tiny.write_text(suite.read_text().replace("64", "32"))
    # A file that is named serves both of DGP's needs, unless its card says that it is no pair.
    named = Request(
        str(tiny), ("dgp",), data=data, images=1, scales=(4,), weights={"dgp": path}, device="cpu"
    )
    for planned in make_plan(named, tmp_path / "cache").cells:
        assert planned.absent is None
        assert {found.path for found in planned.cell.files.values()} == {path}
    monkeypatch.setenv("BENCH_WEIGHTS", str(out))
    card = path.with_suffix(".toml")
    card.write_text(card.read_text().replace("biggan-pair", "biggan"))
    for planned in make_plan(named, tmp_path / "cache").cells:
        assert planned.absent is not None
        assert "biggan-discriminator" in planned.absent.reason

    card.write_text(card.read_text().replace('"biggan"', '"biggan-pair"'))
    run = bench_here(
        "run", "--methods", "dgp", "--suite", tiny, "--data", data, "--images", "1", "--scale", "4",
        "--set", "dgp.steps=5", "--set", "dgp.candidates=2", "--out", tmp_path / "run",
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    found = rows(tmp_path / "run")
    assert {(row["split"], row["state"]) for row in found} == {("face", "ok"), ("cat", "ok")}
    assert {row["trace_length"] for row in found} == {"5"}


def test_a_generator_learns_to_draw_each_class(
    pictures: LabelledPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.training.biggan.SCORED", 16)
    narrow = {4: 32, 8: 32, 16: 32, 32: 16}
    fast = {"generator_rate": 2e-3, "judge_rate": 5e-4, "blur": 0.0}  # 240 images are few
    settings = BigGANSettings(generator=narrow, discriminator=narrow, batch=8, **fast)
    recipe = BigGANRecipe(pictures, CPU, settings)
    before = recipe.score()
    for iteration in range(30):
        recipe.step(iteration)
    assert recipe.score() < 0.3 * before
    bright, dark = (recipe.generate(recipe.fixed[:, k], k).mean() for k in (0, 1))
    assert bright > dark + 0.1
