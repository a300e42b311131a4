"""What a training ships: safetensors of eight bits, and the card by which `bench` finds them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from bench.core.files import write_bytes, write_text
from bench.core.toml_text import toml
from bench.training.recipe import Product
from methods.checkpoints.eight_bits import narrowed


def export(
    out: Path,
    product: Product,
    weights: Mapping[str, Tensor],
    licence: str,
    facts: Mapping[str, Any],
    lists: Sequence[str] = (),
) -> Path:
    """Write `out`/NAME.safetensors and NAME.toml, and return the first.

    facts: settings of the card: pictures, time and held-out score. lists: names of the files
    beside it that list the pictures trained on. Raises `DiskError`.
    """
    data = save(narrowed(weights, product.largest), dict(product.metadata) or None)
    path = out / f"{product.name}.safetensors"
    write_bytes(path, data)
    card = {
        "title": product.title,
        "kind": product.kind,
        "file": path.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": licence,
        "source": "trained by `python -m bench train`; training.json has every setting",
        "serves": [dict(task) for task in product.serves],
        "pictures": list(lists),
        "settings": {**facts, **product.measured},
    }
    write_text(path.with_suffix(".toml"), toml(card))
    return path
