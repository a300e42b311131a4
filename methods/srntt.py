"""SRNTT (Zhang et al. 2019, arXiv 1903.00834): textures of another picture, where they match."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor

from methods.base import Method, Need, Restoration, Toy, Unfit
from methods.checkpoints.reading import Reading
from methods.loading import META, open_network, require_scale
from methods.networks.srntt import SMALLEST, SRNTTNet, Stage
from methods.networks.srntt_parts import SCALE, ContentNet, TextureTransfer
from methods.networks.vgg19 import ORDER, VGG19Features
from methods.references import Pool, note_of, read
from methods.settings.srntt import SRNTTSettings
from methods.toys import random_weights


class SRNTT(Method):
    """Each y takes the reference whose low resolution is nearest to it.

    Twice: the first stage with the reference at a quarter of its size, the second with itself.
    """

    Settings = SRNTTSettings
    settings: SRNTTSettings
    takes: ClassVar[Literal["pool", "views"] | None] = "pool"

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        widths = dict(zip(ORDER[:5], (4, 4, 6, 6, 8), strict=True))
        files = {
            "network": random_weights(lambda: SRNTTNet([tiny()]), folder / "srntt.safetensors"),
            "features": random_weights(lambda: VGG19Features(widths), folder / "vgg.safetensors"),
        }
        return Toy(files)

    def skip(self) -> str | None:
        scale, height, width = self.task.scale, *self.task.size
        stages = round(math.log(scale, SCALE))
        if SCALE**stages != scale:
            return f"SRNTT enlarges by 4, 16 or 64, in stages of 4, not by {scale}"
        if min(height, width) // scale < SMALLEST:
            return f"SRNTT matches patches of 3x3 pixels, more than {width}x{height} by {scale} has"
        return None

    def needs(self) -> tuple[Need, ...]:
        if self.settings.weights == "official":
            parts = ("srntt-transfer", "srntt-content", "vgg19")
            roles = ("network", "content", "features")
            return tuple(Need(role, (kind,)) for role, kind in zip(roles, parts, strict=True))
        return (
            Need("network", ("srntt",), self.task.scale),
            Need("features", ("vgg16-relu3_1",)),
        )

    def opened(self, files: Mapping[str, Path], device: torch.device) -> Mapping[str, Reading]:
        """Open the networks, and say what was read of each file. Raises `BenchError`."""
        features = open_network(files["features"], VGG19Features.from_state_dict, device)
        self.features, readings = features.network, {"features": features.reading}
        if self.settings.weights == "official":
            content = open_network(files["content"], ContentNet.from_state_dict, device)
            transfer = open_network(files["network"], TextureTransfer.from_state_dict, device)
            stage = Stage(content.network, transfer.network)
            self.network = SRNTTNet([stage] * round(math.log(self.task.scale, SCALE)))
            readings |= {"content": content.reading, "network": transfer.reading}
        else:
            found = open_network(files["network"], SRNTTNet.from_state_dict, device)
            require_scale(files["network"], found.network.scale, self.task)
            self.network, readings["network"] = found.network, found.reading
        if (has := self.features.maps) != (wants := self.network.maps):
            raise Unfit(f"{files['features']} has maps of {has} channels, and not of {wants}")
        return readings

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        return self.opened(files, META)

    def setup(self, files: Mapping[str, Path]) -> None:
        self.opened(files, self.task.device)
        self.prepare()

    def prepare(self) -> None:
        """Read what the references are chosen by."""
        self.pool = Pool(self.task)

    def chosen(self, y: Tensor, seed: int) -> list[Path]:
        """The references for one y (1, 3, h, w)."""
        return self.pool.nearest(y, self.settings.references)

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images, notes = [], []
        for one, seed in zip(torch.split(y, 1), seeds, strict=True):
            paths = self.chosen(one, seed)
            references = torch.cat([read(path, self.task.size) for path in paths]).to(one)[None]
            stages = self.network(one * 2 - 1, references * 2 - 1, self.features)
            images.append((stages[-1].picture + 1) / 2)
            notes.append(note_of(paths))
        return Restoration(torch.cat(images), notes=tuple(notes))


def tiny() -> Stage:
    """A stage to try things on."""
    content = ContentNet(8, 1, is_residual=True)
    return Stage(content, TextureTransfer(8, (1, 1, 1), (8, 6, 4), 4, is_residual=True))
