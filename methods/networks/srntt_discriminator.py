"""The discriminator that SRNTT is trained against (Zhang et al. 2019; ZZUTK/SRNTT)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width
from methods.networks.srntt_layout import ANCHOR, discriminator_from
from methods.networks.srntt_parts import EPSILON, Norm

SLOPE = 0.2
WIDTHS = (32, 32, 64, 64, 128, 128, 256, 256, 512, 512)
DENSE = 1024


class SRNTTDiscriminator(nn.Module):
    """Pictures in [-1, 1] to a number each, the higher the truer they look.

    widths: of the convolutions, of which every second halves the sides. size: side of the
    pictures. Its normalisations take the statistics of the batch, whatever the mode.
    """

    def __init__(self, size: int, widths: Sequence[int] = WIDTHS, dense: int = DENSE) -> None:
        super().__init__()
        inputs = (3, *widths)
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, bias=False) for a, b in zip(inputs, widths, strict=False)
        )
        self.norms = nn.ModuleList(Norm(channels) for channels in widths)
        side = size // 2 ** (len(widths) // 2)
        self.dense = nn.ModuleList((nn.Linear(side**2 * widths[-1], dense), nn.Linear(dense, 1)))

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> SRNTTDiscriminator:
        """The network of the published `discrim.npz`. Raises `CheckpointError`."""
        what = "discriminator of SRNTT"
        anchors = (ANCHOR, "convs.0.weight")
        tensors = unwrap(state_dict, anchors, what, discriminator_from)

        def build() -> SRNTTDiscriminator:
            widths = [width(tensors, f"convs.{i}") for i in range(count(tensors, r"convs\.(\d+)"))]
            pixels = tensors["dense.0.weight"].shape[1] // widths[-1]
            size = round(pixels**0.5) * 2 ** (len(widths) // 2)
            return cls(size, widths, width(tensors, "dense.0"))

        return load_strict(build, tensors, what)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, 1)."""
        x = images
        for place, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, Norm)
            stride = 1 + place % 2
            # As TensorFlow pads: where a stride of 2 meets an even side, only right and below.
            x = F.pad(x, (1, 1, 1, 1) if stride == 1 else (0, 1, 0, 1))
            x = F.conv2d(x, conv.weight, stride=stride)
            x = F.batch_norm(x, None, None, norm.weight, norm.bias, training=True, eps=EPSILON)
            x = F.leaky_relu(x, SLOPE)
        x = x.permute(0, 2, 3, 1).flatten(1)  # the order in which TensorFlow flattens
        first, last = self.dense
        out: Tensor = last(F.leaky_relu(first(x), SLOPE))
        return out
