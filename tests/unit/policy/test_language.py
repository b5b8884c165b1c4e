"""The language of policy rules, read as the services read it."""

from __future__ import annotations

import pytest

from gureum.policy.language import All, AnyOf, Leaf, Misspelt, Not, leaves, parse
from gureum.releases import known_releases, load_release

A, B, C, D = (Leaf("role", name) for name in "abcd")


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("", Leaf("@")),
        ("  ", Leaf("@")),
        ("@", Leaf("@")),
        ("!", Leaf("!")),
        ("role:a", A),
        ("role:a or role:b and role:c", AnyOf((A, All((B, C))))),
        ("role:a and role:b or role:c and role:d", AnyOf((All((A, B)), All((C, D))))),
        ("(role:a or role:b) AND not role:c", All((AnyOf((A, B)), Not(C)))),
        ("not (role:a or role:b)", Not(AnyOf((A, B)))),
        ("not not role:a", Not(Not(A))),
        ("((role:a))", A),
        ("role:a\n  or role:b", AnyOf((A, B))),
        ("(project_id:%(network:project_id)s)", Leaf("project_id", "%(network:project_id)s")),
        ("'public':%(visibility)s", Leaf("'public'", "%(visibility)s")),
        ("field:networks:shared=True", Leaf("field", "networks:shared=True")),
    ],
)
def test_a_check_is_read(text: str, check: object) -> None:
    assert parse(text) == check


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("role:a or", "ends where a check should follow", ""),
        ("role:a role:b", "'role:b' stands where `and` or `or` should", ""),
        ("and role:a", "'and' stands where a check should", ""),
        ("(role:a", "opened and not closed", ""),
        ("role:a)", "a bracket that closes", ""),
        ("()", "a bracket that closes", ""),
        ("member", "'member' is no check", "role:member"),
        ("role: member", "nothing after its colon", "no blanks"),
        (":member", "nothing before its colon", ""),
        ("project_id:%(project_id)", "cannot read", "the s included"),
        ("project_id:%project_id", "cannot read", "%(project_id)s"),
        ("(" * 5000 + "role:a" + ")" * 5000, "nested too deeply", ""),
        ("not " * 5000 + "role:a", "nested too deeply", ""),
    ],
)
def test_what_no_service_could_read_is_told_in_words(text: str, said: str, hint: str) -> None:
    with pytest.raises(Misspelt) as error:
        parse(text)
    assert said in str(error.value)
    assert hint in error.value.hint


@pytest.mark.parametrize("release", known_releases())
def test_every_rule_of_the_release_is_read_and_refers_to_rules_that_exist(release: str) -> None:
    """R-CONF-5: what upstream writes is good input."""
    for service in load_release(release).services_with_policies:
        rules = load_release(release).policies(service)
        for rule in rules.values():
            referred = {leaf.match for leaf in leaves(parse(rule.check)) if leaf.kind == "rule"}
            assert referred <= set(rules), rule
