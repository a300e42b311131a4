"""What is known of each kernel before torch is imported: for `list kernels` and for help."""

from __future__ import annotations

KERNEL_FACTS = {
    "matlab-bicubic": "MATLAB's imresize, bicubic with antialiasing: GLEAN, ESRGAN and most papers",
    "matlab-lanczos3": "MATLAB's imresize, Lanczos of three lobes with antialiasing",
    "pulse-bicubic": "PULSE's own bicubic, whole factors only",
    "torch-aa": "torch's interpolate, bicubic with antialias=True: differs at the borders",
    "area": "the mean of each block of pixels, whole factors only",
}
