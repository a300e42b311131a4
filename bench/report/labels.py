"""Names beside points, placed so that they cover neither each other nor any point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

DIRECTIONS = (0, 180, 90, 270, 45, 135, 315, 225, 22, 158, 338, 202)  # degrees, best first
DISTANCES = (7.0, 13.0, 21.0, 31.0, 43.0)  # points
FREE = 1.0  # clearance around names and points, in points
LEADER_FROM = 10.0  # beyond this many points a thin line leads back to the point


@dataclass(frozen=True)
class Label:
    """A name and the point it belongs to, in data coordinates."""

    text: str
    x: float
    y: float
    colour: str


@dataclass(frozen=True)
class Place:
    """One position that a label can take, in pixels of the screen."""

    angle: float
    distance: float
    box: Bbox


def place_labels(axis: Axes, labels: Sequence[Label], size: float = 7.5) -> list[Annotation]:
    """Write the labels into the panel, whose position and limits must be final.

    Each takes the cheapest place around its point: near, inside the panel, on no point and on no
    name already placed. The most crowded points choose first.
    """
    figure = axis.get_figure(root=True)
    assert figure is not None
    scale = figure.dpi / 72
    points = [axis.transData.transform((label.x, label.y)) for label in labels]
    obstacles = [
        Bbox.from_bounds(x - 4 * scale, y - 4 * scale, 8 * scale, 8 * scale) for x, y in points
    ]

    def crowding(index: int) -> float:
        return sum(math.dist(points[index], other) < 60 * scale for other in points)

    taken: list[Bbox] = []
    written = []
    for index in sorted(range(len(labels)), key=lambda i: (-crowding(i), i)):
        label, (x, y) = labels[index], points[index]
        width, height = text_size(axis, label.text, size)
        others = [box for i, box in enumerate(obstacles) if i != index]
        places = [
            Place(angle, distance, box_at(x, y, angle, distance * scale, width, height))
            for distance, angle in itertools.product(DISTANCES, DIRECTIONS)
        ]
        best = min(places, key=lambda place: price(place, axis.bbox, taken, others, FREE * scale))
        taken.append(best.box)
        written.append(write(axis, label, best, (x, y), size))
    return written


def text_size(axis: Axes, text: str, size: float) -> tuple[float, float]:
    """Width and height of a text in pixels."""
    probe = axis.text(0, 0, text, fontsize=size)
    extent = probe.get_window_extent()
    probe.remove()
    return extent.width, extent.height


def box_at(x: float, y: float, angle: float, distance: float, width: float, height: float) -> Bbox:
    """The box of a text that begins `distance` pixels from the point, in the direction."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    centre_x = x + cosine * (distance + width / 2) if abs(cosine) > 0.1 else x
    centre_y = y + sine * (distance + height / 2)
    return Bbox.from_bounds(centre_x - width / 2, centre_y - height / 2, width, height)


def price(
    place: Place, panel: Bbox, names: Sequence[Bbox], points: Sequence[Bbox], free: float
) -> float:
    """What a place costs: overlaps most, then leaving the panel, then distance and angle."""
    box = place.box.padded(free)
    covered = sum(10 * overlap(box, other) for other in names)
    covered += sum(6 * overlap(box, other) for other in points)
    inside = overlap(place.box, panel) / (place.box.width * place.box.height)
    return (
        covered + 50 * (1 - inside) + place.distance / 20 + DIRECTIONS.index(int(place.angle)) / 40
    )


def overlap(first: Bbox, second: Bbox) -> float:
    """Square pixels that both cover."""
    shared = Bbox.intersection(first, second)
    return 0.0 if shared is None else shared.width * shared.height


def write(
    axis: Axes, label: Label, place: Place, point: tuple[float, float], size: float
) -> Annotation:
    """The label at its place, with a line to its point where that is not obvious."""
    figure = axis.get_figure(root=True)
    assert figure is not None
    centre = ((place.box.x0 + place.box.x1) / 2, (place.box.y0 + place.box.y1) / 2)
    offset = tuple((c - p) * 72 / figure.dpi for c, p in zip(centre, point, strict=True))
    far = place.distance > LEADER_FROM
    return axis.annotate(
        label.text,
        (label.x, label.y),
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=size,
        color=label.colour,
        annotation_clip=False,
        arrowprops={"arrowstyle": "-", "color": label.colour, "lw": 0.5, "alpha": 0.6,
                    "shrinkA": 0, "shrinkB": 3} if far else None,
    )  # fmt: skip
