"""The policy file that a service reads."""

from __future__ import annotations

from gureum.model.cloud import PolicyOverride
from gureum.policy.written import overrides_in, policy_yaml
from gureum.releases import load_release

RULES = load_release("2026.2").policies("neutron")


def test_only_overrides_are_written_each_with_its_why() -> None:
    """R-CONF-5: the file says what it is for."""
    override = PolicyOverride(rule='role:member or "\n"', why="für alle: # und\n'jeden'")
    text = policy_yaml("neutron", {"create_port": override}, RULES)
    assert overrides_in(text) == {"create_port": override.rule}
    assert text.isascii()
    assert "# f\\xfcr alle: # und 'jeden'\n" in text
    assert "# by default: " in text


def test_a_file_without_overrides_holds_none() -> None:
    assert overrides_in(policy_yaml("neutron", {}, RULES)) == {}


def test_what_is_no_policy_file_holds_none() -> None:
    for text in ("", "- a", "a: [", "just words"):
        assert overrides_in(text) == {}
