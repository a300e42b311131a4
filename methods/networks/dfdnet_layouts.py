"""The layouts in which DFDNet is published, renamed to BasicSR's.

The authors' own (`latest_net_G.pth`) and BasicSR's (`DFDNet_official`) hold the same values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from methods.networks.rrdb_layouts import rename

ANCHORS = ("multi_scale_dilation.conv_fusion.bias", "MSDilate.convi.bias")
# What nothing reads of the authors' file: VGG19 a second time, its classifier, the outputs of a
# generator that the decoder was made of, and blurs, which are [1 2 1] in every block.
DEAD = re.compile(
    r"VggExtract\.features\..+|VggExtract\.model\.classifier\..+|to_rgb.*"
    r"|up\d\.conv1\.0\.weight(_flip)?"
)
# Convolutions of VGG19 by their places in torchvision's `features`.
VGG19 = {0: "1_1", 2: "1_2", 5: "2_1", 7: "2_2", 10: "3_1", 12: "3_2", 14: "3_3", 16: "3_4"}
VGG19 |= {19: "4_1", 21: "4_2", 23: "4_3", 25: "4_4", 28: "5_1", 30: "5_2", 32: "5_3", 34: "5_4"}
PARTS = {"le": "left_eye", "re": "right_eye", "no": "nose", "mo": "mouth"}
OFFICIAL = (
    (r"VggExtract\.RGB_(mean|std)", r"vgg_extractor.\1"),
    *(
        (rf"VggExtract\.model\.features\.{index}\.(.+)", rf"vgg_extractor.vgg_net.conv{name}.\1")
        for index, name in VGG19.items()
    ),
    *((rf"{short}_(\d+)\.(.+)", rf"attn_blocks.{part}_\1.\2") for short, part in PARTS.items()),
    *(
        (rf"MSDilate\.conv{k + 1}\.(.+)", rf"multi_scale_dilation.conv_blocks.{k}.\1")
        for k in range(4)
    ),
    (r"MSDilate\.convi\.(.+)", r"multi_scale_dilation.conv_fusion.\1"),
    (r"up(\d)\.ScaleModel1\.(.+)", r"upsample\1.scale_block.\2"),
    (r"up(\d)\.ShiftModel1\.(.+)", r"upsample\1.shift_block.\2"),
    (r"up4\.(\d)\.Model\.(.+)", r"upsample4.\1.body.\2"),
    (r"up(\d)\.(.+)", r"upsample\1.\2"),
)


def to_basicsr(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under BasicSR's names; keys of no known layout are left as they are."""
    if "MSDilate.convi.bias" not in tensors:
        return dict(tensors)
    return {
        rename(key, OFFICIAL): tensor for key, tensor in tensors.items() if not DEAD.fullmatch(key)
    }
