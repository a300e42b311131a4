"""A scene: camera, lights and shapes; `render` traces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.core.errors import BenchError
from bench.rendering.arrays import Array
from bench.rendering.colour import to_linear
from bench.rendering.finish import finished
from bench.rendering.material import Material, matte
from bench.rendering.surface import Mesh

SIZE = 128
FLAT = ("cube", "rectangle")  # shapes of Mitsuba that are meshes of a few faces
DEPTH = 4  # bounces of a light path, the one to the light included
Vector = Sequence[float]


@dataclass(frozen=True)
class Camera:
    """Where the viewer stands and looks; `fov` in degrees."""

    origin: Vector
    target: Vector
    fov: float = 30.0
    up: Vector = (0, 0, 1)


@dataclass
class Scene:
    """Shapes and lights seen by a camera. Positions are (x, y, z), z up; turns in degrees."""

    camera: Camera
    parts: list[Mapping[str, Any]] = field(default_factory=list)

    def mesh(self, mesh: Mesh, material: Material | None = None) -> None:
        """A mesh, matte in its own colours unless told otherwise."""
        self.parts.append({"mesh": mesh, "material": material or matte()})

    def shape(
        self,
        kind: str,
        material: Material,
        at: Vector = (0, 0, 0),
        size: float | Vector = 1.0,
        turn: Vector = (0, 0, 0),
    ) -> None:
        """Mitsuba's own `cube` (from -1 to 1), `sphere`, `cylinder` (z from 0 to 1), `disk` or
        `rectangle` (from -1 to 1 in x and y): scaled, turned about x, y and z, then moved.
        """
        self.parts.append(
            {"kind": kind, "material": material, "at": at, "size": size, "turn": turn}
        )

    def glow(
        self,
        kind: str,
        colour: ArrayLike,
        strength: float,
        at: Vector = (0, 0, 0),
        size: float | Vector = 1.0,
        turn: Vector = (0, 0, 0),
    ) -> None:
        """A shape that shines, placed as `shape` places it: lampshades, lit windows."""
        shine = to_linear(colour) * np.float32(strength)
        self.parts.append({"kind": kind, "glow": shine, "at": at, "size": size, "turn": turn})

    def ambient(self, colour: ArrayLike, strength: float = 1.0) -> None:
        """The same light from everywhere, and the backdrop where nothing else is."""
        self.parts.append({"ambient": to_linear(colour) * np.float32(strength)})

    def sky(self, picture: Array, strength: float = 1.0) -> None:
        """Light from all around: an equirectangular sRGB picture (H, 2H, 3).

        Its middle column lies behind the scene (+y), its top row above.
        """
        self.parts.append({"sky": to_linear(picture) * np.float32(strength)})

    def lamp(
        self, origin: Vector, target: Vector, size: float, colour: ArrayLike, strength: float
    ) -> None:
        """A square softbox of half side `size`, `strength` its radiance; larger is softer."""
        radiance = to_linear(colour) * np.float32(strength)
        self.parts.append({"lamp": radiance, "at": origin, "target": target, "size": size})

    def sun(self, direction: Vector, colour: ArrayLike, strength: float) -> None:
        """Parallel light that travels along `direction`: hard shadows."""
        self.parts.append({"sun": to_linear(colour) * np.float32(strength), "along": direction})

    def render(self, seed: int, samples: int = 24, size: int = SIZE) -> NDArray[np.uint8]:
        """(size, size, 3): the same for the same scene, seed and samples on one kind of CPU.

        On another kind it may differ: of 320 pictures rendered on two kinds, 261 were equal, and
        the others differed in at most 218 of their 49,152 values, by at most 9.
        """
        mi = mitsuba()
        film = {
            "type": "hdrfilm",
            "width": size,
            "height": size,
            "pixel_format": "rgb",
            "rfilter": {"type": "gaussian"},
        }
        sensor = {
            "type": "perspective",
            "fov": self.camera.fov,
            "to_world": mi.ScalarTransform4f().look_at(
                origin=list(self.camera.origin),
                target=list(self.camera.target),
                up=list(self.camera.up),
            ),
            "film": film,
            "sampler": {"type": "multijitter", "sample_count": samples},
        }
        world = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": DEPTH},
            "sensor": sensor,
        }
        parts = {f"part{index:03}": described(mi, part) for index, part in enumerate(self.parts)}
        light = mi.render(mi.load_dict(world | in_order(mi, parts), optimize=False), seed=seed)
        return finished(np.array(light))


def mitsuba() -> ModuleType:
    """Mitsuba, set to the variant that needs no LLVM. Raises `BenchError` where it is missing."""
    try:
        import mitsuba as mi  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise BenchError(
            "rendering needs Mitsuba 3, which is missing: `pip install 'sr-prior-bench[render]'`"
        ) from None
    if mi.variant() != "scalar_rgb":
        mi.set_variant("scalar_rgb")
        mi.set_log_level(mi.LogLevel.Error)
    return mi


def described(mi: ModuleType, part: Mapping[str, Any]) -> Any:
    """A part as Mitsuba loads it."""
    transform = mi.ScalarTransform4f()
    if "mesh" in part:
        return loaded(mi, part["mesh"], built(mi, part["material"]))
    if "ambient" in part:
        return {"type": "constant", "radiance": radiance(part["ambient"])}
    if "sky" in part:
        # Mitsuba's environment has y up and looks along its +z: stood up, the middle at +y.
        upright = transform.rotate([0, 0, 1], 180).rotate([1, 0, 0], 90)
        return {"type": "envmap", "bitmap": mi.Bitmap(part["sky"]), "to_world": upright}
    if "sun" in part:
        along = [float(c) for c in part["along"]]
        return {"type": "directional", "direction": along, "irradiance": radiance(part["sun"])}
    if "lamp" in part:
        facing = transform.look_at(
            origin=list(part["at"]), target=list(part["target"]), up=[0.1, 0.2, 1]
        )
        emitter = {"type": "area", "radiance": radiance(part["lamp"])}
        return {
            "type": "rectangle",
            "to_world": facing.scale(part["size"]),
            "emitter": emitter,
        }
    placed = transform.translate(list(part["at"]))
    for axis, degrees in zip(
        ([0, 0, 1], [0, 1, 0], [1, 0, 0]), reversed(part["turn"]), strict=True
    ):
        placed = placed.rotate(axis, degrees)
    size = part["size"]
    placed = placed.scale([size] * 3 if isinstance(size, int | float) else list(size))
    if "glow" in part:
        surface = {"emitter": {"type": "area", "radiance": radiance(part["glow"])}}
    else:
        surface = {"bsdf": built(mi, part["material"])}
    return {"type": part["kind"], "to_world": placed, **surface}


def in_order(mi: ModuleType, parts: Mapping[str, Any]) -> dict[str, Any]:
    """The loaded parts and descriptions of a scene, in an order that no process changes.

    Mitsuba's own optimisation, which is therefore off, makes one mesh of the boxes and panes of one
    material, but lists such meshes as their addresses in memory fall: where two surfaces coincide,
    a ray then meets now one, now the other. Here they are merged first, and sorted by their places.
    """
    flat = {k: p for k, p in parts.items() if isinstance(p, dict) and p["type"] in FLAT}
    lamps = {k: p for k, p in flat.items() if "emitter" in p}
    rest = {k: p for k, p in parts.items() if k not in flat}
    plain = {k: p for k, p in flat.items() if k not in lamps}
    merged = mi.load_dict({"type": "merge", **plain}) if plain else []
    meshes = sorted(merged if isinstance(merged, list) else [merged], key=place)
    # A sample picks its light by number: the order of lights is part of what a picture shows.
    return rest | {f"flat{n:03}": m for n, m in enumerate(meshes)} | dict(reversed(lamps.items()))


def place(shape: Any) -> tuple[float, ...]:
    """What tells a shape from the others of a scene: its faces, and where it lies."""
    box = shape.bbox()
    return (shape.primitive_count(), *map(float, box.min), *map(float, box.max))


def radiance(linear: Array) -> dict[str, Any]:
    """An emitter's colour."""
    return {"type": "rgb", "value": [float(c) for c in linear]}


def built(mi: ModuleType, material: Any) -> Any:
    """A material with its pictures as Mitsuba's bitmaps."""
    if not isinstance(material, dict):
        return material
    if "picture" in material:
        repeat = mi.ScalarTransform4f().scale([*material["repeat"], 1])
        bitmap = mi.Bitmap(np.ascontiguousarray(material["picture"]))
        return {"type": "bitmap", "bitmap": bitmap, "raw": True, "to_uv": repeat}
    return {key: built(mi, value) for key, value in material.items()}


def loaded(mi: ModuleType, mesh: Mesh, material: Any) -> Any:
    """A mesh as Mitsuba's object."""
    properties = mi.Properties()
    properties["mesh_bsdf"] = mi.load_dict(material)
    shape = mi.Mesh(
        "mesh", len(mesh.vertices), len(mesh.faces), properties, has_vertex_normals=True
    )
    parameters = mi.traverse(shape)
    parameters["vertex_positions"] = mesh.vertices.ravel()
    parameters["vertex_normals"] = mesh.normals.ravel()
    parameters["faces"] = mesh.faces.ravel()
    parameters.update()
    shape.add_attribute("vertex_color", 3, to_linear(mesh.colours).ravel())
    return shape
