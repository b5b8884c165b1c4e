"""State `venv`: a virtual environment holds exactly what its lock names, compiled to bytecode."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sysconfig
import time
from collections.abc import Iterator
from typing import Any

from gureum.remote import bundle, venv_links, venv_trim, venv_whole
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import Done, run

PYTHON = "/usr/bin/python3"
UV_HOME = "/opt/gureum/uv"
STAMP = ".gureum-stamp"


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the stamp, the digest of lock and links that the environment was made from.

    `missing` are packages that lost files since, e.g. by somebody's hand.
    """
    path = spec["path"]
    try:
        with open(os.path.join(path, STAMP)) as source:
            found = source.read().strip()
    except OSError:
        return {"stamp": None, "missing": [], "_exists": os.path.isdir(path)}
    lost = venv_whole.missing(path, site_packages(path))
    return {"stamp": found, "missing": sorted(lost), "_exists": True, "_files": _some(lost)}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the environment with uv, trim, compile and link it; write its stamp last.

    Cut off at any point, the next run goes on: uv installs only what is missing.
    """
    evidence: list[Evidence] = []
    path = spec["path"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with _alone(f"{path}.lock"):
        now = read(spec)
        if now["stamp"] == stamp(spec) and not now["missing"]:
            return evidence
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(path, STAMP))
        told = bundle.way(spec) if spec.get("bundle") else None
        uv = install_uv(spec["uv_lock"], evidence, told)
        again = [word for name in now["missing"] for word in ("--reinstall-package", name)]
        _sync(uv, spec, evidence, told, again)
        _timed(evidence, "remove tests", lambda: venv_trim.remove_tests(site_packages(path)))
        _compile(path, evidence)
        _timed(evidence, "link", lambda: venv_links.link(site_packages(path), spec["links"]))
        venv_whole.note(path, site_packages(path))
        with open(os.path.join(path, STAMP), "w") as out:
            out.write(stamp(spec) + "\n")
    return evidence


def stamp(spec: dict[str, Any]) -> str:
    """Return the digest that a finished environment is stamped with."""
    return hashlib.sha256("\0".join((spec["lock"], *spec["links"])).encode()).hexdigest()


def site_packages(path: str) -> str:
    """Return where the environment's modules lie; it is made by the host's own Python."""
    version = sysconfig.get_python_version()
    return os.path.join(path, "lib", f"python{version}", "site-packages")


def install_uv(lock: str, evidence: list[Evidence], told: dict[str, str] | None = None) -> str:
    """Return the path of uv, installed by pip, hash-checked, if it is not there yet.

    `told` says where a bundle is, if it comes from one.
    """
    digest = hashlib.sha256(lock.encode()).hexdigest()
    mark = os.path.join(UV_HOME, STAMP)
    uv = os.path.join(UV_HOME, "bin", "uv")
    os.makedirs(os.path.dirname(UV_HOME), exist_ok=True)
    with _alone(f"{UV_HOME}.lock"):
        with contextlib.suppress(OSError), open(mark) as source:
            if source.read().strip() == digest and os.path.exists(uv):
                return uv
        shutil.rmtree(UV_HOME, ignore_errors=True)
        made = run((PYTHON, "-m", "venv", UV_HOME))
        _check(made, evidence, "cannot make an environment", "apt-get install python3-venv")
        requirements = os.path.join(UV_HOME, "uv.lock")
        with open(requirements, "w") as out:
            out.write(lock)
        pip = os.path.join(UV_HOME, "bin", "pip")
        flags = ("install", "--quiet", "--no-deps", "--require-hashes", "--no-cache-dir")
        command = (*flags, "--disable-pip-version-check", "-r", requirements)
        if told is None:
            done = run((pip, *command))
        else:
            done = run(bundle.python_command(pip, *command, *bundle.pip_options(told)))
        _check(done, evidence, "cannot install uv", _ways(told))
        with open(mark, "w") as out:
            out.write(digest + "\n")
    return uv


def _sync(
    uv: str,
    spec: dict[str, Any],
    evidence: list[Evidence],
    told: dict[str, str] | None,
    again: list[str],
) -> None:
    path = spec["path"]
    if not os.path.exists(os.path.join(path, "bin", "python")):
        shutil.rmtree(path, ignore_errors=True)
        made = run((uv, "venv", "--quiet", "--python", PYTHON, path))
        _check(made, evidence, f"cannot make {path}")
    lock = os.path.join(path, "requirements.lock")
    with open(lock, "w") as out:
        out.write(spec["lock"])
    # The cache beside the environment lets a run that was cut off go on, and can be hard-linked.
    cache = os.environ.get("UV_CACHE_DIR") or os.path.join(os.path.dirname(path), ".uv-cache")
    python = os.path.join(path, "bin", "python")
    sync = ("pip", "sync", "--require-hashes", "--strict", *again, "--python", python, lock)
    command: tuple[str, ...] = (uv, *sync)
    if told is not None:
        command = bundle.python_command(uv, *sync, *bundle.uv_options(told))
    # uv brings certificates of its own; a host behind a mirror has the mirror's in its own store.
    trust = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    done = run(command, environment={"UV_CACHE_DIR": cache, "UV_HTTP_TIMEOUT": "60", **trust})
    _check(done, evidence, f"cannot install into {path}", _ways(told))
    if not os.environ.get("UV_CACHE_DIR"):
        shutil.rmtree(cache, ignore_errors=True)


def _some(lost: dict[str, list[str]]) -> list[str]:
    return [file for files in lost.values() for file in files][:20]


def _compile(path: str, evidence: list[Evidence]) -> None:
    python = os.path.join(path, "bin", "python")
    done = run((python, "-m", "compileall", "-q", "-q", "-j", "0", site_packages(path)))
    # Some packages carry files that are not meant for this Python: they are left uncompiled.
    evidence.append({**done.evidence(), "output": ""})


_UNREACHABLE = re.compile(
    r"Connection refused|failure in name resolution|Network is unreachable|No route to host|"
    r"dns error|operation timed out|[Rr]ead timed out|connection timed out"
)
_WAYS = "cat /etc/pip.conf /etc/uv/uv.toml   (they say where packages come from)"


def _ways(told: dict[str, str] | None) -> str:
    return "" if told is None else f"curl -sI {told['url']}/wheels/   (the bundle has all packages)"


def _check(done: Done, evidence: list[Evidence], what: str, hint: str = "") -> None:
    evidence.append(done.evidence())
    if not done.exit:
        return
    lines = [line for line in done.output.strip().splitlines() if line.strip()]
    reason = next(
        (line.strip(" ×╰─▶") for line in lines if "error" in line.lower() or "×" in line), ""
    )
    if unreachable := _UNREACHABLE.search(done.output):
        reason, hint = f"no way to the packages: {unreachable.group()}", hint or _WAYS
    if "No space left" in done.output:
        reason, hint = "the disk is full", "df -h /opt"
    said = reason or f"exit {done.exit}"
    raise Failure(f"{what}: {said}"[:400], evidence, lines[-15:], hint)


def _timed(evidence: list[Evidence], what: str, work: Any) -> None:
    began = time.monotonic()
    said = str(work())
    seconds = round(time.monotonic() - began, 3)
    evidence.append({"command": [what], "exit": 0, "output": said, "seconds": seconds})


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """Hold a lock that an installation left by a lost connection holds too, while it goes on."""
    with open(path, "w") as handle:
        os.set_inheritable(handle.fileno(), True)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
