"""The life of a compute host: added, drained under running VMs, removed, cut off and back (R-OPS-6).

About 150 s on the shared three hosts: 45 until the new host's VM is proven, 35 for the drain, 25 for the
removal, and the cut.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import PingWatch

from gureum.checks.client import connect
from gureum.lab import Lab
from gureum.model.edit import edited

# The SDK warns of its own parts.
pytestmark = [
    pytest.mark.lab,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
CACHE = Path("/var/cache/gureum")
NEW = "compute-2"
CUT_SECONDS = 25
TOLD_WITHIN = 40
BACK_WITHIN = 90


def until(holds: Callable[[], Any], within: float, what: str) -> Any:
    """Return what `holds` returns once it is true; fails with `what` where it never is."""
    end = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < end, what
        time.sleep(1)
    return found


class Guests:
    """VMs of a test's own, each with a floating IP, on a network of its own."""

    def __init__(self, cloud: Any) -> None:
        self.api = connect(cloud.folder.clouds_yaml, cloud.name)
        network = self.api.network
        self.network = network.create_network(name="life")
        subnet = network.create_subnet(
            name="life", network_id=self.network.id, ip_version=4, cidr="172.30.0.0/24"
        )
        self.outside = next(iter(network.networks(is_router_external=True)))
        self.router = network.create_router(
            name="life", external_gateway_info={"network_id": self.outside.id}
        )
        network.add_interface_to_router(self.router, subnet_id=subnet.id)
        self.subnet = subnet
        self.group = network.create_security_group(name="life")
        network.create_security_group_rule(security_group_id=self.group.id, direction="ingress")
        self.servers: list[str] = []
        self.addresses: list[str] = []

    def boot(self, host: str, *names: str) -> dict[str, tuple[str, str]]:
        """Return id and floating IP of each VM, all of which answer, on this host."""
        image = self.api.image.find_image("gureum-guest", ignore_missing=False)
        flavor = self.api.compute.find_flavor("gureum.tiny", ignore_missing=False)
        asked = {
            name: self.api.compute.create_server(
                name=name,
                image_id=image.id,
                flavor_id=flavor.id,
                networks=[{"uuid": self.network.id}],
                security_groups=[{"name": self.group.id}],
                availability_zone=f":{host}",
            )
            for name in names
        }
        self.servers += [server.id for server in asked.values()]
        found = {}
        for name, server in asked.items():
            assert self.api.compute.wait_for_server(server, wait=180).compute_host == host
            port = next(iter(self.api.network.ports(device_id=server.id)))
            address = self.api.network.create_ip(
                floating_network_id=self.outside.id, port_id=port.id
            )
            self.addresses.append(address.id)
            found[name] = str(server.id), str(address.floating_ip_address)
        for name, (server, at) in found.items():
            try:
                until(lambda at=at: answers(at), 120, f"{name} never answered at {at}")  # type: ignore[misc]
            except AssertionError:
                self._show(str(server))
                raise
        return found

    def _show(self, server: str) -> None:
        """Print what tells a guest that did not boot from a network that does not reach it."""
        said = self.api.compute.get_server_console_output(server, length=60)
        print(said["output"])
        for port in self.api.network.ports(device_id=server):
            print(port.status, port.binding_host_id, port.fixed_ips, port.mac_address)

    def host_of(self, server: str) -> str:
        return str(self.api.compute.get_server(server).compute_host)

    def turn(self, server: str, status: str) -> None:
        """Start or stop a VM and wait until it is so."""
        act = {"SHUTOFF": self.api.compute.stop_server, "ACTIVE": self.api.compute.start_server}
        act[status](server)
        self.api.compute.wait_for_server(self.api.compute.get_server(server), status, wait=90)

    def clean(self) -> None:
        for server in self.servers:
            self.api.compute.delete_server(server, ignore_missing=True)
        for server in self.servers:
            until(lambda s=server: gone(self.api, s), 90, f"{server} is still there")  # type: ignore[misc]
        for address in self.addresses:
            self.api.network.delete_ip(address)
        self.api.network.remove_interface_from_router(self.router, subnet_id=self.subnet.id)
        self.api.network.delete_router(self.router)
        self.api.network.delete_network(self.network)
        self.api.network.delete_security_group(self.group)


