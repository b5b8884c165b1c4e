"""R-PREP-1: what `gureum host add` makes of what was typed, before any host is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.errors import InputError
from gureum.operate.host_add import Wanted, draft

KEYS = {"c": ("192.0.2.11", ["controller"]), "n": ("ops@192.0.2.12:2222", ["network"])}


def test_a_cloud_is_begun_and_says_what_it_lacks(tmp_path: Path) -> None:
    begun = draft(tmp_path / "cloud.yaml", "shop", Wanted("c", "192.0.2.11", ["controller"]))
    assert begun.new_file
    assert begun.loaded.cloud.name == "shop"
    assert [problem.summary for problem in begun.lacks] == [
        "no host has the role network",
        "no host has the role compute",
        "networks.provider.cidr is missing",
    ]
    assert not (tmp_path / "cloud.yaml").exists()


def test_hosts_come_one_by_one_and_comments_stay(tmp_path: Path) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text("# mine\nnetworks:\n  provider: {cidr: 203.0.113.0/24}  # rented\n")
    for name, (place, roles) in KEYS.items():
        file.write_text(draft(file, None, Wanted(name, place, roles)).loaded.text)
    wanted = Wanted(
        "d", "rack7", ["compute"], jump="gate", address="192.0.2.13", nics={"provider": "eth1"}
    )
    begun = draft(file, None, wanted)
    text = begun.loaded.text
    assert text.startswith("# mine\n")
    assert "# rented" in text
    assert begun.lacks == []
    host = begun.loaded.cloud.hosts["d"]
    assert (host.ssh_host, str(host.address), host.jump) == ("rack7", "192.0.2.13", "gate")
    assert host.nics == {"provider": "eth1"}
    assert begun.loaded.cloud.hosts["n"].port == 2222
    assert begun.target.where().endswith("@rack7:22 through gate")


def test_this_machine_is_a_host_too(tmp_path: Path) -> None:
    wanted = Wanted("here", "local", ["compute"], address="192.0.2.9")
    begun = draft(tmp_path / "cloud.yaml", None, wanted)
    assert begun.target.is_local


@pytest.mark.parametrize(
    ("wanted", "summary", "hint"),
    [
        (Wanted("c", "192.0.2.1", ["compute"]), "there is a host 'c' already", "another name"),
        (Wanted("x", "192.0.2.1", ["comptue"]), "no role 'comptue'", "'compute'"),
        (Wanted("x", "192.0.2.1", []), "it has no role", "--role compute"),
        (Wanted("x", "a b", ["compute"]), "no place that ssh could go to", "root@192.0.2.11"),
        (
            Wanted("x", "192.0.2.1", ["compute"], nics={"tunel": "eth1"}),
            "no network 'tunel'",
            "'tunnel'",
        ),
        (Wanted("x", "192.0.2.11", ["compute"]), "one address, 192.0.2.11", "correct the address"),
        (Wanted("X", "192.0.2.1", ["compute"]), "'X' cannot be a name", "call it 'x'"),
        (Wanted("x", "-oProxyCommand=x", ["compute"]), "ssh_host cannot be", "correct it"),
    ],
)
def test_mistakes_are_told_before_a_host_is_asked(
    tmp_path: Path, wanted: Wanted, summary: str, hint: str
) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text(draft(file, None, Wanted("c", "192.0.2.11", ["controller"])).loaded.text)
    before = file.read_text()
    with pytest.raises(InputError) as caught:
        draft(file, None, wanted)
    told = [problem for problem in caught.value.diagnostics if summary in problem.summary]
    assert told, caught.value.diagnostics
    assert hint in told[0].hint
    assert file.read_text() == before


def test_a_lab_takes_no_servers(tmp_path: Path) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text("hosts:\n  one: {roles: [controller, network, compute]}\n")
    with pytest.raises(InputError) as caught:
        draft(file, None, Wanted("d", "192.0.2.13", ["compute"]))
    assert "one by lab" in caught.value.diagnostics[0].summary
