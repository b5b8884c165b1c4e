"""The machine's ways to Debian packages: its mirrors, its proxies, its credentials."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

CODENAMES = {"debian-12": "bookworm", "debian-13": "trixie"}
COMPONENTS = {"main", "contrib", "non-free", "non-free-firmware"}
POCKETS = ("", "-updates", "-security")
FORMAT = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)|$(ORIGIN)"
MATTERS = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries")
AUTH = Path("/etc/apt/auth.conf")
LEAN = (
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "true";',
    'APT::Install-Recommends "false";',
)


def sources(codename: str) -> str:
    """Return the machine's Debian mirrors as deb822 sources for `codename`.

    The text is empty where the machine has none, e.g. on Ubuntu; mmdebstrap then knows its own.
    """
    entries: dict[tuple[str, str], dict[str, None]] = {}
    for line in _ask("apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages"):
        uri, release, component, signed_by, origin = (_value(word) for word in line.split("|"))
        pocket = _pocket(release)
        ours = origin == "Debian" or (not origin and (not signed_by or "debian" in signed_by))
        if pocket is None or not ours or component not in COMPONENTS:
            continue
        for place in _places(uri):
            entries.setdefault((place, codename + pocket), {})[component] = None
    if not any(suite == codename for _, suite in entries):
        return ""
    return "\n".join(
        f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: {' '.join(components)}\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        for (uri, suite), components in entries.items()
    )


def options() -> str:
    """Return the machine's own settings of how apt fetches, and ours that keep a host lean."""
    kept = [
        line
        for line in _ask("apt-config", "dump", "--format", "%F %v;%n", "--no-empty")
        if line.startswith(MATTERS) and "Proxy-Auto-Detect" not in line
    ]
    quoted = [_quoted(line) for line in kept]
    return "\n".join([*LEAN, *quoted]) + "\n"


def credentials() -> dict[str, str]:
    """Return path -> text of the files that hold the machine's passwords for mirrors."""
    found = [AUTH, *sorted(AUTH.with_name("auth.conf.d").glob("*.conf"))]
    return {str(path): path.read_text() for path in found if path.is_file()}


def _pocket(release: str) -> str | None:
    """Return which pocket of Debian a suite is, None for one that is no part of a release."""
    own = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    for name in {own, "stable", "oldstable", *CODENAMES.values()} - {""}:
        for pocket in POCKETS:
            if release == name + pocket:
                return pocket
    return None


def _places(uri: str) -> list[str]:
    """Return where a mirror really is: cloud images keep a list of mirrors in a local file."""
    if uri.startswith("mirror+file:"):
        lines = Path(uri.removeprefix("mirror+file:").rstrip("/")).read_text().splitlines()
        return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return [uri] if uri.startswith(("http:", "https:")) else []


def _value(word: str) -> str:
    """Return a word of the listing; a field that a source lacks is shown as its own name."""
    return "" if word.startswith("$(") else word


def _quoted(line: str) -> str:
    name, _, value = line.rstrip(";").partition(" ")
    return f'{name} "{value}";'


def _ask(*command: str) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return done.stdout.splitlines()
