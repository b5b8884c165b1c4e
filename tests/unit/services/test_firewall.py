"""R-PREP-5: the rules of each host open what its services are for, and the real nft takes them."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import shutil
import subprocess

import pytest

from gureum.model.cloud import Cloud, Host, Role
from gureum.model.firewall import Firewall, Opening
from gureum.remote import firewall
from gureum.remote.compare import drift
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.declaration import OpenTo
from gureum.services.firewall_rules import doors, rules_of, ruleset
from gureum.steps.firewall import FirewallLoaded

THREE = {
    "one": (Role.CONTROLLER,),
    "two": (Role.NETWORK,),
    "three": (Role.COMPUTE,),
    "four": (Role.COMPUTE,),
}


def on(context: Context, host: str, **changes: object) -> Context:
    """Return a host of a cloud of four, each with a role of its own but for two compute hosts."""
    hosts = {name: Host(roles=roles) for name, roles in THREE.items()}
    cloud = Cloud(hosts=hosts).model_copy(update=changes)
    addresses = {name: f"192.0.2.{10 + n}" for n, name in enumerate(hosts, 1)}
    tunnels = {name: a.replace("192.0.2", "198.51.100") for name, a in addresses.items()}
    return dataclasses.replace(
        context, cloud=cloud, host=host, addresses=addresses, tunnel_addresses=tunnels
    )


def text_of(c: Context) -> str:
    return ruleset(c, rules_of(c, declarations(c)))


def opened(c: Context) -> dict[tuple[str, int], OpenTo]:
    return {(r.protocol, r.first): r.open_to for r in rules_of(c, declarations(c))}


def test_a_controller_opens_each_port_to_whom_it_is_for(context: Context) -> None:
    found = opened(on(context, "one"))
    assert found["tcp", 22] is OpenTo.EVERYONE
    assert found["tcp", 5000] is OpenTo.EVERYONE
    assert found["tcp", 3306] is OpenTo.CONTROLLERS
    assert found["tcp", 11211] is OpenTo.CONTROLLERS
    assert found["tcp", 5672] is OpenTo.CLOUD
    assert found["udp", 123] is OpenTo.CLOUD
    assert found["tcp", 8775] is OpenTo.CLOUD
    assert ("udp", 6081) not in found
    assert ("tcp", 5900) not in found


def test_a_compute_host_opens_screens_migration_and_tunnels(context: Context) -> None:
    assert opened(on(context, "three")) == {
        ("tcp", 22): OpenTo.EVERYONE,
        ("tcp", 5900): OpenTo.CONTROLLERS,
        ("tcp", 16514): OpenTo.COMPUTES,
        ("tcp", 16522): OpenTo.COMPUTES,
        ("tcp", 49152): OpenTo.COMPUTES,
        ("udp", 6081): OpenTo.TUNNELS,
    }
    text = text_of(on(context, "three"))
    assert "elements = { 198.51.100.12, 198.51.100.13, 198.51.100.14 }" in text
    assert "elements = { 192.0.2.13, 192.0.2.14 }" in text


def test_a_network_host_opens_ssh_and_tunnels_alone(context: Context) -> None:
    assert set(opened(on(context, "two"))) == {("tcp", 22), ("udp", 6081)}


def test_nothing_of_the_loopback_is_opened(context: Context) -> None:
    declared = declarations(context)
    loopback = {p.number for d in declared for p in d.ports if p.address.startswith("127.")}
    served = {p.port for d in declared for p in d.proxied}
    assert loopback - served
    assert not {r.first for r in rules_of(context, declared)} & (loopback - served)


def test_nobody_is_locked_out_of_ssh(context: Context) -> None:
    """Both the port that gureum comes by and the one that the server was seen on stay open."""
    hosts = {"one": Host(roles=THREE["one"] + THREE["two"] + THREE["three"], port=2222)}
    facts = dataclasses.replace(context.facts, ssh_ports=(22, 2200))
    c = dataclasses.replace(context, cloud=Cloud(hosts=hosts), facts=facts)
    everyone = {r.first for r in rules_of(c, declarations(c)) if r.open_to is OpenTo.EVERYONE}
    assert {22, 2200, 2222} <= everyone


def test_the_operators_openings_come_on_top(context: Context) -> None:
    allow = (
        Opening(port=9100, source=ipaddress.IPv4Network("203.0.113.0/24"), why='the "monitoring"'),
        Opening(port="60000-60100", protocol="udp", hosts=("three",), why="mosh " * 60),
    )
    changed = {"firewall": Firewall(allow=allow)}
    assert "ip saddr 203.0.113.0/24 tcp dport 9100 accept" in text_of(on(context, "one", **changed))
    assert "60000" not in text_of(on(context, "one", **changed))
    assert "udp dport 60000-60100 accept" in text_of(on(context, "three", **changed))


def test_without_the_firewall_the_table_goes(context: Context) -> None:
    text = text_of(on(context, "one", firewall=Firewall(enabled=False)))
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "table inet gureum",
        "delete table inet gureum",
    ]


def test_doors_tell_who_may_come(context: Context) -> None:
    c = on(context, "one")
    found = {door.port: door for door in doors(c, declarations(c))}
    assert found[5000].everyone
    assert not found[3306].everyone
    assert found[3306].peers == ("192.0.2.11",)
    assert set(found[5672].peers) == set(c.addresses.values())
    off = on(context, "one", firewall=Firewall(enabled=False))
    assert doors(off, declarations(off)) == ()


@pytest.mark.skipif(not shutil.which("nft"), reason="nft is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="takes a network namespace of its own")
class TestWithTheRealNft:
    """Every ruleset is loaded into a network namespace that goes away with the command."""

    @pytest.mark.parametrize("host", THREE)
    def test_it_takes_the_rules_twice(self, context: Context, host: str) -> None:
        allow = (Opening(port="60000-60100", protocol="udp", why='mosh "and" ' * 30),)
        text = text_of(on(context, host, firewall=Firewall(allow=allow)))
        done = subprocess.run(
            ["unshare", "--net", "sh", "-c", "nft -f - < $0 && nft -f - < $0", "/dev/stdin"],
            input=text * 2,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_table_that_is_not_there_reads_as_drift(self, context: Context) -> None:
        state = FirewallLoaded(table="gureum_nobody", rules=text_of(context))
        other = state.rules.replace("inet gureum", "inet gureum_nobody")
        state = dataclasses.replace(state, rules=other)
        reading = firewall.read(state.spec())
        assert not reading["_exists"]
        assert 'tcp dport 22 accept comment "base: SSH"' in reading["missing"]
        assert drift(state.expected(), reading)

    def test_no_rules_want_no_table(self) -> None:
        rules = "table inet gureum_nobody\ndelete table inet gureum_nobody\n"
        state = FirewallLoaded(table="gureum_nobody", rules=rules)
        assert not drift(state.expected(), firewall.read(state.spec()))
