"""LightGLEAN's setting."""

from __future__ import annotations

from methods.settings import NOT_IN_PAPER, Settings, setting


class GLEANLightSettings(Settings):
    """Which variant is meant."""

    decoder: bool = setting(
        True,
        "Whether a decoder makes the picture, or the bank itself; other weights serve each.",
        paper=NOT_IN_PAPER,
    )
