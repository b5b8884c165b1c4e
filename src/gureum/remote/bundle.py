"""A bundle as the one source of packages: apt, pip and uv look there and nowhere else.

gureum tells the host once in a connection where the bundle is and which index it has. Sources,
preferences and proxies that the host has are left as they are, and not used.
"""

from __future__ import annotations

import glob
import hashlib
import os
from typing import Any
from urllib.parse import urlparse

from gureum.remote.failure import Evidence, Failure

FOLDER = "/var/lib/gureum/bundle"
LISTS = FOLDER + "/lists"
SOURCES = FOLDER + "/sources.list"
CONSTRAINTS = FOLDER + "/build.constraints"
NOT_KEPT = ("pip_", "uv_", "http_proxy", "https_proxy", "all_proxy", "no_proxy")
KEPT = ("UV_CACHE_DIR", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "UV_HTTP_TIMEOUT")

_way: dict[str, str] = {}


def use(way: dict[str, str]) -> None:
    """Take in where the bundle is.

    `url` is its address as this host reaches it, `index` the SHA-256 of its list of packages,
    `constraints` what builds packages that come as source.
    """
    _way.clear()
    _way.update(way)


def way(spec: dict[str, Any]) -> dict[str, str]:
    """Return where the bundle is; raises Failure where this host was not told."""
    if not _way:
        raise Failure(
            f"no way to the bundle {spec['bundle']} was opened",
            hint="true   (run gureum apply on the machine that gureum runs on)",
        )
    return _way


def apt_options() -> tuple[str, ...]:
    """Return options that show apt the bundle alone."""
    values = {
        "Dir::Etc::sourcelist": SOURCES,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::lists": LISTS,
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Default-Release": "",
        "Acquire::http::Proxy": "DIRECT",
        "Acquire::https::Proxy": "DIRECT",
        "Acquire::GzipIndexes": "false",
        "Acquire::Languages": "none",
    }
    return tuple(f"-o={key}={value}" for key, value in values.items())


def prepare_apt(told: dict[str, str]) -> None:
    """Write the list of sources that names the bundle."""
    os.makedirs(f"{LISTS}/partial", exist_ok=True)
    with open(SOURCES, "w") as out:
        # Its index is held against the digest that gureum told; a signature would add nothing.
        options = "trusted=yes check-valid-until=no check-date=no"
        out.write(f"deb [{options}] {told['url']}/debian ./\n")


def lists_usable() -> bool:
    """Tell whether the bundle's list of packages is here, as gureum told it.

    apt files a list under its address, and a way through SSH has another port each time.
    """
    found = _lists()
    here = f"{urlparse(_way['url']).netloc}_"
    named = [path for path in found if os.path.basename(path).startswith(here)]
    return named == found and len(found) == 1 and _digest(found[0]) == _way["index"]


def listed() -> bool:
    """Tell whether a bundle's list of packages is here at all, of today or from before."""
    return len(_lists()) == 1


def check_lists(evidence: list[Evidence]) -> None:
    """Raise Failure where the list that was fetched is not the one that gureum knows."""
    if lists_usable():
        return
    for path in _lists():
        os.unlink(path)
    raise Failure(
        "the bundle's list of packages is not the one that its manifest names",
        evidence,
        hint=f"curl -s {_way['url']}/bundle.json   (has it been renewed meanwhile? then run it again)",
    )


def python_command(program: str, *arguments: str) -> tuple[str, ...]:
    """Return a command of pip or uv without any setting of this host."""
    ours = [name for name in os.environ if name.lower().startswith(NOT_KEPT)]
    unset = [word for name in sorted(ours) if name not in KEPT for word in ("-u", name)]
    return ("env", *unset, f"PIP_CONFIG_FILE={os.devnull}", program, *arguments)


def pip_options(told: dict[str, str]) -> tuple[str, ...]:
    """Return options by which pip looks at the bundle alone; its hashes make it safe."""
    host = urlparse(told["url"]).netloc
    return ("--no-index", "--find-links", f"{told['url']}/wheels/", "--trusted-host", host)


def uv_options(told: dict[str, str]) -> tuple[str, ...]:
    """Return options by which uv looks at the bundle alone."""
    options = ["--no-config", "--no-index", "--find-links", f"{told['url']}/wheels/"]
    if told["constraints"]:
        os.makedirs(FOLDER, exist_ok=True)
        with open(CONSTRAINTS, "w") as out:
            out.write(told["constraints"])
        options += ["--build-constraints", CONSTRAINTS]
    return tuple(options)


def _lists() -> list[str]:
    return glob.glob(f"{LISTS}/*_Packages")


def _digest(path: str) -> str:
    with open(path, "rb") as source:
        return hashlib.sha256(source.read()).hexdigest()
