"""The lab's SSH key and the host keys of its hosts, made before a host first boots."""

from __future__ import annotations

import os
from pathlib import Path

from gureum.lab.command import run


class Identity:
    """The keys of one lab, in a folder that only root reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def private_key(self) -> Path:
        """The private key that opens every host of the lab."""
        return self.folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys of the lab's hosts, in the form that ssh reads."""
        return self.folder / "known_hosts"

    @property
    def public_key(self) -> str:
        """The line for authorized_keys."""
        return self.private_key.with_suffix(".pub").read_text()

    def make(self) -> None:
        """Make the lab's key where it is missing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_key(self.private_key, "gureum lab")

    def host_key(self, host: str) -> Path:
        """Return the private host key of a host, made at first use and kept for its lifetime."""
        path = self.folder / "hosts" / host
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _make_key(path, host)
        return path

    def forget(self, host: str) -> None:
        """Remove a host's key."""
        for path in (self.folder / "hosts" / host, self.folder / "hosts" / f"{host}.pub"):
            path.unlink(missing_ok=True)

    def write_known_hosts(self, addresses: dict[str, str]) -> None:
        """Write known_hosts for host name -> address, whole or not at all."""
        lines = []
        for host, address in sorted(addresses.items()):
            public = self.host_key(host).with_suffix(".pub").read_text().split()
            lines.append(f"{address},{host} {public[0]} {public[1]}\n")
        new = self.known_hosts.with_suffix(".new")
        new.write_text("".join(lines))
        new.rename(self.known_hosts)


def _make_key(path: Path, comment: str) -> None:
    if path.exists() and path.with_suffix(".pub").exists():
        return
    new = path.with_name(f"{path.name}.new-{os.getpid()}")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", new)
    # The private key last: where it is, the public one is too.
    Path(f"{new}.pub").rename(path.with_suffix(".pub"))
    new.rename(path)
