"""A category of coloured discs with known factors: what readers and embedders are tried on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

VIEWS = 4


def disc(identity: int, view: int, size: int = 64) -> tuple[np.ndarray, dict[str, object]]:
    """(size, size, 3) uint8 and its factors; colour and ring are of the identity."""
    own = np.random.default_rng((1, identity))
    now = np.random.default_rng((2, identity, view))
    colour = own.uniform(0.1, 0.9, 3).round(4)
    backdrop, lamp = ("plain", "striped")[now.integers(2)], round(now.uniform(0.5, 1), 4)
    has_ring, offset = bool(own.integers(2)), round(now.uniform(-0.4, 0.4), 4)
    hidden = round(now.uniform(), 4)  # nothing in the picture depends on it
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    image = np.full((size, size, 3), 0.5)
    if backdrop == "striped":
        image[(np.arange(size) // (size // 8)) % 2 == 1] = 0.25
    radius = np.hypot(x - offset, y)
    image[radius < 0.5] = colour
    if has_ring:
        image[(radius > 0.3) & (radius < 0.4)] = 1 - colour
    pixels = (255 * lamp * image).round().clip(0, 255).astype(np.uint8)
    factors = {
        "identity": f"p-{identity}", "disc_colour": colour.tolist(), "has_ring": has_ring,
        "offset": offset, "backdrop": backdrop, "lamp": lamp, "hidden": hidden,
        "pattern_seed": int(own.integers(2**31)), "size": size,
    }  # fmt: skip
    return pixels, factors


def write_discs(folder: Path, first: int, people: int, size: int = 64) -> None:
    """The views of so many identities, a PNG and its JSON each."""
    folder.mkdir(parents=True, exist_ok=True)
    for identity in range(first, first + people):
        for view in range(VIEWS):
            pixels, factors = disc(identity, view, size)
            path = folder / f"{identity:04d}-{view}.png"
            Image.fromarray(pixels).save(path)
            path.with_suffix(".json").write_text(json.dumps(factors))


def write_category(data: Path, split: str = "face") -> Path:
    """`data` with train, val and test pictures of the split; no identity is in two of them."""
    for part, first, people in (("train", 0, 150), ("val", 200, 25), ("test", 300, 3)):
        write_discs(data / split / part, first, people)
    return data
