"""R-PREP-8: each thing that can be wrong with a host is found, alone and beside others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from three_hosts import ADDRESSES, AUTHORITY, facts, nic, scene

from gureum.diagnostics import Severity
from gureum.hosts import Target
from gureum.hosts.refusal import refusal
from gureum.operate import host_check
from gureum.operate.host_check import FINDERS, Finding, Look, Scene, findings, leftovers

TAKEN = {
    "protocol": "tcp",
    "address": "0.0.0.0",  # noqa: S104
    "port": 3306,
    "unit": "mysqld.service",
    "process": "mysqld",
}
SHUT = {"ufw": None, "firewalld": None, "rules": None}
MIXED_MTU = [
    nic("eno1", 3, address="192.0.2.13/24", mtu=9000),
    nic("eno2", 3),
    nic("eno3", 3, address="198.51.100.13/24"),
]
STORES = {"hosts.d.roles": ["compute", "storage"]}
KERNEL = {**facts("d")["storage"], "kernel": {}}
CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # What is changed -> the host, the words of the summary, and of the hint.
    "reached.python_old": ({"said": {"d": {"python": "3.7.3"}}}, "d", "too old", "newer system"),
    "system.unknown": (
        {"said": {"n": {"os": {"id": "fedora", "version": "44", "name": "Fedora 44"}}}},
        "n",
        "Fedora 44",
        "Debian 13",
    ),
    "system.no_systemd": ({"said": {"n": {"systemd": "absent"}}}, "n", "systemd", "init"),
    "size.memory": ({"said": {"c": {"memory_mb": 2048}}}, "c", "2048 MB of memory, 2816", "more"),
    "size.disk": (
        {"said": {"d": {"disk_free_mb": {"/": 900, "/var": 300}}}},
        "d",
        "300 MB free under /var, 3072",
        "du -xh",
    ),
    "clock.wrong": ({"offsets": {"d": -93.0}}, "d", "93.0 s behind", "date --utc"),
    "nics.management": (
        {"cloud": {"hosts.d.address": "192.0.2.99"}},
        "d",
        "no NIC with its own address, 192.0.2.99",
        "hosts.d.nics.management",
    ),
    "nics.tunnel": (
        {"cloud": {"hosts.d.nics": {"tunnel": "ens9"}}},
        "d",
        "no NIC 'ens9' for the tunnel network",
        "hosts.d.nics.tunnel",
    ),
    "nics.provider": (
        {"said": {"n": {"nics": [n for n in facts("n")["nics"] if n["name"] != "eno2"]}}},
        "n",
        "no NIC for the provider network",
        "second NIC without an address",
    ),
    "nics.shared": (
        {"cloud": {"hosts.n.nics": {"provider": "eno1"}}},
        "n",
        "eno1 is to carry the management and the provider network at once",
        "hosts.n.nics.provider",
    ),
    "nics.renamed": (
        {
            "before": {
                "n": {
                    "nics": [
                        {"name": "eno1", "mac": "52:54:00:00:01:12"},
                        {"name": "eno2", "mac": "52:54:00:00:03:12"},
                        {"name": "eno3", "mac": "52:54:00:00:03:ff"},
                    ]
                }
            }
        },
        "n",
        "eno2 was another card before",
        'hosts.n.nics.provider: "52:54:00:00:03:12"',
    ),
    "mtu.differs": (
        {"said": {"d": {"nics": MIXED_MTU}}},
        "d",
        "eno1 has an MTU of 9000, on the management network of 1500",
        "ip link set eno1 mtu 1500",
    ),
    "network_manager.provider": (
        {
            "carries": {
                "n": {
                    "network_manager": [
                        {"device": "eno2", "state": "connected", "connection": "Wired 2"}
                    ]
                }
            }
        },
        "n",
        "NetworkManager manages eno2",
        "unmanaged-devices",
    ),
    "ports.taken": (
        {"said": {"c": {"ports": [TAKEN]}}},
        "c",
        "port 3306 is taken by mysqld.service",
        "stop it on c: systemctl disable --now mysqld.service",
    ),
    "leftovers.gureum": (
        {"carries": {"d": {"authority": "another"}}},
        "d",
        "belongs to another cloud",
        "rm -r /etc/gureum",
    ),
    "leftovers.packages": (
        {"carries": {"d": {"packages": ["nova-compute"]}}},
        "d",
        "OpenStack of the distribution",
        "apt-get purge nova-compute",
    ),
    "leftovers.containers": (
        {"carries": {"d": {"containers": ["nova_compute", "kolla_toolbox"]}}},
        "d",
        "containers of another cloud",
        "docker rm --force nova_compute kolla_toolbox",
    ),
    "leftovers.databases": (
        {"carries": {"c": {"databases": ["shop"]}}},
        "c",
        "somebody's databases",
        "mv /var/lib/mysql",
    ),
    "firewall.ufw": (
        {"carries": {"c": {"firewall": {**SHUT, "ufw": {"lets_in": ["192.0.2.12"]}}}}},
        "c",
        "ufw is active, and shuts other hosts",
        "ufw allow from 192.0.2.13",
    ),
    "firewall.firewalld": (
        {"carries": {"c": {"firewall": {**SHUT, "firewalld": {"lets_in": []}}}}},
        "c",
        "firewalld is active",
        "--add-source=192.0.2.13; firewall-cmd --reload",
    ),
    "firewall.rules": (
        {
            "carries": {
                "n": {
                    "firewall": {
                        **SHUT,
                        "rules": {
                            "family": "inet",
                            "table": "filter",
                            "chain": "input",
                            "lets_in": [],
                        },
                    }
                }
            }
        },
        "n",
        "rules of its own drop",
        "nft insert rule inet filter input ip saddr 192.0.2.11 accept",
    ),
    "twins.machine_id": (
        {"carries": {"d": {"machine_id": "machine-c"}}},
        "d",
        "the machine id of c",
        "systemd-machine-id-setup",
    ),
    "twins.host_key": (
        {"carries": {"n": {"host_keys": ["ssh-ed25519 KEY-c"]}}},
        "n",
        "the SSH host key of c",
        "dpkg-reconfigure openssh-server",
    ),
    "names.swapped": (
        {"said": {"n": {"hostname": "d"}, "d": {"hostname": "x"}}},
        "n",
        "calls itself d",
        "hostnamectl hostname n",
    ),
    "storage.no_disk": (
        {"cloud": {**STORES, "ceph.devices": ["/dev/sbd"]}},
        "d",
        "there is no disk /dev/sbd, which is to be Ceph's",
        "did you mean",
    ),
    "storage.disk_used": (
        {"cloud": {**STORES, "ceph.devices": ["/dev/sda"]}},
        "d",
        "/dev/sda is to be Ceph's, and is partitioned (sda1)",
        "wipefs --all /dev/sda",
    ),
    "virtualisation.none": (
        {
            "cloud": {"compute.virt_type": "kvm"},
            "said": {"d": {"kvm": {"works": False, "why": "no vmx"}}},
        },
        "d",
        "cannot run here by KVM",
        "firmware",
    ),
}


def test_healthy_hosts_have_nothing_wrong() -> None:
    assert findings(scene()) == []


@pytest.mark.parametrize("kind", CASES)
def test_what_is_wrong_is_found_on_its_host_alone(kind: str) -> None:
    changes, host, summary, hint = CASES[kind]
    (found,) = findings(scene(**changes))
    assert (found.id, found.host, found.severity) == (kind, host, Severity.ERROR)
    assert summary in found.summary
    assert hint in found.hint
    assert found.evidence


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"said": {"d": {"kvm": {"works": False, "why": "no vmx"}}}}, "virtualisation.none"),
        ({"offsets": {"d": 4.0}}, "clock.wrong"),
        ({"cloud": {"hosts.n.nics": {"provider": "none"}}}, "nics.router"),
        ({"cloud": {**STORES, "ceph.devices": ["/dev/sdc"]}}, "storage.disk_small"),
        ({"said": {"n": {"hostname": "debian"}, "d": {"hostname": "debian"}}}, "names.twice"),
        (
            {"carries": {"c": {"firewall": {**SHUT, "ufw": {"lets_in": ["192.0.2.0/24"]}}}}},
            "firewall.ufw",
        ),
    ],
)
def test_what_a_cloud_can_live_with_is_a_warning(changes: dict[str, Any], kind: str) -> None:
    (found,) = findings(scene(**changes))
    assert (found.id, found.severity) == (kind, Severity.WARNING)


@pytest.mark.parametrize(
    "changes",
    [
        {"carries": {"c": {"authority": AUTHORITY, "databases": ["keystone"]}}},
        {"carries": {"c": {"containers": ["grafana"]}}},
        {"carries": {"c": {"firewall": {**SHUT, "ufw": {"lets_in": ["0.0.0.0/0"]}}}}},
        {
            "carries": {
                "d": {"network_manager": [{"device": "eno1", "state": "x", "connection": ""}]}
            }
        },
        {"offsets": {"c": 0.4, "d": -0.4}},
        {"cloud": {**STORES, "ceph.devices": ["/dev/disk/by-id/wwn-1"]}},
        {
            "cloud": {**STORES, "ceph.devices": ["/dev/sdd"]},
            "said": {"d": {"storage": {**facts("d")["storage"], "taken": ["/dev/sdd"]}}},
        },
        {
            "cloud": {
                **STORES,
                "storage.volumes": {
                    "fast": {"kind": "lvm", "devices": ["/dev/sdd"], "group": "vms"}
                },
            }
        },
        {"cloud": {"compute.virt_type": "qemu"}, "said": {"d": {"kvm": {"works": False}}}},
    ],
)
def test_what_does_no_harm_is_not_told(changes: dict[str, Any]) -> None:
    assert findings(scene(**changes)) == []


def test_what_a_kernel_cannot_do_is_told_in_one_line_each() -> None:
    """R-SVC-6: LVM and NFS are declared whole; a host whose kernel lacks them says so before."""
    volumes = {"fast": {"kind": "lvm"}, "shared": {"kind": "nfs", "shares": ["192.0.2.5:/v"]}}
    found = findings(
        scene(cloud={**STORES, "storage.volumes": volumes}, said={"d": {"storage": KERNEL}})
    )
    assert [(f.host, f.id, f.severity) for f in found] == [
        ("d", f"storage.no_{feature}", Severity.ERROR)
        for feature in ("device_mapper", "iscsi_target", "iscsi", "nfs")
    ]
    assert "LVM (the backend fast) needs: device-mapper" in found[0].summary


def test_where_all_hosts_agree_this_machine_is_the_one_that_is_wrong() -> None:
    """R-PREP-6: hosts that follow one time server are not to be set by a laptop's clock."""
    (found,) = findings(scene(offsets=dict.fromkeys(ADDRESSES, 300.0)))
    assert found.id == "clock.here"
    assert found.summary == "this machine's clock is 300.0 s behind all hosts'"


