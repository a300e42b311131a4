"""Factor fidelity: the share of the known factors of a rendered picture that can be read back.

A small network, the reader of the split, looks at the restored picture and says what it sees:
hair, pose, colours, light. Each reading is held against the factor that the picture was rendered
with; the score is the share that agrees, `bench.metrics.factor_reader` says when that is. No
photographs allow this, since nobody knows their factors. It asks what pixels and features do not:
whether what a method invents is what was there.

Readers err: on the truth too, and they were never shown the artefacts of a restoration. So each
factor comes with what its reader gets on the true picture and what a blind guess would get, and
those that it cannot read on held-out truths (skill below 0.3, or agreement less than 0.1 above a
guess) are not in the mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.core.rows import Part
from bench.datasets.factors import Known, Unknown
from bench.metrics.base import Composed, Metric, Sample, Unscored
from bench.metrics.factor_reader import Description, DescriptionError, description_of
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError
from methods.networks.reader import FactorReader

UNKNOWN = Unknown("what is in the picture is not known")


class Reader:
    """The reader in a file of weights, with its description. Raises `BenchError`."""

    def __init__(self, path: Path, device: torch.device) -> None:
        self.device = device
        try:
            self.network = FactorReader.from_state_dict(read(path)).to(device)
            self.description: Description = description_of(path)
        except (CheckpointError, DescriptionError) as error:
            told = str(error)
            raise BenchError(told if str(path) in told else f"{path}: {told}") from None
        outputs = self.network.head.out_features
        if outputs != self.description.outputs:
            raise BenchError(
                f"{path}: the reader has {outputs} outputs, and its factors "
                f"take {self.description.outputs}"
            )

    @torch.inference_mode()
    def __call__(self, image: Tensor) -> Tensor:
        """(outputs,) in float64 of a picture (1, 3, H, W) in [0, 1]."""
        # A GPU rounds convolutions to TF32 unless told not to: a reading would depend on it.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            readings: Tensor = self.network(image.to(self.device))
        return readings[0].double().cpu()


class FactorFidelity(Metric):
    """Share of the known factors of the truth that are read back from the restored picture."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        readers = [Reader(path, device) for path in files.values()]
        self.readers = {reader.description.split: reader for reader in readers}

    def score(self, sample: Sample) -> list[float | Composed | Unscored]:
        known = sample.known or (UNKNOWN,) * len(sample.truth)
        return [
            self.score_one(restored[None], truth[None], factors)
            for restored, truth, factors in zip(sample.restored, sample.truth, known, strict=True)
        ]

    def score_one(
        self, restored: Tensor, truth: Tensor, known: Known | Unknown
    ) -> Composed | Unscored:
        """The score of one picture (1, 3, H, W)."""
        if isinstance(known, Unknown):
            return Unscored(known.reason)
        reader = self.readers.get(known.split)
        if reader is None:
            return Unscored(
                f"no reader of {known.split} is here (readers: {', '.join(self.readers)}); "
                f"`python -m bench train readers --data DIR --split {known.split} --out DIR`"
            )
        try:
            targets = reader.description.targets(known.values)
        except DescriptionError as error:
            return Unscored(str(error))
        parts: dict[str, Part] = {}
        (of_truth,) = self.of_truth(truth, lambda: [reader(truth)], known.split)
        read_apart = (reading.numpy() for reading in (reader(restored), of_truth))
        pairs = zip(*map(reader.description.parts, read_apart), strict=True)
        for (factor, of_restored), (_, of_truth) in pairs:
            target = targets[factor.name]
            agrees = float(factor.agrees(of_restored, target)) if factor.is_readable else None
            parts[factor.name] = Part(agrees, float(factor.agrees(of_truth, target)), factor.chance)
        counted = [part.restored for part in parts.values() if part.restored is not None]
        if not counted:
            return Unscored(f"the reader of {known.split} can read none of its factors")
        return Composed(fmean(counted), parts)
