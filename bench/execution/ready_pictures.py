"""Pictures that were restored elsewhere, in place of a method that restores them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from bench.core.rows import RowState
from bench.datasets.elsewhere import read_output
from bench.datasets.splits import Picture
from bench.execution.attempt import Given, Restored
from bench.execution.messages import Job, Loaded, Message, Refused
from bench.pictures.tensors import pixels_digest, to_tensor


class ReadyPictures:
    """What a folder holds for the pictures of a job. Nothing of it is timed."""

    def __init__(self, job: Job) -> None:
        self.cell = job.cell

    def prepare(self) -> Generator[Message, None, Refused | None]:
        """There is nothing to load."""
        yield Loaded({})
        return None

    def restored(self, picture: Picture, seen: Given) -> Restored:  # noqa: ARG002 - a method's form
        """The picture that lies there. Raises `BenchError` if none does, or another size."""
        output = self.cell.outputs[picture.name]
        image = to_tensor(read_output(output, self.cell.split.size))
        note = f"read from a file of a lossy format ({output.lossy})" if output.lossy else ""
        row = self.cell.row(picture, RowState.OK, note)
        return Restored(replace(row, output_digest=pixels_digest(image)), image)
