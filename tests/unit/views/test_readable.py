"""What a probe answered, set for people."""

from __future__ import annotations

import pytest

from gureum.views.readable import readable


@pytest.mark.parametrize(
    ("output", "read"),
    [
        ("\x1b[1;32mok\x1b[0m\n", "ok"),
        ("{'a': 1, 'b': [1, 2], 'c': {'d': True}}", "a: 1\nb: 1, 2\nc: d yes"),
        ("[{'name': 'one', 'free': None}]", "- name one, free none"),
        ("[]", "nothing"),
        ("{'a': {'x': 1}, 'b': {'x': 2}, 'c': {… (99 characters)", "a: x 1\nb: x 2\n… (99 characters)"),
        ("{'pid': '3', 'ev… (2241 characters)", "pid: 3\n… (2241 characters)"),
        ("{not data", "{not data"),
        ("", ""),
    ],
)  # fmt: skip
def test_data_becomes_names_and_values_and_text_stays_as_it_is(output: str, read: str) -> None:
    """R-VERIFY-1: evidence that nobody can read proves nothing to them."""
    assert readable(output) == read
