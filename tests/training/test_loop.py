"""Whole trainings, tiny: they learn, survive kill -9 exactly, and refuse what they must."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bench.cli.progress.training import PlainLines
from bench.core.errors import BenchError
from bench.core.files import DiskError
from bench.datasets.splits import hash_file
from bench.training.bank import BankSettings
from bench.training.data import TrainingPictures, read_pictures
from bench.training.export import export
from bench.training.loop import Schedule, Training
from bench.training.recipe import state_of
from bench.training.recipes import Choice, Network, make_recipe
from methods.checkpoints.eight_bits import narrowed, widened
from methods.checkpoints.file import read
from methods.networks.glean import GLEANNet
from methods.networks.glean_light import GLEANLightNet
from methods.networks.rrdb import RRDBNet
from methods.networks.srresnet import MSRResNet
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.conftest import write_pictures
from tests.support.commands import bench_here

PUBLISHED = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)  # VGG16's convolutions
CPU = torch.device("cpu")
CLI = """
import typer
from bench.cli.train import train
app = typer.Typer()
app.command()(train)
app()
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pictures(folder / "face", 240, 32)
    return folder


@pytest.fixture(scope="module")
def pictures(data: Path) -> TrainingPictures:
    return read_pictures(data, "face")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def training(
    pictures: TrainingPictures, out: Path, choice: Choice | None = None, *, resume: bool = False
) -> Training:
    recipe = make_recipe(choice or Choice(Network.BANK), pictures, CPU)
    return Training(recipe, pictures, out, device=CPU, licence="none", resume=resume)


def run(target: Training, steps: int) -> Training:
    images = steps * target.recipe.batch
    target.run(Schedule(minutes=60, images=images), PlainLines("test"))
    return target


def under_way(data: Path, out: Path) -> subprocess.Popen[str]:
    """A training through the command line that has written its first checkpoint."""
    options = ("--images", "100000", "--checkpoint-minutes", "0", "--threads", "1")
    command = (sys.executable, "-c", CLI, "bank", "--data", str(data), "--split", "face")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        (*command, "--out", str(out), *options), env=environment, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not (out / "checkpoint.pt").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_an_interrupted_training_says_how_it_goes_on(data: Path, tmp_path: Path) -> None:
    process = under_way(data, tmp_path / "out")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.endswith("holds its last checkpoint, from which --resume goes on\n")
    assert "Traceback" not in told


def test_a_killed_training_goes_on_bit_for_bit(
    data: Path, pictures: TrainingPictures, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    process = under_way(data, out)
    process.kill()
    process.communicate()

    resumed = training(pictures, out, resume=True)
    killed_at = resumed.progress.iteration
    assert killed_at >= 1
    steps = killed_at + 2
    run(resumed, steps)
    uninterrupted = run(training(pictures, tmp_path / "whole"), steps)
    there, here = flat(state_of(uninterrupted.recipe)), flat(state_of(resumed.recipe))
    assert there.keys() == here.keys()
    for key, tensor in there.items():
        assert torch.equal(tensor, here[key]), key


def flat(state: object, name: str = "") -> dict[str, torch.Tensor]:
    """Every tensor of a nested state, by its path."""
    if isinstance(state, torch.Tensor):
        return {name: state}
    items = state.items() if isinstance(state, dict) else ()
    return {k: v for key, value in items for k, v in flat(value, f"{name}/{key}").items()}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, pictures: TrainingPictures) -> Path:
    recipe = make_recipe(Choice(Network.BANK), pictures, CPU)
    return export(
        tmp_path_factory.mktemp("bank"),
        recipe.product,
        recipe.average.network.state_dict(),
        "none",
        {},
    )


