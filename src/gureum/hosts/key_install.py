"""Puts a public key onto a host by one login with a password, which ssh itself asks for.

The password goes from the terminal to ssh: gureum never sees it, so it cannot keep it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gureum.errors import GureumError
from gureum.hosts.target import Target

_USUAL = ("id_ed25519", "id_ecdsa", "id_rsa")
_SCRIPT = """\
umask 077
mkdir -p ~/.ssh
key=$(cat)
grep -qxF "$key" ~/.ssh/authorized_keys 2>/dev/null || printf '%s\\n' "$key" >> ~/.ssh/authorized_keys
"""


def own_key() -> Path | None:
    """Return the private key that ssh tries by itself and whose public half is there, if any."""
    places = (Path("~/.ssh").expanduser() / name for name in _USUAL)
    return next((p for p in places if p.exists() and p.with_suffix(".pub").exists()), None)


def make_key(path: Path, comment: str) -> Path:
    """Make a key pair without a passphrase where there is none, and return the private one."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
            check=True,
            capture_output=True,
        )
    return path


def public_key(identity: Path) -> str:
    """Return the public half of a private key; raises GureumError where it cannot be had."""
    beside = identity.with_name(identity.name + ".pub")
    try:
        return beside.read_text().strip()
    except OSError:
        pass
    done = subprocess.run(
        ["ssh-keygen", "-y", "-P", "", "-f", str(identity)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise GureumError(
            f"there is no public key beside {identity}, and it cannot be read for one",
            detail=done.stderr.strip(),
            hint=f"ssh-keygen -y -f {identity} > {beside}",
        )
    return done.stdout.strip()


def install(target: Target, identity: Path) -> bool:
    """Log in once by password and put the key's public half onto the host; True where that worked.

    The caller sees to it that there is a terminal, and that the host's key is known.
    """
    done = subprocess.run(
        [*_by_password(replace(target, identity=None)), _SCRIPT],
        input=public_key(identity) + "\n",
        text=True,
        check=False,
        # On the terminal, and in no window of a desktop.
        env={**os.environ, "SSH_ASKPASS_REQUIRE": "never"},
    )
    return done.returncode == 0


def _by_password(target: Target) -> Iterator[str]:
    yield from ("ssh", "-l", target.user, "-p", str(target.port))
    yield from ("-o", "PubkeyAuthentication=no", "-o", "StrictHostKeyChecking=yes")
    yield from ("-o", "PreferredAuthentications=keyboard-interactive,password")
    yield from ("-o", "NumberOfPasswordPrompts=1")
    yield from target.ssh_options()
    yield from ("--", target.destination)
