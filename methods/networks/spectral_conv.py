"""Convolution with spectral norm (Miyato et al. 2018, arXiv 1802.05957), as torch first stored it.

Torch's own of today has other names than published files, and makes a network on `meta`, by which
files are looked into, in seconds: it runs its power iteration when it is made.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPS = 1e-12
FIRST = 10  # power iterations on a new weight


class SpectralConv(nn.Module):
    """3x3 convolution that keeps the size; its weight is divided by its largest singular value.

    That is estimated as u . (W v). Training moves u and v one power iteration on at every pass; in
    evaluation they are taken as they are stored, of unit length or not.
    """

    weight_u: Tensor
    weight_v: Tensor
    settled: Tensor | None

    def __init__(self, inputs: int, outputs: int, dilation: int = 1) -> None:
        super().__init__()
        self.dilation = dilation
        self.weight_orig = nn.Parameter(torch.empty(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.kaiming_uniform_(self.weight_orig, math.sqrt(5))  # as `nn.Conv2d` begins
        self.register_buffer("weight_u", torch.randn(outputs))
        self.register_buffer("weight_v", torch.randn(9 * inputs))
        self.register_buffer("settled", None, persistent=False)
        if not self.weight_orig.is_meta:
            for _ in range(FIRST):
                self.iterate()

    @torch.no_grad()
    def iterate(self) -> None:
        """One power iteration."""
        rows = self.weight_orig.flatten(1)
        self.weight_v = F.normalize(rows.T @ self.weight_u, dim=0, eps=EPS)
        self.weight_u = F.normalize(rows @ self.weight_v, dim=0, eps=EPS)

    def normalised(self) -> Tensor:
        """The weight over the estimate."""
        weight = self.weight_orig
        with torch.autocast(weight.device.type, enabled=False):
            if self.training:
                self.iterate()
            return weight / (self.weight_u @ (weight.flatten(1) @ self.weight_v))

    def settle(self) -> None:
        """Divide once for all: of a layer that learns no more."""
        self.settled = self.normalised().detach()

    def forward(self, x: Tensor) -> Tensor:
        weight = self.normalised() if self.settled is None else self.settled
        return F.conv2d(x, weight, self.bias, padding=self.dilation, dilation=self.dilation)
