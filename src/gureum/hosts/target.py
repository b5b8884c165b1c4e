"""Where a host is and how it is reached."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from gureum.hosts.openssh import through

CONNECT_TIMEOUT = 12.0
"""Seconds that ssh has until the host's own ssh speaks; a busy one takes its time."""


@dataclass(frozen=True)
class Jump:
    """A host on the way to another; what is not named is left to the user's own configuration."""

    host: str
    user: str = ""
    port: int | None = None


@dataclass(frozen=True)
class Target:
    """A host by name, with what is needed to reach it.

    `connection` is `local`, `ssh` or `lab` (SSH to a host that gureum made). `ssh_host` is what ssh
    is given where that is not the address. Host keys are always checked: against `known_hosts`, or
    against the user's own files where that is empty.
    """

    name: str
    connection: str = "ssh"
    address: str = ""
    port: int = 22
    user: str = "root"
    identity: Path | None = None
    known_hosts: tuple[Path, ...] = ()
    ssh_host: str = ""
    jumps: tuple[Jump, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine."""
        return self.connection == "local"

    @property
    def destination(self) -> str:
        """What ssh is given: an address, a name or an alias."""
        return self.ssh_host or self.address

    def where(self) -> str:
        """Return what a person calls the place: `root@192.0.2.7:22`, or `this machine`."""
        if self.is_local:
            return "this machine"
        way = "".join(f" through {jump.host}" for jump in self.jumps)
        return f"{self.user}@{self.destination}:{self.port}{way}"

    def ssh_options(self) -> list[str]:
        """Return the options of OpenSSH's client that gureum sets, beside user and port."""
        quick = ["-o", f"ConnectTimeout={CONNECT_TIMEOUT:.0f}", "-o", "GSSAPIAuthentication=no"]
        return [*quick, *self._host_keys(), *self.way()]

    def ssh_command(self, *command: str) -> list[str]:
        """Return the command that opens a shell on the host, or runs `command` there."""
        if self.is_local:
            return list(command) or ["bash"]
        identity = ["-i", str(self.identity), "-o", "IdentitiesOnly=yes"] if self.identity else []
        port = [] if self.port == 22 else ["-p", str(self.port)]
        options = [*self._host_keys(), *identity, *self.way(), *port]
        remote = [shlex.join(command)] if command else []
        return ["ssh", *options, f"{self.user}@{self.destination}", *remote]

    def _host_keys(self) -> list[str]:
        if not self.known_hosts:
            return []
        # ssh splits this at blanks itself, and of quotes older ones know the double ones only.
        paths = [str(path).replace("%", "%%") for path in self.known_hosts]
        files = " ".join(f'"{path}"' if " " in path else path for path in paths)
        return ["-o", f"UserKnownHostsFile={files}"]

    def way(self) -> list[str]:
        """Return the option that goes through the jumps, nothing where there are none."""
        if not self.jumps:
            return []
        return ["-o", f"ProxyCommand={through([self._jump(jump) for jump in self.jumps])}"]

    def _jump(self, jump: Jump) -> list[str]:
        """Return the arguments of the ssh that goes to a jump, its name last."""
        timeout = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT_TIMEOUT / 2:.0f}"]
        identity = ["-i", str(self.identity)] if self.identity else []
        user = ["-l", jump.user] if jump.user else []
        port = ["-p", str(jump.port)] if jump.port else []
        return [*timeout, *self._host_keys(), *identity, *user, *port, jump.host]
