"""DFDNet's one setting."""

from __future__ import annotations

from methods.settings import Settings, setting


class DFDNetSettings(Settings):
    """Where the parts of the face are looked for."""

    landmarks: bool = setting(
        True,
        "Whether landmarks of the enlarged input give the boxes of the face's parts, where a face "
        "is found; else the template has them.",
    )
