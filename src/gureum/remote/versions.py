"""Tells which versions of packages a host has, and which it would get."""

from __future__ import annotations

import os
import re

from gureum.remote import apt_run, bundle, packages
from gureum.remote.process import run

INSTALLS = re.compile(r"^Inst (\S+)(?: \[([^]]+)\])? \((\S+)", re.MULTILINE)
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def installable(names: list[str], from_bundle: bool = False) -> list[tuple[str, str | None, str]]:
    """Return (package, version now, version then) of all that installing `names` would change.

    Nothing is installed or fetched. Empty where the host cannot tell, as one without package lists.
    """
    if not (bundle.listed() if from_bundle else packages.lists_usable()):
        return []
    source = bundle.apt_options() if from_bundle else ()
    options = ("--simulate", "--no-install-recommends", *apt_run.OPTIONS, *source)
    done = run(("apt-get", "install", *options, *names), environment=apt_run.ENVIRONMENT)
    if done.exit:
        return []
    return [(name, now or None, then) for name, now, then in INSTALLS.findall(done.output)]


def locked(path: str) -> dict[str, str]:
    """Return package -> version of a virtual environment that gureum made; empty without one."""
    try:
        with open(os.path.join(path, "requirements.lock")) as source:
            return dict(LOCKED.findall(source.read()))
    except OSError:
        return {}
