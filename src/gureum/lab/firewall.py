"""Network address translation for a lab, and a way through a machine that forwards nothing."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from gureum.errors import LabError
from gureum.lab.command import run, succeeds


def up(table: str, links: str, subnets: tuple[IPv4Network, ...], internet: bool = True) -> None:
    """Translate what leaves the lab, and let its traffic pass; doing it twice changes nothing.

    `links` is the prefix of the lab's bridges. Without `internet` nothing leaves: what hosts send
    to others is dropped and counted (`refused`), and so is what would have left all the same
    (`left`).
    """
    if not internet:
        _shut(table, links, subnets)
        _close_ways(table)
        _open_ways(table, links)
        return
    inside = ", ".join(str(subnet) for subnet in subnets)
    run(
        "nft",
        "-f",
        "-",
        stdin=f"""
table ip {table} {{}}
delete table ip {table}
table ip {table} {{
    chain outward {{
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr {{ {inside} }} ip daddr != {{ {inside} }} oifname != "{links}*" masquerade
    }}
}}
""",
    )
    _close_ways(table)
    _open_ways(table, links)


def counted(table: str) -> dict[str, int]:
    """Return the packets that a closed lab's counters have seen, by name."""
    listing = json.loads(run("nft", "--json", "list", "counters", "table", "ip", table))
    found = [item["counter"] for item in listing["nftables"] if "counter" in item]
    return {counter["name"]: int(counter["packets"]) for counter in found}


def _shut(table: str, links: str, subnets: tuple[IPv4Network, ...]) -> None:
    """Let nothing of a lab's hosts reach others than themselves and the machine's bridges."""
    if "counter refused" in _table_text(table):
        # It stands as it is to be: made anew, its counters would forget what they have seen.
        return
    inside = ", ".join(str(subnet) for subnet in subnets)
    ours = f'iifname "{links}*"'
    run(
        "nft",
        "-f",
        "-",
        stdin=f"""
table ip {table} {{}}
delete table ip {table}
table ip {table} {{
    counter refused {{}}
    counter left {{}}
    chain through {{
        type filter hook forward priority -5; policy accept;
        {ours} ip daddr != {{ {inside} }} counter name refused drop
    }}
    chain inward {{
        type filter hook input priority -5; policy accept;
        {ours} ip daddr != {{ {inside}, 224.0.0.0/4, 255.255.255.255 }} counter name refused drop
    }}
    chain outward {{
        type filter hook postrouting priority 300; policy accept;
        ip saddr {{ {inside} }} ip daddr != {{ {inside} }} oifname != {{ "{links}*", "lo" }} counter name left
    }}
}}
""",
    )


def _table_text(table: str) -> str:
    tables = run("nft", "list", "tables", "ip").split("\n")
    return run("nft", "list", "table", "ip", table) if f"table ip {table}" in tables else ""


def down(table: str, links: str) -> None:
    """Remove every rule that `up` made."""
    if not shutil.which("nft"):
        return
    run("nft", "-f", "-", stdin=f"table ip {table} {{}}\ndelete table ip {table}\n")
    _close_ways(table)
    _close_legacy(table, links)


def _open_ways(mark: str, links: str) -> None:
    """Accept the lab's traffic in every chain of others that drops what it does not know.

    An accept in a table of our own would not do: a packet passes only where every table lets it.
    Docker sets such a policy, and so do many firewalls.
    """
    for family, table, chain in _dropping_chains():
        where = ("insert", "rule", family, table, chain)
        for direction in ("iifname", "oifname"):
            run("nft", *where, direction, f'"{links}*"', "counter", "accept", "comment", mark)
    if _legacy_drops():
        for direction in ("-i", "-o"):
            rule = _legacy_rule(direction, mark, links)
            if not succeeds("iptables-legacy", "-C", *rule):
                run("iptables-legacy", "-I", *rule)


def _close_ways(mark: str) -> None:
    for item in _ruleset():
        rule = item.get("rule", {})
        if rule.get("comment") == mark:
            place = (rule["family"], rule["table"], rule["chain"])
            # Somebody may have emptied the chain since it was listed.
            with contextlib.suppress(LabError):
                run("nft", "delete", "rule", *place, "handle", str(rule["handle"]))


def _dropping_chains() -> Iterator[tuple[str, str, str]]:
    for item in _ruleset():
        chain = item.get("chain", {})
        drops = chain.get("hook") == "forward" and chain.get("policy") == "drop"
        if drops and chain["family"] in ("ip", "inet"):
            yield chain["family"], chain["table"], chain["name"]


def _ruleset() -> list[dict[str, Any]]:
    listing = run("nft", "--json", "--handle", "list", "ruleset")
    found: list[dict[str, Any]] = json.loads(listing).get("nftables", []) if listing.strip() else []
    return found


def _legacy_drops() -> bool:
    if not shutil.which("iptables-legacy"):
        return False
    try:
        with open("/proc/net/ip_tables_names") as names:
            if "filter" not in names.read().split():
                return False
    except OSError:
        return False
    return "-P FORWARD DROP" in run("iptables-legacy", "-S", "FORWARD").splitlines()


def _close_legacy(mark: str, links: str) -> None:
    if not _legacy_drops():
        return
    for direction in ("-i", "-o"):
        rule = _legacy_rule(direction, mark, links)
        while succeeds("iptables-legacy", "-C", *rule):
            run("iptables-legacy", "-D", *rule)


def _legacy_rule(direction: str, mark: str, links: str) -> tuple[str, ...]:
    comment = ("-m", "comment", "--comment", mark)
    return ("FORWARD", direction, f"{links}+", *comment, "-j", "ACCEPT")
