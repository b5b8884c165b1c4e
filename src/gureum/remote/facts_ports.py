"""Facts about which ports are taken, and by whom."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
from collections.abc import Iterator
from typing import Any

from gureum.remote.process import run
from gureum.remote.text_file import text_of

LISTEN = "0A"
UNBOUND = "07"
"""States in /proc/net: a TCP socket that listens, a UDP socket that is bound but not connected."""


def listening() -> list[dict[str, Any]]:
    """Return `protocol`, `address`, `port`, `pid`, `process`, `unit` of all listening sockets."""
    sockets: dict[str, dict[str, Any]] = {}
    for protocol, state in (("tcp", LISTEN), ("tcp6", LISTEN), ("udp", UNBOUND), ("udp6", UNBOUND)):
        for fields in table(protocol):
            if fields[3] == state and fields[9] != "0":
                address, port = address_of(fields[1])
                sockets[fields[9]] = {
                    "protocol": protocol[:3],
                    "address": address,
                    "port": port,
                    "pid": 0,
                    "process": "",
                    "unit": "",
                }
    name_holders(sockets)
    return sorted(sockets.values(), key=lambda entry: (entry["port"], entry["protocol"]))


def name_holders(sockets: dict[str, dict[str, Any]]) -> None:
    """Fill in who holds each socket; with forked workers the oldest process is named."""
    left = set(sockets)
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if not left:
            return
        held = {link[8:-1] for link in _links(f"/proc/{pid}/fd") if link.startswith("socket:[")}
        for inode in left & held:
            sockets[inode].update(
                pid=pid, process=text_of(f"/proc/{pid}/comm").strip(), unit=_unit(pid)
            )
            left.discard(inode)
        if pid == 1:
            _name_socket_units([entry for entry in sockets.values() if entry["pid"] == 1])


def _name_socket_units(entries: list[dict[str, Any]]) -> None:
    """Name the socket unit of each socket that systemd holds for a unit which it may start."""
    if not entries:
        return
    properties = "--property=Id,Listen"
    done = run(("systemctl", "show", properties, "--state=active", "--", "*.socket"), timeout=10)
    for block in done.output.split("\n\n"):
        unit = re.search(r"^Id=(.+)$", block, re.MULTILINE)
        listens = re.findall(r"^Listen=(\S+):(\d+) ", block, re.MULTILINE)
        for entry in entries:
            if unit and (entry["address"], str(entry["port"])) in [
                (address.strip("[]"), port) for address, port in listens
            ]:
                entry["unit"] = unit[1]


def _links(folder: str) -> Iterator[str]:
    """Yield where the links of a folder point; descriptors come and go while it is read."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            yield os.readlink(f"{folder}/{name}")


def _unit(pid: int) -> str:
    found = re.findall(r"/([^/\n]+\.(?:service|scope|socket))", text_of(f"/proc/{pid}/cgroup"))
    return found[-1] if found else ""


def address_of(text: str) -> tuple[str, int]:
    """Return address and port of `0B0200C0:0CEA`, as /proc/net/tcp writes them."""
    packed, port = text.split(":")
    words = [int(packed[i : i + 8], 16) for i in range(0, len(packed), 8)]
    raw = b"".join(struct.pack("=I", word) for word in words)
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, raw), int(port, 16)


def table(protocol: str) -> list[list[str]]:
    """Return the fields of every socket of a protocol."""
    return [line.split() for line in text_of(f"/proc/net/{protocol}").splitlines()[1:]]
