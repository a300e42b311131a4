"""Pictures with a face, ways to spoil them, and small networks in place of published weights."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from scipy.ndimage import gaussian_filter
from skimage import data
from torch import Tensor

from bench.metrics.base import Metric, Sample
from bench.metrics.lpips import NETWORKS
from bench.metrics.registry import load, resolve
from bench.operators import Downsample, quantise

OPERATOR = Downsample(8)
SHARED = Path(__file__).resolve().parents[2] / "shared"


@cache
def face() -> np.ndarray:
    """(128, 128, 3) uint8: the astronaut of scikit-image, cropped as face data sets are."""
    return np.ascontiguousarray(data.astronaut()[10:138, 160:288])


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def truths() -> Tensor:
    """(3, 3, 128, 128): a face, its mirror image, and the same face in less light."""
    picture = to_tensor(face())
    return quantise(torch.cat([picture, picture.flip(-1), picture * 0.7]))


def sample(restored: Tensor, truth: Tensor) -> Sample:
    """The restored pictures, rounded to 8 bits, beside the truth."""
    return Sample(quantise(restored), truth, OPERATOR.observe(truth), OPERATOR)


def blurred(images: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur of `sigma` pixels."""
    return torch.from_numpy(gaussian_filter(images.numpy(), (0, 0, sigma, sigma)))


def noisy(images: Tensor, deviation: float) -> Tensor:
    """Noise, the same pattern for each deviation."""
    generator = torch.Generator().manual_seed(0)
    return images + deviation * torch.randn(images.shape, generator=generator)


def ready(column: str, folder: Path) -> Metric:
    """The metric, set up on the CPU with stand-ins of its weights, written into `folder`."""
    makers = {"lpips-alex": write_backbone, "lpips-vgg": write_backbone, "arcface": write_embedder}
    facts = resolve(column)
    files = {kind: makers[kind](folder / kind) for kind in facts.weights}
    metric = load(facts)()
    metric.setup(files, torch.device("cpu"))
    return metric


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
