"""IPv4 forwarding of the machine: on while a lab exists, as it was before once the last is gone."""

from __future__ import annotations

from pathlib import Path

from gureum.lab import locks

SWITCH = Path("/proc/sys/net/ipv4/ip_forward")
FOLDER = locks.FOLDER / "forwarding"
"""One empty file for each lab that needs it, and `before`; gone after a reboot, as the switch is."""


def need(lab: str) -> None:
    """Turn forwarding on for a lab; the caller holds the machine's lock."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    before = FOLDER / "before"
    if not before.exists():
        before.write_text(SWITCH.read_text())
    (FOLDER / f"lab-{lab}").touch()
    if SWITCH.read_text().strip() != "1":
        SWITCH.write_text("1\n")


def release(lab: str) -> None:
    """Put forwarding back as it was where no other lab needs it; the caller holds the lock."""
    (FOLDER / f"lab-{lab}").unlink(missing_ok=True)
    before = FOLDER / "before"
    if not before.exists() or any(FOLDER.glob("lab-*")):
        return
    SWITCH.write_text(before.read_text())
    before.unlink()
    FOLDER.rmdir()
