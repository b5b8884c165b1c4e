"""Firewalls that somebody else set up on a host, and whom they let in."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from gureum.remote.process import run
from gureum.remote.text_file import text_of

OURS = "gureum"
"""How the names of gureum's own tables begin."""
BRINGS_OWN = re.compile("libvirt|docker|cni|podman|ufw|firewalld|f2b|fail2ban", re.I)
"""Tables of programs that filter for what they carry, or that are told apart from bare rules."""


def firewall() -> dict[str, Any]:
    """Return `ufw`, `firewalld` and `rules`: each None, or what it `lets_in` (subnets).

    `rules` are those that nobody owns: a chain of incoming packets that drops what it does not know.
    """
    return {"ufw": _ufw(), "firewalld": _firewalld(), "rules": _rules()}


def _ufw() -> dict[str, Any] | None:
    if not re.search(r"^ENABLED=yes", text_of("/etc/ufw/ufw.conf"), re.M | re.I):
        return None
    rules = text_of("/etc/ufw/user.rules")
    if re.search(r'^DEFAULT_INPUT_POLICY="?ACCEPT', text_of("/etc/default/ufw"), re.M):
        return {"lets_in": ["0.0.0.0/0"]}
    found = re.findall(r"^-A ufw-user-input -s (\S+) -j ACCEPT", rules, re.M)
    return {"lets_in": sorted(set(found))}


def _firewalld() -> dict[str, Any] | None:
    if not os.path.lexists("/run/systemd/units/invocation:firewalld.service"):
        return None
    default = re.search(r"^DefaultZone=(\S+)", text_of("/etc/firewalld/firewalld.conf"), re.M)
    if default and default[1] == "trusted":
        return {"lets_in": ["0.0.0.0/0"]}
    trusted = text_of("/etc/firewalld/zones/trusted.xml")
    return {"lets_in": sorted(set(re.findall(r'<source address="([^"]+)"', trusted)))}


def _rules() -> dict[str, Any] | None:
    """Return the first foreign chain for incoming packets that drops, with whom its table lets in."""
    if not _has_tables():
        return None
    done = run(("nft", "-j", "list", "ruleset"), timeout=5)
    try:
        entries = json.loads(done.output).get("nftables", [])
    except ValueError:
        return None
    return dropping(entries)


def _has_tables() -> bool:
    # Each netlink family with rules holds the module; without it nothing filters.
    return os.path.exists("/sys/module/nf_tables") or os.path.exists("/proc/net/ip_tables_names")


def dropping(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return `table`, `chain` and `lets_in` of a chain that drops what it does not know, or None.

    `entries` are what `nft -j list ruleset` prints. Of iptables the legacy kind is not seen.
    """
    chains = [e["chain"] for e in entries if "chain" in e]
    rules = [e["rule"] for e in entries if "rule" in e]
    for chain in chains:
        table = chain["table"]
        if chain.get("hook") != "input" or chain.get("family") not in ("ip", "inet"):
            continue
        if table.startswith(OURS) or BRINGS_OWN.search(table):
            continue
        own = [r for r in rules if (r["table"], r["family"]) == (table, chain["family"])]
        if any(BRINGS_OWN.search(r["chain"]) or BRINGS_OWN.search(str(r["expr"])) for r in own):
            # ufw and the like work through tables of common names; they are told by themselves.
            continue
        last = [r for r in own if r["chain"] == chain["name"] and _drops_all(r["expr"])]
        if chain.get("policy") == "drop" or last:
            lets_in = {s for r in own if _accepts(r["expr"]) for s in _sources(r["expr"])}
            return {"table": table, "chain": chain["name"], "lets_in": sorted(lets_in)}
    return None


def _drops_all(expressions: list[dict[str, Any]]) -> bool:
    matches = [e for e in expressions if "match" in e or "xt" in e]
    return not matches and any("drop" in e or "reject" in e for e in expressions)


def _accepts(expressions: list[dict[str, Any]]) -> bool:
    """Tell whether a rule takes all that comes from somewhere: a port of its own would not do."""
    fields = [str(e["match"].get("left")) for e in expressions if "match" in e]
    return any("accept" in e for e in expressions) and not any("port" in f for f in fields)


def _sources(expressions: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for entry in expressions:
        left = entry.get("match", {}).get("left", {})
        if isinstance(left, dict) and left.get("payload", {}).get("field") == "saddr":
            found += _addresses(entry["match"]["right"])
    return found


def _addresses(right: Any) -> list[str]:
    if isinstance(right, str):
        return [right]
    if isinstance(right, dict) and "prefix" in right:
        return [f"{right['prefix']['addr']}/{right['prefix']['len']}"]
    if isinstance(right, dict) and "set" in right:
        return [a for one in right["set"] for a in _addresses(one)]
    return []
