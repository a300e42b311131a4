"""Which methods there are, known without importing any of them.

Built-in methods stand in the table below. Third-party ones come from entry points of the
group `bench.methods`, or as `path/to/file.py:Class` on the command line. `NAME=FOLDER` is no code
at all: its results are the pictures of a folder.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError, UnknownName, printable
from bench.core.plain import shown
from bench.core.plugins import file_class, installed, load_class
from methods.settings import Settings
from methods.variants import MARK, variant_label, variant_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from methods.base import Method

ENTRY_POINT_GROUP = "bench.methods"


@dataclass(frozen=True)
class MethodFacts:
    """What is known of a method before it is imported."""

    name: str  # as on the command line and, but for a variant, in every row
    title: str
    family: str
    target: str  # "module:Class" or "path/to/file.py:Class"
    paper: str = ""
    weights: tuple[str, ...] = ()  # kinds of the weights registry that it takes
    argument: str = ""  # the FILE of `spandrel:FILE`
    variant: str = ""  # the `long` of `pulse@long`
    folder: str = ""  # the FOLDER of `NAME=FOLDER`, whose pictures are its results
    modules: tuple[str, ...] = ()  # packages beyond the required ones
    install: str = ""  # the command that installs them
    settings: str = ""  # "module:Class" of its settings, if the project's own; imports no torch

    @property
    def spec(self) -> str:
        """The name that `--methods` calls it by."""
        plain = self.target if file_class(self.target) else self.name
        plain += f":{self.argument}" if self.argument else ""
        plain += f"={self.folder}" if self.folder else ""
        return variant_label(plain, self.variant)

    @property
    def called(self) -> str:
        """The name that `--set` and `--weights` call it by."""
        return variant_label(self.name, self.variant)

    @property
    def label(self) -> str:
        """The name in rows and file names: letters, digits, `._-`, and `@` before a variant."""
        spelled = f"{self.name}-{Path(self.argument).stem}" if self.argument else self.name
        return variant_label(re.sub(r"[^A-Za-z0-9._-]+", "-", spelled), self.variant)


BASELINE, FEED_FORWARD, INVERSION = "baseline", "feed-forward", "latent optimisation"
# What decides such a method's pixels: how a picture is read.
ELSEWHERE, READING = "restored elsewhere", "bench.pictures.files:read_rgb"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
INTERNAL = "internal learning"  # from the one input alone
SRNTT = ("srntt", "srntt-transfer", "srntt-content", "vgg19", "vgg16-relu3_1")  # kinds of weights
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
                    ("glean-light", "glean-light-bank"),
                    settings="methods.settings.glean_light:GLEANLightSettings"),
        MethodFacts("dfdnet", "DFDNet", FEED_FORWARD, "methods.dfdnet:DFDNet",
                    "Li et al., ECCV 2020, arXiv 2008.00418",
                    ("dfdnet", "dfdnet-network", "dfdnet-dictionary"),
                    settings="methods.settings.dfdnet:DFDNetSettings"),
        MethodFacts("srntt", "SRNTT", FEED_FORWARD, "methods.srntt:SRNTT",
                    "Zhang et al., CVPR 2019, arXiv 1903.00834", SRNTT,
                    settings="methods.settings.srntt:SRNTTSettings"),
        MethodFacts("srntt-random", "SRNTT, random reference", FEED_FORWARD,
                    "methods.srntt_bounds:SRNTTRandom", "lower bound of srntt", SRNTT,
                    settings="methods.settings.srntt:SRNTTSettings"),
        MethodFacts("srntt-oracle", "SRNTT, same person (oracle)", FEED_FORWARD,
                    "methods.srntt_bounds:SRNTTOracle", "upper bound of srntt", SRNTT,
                    settings="methods.settings.srntt:SRNTTSettings"),
        MethodFacts("pulse", "PULSE", INVERSION, "methods.pulse:PULSE",
                    "Menon et al., CVPR 2020, arXiv 2003.03808",
                    ("stylegan1", "stylegan2", "pggan", "pulse-gaussian-fit"),
                    settings="methods.settings.pulse:PULSESettings"),
        MethodFacts("mganprior", "mGANprior", INVERSION, "methods.mganprior:MGANPrior",
                    "Gu et al., CVPR 2020, arXiv 1912.07116",
                    ("pggan", "stylegan1", "stylegan2", "vgg16"),
                    settings="methods.settings.mganprior:MGANPriorSettings"),
        MethodFacts("dgp", "DGP", INVERSION, "methods.dgp:DGP",
                    "Pan et al., ECCV 2020, arXiv 2003.13659",
                    ("biggan-pair", "biggan", "biggan-discriminator"),
                    settings="methods.settings.dgp:DGPSettings"),
        MethodFacts("singan", "SinGAN", INTERNAL, "methods.singan:SinGAN",
                    "Shaham et al., ICCV 2019, arXiv 1905.01164",
                    settings="methods.settings.singan:SinGANSettings"),
        MethodFacts("spandrel", "Any network spandrel loads, as spandrel:FILE", FEED_FORWARD,
                    "methods.spandrel_file:SpandrelFile", modules=("spandrel",),
                    install="pip install 'sr-prior-bench[spandrel]'",
                    settings="methods.settings.spandrel:SpandrelSettings"),
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
    """The method that `--methods` calls `spec`: a name, `spandrel:FILE` or `file.py:Class`, each
    also as a variant, `pulse@long`, or `NAME=FOLDER`."""
    name, equals, folder = spec.partition("=")
    if equals and ":" not in name:
        return restored_elsewhere(name, folder)
    plain, variant = variant_of(spec)
    facts = resolve_plain(plain)
    return replace(facts, title=f"{facts.title}, {variant}", variant=variant) if variant else facts


def resolve_plain(spec: str) -> MethodFacts:
    """The same without variants."""
    if class_name := file_class(spec):
        return MethodFacts(class_name, class_name, "from a file", spec)
    name, _, argument = spec.partition(":")
    methods = known()
    if name not in methods:
        raise UnknownName("method", name, methods, "`python -m bench list methods` describes them.")
    if bool(argument) != (name == "spandrel"):
        usage = "spandrel:FILE" if name == "spandrel" else name
        raise BenchError(f"method {spec!r}: write it as {usage}")
    facts = methods[name]
    return replace(facts, argument=argument)


def title_of(label: str) -> str | None:
    """The title of an installed method, or of a variant of one, that rows call `label`."""
    name, _, variant = label.partition(MARK)
    facts = known().get(name)
    if facts is None:
        return None
    return f"{facts.title}, {variant}" if variant else facts.title


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


def stated(facts: MethodFacts) -> MethodFacts:
    """The facts with what the class of a third party's method says of itself.

    Raises `BenchError` if it cannot be imported, or says what is no text.
    """
    is_ours = facts.name in BUILT_IN and facts.target == BUILT_IN[facts.name].target
    if is_ours or facts.folder:
        return facts
    method, said = load(facts), dict[str, Any]()
    for name in ("title", "paper", "family"):
        value = getattr(method, name)
        if not isinstance(value, str):
            raise BenchError(f"{facts.target}: its {name} is {shown(value)}, expected text")
        said |= {name: " ".join(value.split())} if value.strip() else {}
    kinds = method.weights
    if not isinstance(kinds, tuple | list) or not all(isinstance(kind, str) for kind in kinds):
        raise BenchError(
            f"{facts.target}: its weights are {shown(kinds)}, expected a tuple of kinds"
        )
    if "title" in said and facts.variant:
        said["title"] += f", {facts.variant}"
    return replace(facts, **said, weights=tuple(kinds))


def settings_class(facts: MethodFacts) -> type[BaseModel]:
    """The class of the method's settings; of the project's own methods without torch.

    Raises `BenchError` if a third party's cannot be imported.
    """
    if facts.settings:
        place, _, name = facts.settings.partition(":")
        found: type[BaseModel] = getattr(importlib.import_module(place), name)
        return found
    if facts.name in BUILT_IN or facts.folder:
        return Settings
    return load(facts).Settings


def missing_extra(facts: MethodFacts) -> str | None:
    """What to install before the method can be imported, or None."""
    lacking = [name for name in facts.modules if importlib.util.find_spec(name) is None]
    return f"needs {', '.join(lacking)}; `{facts.install}`" if lacking else None
