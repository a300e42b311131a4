"""LR consistency: the restored picture, degraded again, against the input.

Any picture that could be the truth scores high: what latent optimisation seeks directly, and what
tells a failed search from a plausible stranger.
"""

from __future__ import annotations

from bench.metrics.base import Metric, Sample
from bench.metrics.psnr import psnr_db


class LRConsistency(Metric):
    """PSNR of A(restored) against y, both rounded to 8 bits."""

    def score(self, sample: Sample) -> list[float]:
        return psnr_db(sample.operator.observe(sample.restored), sample.y).tolist()
