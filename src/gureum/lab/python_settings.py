"""The machine's ways to Python packages: its settings of pip and uv."""

from __future__ import annotations

import configparser
import io
import os
from pathlib import Path

from gureum.lab import trust

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
PIP_FILES = (
    "/etc/xdg/pip/pip.conf",
    "/etc/pip.conf",
    "~/.pip/pip.conf",
    "~/.config/pip/pip.conf",
    "$PIP_CONFIG_FILE",
)
UV_FILES = ("$UV_CONFIG_FILE", "~/.config/uv/uv.toml", "/etc/uv/uv.toml")
LOCAL = ("find-links", "log", "cache-dir", "target", "prefix", "user", "require-virtualenv")
"""Settings of pip that mean something on this machine only."""
PLACES = ("INDEX", "TRUSTED", "PROXY", "TIMEOUT", "RETRIES", "NO_INDEX", "INSECURE_HOST", "CERT")
"""What the name of a variable for pip or uv contains if it says how packages are reached."""


def pip_conf() -> str:
    """Return one pip.conf made of all that the machine has, without what leads to its own files."""
    merged = _pip()
    kept = configparser.RawConfigParser()
    for section in merged.sections():
        kept.add_section(section)
        for option, value in merged.items(section):
            if option in LOCAL:
                continue
            if option in ("cert", "client-cert"):
                kept.set(section, option, BUNDLE)
            elif remote := _remote(value):
                kept.set(section, option, remote)
        if not kept.items(section):
            kept.remove_section(section)
    out = io.StringIO()
    kept.write(out)
    return out.getvalue()


def uv_toml() -> str:
    """Return the machine's uv.toml, unless it leads to its own files."""
    for name in UV_FILES:
        path = _path(name)
        if path and path.is_file():
            text = path.read_text()
            return "" if "file://" in text or "find-links" in text else text
    return ""


def environment() -> dict[str, str]:
    """Return the variables that tell pip and uv where packages are.

    uv does not read pip.conf, and trusts only its own certificates unless it is told otherwise.
    """
    found = {}
    for name, value in os.environ.items():
        if not name.startswith(("PIP_", "UV_")) or not any(word in name for word in PLACES):
            continue
        if "CERT" in name:
            found[name] = BUNDLE if "/" in value else value
        elif remote := _remote(value):
            found[name] = remote
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(found):
        pip = _pip()
        index = found.get("PIP_INDEX_URL") or pip.get("global", "index-url", fallback="")
        if remote := _remote(index or ""):
            found["UV_DEFAULT_INDEX"] = remote
    if trust.additions():
        found["SSL_CERT_FILE"] = BUNDLE
    return found


def _pip() -> configparser.RawConfigParser:
    merged = configparser.RawConfigParser()
    for name in PIP_FILES:
        path = _path(name)
        if path and path.is_file():
            try:
                merged.read(path)
            except configparser.Error:
                # pip itself refuses such a file; the host is better off without it.
                continue
    return merged


def _path(name: str) -> Path | None:
    expanded = os.path.expandvars(os.path.expanduser(name))
    return Path(expanded) if expanded.startswith("/") else None


def _remote(value: str) -> str:
    """Return the words of a value that do not name something on this machine."""
    return " ".join(word for word in value.split() if not word.startswith(("file:", "/", "~")))
