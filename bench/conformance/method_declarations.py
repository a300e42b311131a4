"""What a method says of itself, and the files it refuses."""

from __future__ import annotations

import json
import re
from typing import get_args

from pydantic import BaseModel, ValidationError

from bench.conformance.method_subject import ODD_TASKS, MethodSubject
from bench.conformance.refusals import damaged, must_refuse
from bench.conformance.verdict import Breach, Check, NotApplicable
from bench.core.errors import BenchError
from methods.base import Batches, Method
from methods.registry import stated

LARGEST_TASK = (1024, 1024, 64)


def facts_are_complete(subject: MethodSubject) -> None:
    """Name, title, family and target, as its class may say; what it needs to be installed comes
    with a command."""
    facts = stated(subject.facts)
    empty = [name for name in ("name", "title", "family", "target") if not getattr(facts, name)]
    if empty:
        raise Breach(f"nothing is said of {', '.join(empty)}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*(@[A-Za-z0-9_-]+)?", facts.label):
        raise Breach(f"{facts.label!r} is no name for rows and files")
    if facts.modules and not facts.install:
        raise Breach(f"it needs {', '.join(facts.modules)} and names no command that installs them")
    if not isinstance(subject.method_class.stochastic, bool):
        raise Breach(f"`stochastic` is {subject.method_class.stochastic!r}, expected True or False")
    if subject.method_class.batches not in get_args(Batches):
        expected = ", ".join(map(repr, get_args(Batches)))
        raise Breach(f"`batches` is {subject.method_class.batches!r}, expected one of {expected}")


def unknown_settings_are_refused(subject: MethodSubject) -> None:
    """A typo must not become a default."""
    settings_class = subject.method_class.Settings
    if not (isinstance(settings_class, type) and issubclass(settings_class, BaseModel)):
        raise Breach("`Settings` is no subclass of methods.base.Settings")
    try:
        settings_class(**subject.settings, no_such_setting=1)
    except (ValidationError, BenchError):
        return
    raise Breach(
        "Settings(no_such_setting=1) was accepted; derive `Settings` from methods.base.Settings"
    )


def settings_survive_json(subject: MethodSubject) -> None:
    """Cells are stored and sent to workers with their settings as JSON."""
    settings = subject.made_settings()
    text = json.dumps(settings.model_dump(mode="json"))
    again = subject.method_class.Settings(**json.loads(text))
    if again != settings:
        raise Breach(f"{text} is read back as {again!r}, expected {settings!r}")


def skip_and_needs_answer(subject: MethodSubject) -> None:
    """`skip` is asked of any task, `needs` of one not skipped, both before any file is there."""
    for height, width, scale in (*ODD_TASKS, LARGEST_TASK, (subject.size, subject.size, 0)):
        task = subject.task(height, width, scale)
        method, asked = subject.made(task), f"at {width}x{height}, {task.scale}x"
        reason = method.skip()
        if reason is None:
            check_needs(method, asked)
        elif not isinstance(reason, str) or not reason.strip():
            raise Breach(f"skip() {asked} gave {reason!r}, expected a reason or None")


def check_needs(method: Method, asked: str) -> None:
    """Raise `Breach` unless the needs have roles of their own, and kinds."""
    roles = [need.role for need in method.needs()]
    if len(set(roles)) < len(roles):
        raise Breach(f"needs() {asked} names a role twice: {', '.join(roles)}")
    for need in method.needs():
        if not isinstance(need.kinds, tuple) or not need.kinds:
            raise Breach(
                f"needs() {asked}: {need.role!r} has the kinds {need.kinds!r}, expected a tuple of "
                f"kinds of the weights registry"
            )


def it_can_be_set_up(subject: MethodSubject) -> None:
    """`setup` with the files of its toy, or with those that were given."""
    subject.set_up()


def missing_files_are_refused(subject: MethodSubject) -> None:
    """`setup` with a path where there is no file."""
    for role in roles_of(subject):
        files = {**subject.files, role: subject.folder / "absent.safetensors"}
        must_refuse(subject.made().setup, files, role, "is not there")


def damaged_files_are_refused(subject: MethodSubject) -> None:
    """`setup` with an empty file, one that is no weights, a web page, and half of the true one."""
    for role in roles_of(subject):
        for path, how in damaged(subject.folder, subject.files[role]):
            must_refuse(subject.made().setup, {**subject.files, role: path}, role, how)


def roles_of(subject: MethodSubject) -> list[str]:
    """The files to spoil. Raises `NotApplicable` where the method takes none."""
    subject.fresh()
    if not subject.files:
        raise NotApplicable("it takes no files")
    return list(subject.files)


DECLARATION_CHECKS: tuple[Check[MethodSubject], ...] = (
    facts_are_complete,
    unknown_settings_are_refused,
    settings_survive_json,
    skip_and_needs_answer,
    it_can_be_set_up,
    missing_files_are_refused,
    damaged_files_are_refused,
)
