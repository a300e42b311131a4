"""Training steps against the same steps in float32 on contiguous images, in the same run.

The two are interleaved and the CPU time of the process is compared, so that other work on the
machine slows both. bfloat16 takes part only where the hardware has it; `extra_info` says so.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from bench.training import bank as bank_module
from bench.training import features, judge, restorer
from bench.training.bank import BankRecipe
from bench.training.data import TrainingPictures, read_pictures
from bench.training.export import export
from bench.training.memory import keep_freed_pages
from bench.training.precision import has_bfloat16
from bench.training.recipe import Recipe
from bench.training.recipes import Choice, Network, make_recipe
from bench.training.restorer import RestorerRecipe
from tests.conftest import write_pictures

CPU = torch.device("cpu")
ROUNDS = 3


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> TrainingPictures:
    folder = tmp_path_factory.mktemp("data")
    write_pictures(folder / "face", 240, 128)
    return read_pictures(folder, "face")


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


def cpu_seconds(recipe: Recipe, iteration: int) -> float:
    began = time.process_time()
    recipe.step(iteration)
    return time.process_time() - began


@pytest.mark.parametrize("network", Network)
def test_training_step(
    network: Network,
    pictures: TrainingPictures,
    bank: Path,
    benchmark: BenchmarkFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.set_num_threads(1)
    keep_freed_pages()
    recipe, contiguous = (make_recipe(Choice(network, bank=bank), pictures, CPU) for _ in range(2))
    assert isinstance(contiguous, BankRecipe | RestorerRecipe)
    # A convolution follows the layout of its weights, whatever that of its input is.
    contiguous.features.to(memory_format=torch.contiguous_format)
    plain, fast = [], []
    for iteration in range(ROUNDS + 1):
        fast.append(cpu_seconds(recipe, iteration))
        with monkeypatch.context() as patch:
            make_plain(patch)
            plain.append(cpu_seconds(contiguous, iteration))
    benchmark.pedantic(recipe.step, args=(ROUNDS + 1,), rounds=1)
    ratio = min(plain) / min(fast)
    benchmark.extra_info["images_per_s"] = round(recipe.batch / min(fast), 1)
    benchmark.extra_info["ratio_to_plain_float32"] = round(ratio, 2)
    benchmark.extra_info["bfloat16"] = has_bfloat16(CPU)
    assert ratio > (1.5 if has_bfloat16(CPU) else 0.9)


def make_plain(patch: pytest.MonkeyPatch) -> None:
    """Let the same step run in float32 with channels outermost."""
    off = torch.autocast("cpu", enabled=False)
    for module in (judge, restorer, bank_module):
        patch.setattr(module, "autocast", lambda _: off)
    for module in (features, restorer):
        patch.setattr(module, "channels_last", torch.Tensor.contiguous)
