"""Any image network that spandrel can load, as `--methods spandrel:FILE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from bench.core.errors import BenchError
from methods.base import Method, Restoration, Toy
from methods.channels import Channels, require_channels, restored_in_colour
from methods.checkpoints.file import read
from methods.checkpoints.parts import Checkpoint
from methods.checkpoints.reading import Reading
from methods.checkpoints.state_dict import FLOATS, CheckpointError, kinds_told, part_of, some_keys
from methods.loading import require_scale
from methods.networks.rrdb import RRDBNet
from methods.settings.spandrel import SpandrelSettings
from methods.toys import random_weights

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor

WHAT = "network that spandrel knows"
NUMBERS = (".weight", ".bias")


class SpandrelFile(Method):
    """A network by somebody else, its architecture told from the file."""

    Settings = SpandrelSettings
    settings: SpandrelSettings

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        path = folder / "spandrel.safetensors"  # spandrel's RRDBNets have a growth of 32
        return Toy(settings={"file": str(random_weights(lambda: RRDBNet(2, 8, 32, 1), path))})

    def opened(self) -> tuple[ImageModelDescriptor, Reading]:
        """The network, if it serves the task, and which part of the file it is. Raises
        `BenchError`."""
        path = self.settings.file
        try:
            # Read here rather than by spandrel, so that nothing in the file can run.
            loaded = read(path)
            descriptor = described(loaded)
        except CheckpointError as error:
            told = str(error)
            raise BenchError(told if str(path) in told else f"{path}: {told}") from None
        channels = Channels(descriptor.input_channels, descriptor.output_channels)
        require_scale(path, descriptor.scale, self.task)
        require_channels(path, channels)
        return descriptor, replace(loaded.reading, adapted=channels.adaptation)

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        # Some architectures cannot be built on `meta`: what is looked into is read.
        return {"file": self.opened()[1]}

    def setup(self, files: Mapping[str, Path]) -> None:
        descriptor, _ = self.opened()
        self.descriptor = descriptor.to(self.task.device)
        self.channels = Channels(descriptor.input_channels, descriptor.output_channels)
        self.network = descriptor.model.requires_grad_(False).eval()

    @torch.no_grad()
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(restored_in_colour(self.descriptor, y, self.channels))


def described(loaded: Checkpoint) -> ImageModelDescriptor:
    """The network in a file, by spandrel. Raises `CheckpointError`."""
    # An extra, which nobody needs for the other methods.
    from spandrel import MAIN_REGISTRY, ImageModelDescriptor, ModelLoader  # noqa: PLC0415

    supported = MAIN_REGISTRY.architectures("detection")

    def is_known(tensors: Mapping[str, Tensor]) -> bool:
        return any(support.detect(tensors) for support in supported)

    tensors = part_of(loaded, is_known, WHAT)
    if not is_known(tensors):
        raise CheckpointError(
            f"it is of no architecture that spandrel knows: {len(tensors)} tensors that begin "
            f"with {some_keys(tensors, 4)}"
        )
    require_sane(tensors)
    try:
        descriptor = ModelLoader().load_from_state_dict(tensors)
    # Architectures index and compute with what they find, and do not check it.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"spandrel cannot load it: {reason}") from None
    if not isinstance(descriptor, ImageModelDescriptor):
        raise CheckpointError(
            f"it is a {descriptor.architecture.name}, which takes more than a picture"
        )
    require_floats(descriptor.model, tensors)
    return descriptor


def require_sane(tensors: Mapping[str, Tensor]) -> None:
    """Raise `CheckpointError` where an architecture would be built that no file could fill: with
    more parts than there are tensors, or of tensors without numbers."""
    for name, tensor in tensors.items():
        parts = [int(part) for part in name.split(".") if part.isdecimal()]
        if not tensor.numel() or max(parts, default=0) > 4 * len(tensors):
            raise CheckpointError(
                f"spandrel cannot load it: {name} is {tuple(tensor.shape)}, "
                f"one of {len(tensors)} tensors"
            )


def require_floats(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Raise `CheckpointError` for integers where the network holds floats: torch would take them
    for floats without a word."""
    state = network.state_dict()
    floats = {
        name
        for name in tensors
        # Those that spandrel renamed are known by what their names end in.
        if (state[name].is_floating_point() if name in state else name.endswith(NUMBERS))
    }
    if wrong := [name for name in floats if tensors[name].dtype not in FLOATS]:
        raise CheckpointError(f"not a {WHAT}: {kinds_told(wrong, tensors)}")
