"""`gureum config` without a host: what it shows, and what it says to mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gureum = Callable[..., Any]

HOSTS = "name: c\nhosts:\n  one:\n    roles: [controller, network, compute]\n"


def test_all_files_are_listed_with_their_readers(gureum: Gureum) -> None:
    ended = gureum("config", "show")
    assert ended.code == 0
    (line,) = [one for one in ended.out.splitlines() if "/etc/placement/placement.conf" in one]
    assert line.split() == [
        "one",
        "/etc/placement/placement.conf",
        "root:placement",
        "0640",
        "placement-api",
    ]


def test_a_file_is_shown_with_reasons_and_without_secrets(gureum: Gureum) -> None:
    """R-CONF-2: every option says why it is set and who says so; secrets are not shown."""
    Path("cloud.yaml").write_text(HOSTS + "config: {nova.conf: {DEFAULT: {debug: true}}}\n")
    ended = gureum("config", "show", "nova.conf")
    assert ended.code == 0
    lines = ended.out.splitlines()
    debug = lines.index("debug = true")
    assert lines[debug - 1] == "# the operator wants it so on every host (cloud.yaml:5)"
    assert "transport_url = ***" in lines
    options = [number for number, line in enumerate(lines) if " = " in line and line[0] != "#"]
    assert len(options) > 40
    assert all(lines[number - 1].startswith("# ") for number in options)
    assert not [line for line in lines if line.startswith("password = ") and "***" not in line]


def test_a_whole_text_is_shown_and_a_secret_one_is_not(gureum: Gureum) -> None:
    assert "balance leastconn" in gureum("config", "show", "haproxy.cfg").out
    hidden = gureum("config", "show", "/etc/haproxy/gureum.pem").out
    assert "the whole file is secret" in hidden
    assert "BEGIN" not in hidden


def test_it_is_data_for_programs(gureum: Gureum) -> None:
    found = json.loads(gureum("config", "show", "nova.conf", "--json").out)
    assert found["type"] == "config_file"
    (file,) = found["files"]
    assert (file["host"], file["mode"], file["revealed"]) == ("one", "0640", False)
    assert "nova-compute" in file["units"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nova.cnf"), "hint: did you mean 'nova.conf'"),
        (("show", ""), "hint: gureum config show lists them all"),
        (("show", "--host", "oen"), "hint: did you mean 'one'?"),
        (("diff", "nova.cnf"), "hint: did you mean 'nova.conf'"),
        (("diff", "--host", "two"), "hint: it has: one"),
        (("diff",), "the lab host 'one' of the cloud 'cloud' is not made yet"),
        (("adopt", "haproxy.cfg"), "gureum writes it whole"),
        (("adopt", "nova.conf"), "config adopt --write nova.conf writes ./cloud.yaml with it"),
        (("adopt", "nova.conf", "--write"), "is not made yet"),
        (("show", "nova.conf", "--reveal"), "this cloud has no secrets yet"),
    ],
)
def test_a_mistake_is_told_with_a_way_out(
    gureum: Gureum, arguments: tuple[str, ...], said: str
) -> None:
    ended = gureum("config", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert "hint: " in ended.err
    assert "Traceback" not in ended.err
    assert not Path("cloud.yaml").exists()
