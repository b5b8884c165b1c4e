"""Host keys: which one a host shows, which one is known of it, and how a new one is kept.

ssh itself asks for the key, so that jumps, aliases and names mean what they mean when it connects.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gureum.hosts.refusal import Refused, refusal
from gureum.hosts.target import Target


@dataclass(frozen=True)
class HostKey:
    """A host's key: the lines for a known_hosts file, and what a person compares."""

    name: str
    """What ssh files it under: a host name, or `[name]:port`."""
    kind: str
    fingerprint: str
    line: str


def shown(target: Target) -> HostKey | Refused:
    """Return the key that a host shows now, without logging in."""
    with tempfile.TemporaryDirectory(prefix="gureum-") as folder:
        file = Path(folder) / "known_hosts"
        argv = [
            *("ssh", "-T", "-l", target.user, "-p", str(target.port)),
            *("-o", f"UserKnownHostsFile={file}", "-o", "GlobalKnownHostsFile=/dev/null"),
            *("-o", "StrictHostKeyChecking=accept-new", "-o", "HashKnownHosts=no"),
            *("-o", "PreferredAuthentications=none", "-o", "BatchMode=yes"),
            *("-o", "ConnectTimeout=6"),
            # Jumps on the way are logged in to, so their keys have to be known.
            *target.way(),
            *("--", target.destination),
        ]
        try:
            done = subprocess.run(
                argv,
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
                stdin=subprocess.DEVNULL,
                errors="replace",
            )
        except (OSError, subprocess.SubprocessError) as error:
            return refusal(target, f"timed out: {error}")
        text = file.read_text() if file.exists() else ""
    keys = _keys(text)
    return keys[0] if keys else refusal(target, done.stderr)


def known(name: str, files: Iterable[Path]) -> list[HostKey]:
    """Return the keys that are known under a name."""
    found = []
    for file in files:
        path = file.expanduser()
        if path.exists():
            done = _keygen("-F", name, "-f", str(path))
            found += _keys(done)
    return found


def keep(file: Path, keys: Sequence[HostKey]) -> None:
    """Write keys into a known_hosts file, in the place of what it held under their names."""
    names = {key.name for key in keys}
    before = file.read_text().splitlines() if file.exists() else []
    kept = [line for line in before if line.split(" ", 1)[0] not in names]
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(file.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write("\n".join([*kept, *(key.line for key in keys), ""]))
    new.replace(file)


def _keys(text: str) -> list[HostKey]:
    found = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 3 or line.startswith("#"):
            continue
        told = _keygen("-l", "-f", "-", stdin=line).split()
        if len(told) > 1:
            kind = fields[1].removeprefix("ssh-").removeprefix("ecdsa-sha2-")
            found.append(HostKey(fields[0], kind, told[1], line))
    return found


def _keygen(*arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["ssh-keygen", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        timeout=10,
        check=False,
    )
    return done.stdout
