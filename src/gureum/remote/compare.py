"""Drift: which keys of a reading are not as they are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Drift = dict[str, dict[str, Any]]
"""Differing key -> {"actual": value, "wanted": value}."""


def drift(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Drift:
    """Return the keys of `expected` whose actual value differs, with both values."""
    return {
        key: {"actual": actual.get(key), "wanted": wanted}
        for key, wanted in expected.items()
        if _plain(actual.get(key)) != _plain(wanted)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
