"""A cell: one method with its settings, on one split, at one scale, with one seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.core.rows import CellKey, Row, RowState
from bench.datasets.elsewhere import Output
from bench.datasets.splits import Picture, Split
from bench.operators import Downsample
from bench.weights.search import Found
from methods.base import References
from methods.checkpoints.reading import Reading
from methods.registry import MethodFacts

# Grows when the engine itself changes what a method receives or how its output is rounded.
PROTOCOL = 1


@dataclass(frozen=True)
class Cell:
    """All that one restoration depends on, but for the picture."""

    method: MethodFacts
    settings: Mapping[str, Any]  # complete, defaults included
    split: Split
    scale: int
    operator: Downsample
    seed: int
    files: Mapping[str, Found]  # weights, by role
    device: str
    precision: str
    code: str  # version of the method's code and of the libraries that it uses
    torch: str  # version of torch
    # Which part of each file is read, by role. It follows from the file and the code.
    readings: Mapping[str, Reading] = field(default_factory=dict)
    setting_files: Mapping[str, str] = field(default_factory=dict)  # sha256, by the setting
    # Threads that a search computes with: rounding, which they decide, grows from step to step
    # into another picture. None where they decide nothing that 8 bits show.
    threads: int | None = None
    # Of pictures restored elsewhere: what lies in place of each, by the picture's name. Their
    # contents are among the `setting_files`.
    outputs: Mapping[str, Output] = field(default_factory=dict)
    references: References | None = None  # what the method may take detail from
    compiled: bool = False  # whether its networks are, which may round otherwise

    @property
    def identity(self) -> dict[str, Any]:
        """What the key is the hash of.

        The pictures are not in it: each row is stored under the hash of its own picture, so that
        a run over the first four images and one over all of them share those four. Nor is the size
        of batches, which memory decides: a picture's result does not depend on its neighbours, but
        for rounding, and the row says how many there were.
        """
        taken: dict[str, Any] = {} if self.threads is None else {"threads": self.threads}
        if self.references is not None:
            taken["references"] = self.references.digest
        if self.compiled:
            taken["compiled"] = True
        return taken | {
            "protocol": PROTOCOL,
            "method": self.method.target,
            "argument": self.method.argument,
            "settings": dict(self.settings),
            "setting_files": dict(self.setting_files),
            "code": self.code,
            "torch": self.torch,
            "split": self.split.name,
            "size": list(self.split.size),
            "scale": self.scale,
            "operator": self.operator.digest,
            "seed": self.seed,
            "weights": {role: found.sha256 for role, found in self.files.items()},
            "device": self.device,
            "precision": self.precision,
        }

    def weights_path(self, role: str) -> Path:
        """The file of a role, or the one that the method's own argument names."""
        found = self.files.get(role)
        return found.path if found else Path(self.method.argument)

    @property
    def key(self) -> str:
        """Hash of everything that can change the result, 16 hexadecimal digits."""
        text = json.dumps(self.identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def operator_column(self) -> str:
        """The operator as rows name it."""
        return self.operator.column

    @property
    def coordinate(self) -> CellKey:
        """What tells the rows of this cell from others of a results folder."""
        return CellKey(
            self.method.label, self.split.name, self.scale, self.operator_column, self.seed
        )

    @property
    def title(self) -> str:
        """Such as `pulse on cat at 16x, seed 1`."""
        seed = f", seed {self.seed}" if self.seed else ""
        return f"{self.method.label} on {self.split.name} at {self.scale}x{seed}"

    def row(self, picture: Picture, state: RowState, reason: str = "") -> Row:
        """A row of the cell on which nothing is measured yet."""
        head = self.coordinate._asdict()
        return Row(**head, image=picture.name, state=state, reason=reason)