def answers(address: str) -> bool:
    return (
        subprocess.run(["ping", "-c1", "-W1", address], capture_output=True, check=False).returncode
        == 0
    )


def gone(api: Any, server: str) -> bool:
    return not [s for s in api.compute.servers() if s.id == server]


@pytest.fixture(scope="module")
def grown(three: Any) -> Iterator[Any]:
    """The shared three nodes with one more compute host, which is gone again afterwards."""
    file = three.folder.path / "cloud.yaml"
    text = file.read_text()
    file.write_text(edited(text, {("hosts", NEW): {"roles": ["compute"]}}))
    began = time.monotonic()
    three.grown_output = three.gureum("up").stderr
    three.grown_seconds = time.monotonic() - began
    yield three
    if NEW in file.read_text():
        three.gureum("host", "remove", "--yes", NEW, check=False)
        file.write_text(text)
        three.gureum("apply")


@pytest.fixture(scope="module")
def guests(grown: Any) -> Iterator[Guests]:
    made = Guests(grown)
    yield made
    made.clean()


def test_a_compute_host_comes_and_nothing_else_is_touched(grown: Any) -> None:
    """R-OPS-6, R-TOPO-3: of others only the address in firewalls changes; the first VM runs on it."""
    changed = set(re.findall(r"^changed: (\S+)", grown.grown_output, re.MULTILINE))
    assert any(key.startswith(f"{NEW}/") for key in changed)
    others = {key for key in changed if not key.startswith(f"{NEW}/")}
    firewall = ("rules", "file./etc/gureum/firewall.nft", "unit.gureum-firewall")
    let_in = {
        f"{host}/firewall.{w}" for host in ("controller", "network", "compute") for w in firewall
    }
    # What the controller learns: the name, and that nova has one more host.
    learns = {f"controller/{w}" for w in ("base.names", "nova.discovery", "nova.computes_report")}
    assert others <= let_in | learns
    assert f"ACTIVE on {NEW}" in grown.grown_output
    print(f"verified {grown.grown_seconds:.0f} s after the command")


def test_a_host_is_drained_while_its_vms_are_used(grown: Any, guests: Guests) -> None:
    """R-OPS-6: alive by TLS with hardly a lost ping, shut off by a copy of the disk."""
    made = guests.boot(NEW, "running", "off")
    (running, address), (off, _) = made["running"], made["off"]
    guests.turn(off, "SHUTOFF")
    began = time.monotonic()
    with PingWatch(address) as pings:
        done = grown.gureum("host", "drain", "--yes", "--json", "--reason", "a test", NEW)
        silence = pings.longest_silence(began, time.monotonic())
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    moved = {line["vm"]["name"]: line for line in lines if line["type"] == "vm"}
    assert moved["running"]["way"] == "alive", moved["running"]["why"]
    assert moved["off"]["way"] == "shut off", moved["off"]["why"]
    assert guests.host_of(running) == guests.host_of(off) == "compute"
    assert silence < 10, f"no answer for {silence:.1f} s"
    service = next(iter(guests.api.compute.services(host=NEW, binary="nova-compute")))
    assert service.disabled_reason.startswith("a test (drained by")
    print(f"no answer for {silence:.1f} s while it moved")


