"""What a rule says to one user, and which part of it decided."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.policy.verdict import RealUser, Rules

RULES = Rules(
    {
        "admin": "role:admin",
        "owner": "project_id:%(project_id)s",
        "both": "rule:admin or role:member and rule:owner",
        "shared": "field:networks:shared=True",
        "device": "field:port:device_owner=~^network:",
        "visible": "'public':%(visibility)s or rule:owner",
        "domain": "token.domain.id:%(target.domain.id)s",
        "service": "service_roles:service",
        "none": "None:%(target.domain_id)s",
        "circle": "rule:circle or role:admin",
        "broken": "role:",
        "not_admin": "not rule:admin",
        "unfound": "rule:nowhere",
        "elsewhere": "http://%(host)s/ask",
        "by_role": "role:%(wanted)s",
    }
)
TOKEN: dict[str, Any] = {
    "roles": ["Member", "reader"],
    "project_id": "p1",
    "user_id": "u1",
    "is_admin": False,
    "token": {"domain": {"id": "d1"}},
    "service_roles": ["service", "other"],
}


@pytest.mark.parametrize(
    ("rule", "target", "allowed"),
    [
        ("admin", {}, False),
        ("not_admin", {}, True),
        ("owner", {"project_id": "p1"}, True),
        ("owner", {"project_id": "p2"}, False),
        ("owner", {}, False),
        ("both", {"project_id": "p1"}, True),
        ("shared", {"shared": True}, True),
        ("shared", {"shared": False}, False),
        ("shared", {}, False),
        ("device", {"device_owner": "network:dhcp"}, True),
        ("device", {"device_owner": "compute:nova"}, False),
        ("visible", {"visibility": "public"}, True),
        ("visible", {"visibility": "private", "project_id": "p2"}, False),
        ("domain", {"target.domain.id": "d1"}, True),
        ("service", {}, True),
        ("none", {"target.domain_id": None}, True),
        ("none", {"target.domain_id": "d1"}, False),
        ("circle", {}, False),
        ("broken", {}, False),
        ("unfound", {}, False),
        ("elsewhere", {"host": "h"}, False),
        ("by_role", {"wanted": "MEMBER"}, True),
    ],
)
def test_a_rule_decides(rule: str, target: dict[str, Any], allowed: bool) -> None:
    assert RULES.decide(rule, RealUser(TOKEN, target)).allowed is allowed


def test_the_first_alternative_that_allows_is_named() -> None:
    parts = RULES.decide("both", RealUser(TOKEN, {"project_id": "p1"})).parts
    assert [part.check for part in parts] == ["role:member", "project_id:%(project_id)s"]
    assert parts[1].through == ("owner",)
    assert "Member, reader" in parts[0].why


def test_all_that_stands_in_the_way_is_named() -> None:
    parts = RULES.decide("both", RealUser(TOKEN, {"project_id": "p2"})).parts
    assert [(part.check, part.allows) for part in parts] == [
        ("role:admin", False),
        ("project_id:%(project_id)s", False),
    ]
    assert parts[1].why == "the user has p1, not p2"


def test_what_the_target_lacks_is_named() -> None:
    parts = RULES.decide("owner", RealUser(TOKEN, {})).parts
    assert parts[0].why == "the target has no project_id"
