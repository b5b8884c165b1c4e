"""What a host must know of this machine to reach the outside as the machine does.

A lab host has no way of its own to packages: it uses the machine's name servers, mirrors,
proxies, certificates, and its settings of apt, pip and uv. All of it is read from the machine each
time a host is made, so nothing here names a server.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from gureum.lab import apt_settings, python_settings

RESOLVERS = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")


@dataclass(frozen=True)
class File:
    """A file to write into a host."""

    text: str
    mode: int = 0o644


def files(codename: str, internet: bool = True) -> dict[str, File]:
    """Return path -> file of everything a host running Debian `codename` takes over.

    Nothing without `internet`: such a host is to find no way that the machine has.
    """
    if not internet:
        return {}
    found = {
        "/etc/resolv.conf": File(resolv_conf()),
        "/etc/environment": File(_assignments({**proxies(), **python_settings.environment()})),
        "/etc/apt/apt.conf.d/50machine": File(apt_settings.options()),
        "/etc/pip.conf": File(python_settings.pip_conf()),
    }
    if sources := apt_settings.sources(codename):
        found["/etc/apt/sources.list.d/machine.sources"] = File(sources)
    for path, text in apt_settings.credentials().items():
        found[path] = File(text, 0o600)
    if uv := python_settings.uv_toml():
        found["/etc/uv/uv.toml"] = File(uv)
    return {path: file for path, file in found.items() if file.text}


def resolv_conf() -> str:
    """Return a resolv.conf whose servers can be reached from inside a host.

    A resolver that listens on the machine's loopback only (systemd-resolved) names the real ones
    in a file of its own.
    """
    for path in RESOLVERS:
        try:
            lines = path.read_text().splitlines()
        except OSError:
            continue
        kept = [line for line in lines if _reachable(line)]
        if any(line.startswith("nameserver") for line in kept):
            return "\n".join(kept) + "\n"
    return ""


def hosts() -> list[str]:
    """Return the lines of the machine's /etc/hosts that name others than itself."""
    try:
        lines = Path("/etc/hosts").read_text().splitlines()
    except OSError:
        return []
    return [line for line in lines if _names_another(line)]


def proxies() -> dict[str, str]:
    """Return the proxies of the environment, which sudo may have kept in either spelling."""
    found = {}
    for name in PROXIES:
        value = os.environ.get(name) or os.environ.get(name.upper())
        if value:
            found[name] = found[name.upper()] = value
    return found


def _reachable(line: str) -> bool:
    words = line.split()
    if not words or words[0].startswith(("#", ";")):
        return False
    if words[0] != "nameserver":
        return True
    try:
        return not ip_address(words[1].partition("%")[0]).is_loopback
    except (ValueError, IndexError):
        return False


def _names_another(line: str) -> bool:
    words = line.partition("#")[0].split()
    try:
        address = ip_address(words[0])
    except (ValueError, IndexError):
        return False
    return not (address.is_loopback or address.is_multicast or words[1:2] == [os.uname().nodename])


def _assignments(values: dict[str, str]) -> str:
    return "".join(f'{name}="{value}"\n' for name, value in sorted(values.items()))
