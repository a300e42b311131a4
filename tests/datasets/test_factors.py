"""Sidecars of rendered pictures: what they may say, and what is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.core.errors import BenchError
from bench.datasets.factors import Unknown, known_of, read_factors


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no JSON"),
        ("[1]", "no object"),
        ("{}", "no object"),
        ('{"a": ' + "[" * 20_000 + "]" * 20_000 + "}", "no JSON"),
        ('{"a": "' + "x" * 70_000 + '"}', "longer than"),
        (json.dumps({f"f{i}": 1 for i in range(300)}), "300 factors"),
        ('{"../a": 1}', "no name"),
        ('{"A <b>": 1}', "no name"),
        ('{"yaw": Infinity}', "Infinity is no number"),
        ('{"yaw": 1e999}', "finite"),
        ('{"yaw": ' + "9" * 400 + "}", "finite"),
        ('{"yaw": null}', "finite"),
        ('{"hair": {"of": "gold"}}', "finite"),
        ('{"skin": []}', "finite"),
        ('{"skin": [0.1, true, 0.2]}', "finite"),
        ('{"skin": ' + json.dumps([0.5] * 17) + "}", "at most 16"),
        ('{"hair": "' + "x" * 101 + '"}', "100 letters"),
        ('{"hair": "\\u001b[31m"}', "all printable"),
        ('{"hair": "\\ud800"}', "all printable"),
        ('{"hair": "curly", "hair": "straight"}', "'hair' stands in it 2 times"),
    ],
)
def test_strange_sidecars_are_refused_in_words(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BenchError, match=told) as caught:
        read_factors(tmp_path / "a.json")
    assert str(tmp_path) not in str(caught.value)
    assert len(str(caught.value)) < 400
    found = known_of(tmp_path / "a.png", "face")
    assert isinstance(found, Unknown)
    assert found.reason == str(caught.value)
