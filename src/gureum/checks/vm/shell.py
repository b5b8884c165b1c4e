"""Logs in to the VM by SSH with a key made for this run alone."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import CheckError


@dataclass(frozen=True)
class Answer:
    """What a command in the VM said."""

    exit: int
    output: bytes
    error: str
    seconds: float

    @property
    def text(self) -> str:
        """The output as text."""
        return self.output.decode(errors="replace")


class KeyPair:
    """An ed25519 key for as long as this process needs it.

    It lies in memory that only this user can open, at a path under /proc that ssh takes for a file:
    a run that is killed leaves no key behind.
    """

    def __init__(self) -> None:
        from cryptography.hazmat.primitives import serialization as s
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)
        self.public = public.decode()
        text = private.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption())
        self._memory = os.memfd_create("gureum-verify")
        self.path = Path(f"/proc/{os.getpid()}/fd/{self._memory}")
        os.fchmod(self._memory, 0o600)
        os.write(self._memory, text)

    def remove(self) -> None:
        """Forget the key."""
        if self._memory >= 0:
            os.close(self._memory)
            self._memory = -1


class Shell:
    """Runs commands in a VM as `user`; `options` are further ones of ssh."""

    def __init__(
        self, address: str, user: str, key: KeyPair, options: tuple[str, ...] = ()
    ) -> None:
        self.address = address
        self.user = user
        self._key = key
        self._options = options

    def command(self, command: str) -> tuple[str, ...]:
        """Return the argument tuple that runs `command` in the VM.

        The VM made its host key seconds ago and lives for a minute: there is nothing to compare it
        with, and nothing of it shall stay in a known_hosts file.
        """
        options = {
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "ConnectTimeout": "5",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "GlobalKnownHostsFile": "/dev/null",
            "ControlPath": "none",
            "LogLevel": "ERROR",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        where = f"{self.user}@{self.address}"
        return (
            "ssh",
            "-F",
            "none",
            "-i",
            str(self._key.path),
            *flags,
            *self._options,
            where,
            command,
        )

    def run(self, command: str, *, stdin: bytes = b"", timeout: float = 60.0) -> Answer:
        """Run a shell command in the VM."""
        began = time.monotonic()
        try:
            done = subprocess.run(
                self.command(command),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=timeout,
            )
        except FileNotFoundError:
            raise CheckError(
                "ssh is not installed on this machine",
                detail="the VM is logged in to with it",
                hint="apt-get install openssh-client",
            ) from None
        except subprocess.TimeoutExpired:
            return Answer(124, b"", f"no answer within {timeout:.0f} s", time.monotonic() - began)
        seconds = time.monotonic() - began
        return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace"), seconds)
