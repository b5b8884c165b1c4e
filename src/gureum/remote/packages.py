"""State `packages`: packages of the distribution are installed; their units are not started."""

from __future__ import annotations

import glob
import os
import re
import time
from typing import Any

from gureum.remote import apt_lock, apt_run, bundle
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import Done

STATUS = "/var/lib/dpkg/status"
LISTS = "/var/lib/apt/lists"
LISTS_AGE = 86400.0
"""Package lists older than this (seconds) are fetched anew before something is installed."""
BROKEN = re.compile(r"^Status: \S+ \S+ (unpacked|half-configured|half-installed)$", re.MULTILINE)
MATTERS = re.compile(
    r"^(E:|Err:|W: Failed|dpkg: error|dpkg-deb: error|  .*(refused|resolve|404|timed out))"
)

_cache: dict[str, Any] = {}


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the names that are not installed, from dpkg's own status file."""
    installed = installed_packages()
    missing = [name for name in spec["names"] if name not in installed]
    return {"missing": missing, "_exists": len(missing) < len(spec["names"])}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Install what is missing in one transaction, after repairing one that was cut off.

    Package lists are fetched only where they are missing, old, or lack a package. Where the spec
    names a bundle, apt looks there and nowhere else.
    """
    missing = read(spec)["missing"]
    if not missing:
        return []
    evidence: list[Evidence] = []
    apt_lock.wait()
    if interrupted():
        _check(apt_run.dpkg("--configure", "-a"), evidence, "dpkg cannot repair what was cut off")
    what = f"cannot install {_named(missing)}"
    if spec.get("bundle"):
        _install_from_bundle(bundle.way(spec), missing, evidence, what)
    else:
        _check(_from_sources(missing, evidence), evidence, what)
    _cache.clear()
    return evidence


def _from_sources(missing: list[str], evidence: list[Evidence]) -> Done:
    fresh = not lists_usable()
    if fresh:
        _update(evidence)
    done = apt_run.install(missing)
    if done.exit and not fresh and _worth_an_update(done):
        evidence.append(done.evidence())
        _update(evidence)
        done = apt_run.install(missing)
    return done


def _install_from_bundle(
    told: dict[str, str], missing: list[str], evidence: list[Evidence], what: str
) -> None:
    hint = f"curl -sI {told['url']}/debian/Packages   (the bundle has all packages)"
    bundle.prepare_apt(told)
    source = bundle.apt_options()
    if not bundle.lists_usable():
        done = apt_run.update(source)
        failed = _fetch_failed(done)
        _check(done, evidence, "cannot fetch the bundle's list of packages", failed, hint)
        bundle.check_lists(evidence)
    _check(apt_run.install(missing, source), evidence, what, hint=hint)


def installed_packages() -> frozenset[str]:
    """Return the names of installed packages, parsed again only if dpkg's status changed."""
    try:
        status = os.stat(STATUS)
        stamp = (status.st_mtime_ns, status.st_size)
        if _cache.get("stamp") != stamp:
            with open(STATUS, errors="replace") as source:
                paragraphs = source.read().split("\n\n")
            names = frozenset(
                paragraph[9 : paragraph.index("\n")]
                for paragraph in paragraphs
                if paragraph.startswith("Package: ")
                and re.search(r"^Status: \S+ ok installed$", paragraph, re.MULTILINE)
            )
            _cache.update(stamp=stamp, names=names)
    except OSError:
        return frozenset()
    names = _cache["names"]
    assert isinstance(names, frozenset)
    return names


def versions(names: list[str]) -> dict[str, str]:
    """Return the version of each of `names` that is installed."""
    try:
        with open(STATUS, errors="replace") as source:
            text = source.read()
    except OSError:
        return {}
    wanted = set(names)
    found = re.findall(
        r"^Package: (\S+)\nStatus: \S+ ok installed\n(?:.+\n)*?Version: (\S+)$", text, re.MULTILINE
    )
    return {name: version for name, version in found if name in wanted}


def interrupted() -> bool:
    """Return whether dpkg was cut off: journal parts are left, or packages half installed."""
    if any(name.isdigit() for name in _listed("/var/lib/dpkg/updates")):
        return True
    try:
        with open(STATUS, errors="replace") as source:
            return bool(BROKEN.search(source.read()))
    except OSError:
        return False


def lists_usable() -> bool:
    """Return whether package lists are there and not too old."""
    if not glob.glob(f"{LISTS}/*_Packages*"):
        return False
    # The lists themselves bear the mirror's times; the folders are touched when they are fetched.
    fetched = max(os.stat(LISTS).st_mtime, os.stat(f"{LISTS}/partial").st_mtime)
    return time.time() - fetched < LISTS_AGE


def _update(evidence: list[Evidence]) -> None:
    done = apt_run.update()
    _check(done, evidence, "cannot fetch package lists", _fetch_failed(done))
    # Lists that were all up to date leave the folder's time as it was.
    os.utime(LISTS)


def _fetch_failed(done: Done) -> bool:
    found = re.search(r"^(E:|W: Failed to fetch)", done.output, re.MULTILINE)
    return bool(done.exit or found)


def _worth_an_update(done: Done) -> bool:
    return bool(re.search("Unable to locate package|404 |no installation candidate", done.output))


def _check(
    done: Done,
    evidence: list[Evidence],
    what: str,
    failed: bool = False,
    hint: str = "apt-get update   (the sources: /etc/apt/sources.list and sources.list.d)",
) -> None:
    evidence.append(done.evidence())
    if not done.exit and not failed:
        return
    lines = [line for line in done.output.splitlines() if MATTERS.match(line)]
    errors = [line for line in lines if line.startswith(("E:", "dpkg: error"))]
    reason = (errors or lines or [f"exit {done.exit}"])[0]
    if "No space left" in done.output or "enough free space" in done.output:
        raise Failure(f"{what}: the disk is full", evidence, lines[-12:], "df -h / /var")
    raise Failure(f"{what}: {reason}", evidence, lines[-12:], hint)


def _named(names: list[str]) -> str:
    return " ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
