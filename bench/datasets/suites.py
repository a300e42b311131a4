"""Suites: what is compared on what, and how, as TOML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    PrivateAttr,
    ValidationError,
)

from bench.core.errors import BenchError, UnknownName, printable
from bench.core.paths import data_dir
from bench.core.toml_files import explain, read_toml
from bench.datasets.picture_folder import check_folder_name, in_order
from bench.datasets.rendered import is_rendered
from bench.datasets.splits import Split, find_folder, open_folder, require_folder


class FaceCrop(BaseModel):
    """Where a face stands in the pictures that networks were trained on: the square that `--align`
    cuts out, as ProGAN made CelebA-HQ (Karras et al. 2018, arXiv 1710.10196, appendix C)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    centre: float  # of the way from between the eyes to the mouth
    eyes: PositiveFloat  # its side, in distances of the eyes
    mouth: PositiveFloat  # or in distances of the mouth from between the eyes: the larger counts


class SuiteSplit(BaseModel):
    """One split of a suite."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: PositiveInt  # side in pixels of its square pictures
    list: str | None = None  # the published test list, a file of datasets/lists
    prepare: str = ""  # how the published truth was made from its source
    statement: str = ""  # what is known of the published test pictures
    aligned: FaceCrop | None = None  # how `--align` cuts out its faces


class MethodSettings(BaseModel):
    """A method's settings in a suite, some of them for one split only."""

    model_config = ConfigDict(frozen=True, extra="allow")

    split: dict[str, dict[str, Any]] = {}


class Suite(BaseModel):
    """The pinned conditions of a comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    domain: Literal["photo", "rendered"]
    data: str | None = None  # folder of the pictures that come with it, seen from its file
    references: str | None = None  # and of those that methods may take detail from
    weights_ship: bool = False  # all that it is meant to be run with: no others are missing
    scales: tuple[PositiveInt, ...] = (16,)
    kernel: str = "matlab-bicubic"
    methods: tuple[str, ...]
    metrics: tuple[str, ...]
    default_size: PositiveInt | None = None  # of splits that the suite does not name
    splits: dict[str, SuiteSplit]
    settings: dict[str, MethodSettings] = Field(default_factory=dict)
    _file: Path | None = PrivateAttr(None)

    def settings_of(self, method: str, split: str) -> dict[str, Any]:
        """The suite's settings of a method, those for the split on top."""
        chosen = self.settings.get(method, MethodSettings())
        return {**(chosen.model_extra or {}), **chosen.split.get(split, {})}

    def open_splits(
        self, names: Sequence[str], data: Path | None, images: int | None
    ) -> list[Split]:
        """The named splits, or all that `data` has, each cut to its first `images` pictures.

        Without `data`, of the pictures that come with the suite.
        """
        if data is None:
            data = self.own_data
            self.check_own(data, names)
        require_folder(data)
        present = [name for name in self.splits if (data / name).is_dir()]
        if not names and not present:
            folders = [printable(path.name) for path in in_order(data)]
            raise BenchError(
                f"--data {printable(data)} has none of the folders {', '.join(self.splits)}; it "
                f"has {', '.join(folders[:12]) or 'nothing'}; name your own with --splits"
            )
        return [self.open_split(name, data).first(images) for name in names or present]

    def open_split(self, name: str, data: Path) -> Split:
        """One split of this suite from the folder `data`."""
        check_folder_name("--splits", name)
        known = self.splits.get(name)
        side = known.size if known else self.default_size
        if side is None or (known is None and not (data / name).is_dir()):
            raise UnknownName("split", name, self.splits, f"Those are the splits of {self.name}.")
        listed = read_list(known.list) if known and known.list else ()
        folder = find_folder(data, name)
        # Rendered pictures are marked as such; of others the suite's word is taken.
        domain = "rendered" if is_rendered(folder) else self.domain
        found = open_folder(folder, name, (side, side), domain, listed)
        return replace(found, beside=self.beside(name, data))

    def beside(self, name: str, data: Path | None) -> Path | None:
        """The folder whose `train` and `views` hold pictures of a split that are not the test's.

        data: None for the pictures that come with the suite.
        """
        own = None if self.data is None else self.own_data
        if data is not None and (own is None or data.resolve() != own.resolve()):
            return data / name
        if self.references is None or self._file is None:
            return None
        return self._file.parent / self.references / name

    def taken_for_rendered(self, data: Path, splits: Sequence[Split]) -> list[str]:
        """The splits from the folder `data` that are rendered by this suite's word alone."""
        names = [split.name for split in splits if split.domain == "rendered"]
        return [name for name in names if not is_rendered(find_folder(data, name))]

    @property
    def own_data(self) -> Path:
        """The folder of the pictures that come with the suite. Raises `BenchError`."""
        if self.data is None or self._file is None:
            raise BenchError(
                f"suite {self.name!r} compares on pictures of your own: pass --data DIR, with the "
                f"pictures of each split in DIR/<split>/test/ or DIR/<split>/; "
                f"`python -m bench import` makes such a folder. Suite mini has pictures"
            )
        return self._file.parent / self.data

    def check_own(self, data: Path, names: Sequence[str]) -> None:
        """Raise `BenchError` unless the pictures of all these splits, or of all, came along."""
        for name in names:
            if name not in self.splits:
                hint = "Those come with the suite; pass --data DIR for pictures of your own."
                raise UnknownName("split", name, self.splits, hint)
        absent = [name for name in names or self.splits if not (data / name).is_dir()]
        if absent:
            raise BenchError(
                f"the pictures of {', '.join(absent)} that come with suite {self.name!r} are not "
                f"in {data.resolve()}: this copy of bench is not whole; --data DIR reads others"
            )


def load_suite(name: str) -> Suite:
    """The suite called `name`, or the one in a TOML file of that path."""
    path = Path(name) if name.endswith(".toml") else data_dir("datasets") / f"suites/{name}.toml"
    if not path.is_file():
        if name.endswith(".toml"):
            raise BenchError(f"--suite {name}: there is no such file")
        raise UnknownName("suite", name, known_suites(), "A TOML file of your own will do too.")
    try:
        suite = Suite(**read_toml(path))
    except ValidationError as error:
        known = [*Suite.model_fields, *SuiteSplit.model_fields, *FaceCrop.model_fields]
        raise BenchError(explain(error, str(path), known)) from None
    suite._file = path
    return suite


def known_suites() -> list[str]:
    """The suites that come with the project."""
    return sorted(path.stem for path in (data_dir("datasets") / "suites").glob("*.toml"))


def read_list(name: str) -> tuple[str, ...]:
    """The names of a published test list, or of the one in a file of that path."""
    folder = data_dir("datasets") / "lists"
    path = Path(name) if Path(name).is_file() else folder / name
    if not path.is_file():
        known = [listed.name for listed in folder.glob("*.txt")]
        raise UnknownName("test list", name, known, "A text file of your own will do too.")
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise BenchError(f"{printable(path)} is no list of names in UTF-8: {error}") from None
    return tuple(line for line in lines if line and not line.startswith("#"))
