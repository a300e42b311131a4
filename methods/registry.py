"""Which methods there are, known without importing any of them.

Built-in methods stand in the table below. Third-party ones come from entry points of the
group `bench.methods`, or as `path/to/file.py:Class` on the command line.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError, UnknownName

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
    modules: tuple[str, ...] = ()  # packages beyond the required ones
    install: str = ""  # the command that installs them

    @property
    def label(self) -> str:
        """The name in rows and file names: letters, digits, `._-` and nothing else."""
        spelled = f"{self.name}-{Path(self.argument).stem}" if self.argument else self.name
        return re.sub(r"[^A-Za-z0-9._-]+", "-", spelled)


BASELINE, FEED_FORWARD, INVERSION = "baseline", "feed-forward", "latent optimisation"

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
        MethodFacts("glean-coarse", "GLEAN, coarse features only", FEED_FORWARD,
                    "methods.glean:GLEANCoarse", "ablation in Chan et al., CVPR 2021",
                    ("glean-coarse",)),
        MethodFacts("glean-latents", "GLEAN, latent vectors only", FEED_FORWARD,
                    "methods.glean:GLEANLatents", "ablation in Chan et al., CVPR 2021",
                    ("glean-latents",)),
        MethodFacts("pulse", "PULSE", INVERSION, "methods.pulse:PULSE",
                    "Menon et al., CVPR 2020, arXiv 2003.03808",
                    ("stylegan1", "stylegan2", "pggan", "pulse-gaussian-fit")),
        MethodFacts("mganprior", "mGANprior", INVERSION, "methods.mganprior:MGANPrior",
                    "Gu et al., CVPR 2020, arXiv 1912.07116",
                    ("pggan", "stylegan1", "stylegan2", "vgg16")),
        MethodFacts("spandrel", "Any network spandrel loads, as spandrel:FILE", FEED_FORWARD,
                    "methods.spandrel_file:SpandrelFile", modules=("spandrel",),
                    install="pip install 'sr-prior-bench[spandrel]'"),
    )
}  # fmt: skip


def known() -> dict[str, MethodFacts]:
    """Every installed method by name; a third party cannot take a built-in name."""
    found = dict(BUILT_IN)
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        origin = point.dist.name if point.dist else "an installed package"
        facts = MethodFacts(point.name, f"{point.name} (from {origin})", "third party", point.value)
        found.setdefault(point.name, facts)
    return found


def resolve(spec: str) -> MethodFacts:
    """The method that `--methods` calls `spec`: a name, `spandrel:FILE` or `file.py:Class`."""
    head, _, tail = spec.rpartition(":")
    if head.endswith(".py"):
        return MethodFacts(tail, tail, "from a file", spec)
    name, _, argument = spec.partition(":")
    methods = known()
    if name not in methods:
        raise UnknownName("method", name, methods, "`python -m bench list methods` describes them.")
    if bool(argument) != (name == "spandrel"):
        usage = "spandrel:FILE" if name == "spandrel" else name
        raise BenchError(f"method {spec!r}: write it as {usage}")
    facts = methods[name]
    return replace(facts, argument=argument)


def load(facts: MethodFacts) -> type[Method]:
    """The method's class, imported now. Raises `BenchError` if there is no such class."""
    from methods.base import Method  # noqa: PLC0415 - it imports torch

    place, _, class_name = facts.target.rpartition(":")
    try:
        module = load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        found = getattr(module, class_name)
    except (ImportError, AttributeError, OSError, SyntaxError) as error:
        raise BenchError(
            f"method {facts.name!r} cannot be loaded from {facts.target}: {error}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Method)):
        raise BenchError(f"{facts.target} is not a subclass of methods.base.Method")
    return found


def load_file(path: Path) -> object:
    """The module in a user's own Python file."""
    if not path.is_file():
        raise BenchError(f"no such file: {path} (methods from files are path/to/file.py:Class)")
    name = f"bench_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BenchError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
