"""Which methods there are, known without importing any of them.

Built-in methods stand in the table below. Third-party ones come from entry points of the
group `bench.methods`, or as `path/to/file.py:Class` on the command line. `NAME=FOLDER` is no code
at all: its results are the pictures of a folder.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import BenchError, UnknownName, printable
from bench.core.plugins import file_class, installed, load_class

if TYPE_CHECKING:
    from methods.base import Method

ENTRY_POINT_GROUP = "bench.methods"


@dataclass(frozen=True)
class MethodFacts:
    """What is known of a method before it is imported."""

    name: str  # as on the command line and in every row
    title: str
    family: str
    target: str  # "module:Class" or "path/to/file.py:Class"
    paper: str = ""
    weights: tuple[str, ...] = ()  # kinds of the weights registry that it takes
    argument: str = ""  # the FILE of `spandrel:FILE`
    folder: str = ""  # the FOLDER of `NAME=FOLDER`, whose pictures are its results
    modules: tuple[str, ...] = ()  # packages beyond the required ones
    install: str = ""  # the command that installs them

    @property
    def label(self) -> str:
        """The name in rows and file names: letters, digits, `._-` and nothing else."""
        spelled = f"{self.name}-{Path(self.argument).stem}" if self.argument else self.name
        return re.sub(r"[^A-Za-z0-9._-]+", "-", spelled)


BASELINE, FEED_FORWARD, INVERSION = "baseline", "feed-forward", "latent optimisation"
# What decides such a method's pixels: how a picture is read.
ELSEWHERE, READING = "restored elsewhere", "bench.pictures.files:read_rgb"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
BUILT_IN = {
    facts.name: facts
    for facts in (
        MethodFacts("nearest", "Nearest neighbour", BASELINE, "methods.interpolation:Nearest"),
        MethodFacts("bicubic", "Bicubic (MATLAB)", BASELINE, "methods.interpolation:Bicubic"),
        MethodFacts("lanczos", "Lanczos-3 (MATLAB)", BASELINE, "methods.interpolation:Lanczos"),
        MethodFacts("esrgan", "ESRGAN / ESRGAN+", FEED_FORWARD, "methods.esrgan:ESRGAN",
                    "Wang et al., ECCVW 2018, arXiv 1809.00219", ("esrgan",)),
        MethodFacts("srgan", "SRGAN", FEED_FORWARD, "methods.srgan:SRGAN",
                    "Ledig et al., CVPR 2017, arXiv 1609.04802", ("srgan",)),
        MethodFacts("glean", "GLEAN", FEED_FORWARD, "methods.glean:GLEAN",
                    "Chan et al., CVPR 2021, arXiv 2012.00739", ("glean",)),
        MethodFacts("glean-coarse", "GLEAN, coarse only", FEED_FORWARD,
                    "methods.glean:GLEANCoarse", "ablation in Chan et al., CVPR 2021",
                    ("glean-coarse",)),
        MethodFacts("glean-latents", "GLEAN, latent only", FEED_FORWARD,
                    "methods.glean:GLEANLatents", "ablation in Chan et al., CVPR 2021",
                    ("glean-latents",)),
        MethodFacts("glean-light", "LightGLEAN (our reading)", FEED_FORWARD,
                    "methods.glean_light:GLEANLight",
                    "abstract of Chan et al., TPAMI 2023, arXiv 2207.14812",
                    ("glean-light", "glean-light-bank")),
        MethodFacts("pulse", "PULSE", INVERSION, "methods.pulse:PULSE",
                    "Menon et al., CVPR 2020, arXiv 2003.03808",
                    ("stylegan1", "stylegan2", "pggan", "pulse-gaussian-fit")),
        MethodFacts("mganprior", "mGANprior", INVERSION, "methods.mganprior:MGANPrior",
                    "Gu et al., CVPR 2020, arXiv 1912.07116",
                    ("pggan", "stylegan1", "stylegan2", "vgg16")),
        MethodFacts("dgp", "DGP", INVERSION, "methods.dgp:DGP",
                    "Pan et al., ECCV 2020, arXiv 2003.13659",
                    ("biggan-pair", "biggan", "biggan-discriminator")),
        MethodFacts("spandrel", "Any network spandrel loads, as spandrel:FILE", FEED_FORWARD,
                    "methods.spandrel_file:SpandrelFile", modules=("spandrel",),
                    install="pip install 'sr-prior-bench[spandrel]'"),
    )
}  # fmt: skip


def known() -> dict[str, MethodFacts]:
    """Every installed method by name; a third party cannot take a built-in name."""
    found = dict(BUILT_IN)
    for name, plugin in installed(ENTRY_POINT_GROUP).items():
        facts = MethodFacts(name, f"{name} (from {plugin.origin})", "third party", plugin.target)
        found.setdefault(name, facts)
    return found


def resolve(spec: str) -> MethodFacts:
    """The method that `--methods` calls `spec`: a name, `spandrel:FILE`, `file.py:Class` or
    `NAME=FOLDER`."""
    if class_name := file_class(spec):
        return MethodFacts(class_name, class_name, "from a file", spec)
    if (equals := spec.find("=")) >= 0 and ":" not in spec[:equals]:
        return restored_elsewhere(spec[:equals], spec[equals + 1 :])
    name, _, argument = spec.partition(":")
    methods = known()
    if name not in methods:
        raise UnknownName("method", name, methods, "`python -m bench list methods` describes them.")
    if bool(argument) != (name == "spandrel"):
        usage = "spandrel:FILE" if name == "spandrel" else name
        raise BenchError(f"method {spec!r}: write it as {usage}")
    facts = methods[name]
    return replace(facts, argument=argument)


def restored_elsewhere(name: str, folder: str) -> MethodFacts:
    """The method `name=folder`. Raises `BenchError` for a name that rows cannot bear, or that is
    a method's here, and for a folder that is not there."""
    if not NAME.fullmatch(name) or not folder:
        raise BenchError(
            f"method {f'{name}={folder}'!r}: write it as NAME=FOLDER, as theirs=results; a name "
            "has letters, digits and ._- only"
        )
    if name.casefold() in {*known(), "truth", "input"}:
        what = "the name of a method here" if name.casefold() in known() else "a file of every run"
        raise BenchError(
            f"{name}={printable(folder)}: {name!r} is {what}; call these pictures otherwise, as "
            f"{name}-theirs={printable(folder)}"
        )
    if not Path(folder).is_dir():
        why = "is a file, not a folder" if Path(folder).exists() else "there is no such folder"
        raise BenchError(f"{name}={printable(folder)}: {why}")
    return MethodFacts(name, f"{name} (elsewhere)", ELSEWHERE, READING, folder=folder)


def load(facts: MethodFacts) -> type[Method]:
    """The method's class, imported now. Raises `BenchError` if there is no such class."""
    if facts.folder:
        raise BenchError(
            f"{facts.name}={facts.folder}: pictures restored elsewhere restore no others; "
            "`python -m bench run --methods` compares them"
        )
    from methods.base import Method  # noqa: PLC0415 - it imports torch

    return load_class("method", facts.name, facts.target, Method)  # type: ignore[type-abstract]


def missing_extra(facts: MethodFacts) -> str | None:
    """What to install before the method can be imported, or None."""
    lacking = [name for name in facts.modules if importlib.util.find_spec(name) is None]
    return f"needs {', '.join(lacking)}; `{facts.install}`" if lacking else None
