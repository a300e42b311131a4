"""Degradations: how the low-resolution input is made from the truth."""

from bench.operators.base import Operator, quantise
from bench.operators.downsample import DEFAULT_KERNEL, Downsample, operator_of
from bench.operators.kernels import KERNELS, resize

__all__ = [
    "DEFAULT_KERNEL",
    "KERNELS",
    "Downsample",
    "Operator",
    "operator_of",
    "quantise",
    "resize",
]
