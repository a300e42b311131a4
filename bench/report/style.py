"""How plots look: one colour and one marker a method, the same in every plot."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from bench.report.ink import GRID, INK, RULE, SOFT

# Colours of Okabe and Ito, which people with any colour vision tell apart; the baselines grey.
FIXED = {
    "glean": ("#0072B2", "o"),
    "esrgan": ("#D55E00", "s"),
    "pulse": ("#009E73", "D"),
    "mganprior": ("#CC79A7", "^"),
    "srgan": ("#E69F00", "v"),
    "bicubic": ("#4d4d4d", "P"),
    "lanczos": ("#808080", "X"),
    "nearest": ("#b0b0b0", "p"),
}
OTHER_COLOURS = ("#56B4E9", "#332288", "#8C6D31", "#882255", "#117733", "#000000")
OTHER_MARKERS = ("h", "<", ">", "d", "*", "8", "H")

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "text.parse_math": False,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # where it would be; unsaid, every drawing measures all ticks for it
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "savefig.dpi": 160,
    "svg.hashsalt": "bench",
    "svg.fonttype": "path",
}


@dataclass(frozen=True)
class Style:
    """A method's own look."""

    colour: str
    marker: str

    @property
    def ink(self) -> str:
        """The colour, dark enough to be read as text on white."""
        red, green, blue = to_rgb(self.colour)
        luminance = 0.299 * red + 0.587 * green + 0.114 * blue
        shade = min(1.0, 0.42 / luminance) if luminance else 1.0
        return to_hex((red * shade, green * shade, blue * shade))

    @property
    def on_dark(self) -> str:
        """The colour, light enough to be seen on black."""
        red, green, blue = to_rgb(self.colour)
        luminance = 0.299 * red + 0.587 * green + 0.114 * blue
        white = max(0.0, (0.56 - luminance) / (1 - luminance))
        red, green, blue = (part + white * (1 - part) for part in (red, green, blue))
        return to_hex((red, green, blue))


def styles(methods: Sequence[str]) -> dict[str, Style]:
    """The look of each method: the project's keep theirs whichever others take part."""
    others = [name for name in dict.fromkeys(methods) if name not in FIXED]
    # Seven markers and six colours: 42 methods pass before a look comes again.
    found = {
        name: Style(OTHER_COLOURS[i % len(OTHER_COLOURS)], OTHER_MARKERS[i % len(OTHER_MARKERS)])
        for i, name in enumerate(others)
    }
    return found | {name: Style(*FIXED[name]) for name in methods if name in FIXED}


@contextmanager
def drawing() -> Iterator[None]:
    """Settings for making and saving figures, whatever the user's own matplotlibrc says."""
    with style.context(["default", RC]), warnings.catch_warnings():
        # A name in a script that the font lacks shows as boxes, and that is all there is to say.
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches, which can measure texts before it is drawn."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)  # without one, each text measured makes a renderer of its own
    return figure
