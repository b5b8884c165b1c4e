"""`gureum policy` without a cloud: what the release and the input say of rules (R-CONF-5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gureum = Callable[..., Any]

HOSTS = "hosts: {one: {roles: [controller, network, compute]}}\n"
FORCED = """\
policy:
  nova:
    "os_compute_api:servers:create:forced_host":
      rule: "role:member"
      why: members test single hosts
"""
MISTAKES = """\
policy:
  neutron:
    create_port: "role:member"
    get_port: {rule: "role:member"}
    get_network: {rule: [a], why: " "}
"""


def test_the_rules_are_listed(gureum: Gureum, snapshot: Any) -> None:
    Path("cloud.yaml").write_text(HOSTS + FORCED)
    assert str(gureum("policy", "list", "nova", "--grep", "create:forced")) == snapshot


def test_a_rule_is_shown(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("policy", "show", "create_port:fixed_ips:ip_address")) == snapshot


def test_own_rules_are_listed_as_json(gureum: Gureum) -> None:
    Path("cloud.yaml").write_text(HOSTS + FORCED)
    *warnings, last = gureum("policy", "list", "--own", "--json").out.splitlines()
    (rule,) = json.loads(last)["rules"]
    assert rule["override"] == "role:member"
    assert rule["source"]["line"] == 4
    assert [json.loads(line)["severity"] for line in warnings] == ["warning"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "novaa"), "did you mean 'nova'?"),
        (("list", "--grep", "no such thing"), "no rule with 'no such thing'"),
        (("list", "--own"), "the input's policy has no rule"),
        (("show", "context_is_admin"), "have a rule 'context_is_admin' each"),
        (("check", "create_port"), "--user"),
        (("check", "create_port", "--user", "u", "--project", "p"), "gureum up"),
        (
            ("check", "create_port", "--user", "u", "--project", "p", "--target", "x"),
            "write it as KEY=VALUE",
        ),
        (("check", "create_prot", "--user", "u", "--project", "p"), "did you mean 'create_port'"),
    ],
)
def test_what_cannot_be_told(gureum: Gureum, words: tuple[str, ...], said: str) -> None:
    ended = gureum("policy", *words)
    assert ended.code == 1
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_mistakes_of_writing_are_all_named(gureum: Gureum, snapshot: Any) -> None:
    Path("cloud.yaml").write_text(HOSTS + MISTAKES)
    assert str(gureum("plan")) == snapshot


def test_a_wrong_policy_stops_a_plan_before_a_host_is_asked(gureum: Gureum) -> None:
    Path("cloud.yaml").write_text(HOSTS + FORCED.replace("forced_host", "forced_hosts"))
    ended = gureum("plan")
    assert ended.code == 1
    assert "cloud.yaml:4: policy.nova" in ended.err
    assert "forced_host'" in ended.err
