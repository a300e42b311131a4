"""Any image network that spandrel can load, as `--methods spandrel:FILE`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import Field, model_validator
from torch import Tensor

from bench.core.errors import BenchError
from methods import base
from methods.base import Method, Restoration, Toy
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import CheckpointError
from methods.loading import require_scale
from methods.networks.rrdb import RRDBNet
from methods.toys import random_weights


class SpandrelSettings(base.Settings):
    """The file, and its hash, so that another file of the same name is another method."""

    file: Path
    sha256: str = Field("", description="of the file; filled in")

    @model_validator(mode="before")
    @classmethod
    def hash_file(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Read the hash off the file. A file that is not there is an error of the user's."""
        try:
            with Path(str(values.get("file"))).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise BenchError(f"spandrel:{values.get('file')}: {error.strerror}") from None
        return {**values, "sha256": digest}


class SpandrelFile(Method):
    """A network by somebody else, its architecture told from the file."""

    Settings = SpandrelSettings
    settings: SpandrelSettings

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        path = folder / "spandrel.safetensors"  # spandrel's RRDBNets have a growth of 32
        return Toy(settings={"file": str(random_weights(lambda: RRDBNet(2, 8, 32, 1), path))})

    def setup(self, files: Mapping[str, Path]) -> None:
        # An extra, which nobody needs for the other methods.
        from spandrel import (  # noqa: PLC0415
            ImageModelDescriptor,
            ModelLoader,
            UnsupportedModelError,
        )

        path = self.settings.file
        try:
            # Read here rather than by spandrel, so that nothing in the file can run.
            loaded = ModelLoader(self.task.device).load_from_state_dict(read(path))
        except CheckpointError as error:
            raise BenchError(str(error)) from None
        except RuntimeError as error:  # torch's, on shapes that are not the architecture's
            reason = str(error).splitlines()[0]
            raise BenchError(f"{path}: spandrel cannot load it: {reason}") from None
        except UnsupportedModelError:
            raise BenchError(f"{path} is of no architecture that spandrel knows") from None
        if not isinstance(loaded, ImageModelDescriptor):
            raise BenchError(
                f"{path} is a {loaded.architecture.name}, which takes more than a picture"
            )
        require_scale(path, loaded.scale, self.task)
        self.descriptor = loaded
        self.network = loaded.model.requires_grad_(False).eval()

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.descriptor(y))
