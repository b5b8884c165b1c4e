"""Where everything that gureum knows of one cloud lies: one folder, mode 0700 (D9)."""

from __future__ import annotations

import os
from pathlib import Path

from gureum.state.secrets import Secrets


def home() -> Path:
    """Return gureum's own folder: $GUREUM_HOME, /var/lib/gureum for root, else the user's XDG one."""
    if chosen := os.environ.get("GUREUM_HOME"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/gureum")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "gureum"


def cache() -> Path:
    """Return where rebuildable things are kept (root file systems, guest images)."""
    if chosen := os.environ.get("GUREUM_CACHE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/cache/gureum")
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gureum"


class CloudFolder:
    """The folder of one cloud: its secrets, authority, credentials, journal and last known state."""

    def __init__(self, name: str, root: Path | None = None) -> None:
        self.name = name
        self.path = (root or home()) / "clouds" / name

    def make(self) -> CloudFolder:
        """Create the folder (0700) where it is missing and return it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        return self

    @property
    def exists(self) -> bool:
        """Tell whether anything was ever made for this cloud."""
        return self.path.is_dir()

    @property
    def journal(self) -> Path:
        """The journal of all runs."""
        return self.path / "journal.jsonl"

    @property
    def openrc(self) -> Path:
        """The admin's openrc."""
        return self.path / "openrc"

    @property
    def clouds_yaml(self) -> Path:
        """The admin's clouds.yaml."""
        return self.path / "clouds.yaml"

    @property
    def ca(self) -> Path:
        """The certificate of the cloud's own authority."""
        return self.path / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """The key of the cloud's own authority."""
        return self.path / "ca.key"

    @property
    def certificates(self) -> Path:
        """The folder of the certificates that the authority issued."""
        return self.path / "certificates"

    @property
    def input(self) -> Path:
        """The input that the cloud was last applied from, as JSON: its file and its text."""
        return self.path / "input.json"

    @property
    def known_hosts(self) -> Path:
        """The host keys that were accepted for this cloud."""
        return self.path / "known_hosts"

    @property
    def facts(self) -> Path:
        """What the hosts said of themselves when they were last asked, as JSON."""
        return self.path / "facts.json"

    @property
    def host_states(self) -> Path:
        """How each host was when it was last looked at, as JSON."""
        return self.path / "hosts.json"

    def secrets(self) -> Secrets:
        """Read the cloud's secrets."""
        return Secrets(self.path / "secrets.json")

    def write(self, path: Path, text: str, mode: int = 0o600) -> None:
        """Write a file of the folder in one move, never readable by others in between."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
            out.write(text)
        new.replace(path)
