"""GenForce's layout of StyleGAN generators, turned into PULSE's.

The names are those of genforce/genforce, models/stylegan_generator.py. The RGB outputs of the lower
resolutions, the stored noise and the running mean of w are not needed. Its instance norm has an
epsilon of 1e-8, PULSE's one of 1e-5: pictures agree but for rounding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

ANCHOR = "synthesis.layer0.const"
SPARE = re.compile(r"truncation\.w_avg|synthesis\.(lod|layer\d+\.apply_noise\.noise)")
OUTPUT = re.compile(r"synthesis\.output(\d+)\.(weight|bias)")
# What follows a convolution, called the same for each of them.
EPILOGUE = {
    "apply_noise.weight": "noise.weight",
    "style.weight": "style_mod.lin.weight",
    "style.bias": "style_mod.lin.bias",
}


def to_pulse(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under PULSE's names, where they are GenForce's; else as they are."""
    if ANCHOR not in state_dict:
        return dict(state_dict)
    last = max((int(m[1]) for key in state_dict if (m := OUTPUT.fullmatch(key))), default=0)
    out: dict[str, Tensor] = {}
    for key, tensor in state_dict.items():
        if output := OUTPUT.fullmatch(key):
            if int(output[1]) == last:
                out[f"torgb.{output[2]}"] = tensor
        elif not SPARE.fullmatch(key):
            # Its blur kernel is stored for each channel anew.
            out[name_of(key)] = tensor[:1] if key.endswith(".blur.kernel") else tensor
    return out


def name_of(key: str) -> str:
    """PULSE's name of GenForce's key."""
    if match := re.fullmatch(r"mapping\.(dense\d+\..+)", key):
        return match[1]
    match = re.fullmatch(r"synthesis\.layer(\d+)\.(.+)", key)
    if match is None:
        return key
    level, second = divmod(int(match[1]), 2)
    part, side = match[2], 4 << min(level, 16)  # absurd numbers make absurd names, nothing more
    block = f"blocks.{side}x{side}"
    if part in EPILOGUE:
        return f"{block}.epi{second + 1}.{EPILOGUE[part]}"
    if not level:
        return f"{block}.conv.{part}" if second else f"{block}.{part}"
    if part == "blur.kernel":
        return f"{block}.conv0_up.intermediate.kernel"
    return f"{block}.{'conv1' if second else 'conv0_up'}.{part}"
