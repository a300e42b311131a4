"""What is behind a cat: a sheet with relief and colours, plain enough that the cat stands out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.sheet import sheet
from bench.rendering.surface import Mesh

HALF = 2.9  # half side of the sheet
AWAY = 2.0  # y: behind the cat
CELLS = 110

Layer = tuple[Array, Array]  # relief towards the viewer (H, W), colours (H, W, 3)


def backdrop(factors: Factors) -> Mesh:
    """The sheet behind, rows from the top down."""
    axis = np.linspace(-HALF, HALF, CELLS, dtype=np.float32)
    x, z = np.meshgrid(axis, axis[::-1])
    at = np.stack((x, z), -1)
    relief, colours = KINDS[factors["backdrop"]](
        at, array(factors["backdrop_colour"]), factors["backdrop_seed"]
    )
    return sheet(np.stack((x, AWAY - relief, z), -1), colours)


def wall(at: Array, colour: Array, seed: int) -> Layer:
    """Painted plaster, or paper with broad stripes, by the seed."""
    mottled = noise(at, 1.3, seed, 3) - 0.5
    tint = colour * 0.75 + 0.25
    colours = tint * (1 + 0.22 * mottled[..., None])
    if seed % 2:
        stripe = smoothstep(-0.15, 0.15, np.sin(2 * np.pi * (0.9 * at[..., 0] + 0.13)))
        colours = mix(colours, colours * 0.78, stripe)
    return 0.1 * mottled, array(colours)


def sofa(at: Array, colour: Array, seed: int) -> Layer:
    """A tufted back: buttons where diagonal seams cross."""
    u, v = 0.75 * at[..., 0] + 0.6 * at[..., 1], 0.75 * at[..., 0] - 0.6 * at[..., 1]
    phase = (seed % 97) / 97
    bulge = np.abs(np.sin(np.pi * (u + phase)) * np.sin(np.pi * v)) ** 0.5
    weave = noise(at, 14, seed, 2) - 0.5
    shade = 0.62 + 0.42 * bulge + 0.22 * weave
    return array(0.5 * bulge), array(colour * shade[..., None])


def blanket(at: Array, colour: Array, seed: int) -> Layer:
    """Plaid cloth that hangs in soft folds."""
    folds = noise(at, (0.8, 0.35), seed, 2)
    x = at[..., 0] + 0.25 * folds
    z = at[..., 1] + 0.25 * folds
    pitch = 1.0 + 0.5 * ((seed % 89) / 89)
    warp, weft = (smoothstep(0.1, 0.35, np.sin(2 * np.pi * pitch * c)) for c in (x, z))
    pale = mix(colour, (0.95, 0.92, 0.86), np.float32(0.72))
    thin = smoothstep(0.93, 0.97, np.sin(2 * np.pi * pitch * x + 2.2))
    colours = mix(np.broadcast_to(pale, (*at.shape[:2], 3)), colour, 0.5 * (warp + weft))
    colours = mix(colours, colour * 0.35, 0.5 * thin)
    return array(0.7 * folds), array(colours * (0.93 + 0.14 * noise(at, 16, seed)[..., None]))


def garden(at: Array, colour: Array, seed: int) -> Layer:
    """Leaves, light and flowers, all out of focus."""
    generator = np.random.default_rng(seed)
    leaves = noise(at, 1.1, seed, 3)
    colours = mix((0.14, 0.30, 0.12), (0.62, 0.78, 0.36), smoothstep(0.25, 0.75, leaves))
    bright = smoothstep(0.3, 2.4, at[..., 1] + 1.5 * (noise(at, 0.6, seed + 1) - 0.5))
    colours = mix(colours, (0.84, 0.92, 0.90), 0.75 * bright)
    for _ in range(16):
        place, radius = generator.uniform(-HALF, HALF, 2), generator.uniform(0.1, 0.3)
        disc = smoothstep(radius, radius * 0.75, np.linalg.norm(at - array(place), axis=-1))
        tint = colour if generator.random() < 0.6 else array((0.97, 0.95, 0.75))
        colours = mix(colours, tint, 0.6 * disc)
    return np.zeros_like(leaves), array(colours)


def window(at: Array, colour: Array, seed: int) -> Layer:
    """A bright view through panes, curtains at the sides."""
    x, z = at[..., 0], at[..., 1]
    view = mix(
        (0.50, 0.66, 0.48), (0.80, 0.90, 0.98), smoothstep(-0.7, 0.7, z + noise(at, 1, seed))
    )
    view = array(view * (0.85 + 0.3 * noise(at, 0.9, seed + 1, 2)[..., None]))
    middle = ((seed % 83) / 83 - 0.5) * 1.6
    bars = np.minimum(np.abs(x - middle), np.abs(z - 0.75))
    frame = smoothstep(0.09, 0.07, bars)
    colours = mix(view, (0.90, 0.87, 0.82), frame)
    hang = smoothstep(1.15, 1.3, np.abs(x - 0.3 * middle) + 0.12 * np.sin(1.3 * z))
    pleats = 0.5 + 0.5 * np.sin(2 * np.pi * 2.1 * x + 1.2 * noise(at, 0.7, seed + 2))
    cloth = colour * (0.72 + 0.3 * pleats[..., None])
    return array(0.1 * frame * (1 - hang) + hang * (0.25 + 0.16 * pleats)), mix(
        colours, cloth, hang
    )


KINDS: Mapping[str, Callable[[Array, Array, int], Layer]] = {
    "wall": wall,
    "sofa": sofa,
    "blanket": blanket,
    "garden": garden,
    "window": window,
}
