"""What SinGAN draws at random, from one stream for each picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from methods.single_image.pyramid import Size

DEVIATION = 0.02  # of first weights


@dataclass(frozen=True)
class Draws:
    """Random numbers of one stream, drawn on the CPU, so that every device has the same."""

    stream: torch.Generator
    device: torch.device

    def noise(self, size: Size, *, is_first: bool) -> Tensor:
        """(1, 3, H, W) from N(0, 1); one channel, repeated, for the first picture of a chain."""
        drawn = torch.randn(1, 1 if is_first else 3, *size, generator=self.stream)
        return drawn.to(self.device).expand(1, 3, *size)

    def mixture(self) -> Tensor:
        """(1,) from [0, 1]: the part that the real picture has of an interpolate."""
        return torch.rand(1, generator=self.stream).to(self.device)

    def initialise(self, network: nn.Module) -> None:
        """First weights: N(0, 0.02) of convolutions, N(1, 0.02) of batch norms; biases of
        convolutions as torch has them, those of batch norms zero."""
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d) and layer.bias is not None:
                bound = layer.weight[0].numel() ** -0.5
                nn.init.normal_(layer.weight, 0, DEVIATION, generator=self.stream)
                nn.init.uniform_(layer.bias, -bound, bound, generator=self.stream)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.weight, 1, DEVIATION, generator=self.stream)
                nn.init.zeros_(layer.bias)

    def fork(self) -> Draws:
        """What this would draw next, drawn without moving it."""
        stream = torch.Generator()
        stream.set_state(self.stream.get_state())
        return Draws(stream, self.device)
