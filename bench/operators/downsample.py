"""The degradation of the benchmark: y = A(x), a downsampling of the 8-bit picture."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from torch import Tensor

from bench.core.errors import BenchError, UnknownName
from bench.operators.base import quantise
from bench.operators.kernels import KERNELS, resize

DEFAULT_KERNEL = "matlab-bicubic"


@dataclass(frozen=True)
class Downsample:
    """Shrink by `factor` along both axes with a named kernel (`bench.operators.KERNELS`)."""

    factor: int
    kernel: str = DEFAULT_KERNEL

    def __post_init__(self) -> None:
        if self.factor < 1:
            raise BenchError(f"a scale is a whole number of at least 1, not {self.factor}")
        if self.kernel not in KERNELS:
            raise UnknownName("kernel", self.kernel, KERNELS)

    @property
    def name(self) -> str:
        """Such as `downsample16-matlab-bicubic-u8`."""
        return f"downsample{self.factor}-{self.kernel}-u8"

    @property
    def digest(self) -> str:
        """Hash of everything that changes y; rows of different digests are never compared.

        `version` grows when the arithmetic of the kernels changes.
        """
        identity = {"operator": "downsample", "rounding": "uint8", "version": 1} | asdict(self)
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def column(self) -> str:
        """The operator as rows name it: name and digest."""
        return f"{self.name}#{self.digest}"

    def __call__(self, x: Tensor) -> Tensor:
        """x (N, 3, H, W) in [0, 1] to (N, 3, H / factor, W / factor), not rounded, float32."""
        height, width = x.shape[-2:]
        if height % self.factor or width % self.factor:
            raise BenchError(
                f"a picture of {width}x{height} pixels cannot be shrunk by {self.factor}: "
                f"its sides must be multiples of {self.factor}"
            )
        return resize(x, (height // self.factor, width // self.factor), self.kernel)

    def observe(self, x: Tensor) -> Tensor:
        """The low-resolution picture as an 8-bit file would hold it, in [0, 1]."""
        return quantise(self(quantise(x)))


def operator_of(column: str) -> Downsample:
    """The operator that rows name so.

    Raises `BenchError` if this version knows no such operator, or computes it otherwise.
    """
    named = re.fullmatch(r"downsample([1-9][0-9]{0,3})-(.+)-u8#[0-9a-f]+", column)
    if named is None or named[2] not in KERNELS:
        raise BenchError(f"this version knows no operator {column!r}")
    operator = Downsample(int(named[1]), named[2])
    if operator.column != column:
        raise BenchError(f"this version computes {operator.name} otherwise: {column!r}")
    return operator
