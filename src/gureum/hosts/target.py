"""Where a host is and how it is reached."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

CONNECT_TIMEOUT = 12.0


@dataclass(frozen=True)
class Target:
    """A host by name, with what is needed to reach it.

    `connection` is `local`, `ssh` or `lab` (SSH to a host that gureum made). Host keys are always
    checked: against `known_hosts`, or against the user's own file where that is None.
    """

    name: str
    connection: str = "ssh"
    address: str = ""
    port: int = 22
    user: str = "root"
    identity: Path | None = None
    known_hosts: Path | None = None

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine."""
        return self.connection == "local"

    def where(self) -> str:
        """Return what a person calls the place: `root@192.0.2.7:22`, or `this machine`."""
        return "this machine" if self.is_local else f"{self.user}@{self.address}:{self.port}"

    def ssh_options(self) -> list[str]:
        """Return the options of OpenSSH's client that gureum sets, beside user and port."""
        quick = ["-o", f"ConnectTimeout={CONNECT_TIMEOUT:.0f}", "-o", "GSSAPIAuthentication=no"]
        return [*quick, *self._host_keys()]

    def _host_keys(self) -> list[str]:
        return [] if self.known_hosts is None else ["-o", f"UserKnownHostsFile={self.known_hosts}"]

    def ssh_command(self, *command: str) -> list[str]:
        """Return the command that opens a shell on the host, or runs `command` there."""
        if self.is_local:
            return list(command) or ["bash"]
        identity = ["-i", str(self.identity), "-o", "IdentitiesOnly=yes"] if self.identity else []
        port = [] if self.port == 22 else ["-p", str(self.port)]
        options = [*self._host_keys(), *identity, *port]
        remote = [shlex.join(command)] if command else []
        return ["ssh", *options, f"{self.user}@{self.address}", *remote]
