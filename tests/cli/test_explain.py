"""`gureum explain` from the command line: a cloud that nobody built, words that mean nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gureum = Callable[..., Any]


def test_an_option_of_a_cloud_that_is_yet_to_be_built(gureum: Gureum, snapshot: Any) -> None:
    """R-CONF-2: why, by whom, upstream's word, who restarts, how to change it."""
    ended = gureum("explain", "placement.conf", "[keystone_authtoken]", "region_name")
    assert str(ended) == snapshot
    assert not Path("home").exists()


def test_an_option_that_is_left_at_its_default(gureum: Gureum, snapshot: Any) -> None:
    assert str(gureum("explain", "placement", "randomize_allocation_candidates")) == snapshot


def test_json_is_one_object_with_stable_keys(gureum: Gureum) -> None:
    found = json.loads(gureum("explain", "--json", "nova.conf", "DEFAULT", "host").out)
    assert set(found) == {"type", "question", "cloud", "release", "seen", "answers"}
    assert found["type"] == "explanation"
    (answer,) = found["answers"]
    assert set(answer) == {
        *("kind", "file", "path", "section", "name", "asked_as", "is_set", "values", "follows"),
        *("upstream", "read_by", "related", "change"),
    }
    assert set(answer["values"][0]) == {
        *("hosts", "value", "secret", "reasons", "instead_of", "instead_of_value", "read_with"),
    }


@pytest.mark.parametrize(
    "words", [("cpu_alocation_ratio",), ("",), ("nova.cnf",), ("[libvrit]", "virt_tpe")]
)
def test_a_name_that_is_none(gureum: Gureum, snapshot: Any, words: tuple[str, ...]) -> None:
    assert str(gureum("explain", *words)) == snapshot


def test_a_name_that_is_near_to_none(gureum: Gureum) -> None:
    ended = gureum("explain", "8", "9")
    assert ended.code == 1
    assert "the services are" in ended.err
    assert "hint: gureum explain " in ended.err


def test_commands_lead_to_the_same_cloud(gureum: Gureum) -> None:
    Path("mine.yaml").write_text("hosts: {one: {roles: [controller, network, compute]}}\n")
    ended = gureum("explain", "--file", "mine.yaml", "debug")
    assert "  all of one: gureum explain --file mine.yaml keystone.conf DEFAULT debug" in ended.out
    ended = gureum("explain", "--file", "mine.yaml", "nova.conf", "DEFAULT", "transport_url")
    assert "gureum ssh --file mine.yaml one grep '^transport_url' /etc/nova/nova.conf" in ended.out


@pytest.mark.parametrize("word", ["nova-api", "nova", "nova.conf"])
def test_a_command_that_an_answer_leads_to_is_understood(gureum: Gureum, word: str) -> None:
    out = gureum("explain", "--cloud", "two", word).out
    led = [line.split("gureum ", 1)[1].split() for line in out.splitlines() if "gureum " in line]
    wanted = [words for words in led if words[0] in ("service", "config")]
    assert wanted
    for words in wanted:
        ended = gureum(*words)
        assert "no such option" not in ended.err
        assert "no such command" not in ended.err


THREE = """
networks: {provider: {cidr: 203.0.113.0/24}}
hosts:
  c: {roles: [controller]}
  n: {roles: [network]}
  d: {roles: [compute]}
"""


def test_host_narrows_an_answer(gureum: Gureum) -> None:
    """R-OPS-1: an option that several hosts carry, on one of them."""
    Path("three.yaml").write_text(THREE)
    everywhere = json.loads(gureum("explain", "-f", "three.yaml", "nova.conf", "DEFAULT", "my_ip", "--json").out)  # fmt: skip # noqa: E501
    (answer,) = everywhere["answers"]
    assert {host for value in answer["values"] for host in value["hosts"]} == {"c", "d"}
    ended = gureum("explain", "-f", "three.yaml", "nova.conf", "my_ip", "--host", "d", "--json")
    (answer,) = json.loads(ended.out)["answers"]
    assert [value["hosts"] for value in answer["values"]] == [["d"]]


def test_what_is_on_other_hosts_only_is_told_so(gureum: Gureum) -> None:
    Path("three.yaml").write_text(THREE)
    ended = gureum("explain", "-f", "three.yaml", "keystone.conf", "--host", "d")
    assert ended.code == 1
    assert "'keystone.conf' is not on d" in ended.err
    assert "hint: gureum explain --file three.yaml keystone.conf" in ended.err
    ended = gureum("explain", "-f", "three.yaml", "keystone.conf", "--host", "e", "--host", "x")
    assert "no host is named 'e'" in ended.err
    assert "no host is named 'x'" in ended.err


@pytest.mark.parametrize("word", ["DEFAULT.my_ip", "[DEFAULT].my_ip", "nova.conf.DEFAULT.my_ip"])
def test_a_dot_between_section_and_option_is_understood(gureum: Gureum, word: str) -> None:
    words = [word] if word.startswith("nova") else ["nova.conf", word]
    (answer,) = json.loads(gureum("explain", *words, "--json").out)["answers"]
    assert (answer["file"], answer["section"], answer["name"]) == ("nova.conf", "DEFAULT", "my_ip")
