"""The pictures that come with suite mini for methods to take detail from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench.core.paths import data_dir
from bench.datasets.rendered import is_rendered, pictures_in
from bench.datasets.suites import load_suite
from bench.pictures.files import read_rgb

FOLDER = data_dir("datasets") / "references"
TESTS = data_dir("datasets") / "mini"
POOLS = sorted(FOLDER.glob("*/train"))


def identities(folder: Path) -> list[str]:
    return [json.loads(p.with_suffix(".json").read_text())["identity"] for p in pictures_in(folder)]


def test_they_are_few_bytes_and_stand_where_the_suite_looks() -> None:
    suite = load_suite("mini")
    assert suite.beside("face", None) == suite.beside("face", TESTS)
    assert suite.beside("face", Path("elsewhere")) == Path("elsewhere/face")
    beside = suite.beside("face", None)
    assert beside is not None
    assert beside.resolve() == (FOLDER / "face").resolve()
    assert {pool.parent.name for pool in POOLS} == set(suite.splits)
    for pool in POOLS:
        assert sum(path.stat().st_size for path in pool.iterdir()) <= 600_000
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()) <= 5_000_000


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.parent.name)
def test_a_pool_has_24_pictures_of_as_many_identities_of_another_seed(pool: Path) -> None:
    assert is_rendered(pool)
    shown = identities(pool)
    assert len(shown) == len(set(shown)) == 24
    assert all(identity.startswith("7-") for identity in shown)
    assert {read_rgb(path).shape for path in pictures_in(pool)} == {(128, 128, 3)}


def test_each_tested_face_has_another_view() -> None:
    views, tests = FOLDER / "face" / "views", TESTS / "face"
    assert is_rendered(views)
    assert sorted(identities(views)) == sorted(identities(tests))
    by_identity = dict(zip(identities(views), pictures_in(views), strict=True))
    for identity, path in zip(identities(tests), pictures_in(tests), strict=True):
        one, other = (read_rgb(p).astype(np.float32) for p in (path, by_identity[identity]))
        assert np.abs(one - other).mean() > 3  # grey levels: no copy under other grain
