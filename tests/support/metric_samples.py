"""Networks of random weights in place of published ones; for tests alone, never for scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save

from bench.metrics.base import Metric
from bench.metrics.factor_reader import Description, Factor
from bench.metrics.lpips import NETWORKS
from bench.metrics.registry import load, resolve
from methods.networks.reader import FactorReader, IdentityEmbedder

SHARED = Path(__file__).resolve().parents[3] / "shared"


def ready(column: str, folder: Path) -> Metric:
    """The metric, set up on the CPU with stand-ins of its weights, written into `folder`."""
    metric = load(resolve(column))()
    metric.setup(stand_ins(column, folder), torch.device("cpu"))
    return metric


def stand_ins(column: str, folder: Path) -> dict[str, Path]:
    """Files for all the weights that the metric needs, by kind."""
    makers = {
        "lpips-alex": write_backbone, "lpips-vgg": write_backbone, "arcface": write_embedder,
        "rendered-identity": write_identity, "factor-reader": write_reader,
    }  # fmt: skip
    facts = resolve(column)
    found = {kind: makers[kind](folder / kind) for kind in facts.weights}
    return found | {f"{kind}-face": makers[kind](folder / kind) for kind in facts.split_weights}


def write_identity(path: Path) -> Path:
    """An identity embedder of rendered faces that has learnt nothing."""
    torch.manual_seed(0)
    path.write_bytes(save(IdentityEmbedder().state_dict()))
    return path


def write_reader(path: Path) -> Path:
    """A reader of one factor of faces, that has learnt nothing."""
    torch.manual_seed(0)
    factor = Factor(name="hair", options=("curly", "straight"), agreement=0.9, skill=0.8)
    metadata = Description(split="face", factors=(factor,)).metadata()
    path.write_bytes(save(FactorReader(2).state_dict(), metadata))
    return path


def write_backbone(path: Path) -> Path:
    """Random features under torchvision's names, for `path` named lpips-alex or lpips-vgg."""
    torch.manual_seed(0)
    features = NETWORKS[path.name.removeprefix("lpips-")]().features
    state = {f"features.{key}": tensor for key, tensor in features.state_dict().items()}
    torch.save(state | {"classifier.6.weight": torch.zeros(2, 2)}, path)
    return path


def write_embedder(path: Path, side: int = 112, batch: int | str = "N", results: int = 1) -> Path:
    """A face embedder in ONNX: the picture in blocks of 8 pixels, projected at random to 128-d."""
    rng = np.random.default_rng(0)
    width = 3 * (side // 8) ** 2
    projection = rng.standard_normal((width, 128)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["image"], ["p"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["p"], ["flat"]),
        *(helper.make_node("MatMul", ["flat", "W"], [f"e{i}"]) for i in range(results)),
    ]
    taken = helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, side, side])
    given = [
        helper.make_tensor_value_info(f"e{i}", TensorProto.FLOAT, [batch, 128])
        for i in range(results)
    ]
    weights = [numpy_helper.from_array(projection, "W")]
    graph = helper.make_graph(nodes, "embedder", [taken], given, weights)
    opset = helper.make_opsetid("", 13)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), str(path))
    return path