def test_a_removed_host_leaves_no_record(grown: Any, guests: Guests) -> None:
    """R-OPS-6: service, hypervisor, provider, agents and chassis are gone, and a plan agrees."""
    refused = grown.gureum("host", "remove", "--yes", "compute", check=False)
    assert refused.returncode == 1
    assert "no host has the role compute" in refused.stderr or "VM" in refused.stderr
    grown.gureum("host", "remove", "--yes", NEW)
    assert on_record(guests.api, NEW) == []
    # What the VMs took on the host that they left is free, and taken once where they are.
    taken = [set(allocations(guests.api, p.id)) for p in guests.api.placement.resource_providers()]
    assert taken == [set(guests.servers)]
    assert NEW not in grown.ssh("controller", "ovn-sbctl list chassis; ovn-sbctl list encap")
    assert NEW not in (grown.folder.path / "cloud.yaml").read_text()
    grown.gureum("apply")
    assert NEW not in grown.ssh("controller", "cat /etc/hosts")
    assert "nothing to change" in grown.gureum("apply").stderr


def test_a_host_cut_off_is_told_and_comes_back_with_its_vms(grown: Any, guests: Guests) -> None:
    """R-OPS-6: its VMs run on and answer all the while, and nobody restarts anything."""
    address = guests.api.network.get_ip(guests.addresses[0]).floating_ip_address
    before = _processes(grown)
    assert "qemu-system" in before
    with PingWatch(address) as pings:
        with cut_off(grown, "compute"):
            cut = time.monotonic()
            until(lambda: "lost the controllers" in told(grown), TOLD_WITHIN, "nobody was told")
            print(f"told {time.monotonic() - cut:.1f} s after the cut")
            status = told(grown)
            assert "compute has lost the controllers" in status
            assert "run on" in status or "runs on" in status
            time.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - cut)))
        healed = time.monotonic()
        until(lambda: not told(grown), BACK_WITHIN, "the host did not come back by itself")
        print(f"well again after {time.monotonic() - healed:.0f} s")
        assert pings.longest_silence(cut, time.monotonic()) < 5
    assert _processes(grown) == before
    # nova reaches the VM again, and it is the one that ran.
    guests.turn(guests.servers[1], "ACTIVE")


@contextlib.contextmanager
def cut_off(cloud: Any, host: str) -> Iterator[None]:
    """Let nothing through between a host and the controller; both reach everybody else."""
    lab = Lab(cloud.name, cloud.home / "lab" / cloud.name, CACHE, print)
    ends = [str(lab.host(name).address) for name in (host, "controller")]
    drops = [f"ip saddr {a} ip daddr {b} drop" for a, b in (ends, ends[::-1])]
    rules = "\n".join(["type filter hook forward priority 0;", *drops])
    table = f"gureum-test-{lab.id}"
    text = f"table bridge {table} {{\nchain c {{\n{rules}\n}}\n}}\n"
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete", "table", "bridge", table], check=True)


def told(cloud: Any) -> str:
    """Return what `status` finds down, "" where it finds nothing."""
    done = cloud.gureum("status", check=False)
    return done.stdout if done.returncode else ""


def on_record(api: Any, host: str) -> list[str]:
    """Return what the APIs still know of a host."""
    found = [f"{s.binary} {s.host}" for s in api.compute.services()]
    found += [f"hypervisor {h.name}" for h in api.compute.hypervisors()]
    found += [f"provider {p.name}" for p in api.placement.resource_providers()]
    found += [f"agent {a.binary} {a.host}" for a in api.network.agents()]
    return [words for words in found if words.endswith(f" {host}")]


def allocations(api: Any, provider: str) -> dict[str, Any]:
    answer = api.placement.get(f"/resource_providers/{provider}/allocations").json()
    return dict(answer["allocations"])


def _processes(cloud: Any) -> str:
    """Return the processes of VMs and of the units that serve them, with their starts."""
    wanted = "qemu-system|nova-compute|ovn-controller|neutron-ovn-agent"
    return str(
        cloud.ssh(
            "compute", f"ps -eo pid,lstart,args | grep -E '{wanted}' | grep -v grep | cut -c1-90"
        )
    )