NETWORKS = {
    Network.BANK: StyleGAN2Generator,
    Network.GLEAN: GLEANNet,
    Network.GLEAN_LIGHT: GLEANLightNet,
    Network.ESRGAN: RRDBNet,
    Network.SRGAN: MSRResNet,
}


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_trains_and_its_weights_load(
    network: Network, pictures: TrainingPictures, bank: Path, tmp_path: Path
) -> None:
    done = run(training(pictures, tmp_path, Choice(network, scale=4, bank=bank)), 2)
    assert len(done.progress.curve) == 1
    assert all(torch.tensor(v).isfinite() for v in done.progress.curve[0].values())
    path = tmp_path / f"{done.recipe.product.name}.safetensors"
    loaded = NETWORKS[network].from_state_dict(read(path))
    weights, largest = done.recipe.average.network.state_dict(), done.recipe.product.largest
    expected = widened(narrowed(weights, largest))
    for key, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, expected[key].to(tensor.dtype))
    listed = f"{pictures.digest}.pictures"
    assert f'pictures = ["{listed}"]' in path.with_suffix(".toml").read_text()
    for name in ("checkpoint.pt", "sheet.png", "training.json", f"{path.stem}.toml", listed):
        assert (tmp_path / name).is_file()


def test_the_bank_of_a_glean_stays_as_it_is(
    pictures: TrainingPictures, bank: Path, tmp_path: Path
) -> None:
    done = run(training(pictures, tmp_path, Choice(Network.GLEAN, scale=4, bank=bank)), 2)
    before = StyleGAN2Generator.from_state_dict(read(bank)).state_dict()
    after = done.recipe.average.network.state_dict()
    assert all(torch.equal(tensor, after[f"generator.{k}"]) for k, tensor in before.items())


@pytest.mark.parametrize("has_decoder", [True, False])
def test_of_a_glean_light_all_but_the_bank_learns(
    has_decoder: bool, pictures: TrainingPictures, bank: Path, tmp_path: Path
) -> None:
    choice = Choice(Network.GLEAN_LIGHT, scale=4, bank=bank, has_decoder=has_decoder)
    target = training(pictures, tmp_path, choice)
    before = {k: v.clone() for k, v in target.recipe.average.network.state_dict().items()}
    run(target, 2)
    after = target.recipe.average.network.state_dict()
    stays = {key for key, tensor in before.items() if torch.equal(tensor, after[key])}
    assert stays == {key for key in before if key.startswith("generator.")}
    assert target.recipe.product.kind == "glean-light" + ("" if has_decoder else "-bank")
    card = (tmp_path / f"{target.recipe.product.name}.toml").read_text()
    assert f'kind = "{target.recipe.product.kind}"' in card
    assert "LightGLEAN (our reading)" in card


def test_a_restorer_learns(pictures: TrainingPictures, tmp_path: Path) -> None:
    target = training(pictures, tmp_path, Choice(Network.SRGAN, scale=4))
    before = target.recipe.score()
    run(target, 16)
    assert target.recipe.score() < 0.95 * before


def test_a_restorer_goes_on_from_earlier_weights_and_says_so(
    pictures: TrainingPictures, tmp_path: Path
) -> None:
    first = run(training(pictures, tmp_path / "first", Choice(Network.SRGAN, scale=4)), 2)
    weights = tmp_path / "first" / f"{first.recipe.product.name}.safetensors"
    choice = Choice(Network.SRGAN, scale=4, start=weights, batch=3)
    more = training(pictures, tmp_path / "more", choice)
    began, ended = more.recipe.average.network.state_dict(), read(weights)
    assert all(torch.equal(tensor, ended[name].float()) for name, tensor in began.items())
    run(more, 2)
    record = json.loads((tmp_path / "more" / "training.json").read_text())
    assert record["settings"]["started_from"] == hash_file(weights)
    assert [entry["images"] for entry in record["curve"]] == [0, 6]
    with pytest.raises(BenchError, match=r"--start .* holds another network"):
        training(pictures, tmp_path / "other", Choice(Network.SRGAN, scale=8, start=weights))
    with pytest.raises(BenchError, match="not a RRDBNet"):
        training(pictures, tmp_path / "kind", Choice(Network.ESRGAN, scale=4, start=weights))
    with pytest.raises(BenchError, match="--keep-start is a share of the weights of --start"):
        training(pictures, tmp_path / "none", Choice(Network.SRGAN, scale=4, kept=0.2))


