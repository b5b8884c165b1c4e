"""A firewall of the host's own that keeps the cloud's hosts from each other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from gureum.diagnostics import Severity
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene

_LET_IN = {
    "ufw": "ufw allow from {address}",
    "firewalld": "firewall-cmd --permanent --zone=trusted --add-source={address}",
    "rules": "nft insert rule {family} {table} {chain} ip saddr {address} accept",
}
_AFTER = {"firewalld": "; firewall-cmd --reload"}
_NAMED = {"ufw": "ufw is active", "firewalld": "firewalld is active"}


def find(scene: Scene) -> Iterator[Finding]:
    """Yield firewalls that drop what other hosts of the cloud send.

    gureum opens its ports in tables of its own, but what another table drops is dropped. It never
    switches a firewall off.
    """
    for look in scene.answered():
        firewalls: dict[str, dict[str, Any] | None] = look.grounds.get("firewall", {})
        for kind, said in firewalls.items():
            if said is None:
                continue
            shut_out = _shut_out(scene.others(look.host), said["lets_in"])
            what = _NAMED.get(kind) or "rules of its own drop what comes in"
            place = f"table {said['table']}, chain {said['chain']}; " if "table" in said else ""
            if shut_out:
                words = {"table": "", "chain": "", "family": "inet", **said}
                lines = [_LET_IN[kind].format(address=a, **words) for a in shut_out]
                yield Finding(
                    look.host,
                    f"firewall.{kind}",
                    f"{what}, and shuts other hosts of the cloud out",
                    f"{place}shut out: {', '.join(shut_out)}",
                    f"let them in on {look.host}: {'; '.join(lines)}{_AFTER.get(kind, '')}",
                )
            elif not _everybody(said["lets_in"]):
                yield Finding(
                    look.host,
                    f"firewall.{kind}",
                    f"{what}: users may not reach what it serves",
                    f"{place}the cloud's own hosts are let in",
                    "open there what users need: 443, 5000, 8774 to 8776, 9292, 9696, 6080",
                    Severity.WARNING,
                )


def _shut_out(addresses: Sequence[str], lets_in: Sequence[str]) -> list[str]:
    networks = []
    for text in lets_in:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return [a for a in addresses if not any(ipaddress.ip_address(a) in n for n in networks)]


def _everybody(lets_in: Sequence[str]) -> bool:
    return "0.0.0.0/0" in lets_in
