"""Whatever text a cloud.yaml holds, the answer is a cloud or a list of mistakes, and no crash."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.model.load import load

PIECES = (
    *("hosts", "one", "roles", "controller", "config", "null", "1.10", "true", "\n", "  "),
    *(":", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "<<: ", "!x ", "#", "|", "---\n"),
    *("\t", "\r\n"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_whatever_is_written_the_answer_is_a_cloud_or_mistakes(text: str) -> None:
    found: tuple[Diagnostic, ...] = ()
    try:
        cloud = load(Path("cloud.yaml"), text).cloud
    except InputError as error:
        found = error.diagnostics
    assert found or cloud.hosts
