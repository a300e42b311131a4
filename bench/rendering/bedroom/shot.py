"""The picture of a bedroom: room, furniture, light, and somebody in the doorway."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.bedroom.bed import bed
from bench.rendering.bedroom.furniture import furniture, nightstand_middle
from bench.rendering.bedroom.shell import shell
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.material import matte
from bench.rendering.pattern import noise, plane, smoothstep
from bench.rendering.scene import Camera, Scene

FOV = 56.0  # degrees
STEP_BACK = 0.65  # metres the viewer stands before the doorway
SKY_SIZE = 128, 64
COLD, WARM = (0.88, 0.94, 1.0), (1.0, 0.88, 0.72)
# Sky through the window: low, high; then what grows below the horizon.
OUTSIDE = {
    "day": ((0.85, 0.93, 1.0), (0.5, 0.74, 0.98), (0.42, 0.62, 0.3)),
    "dusk": ((1.0, 0.72, 0.5), (0.55, 0.45, 0.66), (0.32, 0.3, 0.3)),
    "night": ((0.16, 0.2, 0.38), (0.07, 0.1, 0.24), (0.05, 0.08, 0.1)),
}
ABOVE = {"day": 3.0, "dusk": 2.8, "night": 2.8}  # light from above
DUSKY = {"day": (1, 1, 1), "dusk": (1.0, 0.86, 0.8), "night": (0.66, 0.74, 0.95)}
SUN = {"day": 5.0, "dusk": 4.0}
SUN_COLOUR = {"day": (1.0, 0.95, 0.86), "dusk": (1.0, 0.66, 0.4)}
GLOW = (1.0, 0.82, 0.55)


def build(factors: Factors) -> Scene:
    """The scene of a bedroom's factors."""
    scene = Scene(camera(factors))
    shell(scene, factors)
    bed(scene, factors)
    furniture(scene, factors)
    lamp(scene, factors)
    light(scene, factors)
    return scene


def camera(factors: Factors) -> Camera:
    """Somebody who looks right stands left, and sees more of the right wall."""
    yaw, pitch = np.deg2rad((factors["yaw"], factors["pitch"]))
    x = -factors["yaw"] / 32 * 0.3 * factors["room_width"]
    origin = np.array((x, -STEP_BACK, factors["viewer_height"]))
    ahead = np.array((np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), -np.sin(pitch)))
    target = origin + ahead
    return Camera([float(c) for c in origin], [float(c) for c in target], FOV)


def lamp(scene: Scene, factors: Factors) -> None:
    """On the nightstand, on the floor beside it, or from above."""
    kind, brass = factors["lamp"], matte((0.62, 0.52, 0.34))
    back = factors["room_depth"]
    if kind == "table":
        x, y, low = nightstand_middle(factors), back - 0.24, 0.52
        scene.shape("cylinder", brass, (x, y, low), (0.03, 0.03, 0.22))
        scene.shape("disk", brass, (x, y, low + 0.012), 0.09)
        shade, size = (x, y, low + 0.34), 0.14
    elif kind == "floor":
        side = 1 if nightstand_middle(factors) > 0 else -1
        limit = factors["room_width"] / 2 - 0.28
        x, y = side * min(abs(nightstand_middle(factors)) + 0.48, limit), back - 0.62
        scene.shape("cylinder", brass, (x, y, 0), (0.02, 0.02, 1.3))
        scene.shape("disk", brass, (x, y, 0.012), 0.15)
        shade, size = (x, y, 1.42), 0.18
    else:
        x, y = 0.12 * factors["room_width"], 0.62 * back
        scene.shape("cylinder", matte((0.2, 0.2, 0.2)), (x, y, 2.15), (0.012, 0.012, 1.2))
        shade, size = (x, y, 2.08), 0.2
    if factors["lamp_on"]:
        bright = mix(GLOW, factors["lamp_colour"], 0.25)
        # The same light whatever the size: radiance falls as the shade's area grows.
        scene.glow("sphere", bright, 0.5 / size**2, shade, size)
    else:
        scene.shape("sphere", matte(factors["lamp_colour"]), shade, size)


def light(scene: Scene, factors: Factors) -> None:
    """Soft light from above, and through the window what the hour sends."""
    hour, strength = factors["hour"], factors["light_strength"]
    tone = mix(COLD, WARM, factors["light_warmth"]) * array(DUSKY[hour])
    scene.sky(surroundings(factors, tone), ABOVE[hour] * strength)
    if hour in SUN:
        across = {"left": 1.0, "back": 0.25, "right": -1.0}[factors["window_wall"]]
        along = {"left": -0.35, "back": -1.0, "right": -0.35}[factors["window_wall"]]
        down = -0.75 if hour == "day" else -0.45
        scene.sun((across, along, down), SUN_COLOUR[hour], SUN[hour] * strength)


def surroundings(factors: Factors, tone: Array) -> Array:
    """Soft light from above, brightest at its spot, and what the window shows.

    Nothing where walls and floor hide it: rays sent there would be lost, and show as grain.
    """
    at = plane(*SKY_SIZE)
    elevation = np.pi * (at[..., 1] - 0.5)
    azimuth = np.pi * (at[..., 0] - 1)  # 0 behind the back wall, positive to the right
    spot, high_up = np.deg2rad((factors["light_azimuth"] + 180, factors["light_elevation"]))
    closeness = np.sin(elevation) * np.sin(high_up) + np.cos(elevation) * np.cos(high_up) * np.cos(
        azimuth - spot
    )
    soft = tone * (0.55 + 0.45 * smoothstep(0.6, 0.98, closeness))[..., None]
    behind_viewer = smoothstep(1.5, 1.9, np.abs(azimuth)) * (elevation > -0.1)
    picture = mix(np.zeros_like(soft), 0.85 * soft, behind_viewer)
    low, high, garden = OUTSIDE[factors["hour"]]
    view = mix(low, high, smoothstep(0.0, 0.6, elevation))
    hedge = 0.09 * noise(at, 14, factors["picture_seed"], octaves=2)
    view = mix(view, garden, smoothstep(0.02, 0.0, elevation - hedge))
    view = view / ABOVE[factors["hour"]] ** 0.45  # sRGB: the strength is for the light above
    outwards = {"left": -0.5, "back": 0.0, "right": 0.5}[factors["window_wall"]] * np.pi
    seen = (np.abs(azimuth - outwards) < 1.2) & (elevation > -0.35)
    picture = mix(picture, view, seen)
    return np.clip(mix(picture, soft, smoothstep(0.6, 0.75, elevation)), 0, 1)
