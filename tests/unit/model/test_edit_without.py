"""Keys are taken out of a cloud.yaml, and nothing else of it changes."""

from __future__ import annotations

import pytest

from gureum.model.edit import without

TEXT = """\
# Our cloud.
name: prod
hosts:
  controller:
    roles: [controller, network]  # the only one

  # The first rack.
  compute-1:
    roles: [compute]
    config:
      nova.conf:
        DEFAULT:
          cpu_allocation_ratio: 2.0  # it is an old one
      # inside
  compute-2: {roles: [compute], address: 192.0.2.7}   # spare

networks:
  management: {cidr: 192.0.2.0/24}
"""


def lines_gone(before: str, after: str) -> list[str]:
    """Return the lines that `after` lacks; it must hold all others, in order."""
    left = iter(after.splitlines())
    wanted = next(left, None)
    gone = []
    for line in before.splitlines():
        if line == wanted:
            wanted = next(left, None)
        else:
            gone.append(line)
    assert wanted is None
    return gone


def test_a_host_of_several_lines_goes_with_what_stands_inside_of_it() -> None:
    gone = lines_gone(TEXT, without(TEXT, ("hosts", "compute-1")))
    assert gone == [
        "  compute-1:",
        "    roles: [compute]",
        "    config:",
        "      nova.conf:",
        "        DEFAULT:",
        "          cpu_allocation_ratio: 2.0  # it is an old one",
        "      # inside",
    ]


def test_a_host_of_one_line_goes_alone() -> None:
    gone = lines_gone(TEXT, without(TEXT, ("hosts", "compute-2")))
    assert gone == ["  compute-2: {roles: [compute], address: 192.0.2.7}   # spare"]


@pytest.mark.parametrize(
    ("host", "left"),
    [
        ("a", "hosts: {b: {roles: [compute]}, c: {roles: [compute]}}\n"),
        ("b", "hosts: {a: {roles: [compute]}, c: {roles: [compute]}}\n"),
        ("c", "hosts: {a: {roles: [compute]}, b: {roles: [compute]}}\n"),
    ],
)
def test_hosts_in_braces_go_with_their_comma(host: str, left: str) -> None:
    text = "hosts: {a: {roles: [compute]}, b: {roles: [compute]}, c: {roles: [compute]}}\n"
    assert without(text, ("hosts", host)) == left


def test_the_last_key_of_a_file_without_a_final_newline_goes() -> None:
    text = "hosts:\n  a:\n    roles: [compute]\n  b:\n    roles: [compute]"
    assert without(text, ("hosts", "b")) == "hosts:\n  a:\n    roles: [compute]\n"


def test_a_host_that_others_take_after_is_left_to_a_person() -> None:
    text = "hosts:\n  a: &rack\n    roles: [compute]\n  b: *rack\n"
    with pytest.raises(ValueError, match=r"hosts\.a"):
        without(text, ("hosts", "a"))
    assert without(text, ("hosts", "b")) == "hosts:\n  a: &rack\n    roles: [compute]\n"


def test_a_host_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError):
        without(TEXT, ("hosts", "compute-9"))
