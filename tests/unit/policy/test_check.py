"""The operator's policy held against the release before a host is touched (R-CONF-5)."""

from __future__ import annotations

import pytest

from gureum.diagnostics import Diagnostic, Severity
from gureum.errors import InputError
from gureum.model.load import load
from gureum.policy.check import check, new_defaults
from gureum.policy.facts import find, rule_facts
from gureum.releases import load_release

HOSTS = "hosts: {one: {roles: [controller, network, compute]}}\n"
RELEASE = load_release("2026.2")


def found(service: str, rule: str, text: str, more: str = "") -> list[Diagnostic]:
    policy = (
        f'policy:\n  {service}:\n    "{rule}":\n      rule: "{text}"\n      why: a reason\n{more}'
    )
    loaded = load(None, HOSTS + policy)
    return check(loaded.cloud, RELEASE, loaded.locate)


@pytest.mark.parametrize(
    ("service", "rule", "text", "said", "hint", "line"),
    [
        ("novva", "x", "@", "has no policy of such a service", "'nova'", 3),
        ("neutron", "create_prot", "@", "has no such rule", "'create_port'", 4),
        ("neutron", "servers:create", "@", "has no such rule", "gureum policy list neutron", 4),
        ("neutron", "port:fixed_ips", "@", "has no such rule", "'create_port:fixed_ips'", 4),
        ("nova", "create_network", "@", "has no such rule", "under policy.neutron", 4),
        ("neutron", "get_networks_tags", "@", "a deprecated name", "get_network:tags", 4),
        ("nova", "os_compute_api:os-attach-interfaces", "@", "deprecated name", "it was split", 4),
        ("neutron", "get_port", "role:member or", "cannot be read", "e.g.", 5),
        ("neutron", "get_port", "rule:adm_only", "does not have", "'admin_only'", 5),
        ("neutron", "get_port", "rule:get_networks_tags", "does not have", "get_network:tags", 5),
        ("neutron", "get_port", "rule:get_port", "refers to itself", "instead", 5),
        ("neutron", "admin_only", "rule:admin_or_owner or rule:get_agent", "to itself", "", 5),
        ("neutron", "get_port", "rol:admin", "a user has no 'rol'", "'role'", 5),
        ("neutron", "get_port", "project_id:abc", "with an attribute only", "%(project_id)s", 5),
        ("neutron", "get_port", "field:shared", "no comparison", "networks:shared=True", 5),
        ("nova", "admin_api", "field:networks:shared=True", "only neutron compares", "", 5),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_way_out(
    *, service: str, rule: str, text: str, said: str, hint: str, line: int
) -> None:
    errors = [d for d in found(service, rule, text) if d.severity is Severity.ERROR]
    assert len(errors) == 1
    assert said in errors[0].summary
    assert hint in errors[0].hint
    assert errors[0].source is not None
    assert errors[0].source.line == line


@pytest.mark.parametrize(
    ("service", "rule", "text", "said"),
    [
        ("nova", "os_compute_api:servers:create:forced_host", "", "opens to every user"),
        ("nova", "os_compute_api:servers:create", "rule:project_member_or_admin", "word for word"),
        ("nova", "os_compute_api:servers:create", "role:memeber", "the keystone role 'memeber'"),
    ],
)
def test_what_is_odd_is_a_warning(service: str, rule: str, text: str, said: str) -> None:
    (warning,) = found(service, rule, text)
    assert warning.severity is Severity.WARNING
    assert said in warning.summary


def test_a_role_of_the_operators_own_is_no_mistake() -> None:
    assert found("nova", "os_compute_api:servers:create", "role:cloud_operator") == []


def test_a_warning_names_what_becomes_possible_and_why_it_is_wanted() -> None:
    (warning,) = found("nova", "os_compute_api:servers:create:forced_host", "@")
    assert "POST /servers" in warning.detail
    assert "a reason" in warning.detail


def test_a_service_that_this_cloud_lacks_is_refused() -> None:
    loaded = load(None, f"{HOSTS}policy: {{nova: {{admin_api: {{rule: '!', why: x}}}}}}")
    (error,) = check(loaded.cloud, RELEASE, loaded.locate, deployed={"keystone"})
    assert "this cloud has no nova" in error.summary


def test_old_defaults_count_where_the_operator_has_them() -> None:
    option = "config: {nova.conf: {oslo_policy: {enforce_new_defaults: false}}}"
    loaded = load(None, f"{HOSTS}{option}")
    assert not new_defaults(loaded.cloud, "nova")
    assert new_defaults(loaded.cloud, "neutron")
    facts = rule_facts(loaded.cloud, RELEASE, loaded.locate, "os_compute_api:os-services:list")
    assert facts.default == "(rule:context_is_admin) or (rule:admin_api)"


def test_what_is_known_of_a_rule() -> None:
    name = "os_compute_api:servers:create:forced_host"
    policy = f'policy: {{nova: {{"{name}": {{rule: "rule:project_member_or_admin", why: tests}}}}}}'
    loaded = load(None, HOSTS + policy)
    facts = rule_facts(loaded.cloud, RELEASE, loaded.locate, name)
    assert (facts.service, facts.default, facts.check, facts.override, facts.why) == (
        "nova",
        "rule:context_is_admin",
        *["rule:project_member_or_admin"] * 2,
        "tests",
    )
    assert facts.source is not None
    assert facts.source.line == 2
    assert facts.lets == "members of its project, administrators"
    assert facts.operations == (("POST", "/servers"),)


@pytest.mark.parametrize(
    ("spelt", "said", "hint"),
    [
        ("context_is_admin", "cinder and glance and neutron and nova", "cinder:context_is_admin"),
        ("create_prot", "has no policy rule", "'create_port'"),
        ("forced_host", "has no policy rule", "create:forced_host"),
        ("neutron:create_prot", "has no policy rule", "'neutron:create_port'"),
        ("get_networks_tags", "a deprecated name", "neutron:get_network:tags"),
        ("neutron:get_networks_tags", "a deprecated name", "neutron:get_network:tags"),
        ("", "has no policy rule", "gureum policy list"),
    ],
)
def test_a_rule_that_cannot_be_found(spelt: str, said: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        find(RELEASE, spelt)
    assert said in error.value.summary
    assert hint in error.value.hint


def test_a_rule_is_found_with_and_without_its_service() -> None:
    assert find(RELEASE, "create_port:fixed_ips") == ("neutron", "create_port:fixed_ips")
    assert find(RELEASE, "nova:context_is_admin") == ("nova", "context_is_admin")
    assert find(RELEASE, "placement:traits:show") == ("placement", "placement:traits:show")
