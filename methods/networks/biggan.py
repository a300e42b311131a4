"""BigGAN's generator (Brock et al. 2019, arXiv 1809.11096), in the layout of BigGAN-PyTorch.

Checked against deep-generative-prior, whose `use_in` is `InstanceNorms` here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width
from methods.networks.biggan_layers import NORM_EPS, SelfAttention, SpectralConv, SpectralLinear

ANCHORS = ("blocks.0.0.bn1.gain.weight",)
START = 4  # pixels a side of the first maps

# Of each norm its bias and weight, filled at the first pass that is given the dictionary, and
# those of one picture from then on: DGP's `use_in`.
InstanceNorms = dict[nn.Module, tuple[Tensor, Tensor]]


class BigGANGenerator(nn.Module):
    """z and a class to a picture.

    widths: channels of the first maps and of each block's output; every block doubles the side.
    attention: indices of the blocks after which every place looks at the others. chunk: how many
    numbers of z the first layer gets, and each block in turn.
    """

    def __init__(
        self,
        widths: Sequence[int],
        attention: Collection[int],
        classes: int,
        chunk: int = 20,
        embedding: int = 128,
    ) -> None:
        super().__init__()
        self.resolution = START << (len(widths) - 1)
        self.chunk, self.classes = chunk, classes
        self.shared = nn.Embedding(classes, embedding)
        self.linear = SpectralLinear(chunk, widths[0] * START**2)
        self.blocks = nn.ModuleList()
        for index, (inputs, outputs) in enumerate(pairwise(widths)):
            layers: list[nn.Module] = [Block(inputs, outputs, chunk + embedding)]
            if index in attention:
                layers.append(SelfAttention(outputs))
            self.blocks.append(nn.ModuleList(layers))
        last = SpectralConv(widths[-1], 3)
        self.output_layer = nn.Sequential(OutputNorm(widths[-1]), nn.ReLU(), last)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> BigGANGenerator:
        """The generator whose tensors these are; `in1` and `in2` of `InstanceNorms` may be there.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        what = "BigGAN generator"
        tensors = {
            key: tensor
            for key, tensor in unwrap(state_dict, ANCHORS, what).items()
            if not {"in1", "in2"} & set(key.split("."))
        }

        def build() -> BigGANGenerator:
            classes, embedding = tensors["shared.weight"].shape
            blocks = range(count(tensors, r"blocks\.(\d+)\."))
            first, chunk = tensors["linear.weight"].shape
            widths = [width(tensors, f"blocks.{i}.0.conv1") for i in blocks]
            attention = [i for i in blocks if f"blocks.{i}.1.gamma" in tensors]
            return cls([first // START**2, *widths], attention, classes, chunk, embedding)

        return load_strict(build, tensors, what)

    @property
    def latent_dim(self) -> int:
        """Length of z."""
        return self.chunk * (1 + len(self.blocks))

    def groups(self) -> Iterator[list[Tensor]]:
        """What DGP unfreezes one after the other: the first linear layer, then each block with
        its attention. Class embedding and output layer are in none."""
        yield list(self.linear.parameters())
        for block in self.blocks:
            yield list(block.parameters())

    def forward(
        self, z: Tensor, classes: Tensor, instance_norms: InstanceNorms | None = None
    ) -> Tensor:
        """Pictures (N, 3, R, R) in [-1, 1] of z (N, D) and of class indices (N,).

        instance_norms: of one picture; N is 1 then.
        """
        first, *chunks = torch.split(z, self.chunk, 1)
        label = self.shared(classes)
        x = self.linear(first).unflatten(1, (-1, START, START))
        for layers, part in zip(self.blocks, chunks, strict=True):
            block, *attention = layers.children()
            x = block(x, torch.cat((label, part), 1), instance_norms)
            for layer in attention:
                x = layer(x)
        return torch.tanh(self.output_layer(x))


class Block(nn.Module):
    """Twice the side: norm, ReLU, nearest x2, 3x3, norm, ReLU, 3x3; and the input added."""

    def __init__(self, inputs: int, outputs: int, condition: int) -> None:
        super().__init__()
        self.bn1 = ConditionalNorm(inputs, condition)
        self.conv1 = SpectralConv(inputs, outputs)
        self.bn2 = ConditionalNorm(outputs, condition)
        self.conv2 = SpectralConv(outputs, outputs)
        self.conv_sc = SpectralConv(inputs, outputs, 1)

    def forward(self, x: Tensor, condition: Tensor, norms: InstanceNorms | None) -> Tensor:
        h = doubled(F.relu(self.bn1(x, condition, norms)))
        h = F.relu(self.bn2(self.conv1(h), condition, norms))
        # The published order is the other one: to repeat pixels first costs four times as much.
        out: Tensor = self.conv2(h) + doubled(self.conv_sc(x))
        return out


def doubled(x: Tensor) -> Tensor:
    """Twice the side, by nearest neighbour."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class ConditionalNorm(nn.Module):
    """Batch normalisation whose gain and bias are linear in class and z."""

    stored_mean: Tensor
    stored_var: Tensor

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.gain = SpectralLinear(condition, channels, bias=False)
        self.bias = SpectralLinear(condition, channels, bias=False)
        self.register_buffer("stored_mean", torch.zeros(channels))
        self.register_buffer("stored_var", torch.ones(channels))

    def forward(self, x: Tensor, condition: Tensor, norms: InstanceNorms | None) -> Tensor:
        if norms is None:
            return self.conditional(x, condition)
        if self not in norms:
            with torch.no_grad():
                y = self.conditional(x, condition).transpose(0, 1).flatten(1)
                norms[self] = y.mean(1), y.std(1)  # the unbiased deviation, as published
        bias, weight = norms[self]
        return F.instance_norm(x, weight=weight, bias=bias, eps=NORM_EPS)

    def conditional(self, x: Tensor, condition: Tensor) -> Tensor:
        """x normalised, then scaled and shifted as z and class say."""
        gain, bias = self.gain(condition), self.bias(condition)
        normal = normalised(x, self.stored_mean, self.stored_var, self.training)
        out: Tensor = normal * (1 + gain)[..., None, None] + bias[..., None, None]
        return out


class OutputNorm(nn.Module):
    """Batch normalisation with gain and bias of its own."""

    stored_mean: Tensor
    stored_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("stored_mean", torch.zeros(channels))
        self.register_buffer("stored_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        normal = normalised(x, self.stored_mean, self.stored_var, self.training)
        return normal * self.gain[:, None, None] + self.bias[:, None, None]


def normalised(x: Tensor, mean: Tensor, variance: Tensor, training: bool) -> Tensor:
    """x by the statistics of its batch, which the stored ones then follow, or by these."""
    return F.batch_norm(x, mean, variance, training=training, momentum=0.1, eps=NORM_EPS)
