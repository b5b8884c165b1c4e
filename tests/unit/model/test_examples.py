"""Every example is an input that gureum takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.model.load import load

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_an_example_is_right(path: Path) -> None:
    """R-TOPO-6: one format for every shape."""
    assert load(path).cloud.hosts


def test_there_are_examples() -> None:
    assert EXAMPLES
