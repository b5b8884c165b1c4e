"""R-PREP-1: ssh's own configuration is obeyed, and jumps are gone through with the host's own key."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gureum.hosts import Jump, Target
from gureum.hosts.openssh import resolve, through

NEEDS_SSH = pytest.mark.skipif(
    not shutil.which("ssh"), reason="needs ssh: apt-get install openssh-client"
)


@NEEDS_SSH
def test_a_name_that_no_configuration_knows_is_gone_to_as_root() -> None:
    found = resolve("nobody-knows.invalid")
    assert (found.user, found.hostname, found.port, found.indirect) == (
        "root",
        "nobody-knows.invalid",
        22,
        False,
    )


@NEEDS_SSH
def test_what_is_given_goes_before_the_configuration() -> None:
    found = resolve("nobody-knows.invalid", "ops", 2222)
    assert (found.user, found.port) == ("ops", 2222)


@NEEDS_SSH
def test_ssh_reads_a_way_through_two_jumps_as_it_is_meant(tmp_path: Path) -> None:
    """Each ssh on the way expands its own %h and %p, and no other's."""
    known = tmp_path / "100% known"
    target = Target(
        "d",
        address="192.0.2.13",
        identity=Path("/keys/one"),
        known_hosts=(known,),
        jumps=(Jump("gate.example", "ops", 2222), Jump("inner")),
    )
    done = subprocess.run(
        ["ssh", "-G", *target.ssh_options(), "-l", "root", target.destination],
        capture_output=True,
        text=True,
        check=True,
    )
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    inner = shlex.split(expanded(said["proxycommand"], h="192.0.2.13", p="22"))
    assert inner[-2:] == ["[192.0.2.13]:22", "inner"]
    option = next(word for word in inner if word.startswith("ProxyCommand="))
    outer = shlex.split(expanded(option.removeprefix("ProxyCommand="), h="inner", p="22"))
    assert outer[-2:] == ["[inner]:22", "gate.example"]
    files = next(word for word in outer if word.startswith("UserKnownHostsFile="))
    assert expanded(files) == f'UserKnownHostsFile="{known}"'
    assert outer[outer.index("-l") : outer.index("-p") + 2] == ["-l", "ops", "-p", "2222"]
    assert outer[outer.index("-i") + 1] == "/keys/one"


def expanded(text: str, **words: str) -> str:
    """Return what ssh makes of the tokens in a ProxyCommand, or in a file's name."""
    return re.sub("%(.)", lambda found: {"%": "%", **words}[found[1]], text)


def test_a_way_without_jumps_is_none() -> None:
    assert through([]) == ""
    assert Target("d", address="192.0.2.13").way() == []
