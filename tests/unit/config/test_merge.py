"""Every option stands in one place, and those who disagree are named (R-CONF-1, R-CONF-6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gureum.config.merge import merge, settle
from gureum.config.setting import Option, Setting
from gureum.errors import ConfigError
from gureum.state.secrets import Secret

Make = Callable[..., Option]
RATIO = "nova.conf DEFAULT cpu_allocation_ratio"


def ratio(*options: Option) -> Setting:
    return merge(options).files["nova.conf"]["DEFAULT"]["cpu_allocation_ratio"]


def test_two_services_that_disagree_are_both_named_with_their_reasons(opt: Make) -> None:
    """R-CONF-1: three parts that edit one file was the worst mistake."""
    with pytest.raises(ConfigError) as caught:
        merge([opt(RATIO, 4.0, why="VMs idle"), opt(RATIO, 1.0, by="libvirt", why="it emulates")])
    (found,) = caught.value.diagnostics
    assert "nova.conf [DEFAULT] cpu_allocation_ratio" in found.summary
    for part in ("services/nova.py", "services/libvirt.py", "VMs idle", "it emulates", "'4.0'"):
        assert part in found.summary + found.detail
    assert found.hint


def test_every_conflict_is_reported_at_once(opt: Make) -> None:
    options = [opt(RATIO, 1.0), opt(RATIO, 2.0, by="b"), opt(RATIO, 3.0, by="c")]
    options += [opt("nova.conf DEFAULT debug", True), opt("nova.conf DEFAULT debug", False, by="b")]
    with pytest.raises(ConfigError) as caught:
        merge(options)
    assert len(caught.value.diagnostics) == 2
    assert "services/c.py" in caught.value.diagnostics[0].summary


def test_equal_values_merge_and_keep_both_reasons(opt: Make) -> None:
    merged = ratio(opt(RATIO, 4.0, why="VMs idle"), opt(RATIO, 4.0, by="ovn", why="so does OVN"))
    assert merged.why == "VMs idle"
    assert [(one.why, str(one.source)) for one in merged.also] == [
        ("so does OVN", "services/ovn.py")
    ]


def test_the_same_option_said_twice_by_one_service_is_one_reason(opt: Make) -> None:
    assert ratio(opt(RATIO, 4.0), opt(RATIO, 4.0)).also == ()


def test_one_and_true_are_not_the_same(opt: Make) -> None:
    with pytest.raises(ConfigError):
        merge([opt(RATIO, 1), opt(RATIO, True, by="b")])


def test_an_operators_option_wins_and_remembers_what_it_replaced(opt: Make, own: Make) -> None:
    """R-CONF-6."""
    for options in ([opt(RATIO, 4.0), own(RATIO, 8.0)], [own(RATIO, 8.0), opt(RATIO, 4.0)]):
        merged = ratio(*options)
        assert (merged.value, str(merged.source)) == (8.0, "cloud.yaml:7")
        assert merged.instead_of is not None
        assert merged.instead_of.value == 4.0


def test_an_operator_may_say_what_a_service_says(opt: Make, own: Make) -> None:
    merged = ratio(opt(RATIO, 4.0, fixed=True), own(RATIO, 4.0))
    assert merged.value == 4.0
    assert merged.fixed


@pytest.mark.parametrize("value", ["plain", Secret("rabbit://user:password@host")])
def test_what_the_cloud_counts_on_cannot_be_overridden(
    opt: Make, own: Make, value: str | Secret
) -> None:
    """A secret has another end, which gureum sets to the same: no operator can change one alone."""
    address = "nova.conf DEFAULT transport_url"
    service = opt(address, value, fixed=isinstance(value, str), why="its own user")
    with pytest.raises(ConfigError) as caught:
        merge([service, own(address, "rabbit://elsewhere")])
    (found,) = caught.value.diagnostics
    assert "services/nova.py" in found.summary
    assert "cloud.yaml:7" in found.detail + found.hint
    assert "its own user" in found.detail
    assert "password@" not in found.summary + found.detail
    # Where gureum has a secret, the operator's value is meant to be one as well.
    assert ("elsewhere" in found.detail) is isinstance(value, str)


def test_operators_who_disagree_are_a_conflict_too(own: Make) -> None:
    with pytest.raises(ConfigError):
        merge([own(RATIO, 1.0, line=3), own(RATIO, 2.0, line=9)])


def test_what_is_not_in_conflict_can_be_checked_on(opt: Make, own: Make) -> None:
    """Mistakes of both kinds are told at once: a conflict hides no misspelt option."""
    wrong = "nova.conf DEFAULT cpu_alocation_ratio"
    tree, conflicts = settle([opt(RATIO, 1.0), opt(RATIO, 2.0, by="b"), own(wrong, 4.0)])
    assert list(tree.files["nova.conf"]["DEFAULT"]) == ["cpu_alocation_ratio"]
    assert len(conflicts) == 1
