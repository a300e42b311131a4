"""Names beside points, placed so that they cover neither each other, nor points, nor bars."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

Bounds = tuple[float, float]

DIRECTIONS = (35, 325, 145, 215, 0, 180, 90, 270)  # degrees around the point, best first
DISTANCES = (7.5, 12.0, 18.0, 26.0, 36.0, 48.0)  # points
MARKER = 4.5  # half the size of a marker, in points
CLEARANCE = 1.0  # around names, in points
LEADER_FROM = 12.0  # beyond this many points a thin line leads back to the point
# What a square pixel costs that a name shares with another name, with a point, with a bar, or that
# lies outside the panel.
ON_NAME, ON_POINT, ON_BAR, OUTSIDE = 10.0, 10.0, 0.4, 3.0
MISLEADING = 60.0  # what it costs to stand nearer to another point than to one's own


@dataclass(frozen=True)
class Label:
    """A name, and the point with its bars that it belongs to, in data coordinates."""

    text: str
    x: float
    y: float
    colour: str
    x_bar: Bounds | None = None
    y_bar: Bounds | None = None


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    bottom: float
    right: float
    top: float

    def shared(self, other: Box) -> float:
        """Square pixels in both."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return width * height if width > 0 and height > 0 else 0.0

    def distance(self, point: tuple[float, float]) -> float:
        """From the nearest edge to the point; 0 inside."""
        across = max(self.left - point[0], 0.0, point[0] - self.right)
        up = max(self.bottom - point[1], 0.0, point[1] - self.top)
        return math.hypot(across, up)

    def grown(self, by: float) -> Box:
        """The box with a margin."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)


class Position(NamedTuple):
    """One position that a name can take."""

    price: float
    distance: float
    box: Box


def place_labels(axis: Axes, labels: Sequence[Label], size: float = 7.5) -> None:
    """Write the labels into the panel, whose position and limits must be final.

    Each takes the cheapest place around its point: near, inside the panel, on nothing that is
    drawn there. The most crowded points choose first.
    """
    figure = root(axis)
    scale = figure.dpi / 72
    points = [pixels(axis, label.x, label.y) for label in labels]
    markers = [Box(x, y, x, y).grown(MARKER * scale) for x, y in points]
    bars = [bar for label in labels for bar in bar_boxes(axis, label, scale)]
    panel = Box(axis.bbox.x0, axis.bbox.y0, axis.bbox.x1, axis.bbox.y1)
    names: list[Box] = []

    def crowding(index: int) -> int:
        return sum(math.dist(points[index], other) < 60 * scale for other in points)

    for index in sorted(range(len(labels)), key=lambda i: (-crowding(i), i)):
        extent = text_size(axis, labels[index].text, size)
        others = [point for i, point in enumerate(points) if i != index]
        best: Position | None = None
        for (rank, angle), distance in itertools.product(enumerate(DIRECTIONS), DISTANCES):
            least = distance / 2 + rank / 10  # what the position costs if it is free
            if best and least > best.price:
                continue
            box = box_at(points[index], angle, distance * scale, extent)
            near = box.grown(CLEARANCE * scale)
            own = box.distance(points[index]) + 2 * scale
            misleads = any(box.distance(other) < own for other in others)
            price = (
                ON_NAME * total(near, names)
                + ON_POINT * total(near, markers)
                + ON_BAR * total(near, bars)
                + MISLEADING * misleads
                + OUTSIDE * (extent[0] * extent[1] - box.shared(panel))
                + distance / 2
                + rank / 10
            )
            found = Position(price, distance, box)
            best = min(best, found) if best else found
        assert best is not None
        names.append(best.box)
        write(axis, labels[index], best, points[index], size)


def total(box: Box, others: Iterable[Box]) -> float:
    """Square pixels that the box shares with all of them."""
    left, bottom, right, top = box
    found = 0.0
    for other in others:  # most share nothing, and this is asked ten thousand times
        if other[0] < right and other[2] > left and other[1] < top and other[3] > bottom:
            found += box.shared(other)
    return found


def bar_boxes(axis: Axes, label: Label, scale: float) -> Iterable[Box]:
    """The bars of a point, as thin boxes."""
    if label.x_bar:
        (left, y), (right, _) = (pixels(axis, x, label.y) for x in label.x_bar)
        yield Box(left, y, right, y).grown(scale)
    if label.y_bar:
        ends = [pixels(axis, label.x, y) for y in label.y_bar]
        (x, bottom), (_, top) = sorted(ends, key=lambda end: end[1])
        yield Box(x, bottom, x, top).grown(scale)


def pixels(axis: Axes, x: float, y: float) -> tuple[float, float]:
    """The point on the canvas."""
    across, up = axis.transData.transform((x, y))
    return float(across), float(up)


def text_size(axis: Axes, text: str, size: float) -> tuple[float, float]:
    """Width and height of a text in pixels; at least one, also of no text."""
    probe = axis.text(0, 0, text, fontsize=size)
    extent = probe.get_window_extent()
    probe.remove()
    return max(extent.width, 1.0), max(extent.height, 1.0)


def box_at(
    point: tuple[float, float], angle: int, distance: float, extent: tuple[float, float]
) -> Box:
    """The box of a text whose nearest edge is `distance` pixels from the point."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    width, height = extent
    beside = math.copysign(width / 2, cosine) if abs(cosine) > 0.1 else 0.0
    x = point[0] + cosine * distance + beside
    y = point[1] + sine * (distance + height / 2)
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def write(
    axis: Axes, label: Label, place: Position, point: tuple[float, float], size: float
) -> None:
    """The label at its place, with a line to its point where that is not obvious."""
    dpi = root(axis).dpi
    left, bottom, right, top = place.box
    offset = ((left + right) / 2 - point[0], (bottom + top) / 2 - point[1])
    leader = {"arrowstyle": "-", "color": label.colour, "lw": 0.6, "alpha": 0.7,
              "shrinkA": 0, "shrinkB": 3}  # fmt: skip
    axis.annotate(
        label.text,
        (label.x, label.y),
        xytext=(offset[0] * 72 / dpi, offset[1] * 72 / dpi),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=size,
        color=label.colour,
        annotation_clip=False,
        path_effects=[withStroke(linewidth=2, foreground="white")],
        arrowprops=leader if place.distance > LEADER_FROM else None,
    )


def root(axis: Axes) -> Figure:
    """The figure that the panel belongs to."""
    figure = axis.get_figure(root=True)
    assert figure is not None
    return figure
