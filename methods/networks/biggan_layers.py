"""The layers that BigGAN's generator and discriminator share (Brock et al. 2019, arXiv 1809.11096).

Parameter names follow BigGAN-PyTorch and deep-generative-prior, against which they are checked.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIGMA_EPS = 1e-6
NORM_EPS = 1e-5


class SpectralNorm(nn.Module):
    """A weight that is divided by an estimate of its largest singular value.

    One step of power iteration from the stored vector `u0` at every forward pass, in evaluation
    too; gradients pass through the estimate, not through its vectors. Training moves `u0` on,
    evaluation leaves it. `sv0`, the last estimate, is stored and never read.
    """

    weight: Tensor
    u0: Tensor
    sv0: Tensor
    fixed: Tensor | None

    def prepare(self) -> None:
        """What a layer stores beside its weight."""
        nn.init.orthogonal_(self.weight)
        self.register_buffer("u0", torch.randn(1, len(self.weight)))
        self.register_buffer("sv0", torch.ones(1))
        self.register_buffer("fixed", None, persistent=False)

    def normalised(self) -> Tensor:
        """The weight over the estimate."""
        if self.fixed is not None:
            return self.fixed
        with torch.autocast(self.weight.device.type, enabled=False):
            rows = self.weight.flatten(1)
            with torch.no_grad():
                v = F.normalize(self.u0 @ rows, eps=SIGMA_EPS)
                u = F.normalize(v @ rows.T, eps=SIGMA_EPS)
            sigma = (v @ rows.T @ u.T).squeeze()
            if self.training:
                self.u0.copy_(u)
                self.sv0.fill_(sigma.detach())
            return self.weight / sigma


def fix(network: nn.Module) -> None:
    """Divide the weights once for all: of a network in evaluation that learns no more."""
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, SpectralNorm):
                layer.fixed = layer.normalised()


class SpectralConv(nn.Conv2d, SpectralNorm):
    """Convolution that keeps the size of its maps."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, bias: bool = True) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=bias)
        self.prepare()

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.normalised(), self.bias, padding=self.padding)


class SpectralLinear(nn.Linear, SpectralNorm):
    """Linear map."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__(inputs, outputs, bias)
        self.prepare()

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.normalised(), self.bias)


class SpectralEmbedding(nn.Embedding, SpectralNorm):
    """A vector for each class."""

    def __init__(self, classes: int, width: int) -> None:
        super().__init__(classes, width)
        self.prepare()

    def forward(self, classes: Tensor) -> Tensor:
        return F.embedding(classes, self.normalised())


class SelfAttention(nn.Module):
    """Every place looks at all others of half the resolution (Zhang et al. 2019, 1805.08318)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        keys, values = max(channels // 8, 1), max(channels // 2, 1)
        self.theta = SpectralConv(channels, keys, 1, bias=False)
        self.phi = SpectralConv(channels, keys, 1, bias=False)
        self.g = SpectralConv(channels, values, 1, bias=False)
        self.o = SpectralConv(values, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        query = self.theta(x).flatten(2)  # (N, K, HW)
        key = F.max_pool2d(self.phi(x), 2).flatten(2)  # (N, K, HW / 4)
        value = F.max_pool2d(self.g(x), 2).flatten(2)  # (N, V, HW / 4)
        looks = (query.transpose(1, 2) @ key).softmax(-1)  # (N, HW, HW / 4), not scaled
        seen = (value @ looks.transpose(1, 2)).unflatten(2, x.shape[-2:])
        out: Tensor = self.gamma * self.o(seen) + x
        return out
