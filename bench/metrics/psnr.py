"""Peak signal-to-noise ratio.

PSNR = 10 log10(255^2 / MSE), over all RGB values of the 8-bit pictures, border included, one
number an image: the protocol of the published GLEAN figures.
"""

from __future__ import annotations

import torch
from torch import Tensor

from bench.metrics.base import Metric, Sample

# Identical pictures have no finite PSNR, and no mean survives an infinity. The cap is what one
# value in 150,000 wrong by one level gives: nothing that is restored comes near it.
IDENTICAL_DB = 100.0


def psnr_db(restored: Tensor, truth: Tensor) -> Tensor:
    """(N,) in dB, of pictures (N, 3, H, W) in [0, 1]; at most `IDENTICAL_DB`."""
    error = (restored.double() - truth.double()).square().flatten(1).mean(1)
    return (-10 * torch.log10(error)).clamp(max=IDENTICAL_DB)


class PSNR(Metric):
    """Peak signal-to-noise ratio of the restored picture against the truth."""

    def score(self, sample: Sample) -> list[float]:
        return psnr_db(sample.restored, sample.truth).tolist()
