"""The driver ovs on three hosts: built, verified, and the way of a VM's packet looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

# One command waits on the compute host itself: asking again and again from here would cost more.
# The tunnel comes last: neutron tells the agent of its peers once the port is up.
WATCH = """\
for i in $(seq 1200); do
    qvo=$(ovs-vsctl list-ports br-int 2>/dev/null | grep ^qvo | head -n 1)
    id=${qvo#qvo}
    [ -n "$qvo" ] && iptables -S | grep -q -- "--physdev-in tap$id" &&
        ovs-vsctl list-ports br-tun | grep -q ^vxlan- && break
    sleep 0.5
done
echo "tap is in $(basename $(readlink /sys/class/net/tap$id/master))"
echo "qvb is in $(basename $(readlink /sys/class/net/qvb$id/master))"
echo "qvb leads to $(ip -o link show qvb$id | sed 's/.*qvb[^@]*@\\([^:]*\\):.*/\\1/')"
echo "qvo is in $(ovs-vsctl port-to-br qvo$id)"
echo "br-int has $(ovs-vsctl list-ports br-int | tr '\\n' ' ')"
echo "br-tun has $(ovs-vsctl list-ports br-tun | tr '\\n' ' ')"
echo "id $id"
"""


@pytest.fixture(scope="module")
def seen() -> list[str]:
    """What was seen of the VM's way on the compute host, a line for each look."""
    return []


@pytest.fixture(scope="module")
def classic(unbuilt: Callable[[str], Any], seen: list[str]) -> Iterator[Any]:
    """A three-node cloud with the driver ovs, its VM watched while it is verified."""
    with unbuilt("classic") as cloud, ThreadPoolExecutor(1) as pool:
        file = cloud.home / "cloud.yaml"
        hosts = "".join(f"  {r}: {{roles: [{r}]}}\n" for r in ("controller", "network", "compute"))
        file.write_text(f"name: classic\nhosts:\n{hosts}network: {{driver: ovs}}\n")
        up = pool.submit(cloud.up, "--file", str(file))
        while not seen and not up.done():
            looked = cloud.gureum(
                "ssh", "--file", str(file), "compute", WATCH, check=False, timeout=900
            )
            seen += looked.stdout.splitlines() if looked.returncode == 0 else []
            time.sleep(5)
        up.result()
        yield cloud


def test_three_hosts_with_the_classic_driver_stand(classic: Any) -> None:
    """R-SVC-5, R-TOPO-2: agents and bridges as declared, and a VM that proves all of it."""
    assert "a VM proved it" in classic.up_output
    checks = {check["id"]: check for check in classic.verification()["checks"]}
    proofs = ("neutron.agents_alive", "openvswitch.bridges", "vm.metadata_read", "vm.mtu_fits")
    for proof in (*proofs, "vm.bulk_tcp", "vm.security_group_filters"):
        assert checks[proof]["status"] == "pass", checks[proof]


def test_a_packet_goes_the_classic_way(classic: Any, seen: list[str]) -> None:
    """R-SVC-5: tap, qbr, qvb, qvo, br-int, br-tun on the compute host; br-provider on the network host."""
    told = dict(line.rsplit(" ", 1) for line in seen[:4])
    port = seen[-1].removeprefix("id ")
    assert told == {
        "tap is in": f"qbr{port}",
        "qvb is in": f"qbr{port}",
        "qvb leads to": f"qvo{port}",
        "qvo is in": "br-int",
    }
    assert {"patch-tun", "int-br-provider"} <= set(seen[4].split())
    assert any(name.startswith("vxlan-") for name in seen[5].split())
    ports = classic.ssh("network", "ovs-vsctl list-ports br-provider").split()
    assert {"phy-br-provider", "eth1"} <= set(ports)


def test_another_driver_is_refused_before_anything_is_touched(classic: Any) -> None:
    """R-SVC-5: what ports are bound by is not changed in place."""
    text = (classic.home / "cloud.yaml").read_text()
    other = classic.home / "other.yaml"
    other.write_text(text.replace("driver: ovs", "driver: ovn"))
    refused = classic.gureum("plan", "--file", str(other), check=False)
    assert refused.returncode == 1
    assert "stands with network.driver: ovs, which cannot become ovn" in refused.stderr
    assert "down" in refused.stderr