def test_what_keeps_a_share_of_its_start_is_a_mean_of_both(
    pictures: TrainingPictures, tmp_path: Path
) -> None:
    first = run(training(pictures, tmp_path / "first", Choice(Network.SRGAN, scale=4)), 2)
    weights = tmp_path / "first" / f"{first.recipe.product.name}.safetensors"
    ended = {}
    for kept in (0.0, 0.25, 1.0):
        choice = Choice(Network.SRGAN, scale=4, start=weights, kept=kept)
        later = run(training(pictures, tmp_path / f"{kept}", choice), 2)
        ended[kept] = later.recipe.average.network.state_dict()
        record = json.loads((tmp_path / f"{kept}" / "training.json").read_text())
        assert record["settings"]["kept"] == kept
    before = read(weights)
    for name, became in ended[0.0].items():
        torch.testing.assert_close(ended[1.0][name], before[name].float())
        torch.testing.assert_close(ended[0.25][name], 0.25 * before[name].float() + 0.75 * became)


def test_restorers_learn_by_vgg16_where_it_is_found_and_say_which_loss_they_have(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All thirteen convolutions, as the published file has them; the loss needs ten.
    channels = [3] + [4] * len(PUBLISHED)
    torch.manual_seed(0)
    state = {
        f"features.{index}.{part}": tensor
        for index, inputs in zip(PUBLISHED, channels, strict=False)
        for part, tensor in torch.nn.Conv2d(inputs, 4, 3).state_dict().items()
    }
    (tmp_path / "lab").mkdir()
    save_file(state, tmp_path / "lab" / "vgg.safetensors")
    (tmp_path / "lab" / "vgg.toml").write_text('title = "t"\nkind = "vgg16"\nlicence = "none"\n')
    features = {}
    for lab in ("", str(tmp_path / "lab")):
        out = tmp_path / f"out{bool(lab)}"
        monkeypatch.setenv("BENCH_WEIGHTS", lab)
        done = bench_here("train", "srgan", "--data", data, "--split", "face", "--out", out,
                          "--images", 8, "--scale", 4)  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = next(
            line for line in done.stderr.splitlines() if line.startswith("perceptual loss: ")
        )
        features[lab] = json.loads((out / "training.json").read_text())["settings"][
            "perceptual_features"
        ]
        assert features[lab] in told
        assert ("`python -m bench fetch vgg16`" in told) == (not lab)
    assert [name.partition(",")[0] for name in features.values()] == ["EfficientNet-lite0", "VGG16"]


def test_a_full_disk_leaves_the_last_checkpoint(pictures: TrainingPictures, tmp_path: Path) -> None:
    choice = Choice(Network.SRGAN, scale=4)
    target = run(training(pictures, tmp_path, choice), 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(DiskError, match="cannot write"):
            run(target, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert training(pictures, tmp_path, choice, resume=True).progress.iteration == 1


def test_other_options_do_not_resume(pictures: TrainingPictures, tmp_path: Path) -> None:
    run(training(pictures, tmp_path, Choice(Network.SRGAN, scale=4)), 1)
    with pytest.raises(BenchError, match="seed"):
        training(pictures, tmp_path, Choice(Network.SRGAN, scale=4, seed=1), resume=True)
    with pytest.raises(BenchError, match="add --resume"):
        training(pictures, tmp_path, Choice(Network.SRGAN, scale=4))
    with pytest.raises(BenchError, match="leave --resume out"):
        training(pictures, tmp_path / "none", Choice(Network.SRGAN, scale=4), resume=True)


@pytest.mark.parametrize("scale", [3, 16, 64])
def test_factors_that_the_sizes_do_not_allow(
    scale: int, pictures: TrainingPictures, tmp_path: Path
) -> None:
    with pytest.raises(BenchError, match="restored at 2, 4, 8"):
        training(pictures, tmp_path, Choice(Network.SRGAN, scale=scale))


def test_a_glean_needs_a_bank_of_its_size(pictures: TrainingPictures, tmp_path: Path) -> None:
    for network in (Network.GLEAN, Network.GLEAN_LIGHT):
        with pytest.raises(BenchError, match=f"a {network} needs the bank .* --bank FILE"):
            training(pictures, tmp_path, Choice(network, scale=4))
    recipe = make_recipe(Choice(Network.BANK), pictures, CPU)
    other = BankSettings().generator(64).state_dict()
    path = export(tmp_path, recipe.product, other, "none", {})
    with pytest.raises(BenchError, match="64 pixels"):
        training(pictures, tmp_path, Choice(Network.GLEAN, scale=4, bank=path))
