"""Who is connected to whom, by the kernel's socket tables: which unit, from and to where."""

from __future__ import annotations

from typing import Any

from gureum.remote import facts_ports

ESTABLISHED = "01"
MAPPED = "::ffff:"
"""How IPv4 looks to a socket that listens for both kinds."""

End = tuple[str, int]


def established() -> list[dict[str, Any]]:
    """Return every TCP connection as `address`, `port`, `unit`, `process` and the `peer` of each.

    A connection within this host appears twice, once for each end, and then its `peer` has a unit
    and a process as well.
    """
    sockets: dict[str, dict[str, Any]] = {}
    for protocol in ("tcp", "tcp6"):
        for fields in facts_ports.table(protocol):
            if fields[3] == ESTABLISHED and fields[9] != "0":
                sockets[fields[9]] = {
                    "local": _end(fields[1]),
                    "remote": _end(fields[2]),
                    "pid": 0,
                    "process": "",
                    "unit": "",
                }
    facts_ports.name_holders(sockets)
    return joined(list(sockets.values()))


def joined(sockets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sockets with the other end of each, where that is on this host too."""
    by_ends = {(s["local"], s["remote"]): s for s in sockets}
    found = []
    for one in sockets:
        other = by_ends.get((one["remote"], one["local"]), {})
        found.append(
            {
                "address": one["local"][0],
                "port": one["local"][1],
                "unit": one["unit"],
                "process": one["process"],
                "peer": {
                    "address": one["remote"][0],
                    "port": one["remote"][1],
                    "unit": other.get("unit", ""),
                    "process": other.get("process", ""),
                },
            }
        )
    return found


def _end(text: str) -> End:
    address, port = facts_ports.address_of(text)
    return address[len(MAPPED) :] if address.startswith(MAPPED) else address, port
