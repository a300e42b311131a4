"""Colours of a cat's fur, at points of the head or the body."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.cat.head import almond, chin, gape, inner_ear, muzzle_tip, pad
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.surface import Mesh

WHITE = (0.95, 0.93, 0.90)
DARK = (0.07, 0.055, 0.05)


def furred(mesh: Mesh, colours: Array, seed: int) -> Mesh:
    """The mesh so coloured, its normals ruffled as fur is."""
    ruffle = np.stack([noise(mesh.vertices, (13, 13, 8), seed + k) for k in range(3)], -1) - 0.5
    normals = mesh.normals + np.float32(0.5) * ruffle
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return Mesh(mesh.vertices, mesh.faces, array(normals), np.clip(array(colours), 0, 1))


def head_colours(points: Array, factors: Factors) -> Array:
    """Coat, then what every cat has: lips, rims of the eyes, skin inside the ears."""
    x, z = np.abs(points[:, 0]), points[:, 2]
    colours = grained(points, markings(points, factors, head_stripes(points, factors)), factors)
    front = smoothstep(-0.3, -0.6, points[:, 1])
    extent = factors["white_extent"]
    if extent > 0:
        ragged = 0.12 * (noise(points, 3.5, factors["coat_seed"] + 5) - 0.5)
        # An upturned V: a narrow blaze on the brow that widens to muzzle and cheeks.
        half = 0.05 + extent * (0.62 - 0.85 * z) - 0.12 * (1 - extent)
        white = smoothstep(0.04, -0.04, x + ragged - half) * smoothstep(0.0, -0.3, points[:, 1])
        top = -0.1 + 1.1 * extent
        colours = mix(colours, WHITE, white * smoothstep(top + 0.08, top - 0.08, z + ragged))
    right = points.copy()
    right[:, 0] = x
    rim = almond(right, factors)
    if factors["coat"] in ("tabby", "calico", "plain"):
        pale = smoothstep(1.5, 1.2, rim) * front * 0.35
        colours = mix(colours, np.minimum(colours * 1.25 + 0.08, 1), pale)
    colours = mix(colours, DARK, smoothstep(1.2, 1.06, rim) * front * 0.9)
    between = np.abs(pad(right, factors) - chin(right, factors))
    tip = muzzle_tip(factors)
    forward = smoothstep(tip + 0.42, tip + 0.2, points[:, 1])
    lips = smoothstep(0.05, 0.0, between) * forward * smoothstep(0.34, 0.24, x)
    split = smoothstep(0.03, 0.0, x) * forward * smoothstep(-0.25, -0.3, z) * (z > -0.5)
    colours = mix(colours, DARK, 0.75 * np.maximum(lips, split))
    if factors["mouth"] == "open":
        inside = smoothstep(0.05, 0.0, gape(right, factors)) * forward
        colours = mix(colours, (0.45, 0.16, 0.17), inside)
    skin = mix(factors["inner_ear_colour"], colours, np.full(len(points), 0.15, np.float32))
    return mix(colours, skin, inner_ear(points, factors))


def body_colours(points: Array, factors: Factors) -> Array:
    """Coat of chest and shoulders; a white bib below a white muzzle."""
    seed = factors["coat_seed"]
    warp = noise(points, 1.6, seed + 3) - 0.5
    wave = np.sin(2 * np.pi * (0.55 * factors["stripe_density"] * (points[:, 2] + 0.8 * warp)))
    sides = smoothstep(0.2, 0.5, np.abs(points[:, 0]))
    colours = grained(
        points, markings(points, factors, smoothstep(0.1, 0.5, wave) * sides), factors
    )
    extent = factors["white_extent"]
    if extent > 0:
        half = 0.2 + 0.55 * extent + 0.25 * (noise(points, 3.0, seed + 6) - 0.5)
        bib = smoothstep(0.05, -0.05, np.abs(points[:, 0]) - half)
        colours = mix(colours, WHITE, bib * smoothstep(0.4, 0.0, points[:, 1]))
    return colours


def markings(points: Array, factors: Factors, stripes: Array) -> Array:
    """Ground and markings by the kind of coat; `stripes` is 1 on a tabby's dark lines."""
    kind, seed = factors["coat"], factors["coat_seed"]
    ground = np.broadcast_to(array(factors["coat_colour"]), points.shape)
    if kind == "tabby":
        return mix(ground, factors["marking_colour"], 0.9 * stripes)
    if kind == "calico":
        first = smoothstep(0.52, 0.56, noise(points, 1.5, seed + 1, 2))
        second = smoothstep(0.56, 0.6, noise(points, 1.5, seed + 2, 2))
        patched = mix(ground, factors["marking_colour"], first)
        return mix(patched, factors["second_marking_colour"], second)
    if kind == "colourpoint":
        tip = muzzle_tip(factors)
        middle = np.linalg.norm((points - array((0, tip + 0.1, -0.15))) / (0.85, 0.9, 0.8), axis=-1)
        mask = smoothstep(1.05, 0.45, middle) * (points[:, 2] > -1.05)
        # Ears begin where the skull ends.
        skull = np.linalg.norm(points / (factors["head_width"], 1, 0.95), axis=-1)
        ears = smoothstep(1.0, 1.25, skull) * (points[:, 2] > 0.4)
        return mix(ground, factors["marking_colour"], np.maximum(0.95 * mask, ears))
    return ground


def head_stripes(points: Array, factors: Factors) -> Array:
    """A tabby's face: lines up the forehead, bars from the eyes across the cheeks."""
    seed, density = factors["coat_seed"], factors["stripe_density"]
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    warp = 0.16 * (noise(points, 2.2, seed + 3) - 0.5)
    brow = np.cos(2 * np.pi * density * (x * (0.95 - 0.35 * z) + 0.5 * warp))
    brow = smoothstep(0.0, 0.5, brow) * smoothstep(0.2, 0.4, z)
    bars = np.sin(2 * np.pi * density * 0.75 * (z + 0.35 * x + warp))
    bars = smoothstep(0.1, 0.5, bars) * smoothstep(0.52, 0.68, x) * smoothstep(0.3, 0.12, z)
    back = np.sin(2 * np.pi * density * (y + warp)) * (z > 0.2)
    back = smoothstep(0.2, 0.6, back) * smoothstep(-0.25, 0.1, y)
    return array(np.maximum.reduce([brow * smoothstep(0.1, -0.2, y), bars, 0.8 * back]))


def grained(points: Array, colours: Array, factors: Factors) -> Array:
    """Fine streaks that run away from the nose, as fur does."""
    seed = factors["coat_seed"]
    offset = points - array((0, -0.9, -0.2))
    angle = np.arctan2(offset[:, 2], offset[:, 0])
    reach = np.sqrt((offset**2).sum(-1))
    flow = np.stack((angle * 9, reach * 3.5, points[:, 1] * 3), -1)
    streaks = noise(array(flow), 1.0, seed + 9, 2) - 0.5
    broad = noise(points, 2.0, seed + 8) - 0.5
    shade = 1 + 0.42 * streaks + 0.16 * broad
    return array(colours * shade[:, None] + 0.05 * streaks[:, None])