def test_an_installed_host_needs_less_room() -> None:
    little = {"c": {"disk_free_mb": {"/var": 900}}}
    assert findings(scene(said=little, carries={"c": {"authority": AUTHORITY}})) == []
    assert len(findings(scene(said=little))) == 1


def test_a_host_that_is_down_hides_nothing_of_the_others() -> None:
    """All mistakes of all hosts at once."""
    whole = scene(said={"c": {"ports": [TAKEN], "memory_mb": 100}}, offsets={"d": 40.0})
    target = Target("n", address=ADDRESSES["n"])
    gone = Look("n", target.where(), refused=refusal(target, "connect: Connection timed out"))
    found = findings(replace(whole, looks={**whole.looks, "n": gone}))
    assert [(f.host, f.id) for f in found] == [
        ("c", "size.memory"),
        ("c", "ports.taken"),
        ("n", "reached.silent"),
        ("d", "clock.wrong"),
    ]
    assert "ping -c 3 192.0.2.12" in found[2].hint


def test_every_file_with_a_finder_is_listed() -> None:
    folder = Path(host_check.__file__).parent
    finders = {p.stem for p in folder.glob("*.py") if "\ndef find(" in p.read_text()}
    assert {find.__module__.rsplit(".", 1)[-1] for find in FINDERS} == finders


