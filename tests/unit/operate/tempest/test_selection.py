"""R-SVC-5: what is typed becomes an expression of tests' names, or an error that names the nearest."""

from __future__ import annotations

import re

import pytest

from gureum.errors import GureumError
from gureum.operate.tempest.selection import EVERYTHING, SELECTIONS, patterns


def test_words_and_expressions_stand_side_by_side() -> None:
    """R-SVC-5: several selections are one run."""
    found = patterns(["network", r"test_network_basic_ops", r"tempest\.api\.compute\.servers"])
    assert found[0] == r"^tempest\.api\.network\."
    assert found[1:] == ["test_network_basic_ops", r"tempest\.api\.compute\.servers"]


def test_smoke_is_what_the_name_of_a_test_says_of_itself() -> None:
    """R-SVC-5: attributes stand behind a test's name."""
    [smoke] = patterns(["smoke"])
    assert re.search(smoke, "tempest.api.network.test_x.T.test_y[id-1a2b,network,smoke]")
    assert not re.search(smoke, "tempest.api.network.test_smoke.T.test_smoke_y[id-1a2b]")


def test_the_guideline_for_interoperability_goes_by_ids() -> None:
    """R-SVC-6, R-SVC-7: what it requires of compute and of an object store, each its own list."""
    compute, storage = patterns(["interop-compute", "interop-storage"])
    versions = (
        "tempest.api.compute.test_versions.T.test_list[id-6c0a0990-43b6-4529-9b61-5fd8daf7c55c]"
    )
    assert re.search(compute, versions)
    assert not re.search(storage, versions)
    assert (compute.count("|") + 1, storage.count("|") + 1) == (217, 58)
    assert not re.search(
        compute, "tempest.api.compute.T.test_x[id-00000000-43b6-4529-9b61-5fd8daf7c55c]"
    )


@pytest.mark.parametrize(
    ("words", "told", "hint"),
    [
        (["netwrok"], "'netwrok': neither a selection", "did you mean 'network'?"),
        (["a_b("], "'a_b(': no regular expression", "gureum tempest --list"),
        (["test_a test_b"], "cannot hold a blank", "gureum tempest --list"),
        ([""], "'': neither a selection", "gureum tempest --list"),
    ],
)
def test_mistakes_are_told(words: list[str], told: str, hint: str) -> None:
    """R-SVC-5: nothing is installed or made for a word that selects nothing."""
    with pytest.raises(GureumError) as caught:
        patterns(words)
    assert told in caught.value.detail
    assert hint in caught.value.hint


def test_all_mistakes_are_told_at_once() -> None:
    """R-SVC-5: whoever mistyped two words is told of both."""
    with pytest.raises(GureumError) as caught:
        patterns(["netwrok", "compute", "a_b("])
    assert caught.value.detail.count("\n") == 1


def test_the_default_is_a_selection() -> None:
    """R-SVC-5: `gureum tempest` alone runs something."""
    assert EVERYTHING in {one.name for one in SELECTIONS}
