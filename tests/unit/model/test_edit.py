"""A cloud.yaml is edited where the edit belongs, and stays its author's everywhere else."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from gureum.model.commented import commented
from gureum.model.default import all_in_one
from gureum.model.edit import edited
from gureum.model.load import load
from gureum.model.problem import KeyPath

RATIO: KeyPath = ("config", "nova.conf", "DEFAULT", "cpu_allocation_ratio")
MINE = """\
# mine
name: "x"
hosts:
    one:   # the first
        roles: [controller,  network, compute]

        nics: {provider: 'eth1'}
        # nothing more

config:
    nova.conf:
        DEFAULT:
            debug: true   # noisy

            # the ratio
            cpu_allocation_ratio: "4.0"
            filters:
                - a
                - b   # last
            text: |
                some
                lines
            # the end
    neutron.conf:
        DEFAULT: {a: 1,   b: '2'}
    glance-api.conf: {}
networks:
    management:
        cidr: 10.0.0.0/24
"""


def changed(text: str, path: KeyPath, value: Any) -> list[str]:
    """Return the lines that an edit takes away and puts in."""
    lines = difflib.ndiff(text.splitlines(), edited(text, {path: value}).splitlines())
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("address", "value", "lines"),
    [
        (("nova.conf", "DEFAULT", "debug"), False, [("-", "true"), ("+", "false")]),
        (("nova.conf", "DEFAULT", "cpu_allocation_ratio"), 16.0, [("-", '"4.0"'), ("+", '"16.0"')]),
    ],
)
def test_a_value_is_replaced_in_its_quotes(
    address: tuple[str, ...], value: Any, lines: list[tuple[str, str]]
) -> None:
    found = changed(MINE, ("config", *address), value)
    assert [(line[0], line.split(": ")[1].split()[0]) for line in found] == lines


def test_the_comment_beside_a_value_stays() -> None:
    assert "debug: false   # noisy" in edited(
        MINE, {("config", "nova.conf", "DEFAULT", "debug"): False}
    )


def test_a_list_and_a_block_text_become_one_value() -> None:
    path = ("config", "nova.conf", "DEFAULT")
    text = edited(MINE, {(*path, "filters"): ("c", "d"), (*path, "text"): "one: two"})
    assert "filters: [c, d]   # last\n" in text
    assert 'text: "one: two"\n            # the end\n' in text


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (
            ("config", "nova.conf", "libvirt", "virt_type"),
            ["+         libvirt:", "+             virt_type: v"],
        ),
        (("config", "nova.conf", "DEFAULT", "host"), ["+             host: v"]),
        (
            ("config", "neutron.conf", "DEFAULT", "c"),
            ["-         DEFAULT: {a: 1,   b: '2'}", "+         DEFAULT: {a: 1,   b: '2', c: v}"],
        ),
        (
            ("config", "glance-api.conf", "DEFAULT", "c"),
            [
                "-     glance-api.conf: {}",
                "+     glance-api.conf:",
                "+         DEFAULT:",
                "+             c: v",
            ],
        ),
        (
            ("hosts", "one", "config", "nova.conf", "DEFAULT", "c"),
            [
                "+         config:",
                "+             nova.conf:",
                "+                 DEFAULT:",
                "+                     c: v",
            ],
        ),
        (("region",), ["+ region: v"]),
    ],
)
def test_missing_keys_are_made_at_the_end_of_their_mapping(path: KeyPath, lines: list[str]) -> None:
    """With the indentation of the file, and behind the comments that belong to the mapping."""
    assert [line for line in changed(MINE, path, "v") if line.strip("+- ")] == lines


def test_the_file_that_init_writes_is_edited_below_its_example() -> None:
    text = commented(all_in_one())
    found = edited(text, {RATIO: 16.0})
    assert found.startswith(text)
    assert load(None, found).cloud.config["nova.conf"]["DEFAULT"] == {"cpu_allocation_ratio": 16.0}


@pytest.mark.parametrize("end", ["config:\n", "config: ~ # none\n", "config: {}\n", "config:", ""])
def test_a_key_without_a_value_is_filled(end: str) -> None:
    text = f"name: x\nhosts:\n  one:\n    roles:\n    - controller\n{end}"
    found = edited(text, {RATIO: 16.0})
    assert found.count("config:") == 1
    assert found.endswith("  nova.conf:\n    DEFAULT:\n      cpu_allocation_ratio: 16.0\n")


@pytest.mark.parametrize(
    "value", ["True", "1.50", "0640", "", "a: b", "# no", "ü", "[x", "'q'", '"']
)
def test_a_text_is_read_back_as_the_same_text(value: str) -> None:
    path: KeyPath = ("config", "nova.conf", "DEFAULT", "debug")
    found = load(None, edited(MINE.replace("glance-api.conf: {}", ""), {path: value}))
    assert found.cloud.config["nova.conf"]["DEFAULT"]["debug"] == value


def test_a_byte_order_mark_stays() -> None:
    assert edited("\ufeffname: x\n", {("region",): "y"}) == "\ufeffname: x\nregion: y\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &o {b: 1}\nhosts: *o\n", ("hosts", "two", "c")),
        ("x: &b\n  nova.conf: {DEFAULT: {a: 1}}\nconfig:\n  <<: *b\n", RATIO),
        ("config: 5\n", RATIO),
        ("config: [1]\n", RATIO),
        ("{config: , name: x}\n", RATIO),
    ],
)
def test_what_a_person_has_to_decide_is_refused(text: str, path: KeyPath) -> None:
    with pytest.raises(ValueError, match=r"config|hosts"):
        edited(text, {path: 1})
