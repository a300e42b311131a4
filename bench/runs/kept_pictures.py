"""The pictures that a run kept of a row, read back as what a metric scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.core.errors import BenchError
from bench.core.rows import Row
from bench.datasets.factors import known_of
from bench.metrics.base import Sample
from bench.operators import operator_of
from bench.pictures.files import read_rgb
from bench.pictures.tensors import pixels_digest, to_pixels, to_tensor
from bench.results.images_folder import pictures_of, shown


def sample_of(images: Path, row: Row) -> Sample:
    """What a run would score of that row.

    Raises `BenchError` if the pictures are not all there, or are not those of the row: images/
    holds the latest run's, and an earlier one may have degraded them otherwise.
    """
    place = pictures_of(images, row)
    operator = operator_of(row.operator)
    truth, restored = read_rgb(place.truth), read_rgb(place.restored)
    if truth.shape != restored.shape:
        raise BenchError(f"{place.restored.name} and truth.png differ in size")
    tensor = to_tensor(truth)
    y = operator.observe(tensor)
    if not np.array_equal(to_pixels(y), read_rgb(place.input)):
        raise BenchError(f"{place.input.name} was not made by {row.operator}")
    image = to_tensor(restored)
    if row.output_digest and pixels_digest(image) != row.output_digest:
        raise BenchError(f"{shown(place.restored)} is not the picture that the row was scored on")
    return Sample(image, tensor, y, operator, (known_of(place.truth, row.split),))
