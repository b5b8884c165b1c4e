"""Reads what the test guest said on its console."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = "gureum-guest"


@dataclass(frozen=True)
class ConsoleLog:
    """The guest's own account of its boot; empty texts where it said nothing yet."""

    address: str = ""
    hostname: str = ""
    mtu: int = 0
    keys: int = 0
    user_data: str = ""
    metadata: str = ""
    ready: float = 0.0
    trouble: str = ""


def read(text: str) -> ConsoleLog:
    """Return what a console log tells; what comes before the last boot does not count."""
    # On a busy host the terminal's greeting and the boot's words share a line now and then.
    lines = [
        line[line.index(f"{MARK} ") :].strip() for line in text.splitlines() if f"{MARK} " in line
    ]
    starts = [number for number, line in enumerate(lines) if line.startswith(f"{MARK} dhcp ")]
    lines = lines[starts[-1] :] if starts else lines
    ready = next((line for line in lines if line.startswith(f"{MARK} ready ")), "")
    told = dict(re.findall(r"([a-z-]+)=(\S+)", ready))
    address = re.search(rf"^{MARK} address (\S+)", "\n".join(lines), re.MULTILINE)
    metadata = next((line for line in lines if line.startswith(f"{MARK} metadata ")), "")
    trouble = next((line for line in lines if line.startswith(f"{MARK} no-")), "")
    return ConsoleLog(
        address=told.get("address", str(address[1]) if address else ""),
        hostname=told.get("hostname", ""),
        mtu=int(told.get("mtu", 0)),
        keys=int(told.get("keys", 0)),
        user_data=told.get("user-data", ""),
        metadata=dict(re.findall(r"([a-z-]+)=(\S+)", metadata)).get("source", ""),
        ready=float(told.get("ready", 0.0)),
        trouble=trouble.removeprefix(f"{MARK} "),
    )


def tail(text: str, lines: int = 25) -> str:
    """Return the last lines that are not blank."""
    return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()][-lines:])
