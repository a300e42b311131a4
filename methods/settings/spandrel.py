"""The settings of a network that spandrel loads."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from bench.core.errors import BenchError
from methods.settings import FILLED_IN, Settings, setting


class SpandrelSettings(Settings):
    """The file, and its hash, so that another file of the same name is another method."""

    file: Path = setting(..., "The file of weights, as spandrel:FILE gives it.")
    sha256: str = Field(
        "", description="of the file; filled in", json_schema_extra={FILLED_IN: True}
    )

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
