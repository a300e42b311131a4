"""Structural similarity (Wang et al. 2004), the mean over pixels and channels.

With the paper's Gaussian window (sigma 1.5) and population covariance, which scikit-image does
not take by default: its 7x7 box differs by 0.02.
"""

from __future__ import annotations

from skimage.metrics import structural_similarity
from torch import Tensor

from bench.metrics.base import Metric, Sample


def ssim(restored: Tensor, truth: Tensor) -> list[float]:
    """One value an image, of pictures (N, 3, H, W) in [0, 1]; 1 for equal ones."""
    return [
        float(
            structural_similarity(  # type: ignore[no-untyped-call]
                a.double().numpy(),
                b.double().numpy(),
                channel_axis=0,
                data_range=1.0,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
        )
        for a, b in zip(restored, truth, strict=True)
    ]


class SSIM(Metric):
    """Structural similarity of the restored picture to the truth."""

    def score(self, sample: Sample) -> list[float]:
        return ssim(sample.restored, sample.truth)
