"""Writes into a host's own layer what makes it this host, before it first boots."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from ipaddress import IPv4Address
from pathlib import Path

from gureum.lab import apt_settings, surroundings
from gureum.lab.host import LabHost
from gureum.lab.identity import Identity
from gureum.lab.network import Network
from gureum.lab.surroundings import File
from gureum.remote.facts_network import LAB_NICS

HOSTS = """\
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
{address} {name}
{others}"""
MANAGEMENT = """\
[Match]
Name={nic}

[Link]
MTUBytes={mtu}

[Network]
Address={address}/{length}
Gateway={gateway}
LinkLocalAddressing=no
IPv6AcceptRA=no
LLDP=no
"""
TAPS = """\
[Match]
Name=tap????????-??

[Link]
ActivationPolicy=always-up
RequiredForOnline=no

[Network]
KeepMaster=yes
LinkLocalAddressing=no
IPv6AcceptRA=no
"""
"""Keeps the NICs of VMs up, which nova switches on. The datapath of lab hosts, Open vSwitch's own, has each
take all packets at the same moment, and its change may take nova's back: the VM is cut off.
"""
_KEEP_MASTER = ("debian-13",)
"""systemd knows KeepMaster since 254; before, it would take NICs of the classic path out of their bridges."""
PROVIDER = """\
[Match]
Name={nic}

[Link]
MTUBytes={mtu}
RequiredForOnline=no
ActivationPolicy=always-up

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
LLDP=no
ConfigureWithoutCarrier=yes
"""
# Where Open vSwitch has no kernel datapath, gureum moves the address to a bridge. It must not come
# back here each time that the link goes down and up.
TUNNEL = """\
[Match]
Name={nic}

[Link]
MTUBytes={mtu}
RequiredForOnline=no

[Network]
Address={address}/{length}
LinkLocalAddressing=no
IPv6AcceptRA=no
LLDP=no
ConfigureWithoutCarrier=yes
"""


def write(root: Path, host: LabHost, links: Network, identity: Identity, mtu: int) -> None:
    """Write a host's name, network, keys and ways to the outside below `root`."""
    codename = apt_settings.CODENAMES[host.os]
    files = surroundings.files(codename, links.internet)
    if "/etc/apt/sources.list.d/machine.sources" in files or not links.internet:
        shutil.rmtree(root / "etc/apt/sources.list.d", ignore_errors=True)
        (root / "etc/apt/sources.list").unlink(missing_ok=True)
    if not links.internet:
        # The root file system was made with the machine's name servers.
        files["/etc/resolv.conf"] = File("")
    files |= _own(host, links, mtu)
    files["/etc/ssh/ssh_host_ed25519_key"] = File(identity.host_key(host.name).read_text(), 0o600)
    files["/root/.ssh/authorized_keys"] = File(identity.public_key, 0o600)
    for path, file in files.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(file.text)
        target.chmod(file.mode)
    (root / "root/.ssh").chmod(0o700)


def machine_id(machine: str, address: IPv4Address) -> str:
    """Return the id of a host: the same for the same host, different for every other."""
    return hashlib.sha256(f"{machine} {address}".encode()).hexdigest()[:32]


def _own(host: LabHost, links: Network, mtu: int) -> dict[str, File]:
    subnets = links.subnets
    values = {
        "name": host.name,
        "address": host.address,
        "length": subnets.management.prefixlen,
        "gateway": subnets.management[1],
        "mtu": mtu,
    }
    others = "".join(f"{line}\n" for line in surroundings.hosts() if links.internet)
    return {
        "/etc/hostname": File(f"{host.name}\n"),
        "/etc/machine-id": File(machine_id(host.machine, host.address) + "\n", 0o444),
        "/etc/hosts": File(HOSTS.format(others=others, **values)),
        LAB_NICS: File(
            json.dumps(
                {
                    "management": host.management_nic,
                    "provider": host.provider_nic,
                    "tunnel": host.tunnel_nic,
                }
            )
            + "\n"
        ),
        f"/etc/systemd/network/10-{host.management_nic}.network": File(
            MANAGEMENT.format(nic=host.management_nic, **values)
        ),
        f"/etc/systemd/network/10-{host.provider_nic}.network": File(
            PROVIDER.format(nic=host.provider_nic, **values)
        ),
        f"/etc/systemd/network/10-{host.tunnel_nic}.network": File(
            TUNNEL.format(
                nic=host.tunnel_nic,
                mtu=mtu,
                address=host.tunnel_address,
                length=subnets.tunnel.prefixlen,
            )
        ),
        **({"/etc/systemd/network/20-taps.network": File(TAPS)} if host.os in _KEEP_MASTER else {}),
    }
