"""The three layouts in which RRDBNets are published, renamed to BasicSR's.

BasicSR and mmagic share one; xinntao/ESRGAN has a newer (`RRDB_trunk`) and an older one, in
which every layer is an item of one sequence (`model.0`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

ANCHORS = ("conv_first.weight", "conv_body.weight", "trunk_conv.weight", "model.0.weight")

NEWER = (
    (r"RRDB_trunk\.(\d+)\.RDB(\d)\.(.+)", r"body.\1.rdb\2.\3"),
    (r"trunk_conv\.(.+)", r"conv_body.\1"),
    (r"upconv(\d+)\.(.+)", r"conv_up\1.\2"),
    (r"HRconv\.(.+)", r"conv_hr.\1"),
)
OLDER = (
    (r"model\.0\.(.+)", r"conv_first.\1"),
    (r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(.+)", r"body.\1.rdb\2.conv\3.\4"),
    (r"model\.1\.sub\.\d+\.(weight|bias)", r"conv_body.\1"),
)


def to_basicsr(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under BasicSR's names; keys of no known layout are left as they are."""
    tails = sorted(
        {int(m[1]) for key in tensors if (m := re.match(r"model\.(\d+)\.", key))} - {0, 1}
    )
    # The convolutions after the trunk: one a x2 stage, then HR and last.
    names = [f"conv_up{k + 1}" for k in range(len(tails) - 2)] + ["conv_hr", "conv_last"]
    sequence = tuple(
        (rf"model\.{index}\.(.+)", rf"{name}.\1") for index, name in zip(tails, names, strict=False)
    )
    return {rename(key, NEWER + OLDER + sequence): tensor for key, tensor in tensors.items()}


def rename(key: str, renames: tuple[tuple[str, str], ...]) -> str:
    """The key as the first pattern that matches the whole of it spells it, else as it is."""
    for pattern, replacement in renames:
        if re.fullmatch(pattern, key):
            return re.sub(pattern, replacement, key)
    return key
