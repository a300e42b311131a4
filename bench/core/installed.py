"""What is installed: the version that a module comes with, and files of packages; nothing is
imported to tell."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

# Distributions whose name is not that of their module, so that not all need be looked through.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python",
    "dlib": "dlib-bin",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def installed_version(module: str) -> str | None:
    """The version of the distribution that a module comes with; None where none is installed."""
    for name in (DISTRIBUTIONS.get(module, module), module):
        with suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    with suppress(ImportError, ValueError):
        if importlib.util.find_spec(module) is None:
            return None
    owners = distributions().get(module, ())
    return importlib.metadata.version(owners[0]) if owners else None


@lru_cache(maxsize=1)
def distributions() -> Mapping[str, list[str]]:
    """The distributions that each module comes with; slow, as it reads all of them."""
    return importlib.metadata.packages_distributions()


def packaged(package: str, *parts: str) -> Path:
    """A file that an installed package ships, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return Path(spec.origin).parent.joinpath(*parts)
