"""Identity of rendered faces: the cosine of two embeddings, 1 for equal pictures.

cos = e(restored) . e(truth), by a small network trained with the ArcFace loss (Deng et al. 2019)
on rendered people alone. Networks that were trained on photographs of faces see one and the same
doll in all of them; and this one ships. Rendered faces are centred and of one size: nothing is
aligned. Its card states how well it verifies people that it never saw (the area under the ROC
curve of all pairs of held-out pictures).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.metrics.base import Metric, Sample
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError
from methods.networks.reader import IdentityEmbedder


class RenderedIdentityCosine(Metric):
    """Similarity of the person in the restored picture to the one in the truth."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        (path,) = files.values()
        self.device = device
        try:
            self.network = IdentityEmbedder.from_state_dict(read(path)).to(device)
        except CheckpointError as error:
            told = str(error)
            raise BenchError(told if str(path) in told else f"{path}: {told}") from None

    @torch.inference_mode()
    def score(self, sample: Sample) -> list[float]:
        # A GPU rounds convolutions to TF32 unless told not to: a score would depend on the device.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            return [
                self.score_one(restored[None], truth[None])
                for restored, truth in zip(sample.restored, sample.truth, strict=True)
            ]

    def score_one(self, restored: Tensor, truth: Tensor) -> float:
        """The cosine of one picture (1, 3, H, W) and its truth."""
        (of_truth,) = self.of_truth(truth, lambda: [self.embed(truth)])
        # The sum of squares of a unit vector in float32 may be 1 + 1e-7.
        cosine: float = (self.embed(restored) * of_truth).sum().clamp(-1, 1).item()
        return cosine

    def embed(self, image: Tensor) -> Tensor:
        """(D,): whom the picture (1, 3, H, W) shows."""
        embedding: Tensor = self.network(image.to(self.device))[0].double()
        return embedding
