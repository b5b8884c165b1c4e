"""Whom a rule lets, in words, from the rules of a real release."""

from __future__ import annotations

import pytest

from gureum.policy.audience import Audience
from gureum.policy.opening import openings
from gureum.policy.verdict import Rules
from gureum.releases import load_release

RELEASE = load_release("2026.2")


@pytest.mark.parametrize(
    ("service", "rule", "words"),
    [
        ("nova", "os_compute_api:servers:create:forced_host", "administrators"),
        ("nova", "os_compute_api:servers:create", "members of its project, administrators"),
        ("nova", "os_compute_api:servers:index", "readers of its project, administrators"),
        ("neutron", "context_with_global_access", "nobody"),
        ("neutron", "regular_user", "every user who can log in"),
        (
            "neutron",
            "create_port:fixed_ips:ip_address",
            "members of its project, services, administrators",
        ),
        (
            "neutron",
            "admin_or_data_plane_int",
            "administrators, users with the role data_plane_integrator",
        ),
        (
            "neutron",
            "shared",
            "under conditions every user who can log in",
        ),
        (
            "keystone",
            "identity:list_services",
            "readers of the whole system, administrators",
        ),
        (
            "keystone",
            "identity:ec2_delete_credential",
            "members to whom it belongs, administrators",
        ),
    ],
)
def test_whom_a_rule_lets(service: str, rule: str, words: str) -> None:
    audience = Audience(Rules(RELEASE.policies(service).checks()))
    assert audience.words(rule) == words


@pytest.mark.parametrize(
    ("service", "rule", "check", "whom", "administrative"),
    [
        (
            "nova",
            "os_compute_api:servers:create:forced_host",
            "",
            "every user who can log in",
            True,
        ),
        (
            "nova",
            "os_compute_api:servers:create:forced_host",
            "rule:project_member_or_admin",
            "members of its project",
            True,
        ),
        ("keystone", "identity:list_users", "@", "every user who can log in", True),
        ("keystone", "identity:list_users", "role:reader", "readers of any project", True),
        (
            "keystone",
            "identity:list_users",
            "user_id:%(user_id)s",
            "the user whom it belongs to",
            True,
        ),
        (
            "nova",
            "os_compute_api:servers:delete",
            "role:member",
            "members of any project",
            False,
        ),
        (
            "nova",
            "os_compute_api:servers:delete",
            "not role:guest",
            "every user who can log in",
            False,
        ),
        (
            "neutron",
            "create_network:shared",
            "field:networks:shared=True or rule:admin_only",
            "every user who can log in",
            True,
        ),
    ],
)
def test_an_override_that_opens_too_much_is_found(
    service: str, rule: str, check: str, whom: str, administrative: bool
) -> None:
    """R-CONF-5: what lets any user do what is an administrator's is never silent."""
    rules = RELEASE.policies(service)
    (found,) = openings(rules, rules.checks(), {rule: check})
    assert (found.rule, found.whom.words, found.administrative) == (rule, whom, administrative)
    assert all(f"{method} {path}" in found.possible for method, path in rules[rule].operations)


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ("os_compute_api:servers:create", "rule:project_reader_or_admin"),
        ("os_compute_api:servers:create", "!"),
        ("os_compute_api:servers:create", "role:admin"),
        ("os_compute_api:servers:create:forced_host", "role:admin or role:cloud_operator"),
        ("os_compute_api:servers:create", "rule:project_member_or_admin"),
    ],
)
def test_one_that_does_not_is_not_warned_of(rule: str, check: str) -> None:
    rules = RELEASE.policies("nova")
    assert list(openings(rules, rules.checks(), {rule: check})) == []


def test_a_rule_that_others_rest_on_opens_them_all() -> None:
    rules = RELEASE.policies("nova")
    (found,) = openings(rules, rules.checks(), {"context_is_admin": "role:admin or role:member"})
    assert len(found.guarded) > 100
    assert "and " in found.possible
    assert "more" in found.possible
    assert found.whom.words == "members of any project"