def test_every_finding_has_a_case() -> None:
    """A finding that no case brings about could be broken without anybody noticing."""
    import re

    folder = Path(host_check.__file__).parent
    written = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(r'^ +"((?:\w+)\.\w+)",$', path.read_text(), re.MULTILINE)
    }
    warned = {"clock.here", "names.twice", "nics.router", "storage.disk_small"}
    assert written <= set(CASES) | warned


def test_findings_are_values_that_become_diagnostics() -> None:
    said = Finding("c", "x.y", "it is so", "as seen", "do this").diagnostic()
    assert (said.summary, said.detail, said.hint) == ("c: it is so", "as seen", "do this")


def _ports_of(whole: Scene, *listeners: dict[str, Any]) -> list[Finding]:
    look = whole.looks["c"]
    changed = replace(look, facts={**look.facts, "ports": list(listeners)})
    return findings(replace(whole, looks={**whole.looks, "c": changed}))


def test_our_own_unit_on_its_port_is_no_problem() -> None:
    ours = {**TAKEN, "address": "192.0.2.11", "unit": "mariadb.service", "process": "mariadbd"}
    other = {**ours, "address": "10.9.9.9", "unit": "elsewhere.service"}
    assert _ports_of(scene(), ours, other) == []


def test_a_port_held_by_somebodys_own_program_is_freed_by_ending_it() -> None:
    """To stop the login that it came with would end the reader's own as well."""
    held = {**TAKEN, "port": 5000, "pid": 4711, "process": "python3", "unit": "session-7.scope"}
    (found,) = _ports_of(scene(), held)
    assert found.summary == "port 5000 is taken by python3"
    assert found.hint == "stop it on c: kill 4711"


@pytest.mark.parametrize(
    ("address", "unit", "taken"),
    [
        ("127.0.0.1", "keystone-api.service", False),
        ("192.0.2.11", "haproxy.service", False),
        ("127.0.0.1", "intruder.service", True),
        ("192.0.2.11", "intruder.service", True),
        ("10.77.0.1", "intruder.service", False),
    ],
)
def test_two_units_may_share_a_number_on_two_addresses(
    address: str, unit: str, taken: bool
) -> None:
    """The backend's address is guarded as well as the one with TLS."""
    held = {"protocol": "tcp", "address": address, "port": 5000, "unit": unit, "process": "x"}
    assert bool(_ports_of(scene(), held)) is taken


def test_databases_of_a_host_of_this_cloud_are_nobody_elses() -> None:
    """A host whose mark of the cloud was deleted by hand is not taken for somebody's."""
    held = {"c": {"databases": ["keystone", "nova"]}}
    summaries = {f.summary for f in leftovers.find(scene(carries=held))}
    assert summaries == {"MariaDB on it holds somebody's databases"}
    assert not list(leftovers.find(scene(carries=held, before={"c": facts("c")})))
