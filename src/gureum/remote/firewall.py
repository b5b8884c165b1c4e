"""State `firewall`: the kernel holds exactly the table of nftables that some rules make.

What the rules make is asked of the kernel itself, in a network namespace that lasts for a moment:
it writes rules its own way, and another version of nft another.
"""

from __future__ import annotations

import os
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, must, run

BEFORE = "/run/gureum/firewall-before.nft"
UNDO = "gureum-firewall-undo"
PATIENCE = 40
"""Seconds after which the host takes new rules back unless somebody came in anew."""
_NFT = "/usr/sbin/nft"
_IN_NAMESPACE = f'{_NFT} -f - || exit 1; {_NFT} -s list table inet "$1" 2>/dev/null; exit 0'


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the lines that the kernel's table lacks (`missing`) or has beside the rules (`foreign`)."""
    wanted = run(
        ("unshare", "--net", "sh", "-c", _IN_NAMESPACE, "sh", spec["table"]), stdin=spec["rules"]
    )
    if wanted.exit:
        raise Failure(f"nft does not take the rules: {last_line(wanted.output)}")
    lines, held = _lines(wanted.output), _lines(_listing(spec["table"]))
    foreign = [line for line in held if line not in lines]
    if lines != held and sorted(lines) == sorted(held):
        # The same rules in another order, or one of them twice, are other rules.
        foreign = ["the rules stand in another order"]
    return {
        "missing": [line for line in lines if line not in held],
        "foreign": foreign,
        "_exists": bool(held),
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Load the rules in one move, with a timer that takes them back; `keep` stops it."""
    evidence: list[Evidence] = []
    table = spec["table"]
    os.makedirs(os.path.dirname(BEFORE), mode=0o755, exist_ok=True)
    with open(os.open(BEFORE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(f"table inet {table}\ndelete table inet {table}\n{_listing(table)}")
    _disarm()
    must(
        (
            "systemd-run",
            "--quiet",
            f"--unit={UNDO}",
            f"--on-active={PATIENCE}",
            "--timer-property=AccuracySec=1",
            _NFT,
            "-f",
            BEFORE,
        ),
        evidence,
        "cannot arm the timer that would take the rules back",
    )
    must((_NFT, "-f", "-"), evidence, "cannot load the rules", stdin=spec["rules"])
    return evidence


def keep() -> Evidence:
    """Let the new rules stay: somebody came in by a fresh connection. Raises Failure if that was late."""
    if run(("systemctl", "is-active", "--quiet", f"{UNDO}.timer")).exit:
        raise Failure(f"nobody came in within {PATIENCE} s, so the rules from before are back")
    return _disarm()


def undo() -> Evidence:
    """Put back what held before the last change, at once."""
    done = run((_NFT, "-f", BEFORE))
    _disarm()
    return done.evidence()


def _disarm() -> Evidence:
    return run(("systemctl", "stop", f"{UNDO}.timer", f"{UNDO}.service")).evidence()


def _listing(table: str) -> str:
    done = run((_NFT, "-s", "list", "table", "inet", table))
    return done.output if done.exit == 0 else ""


def _lines(listing: str) -> list[str]:
    return [line.strip() for line in listing.splitlines() if line.strip(" \t}")]
