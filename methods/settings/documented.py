"""What is to be said of hyper-parameters, in words: read off a class of settings."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from methods.settings import AS_DEFAULT, FILLED_IN, NOT_IN_PAPER, PAPER

NAMES: Mapping[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "file",
    type(None): "none",
    Any: "anything",
}
BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
ABSENT = "–"


@dataclass(frozen=True)
class SettingFacts:
    """One hyper-parameter, every fact as text."""

    name: str
    kind: str  # such as `whole number above 0`
    default: str
    paper: str  # ABSENT of what the paper does not have
    says: str  # one sentence; empty if its class has none


@dataclass(frozen=True)
class OtherSetting:
    """A setting of a run that is not the paper's, or, where that has none, not the default."""

    name: str
    value: str
    reference: str  # such as `paper 100`; empty where there is neither

    def __str__(self) -> str:
        return f"{self.name} {self.value}" + (f" ({self.reference})" if self.reference else "")


def documented(settings: type[BaseModel]) -> list[SettingFacts]:
    """Every hyper-parameter of the class, in its order."""
    return [
        SettingFacts(
            name=name,
            kind=kind_of(field.annotation, field.metadata),
            default="required" if field.is_required() else worded(default_of(field)),
            paper=ABSENT if (paper := paper_of(field)) is ABSENT else worded(paper),
            says=field.description or "",
        )
        for name, field in chosen_fields(settings)
    ]


def others(
    settings: type[BaseModel], values: Mapping[str, Any], *, has_paper: bool = True
) -> Iterator[OtherSetting]:
    """The values, as JSON has them, that are not the paper's or, without a paper, the default."""
    for name, field in chosen_fields(settings):
        if name not in values:
            continue
        paper = paper_of(field) if has_paper else ABSENT
        word, reference = (
            ("paper", paper) if paper is not ABSENT else ("default", default_of(field))
        )
        if reference is ABSENT:
            yield OtherSetting(name, worded(values[name]), "")
        elif to_jsonable_python(reference, fallback=str) != values[name]:
            yield OtherSetting(name, worded(values[name]), f"{word} {worded(reference)}")


def chosen_fields(settings: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Those that a user chooses."""
    for name, field in settings.model_fields.items():
        if FILLED_IN not in extras(field):
            yield name, field


def extras(field: FieldInfo) -> Mapping[str, Any]:
    """What `setting` keeps beside the field."""
    return field.json_schema_extra if isinstance(field.json_schema_extra, Mapping) else {}


def default_of(field: FieldInfo) -> Any:
    """The default; ABSENT where there is none, or none without other settings."""
    if field.is_required():
        return ABSENT
    try:
        return field.get_default(call_default_factory=True)
    except Exception:  # of a stranger's factory
        return ABSENT


def paper_of(field: FieldInfo) -> Any:
    """The paper's value; ABSENT of what the paper does not have."""
    paper = extras(field).get(PAPER, AS_DEFAULT)
    if paper is AS_DEFAULT:
        return default_of(field)
    return ABSENT if paper is NOT_IN_PAPER else paper


def kind_of(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """Such as `whole number above 0`, `bilinear or nearest`, `numbers`."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind_of(inner[0], inner[1:])
    if origin is not None:
        return compound(origin, inner)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return alternatives([worded(member) for member in annotation])
    name = str(NAMES.get(annotation) or getattr(annotation, "__name__", annotation))
    limits = [f"{BOUNDS[mark]} {worded(limit)}" for bound in metadata for mark in BOUNDS
              if (limit := getattr(bound, mark, None)) is not None]  # fmt: skip
    return " ".join([name, " and ".join(limits)]).rstrip()


def compound(origin: Any, inner: Sequence[Any]) -> str:
    """The same of a type that is made of others."""
    if origin is Literal:
        return alternatives([worded(value) for value in inner])
    if origin in (Union, types.UnionType):
        return alternatives([kind_of(each) for each in inner])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "table"
    kinds = dict.fromkeys(kind_of(each) for each in inner if each is not Ellipsis)
    return f"list of {' and '.join(kinds) or 'anything'}"


def alternatives(kinds: Sequence[str]) -> str:
    """Such as `a, b or c`."""
    *first, last = kinds
    return f"{', '.join(first)} or {last}" if first else last


def worded(value: Any) -> str:
    """A value as `--set` takes it and a person writes it."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case float():
            short = f"{value:g}"
            return short if float(short) == value else repr(value)
        case Enum() | BaseModel():
            return worded(to_jsonable_python(value))
        case Mapping() | list() | tuple() | set() | frozenset():
            pairs = value.items() if isinstance(value, Mapping) else ((each,) for each in value)
            return ", ".join(" ".join(map(worded, pair)) for pair in pairs) or "none"
    return str(value)
