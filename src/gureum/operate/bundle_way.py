"""Opens the hosts' way to the bundle that they install from, for as long as something installs.

Hosts reach a server by themselves. A folder is served on this machine's loopback and reached through
SSH, so that a host which reaches nobody but gureum's machine, or is only reached by it, will do.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from gureum.errors import BundleError, HostError
from gureum.steps.states import PackagesInstalled, VenvInstalled

if TYPE_CHECKING:
    from gureum.bundle import Source
    from gureum.hosts import Session, Target
    from gureum.model.cloud import Cloud
    from gureum.steps.step import Step

WITHIN = 30.0
_FORWARDED = re.compile(r"Allocated port (\d+) for remote forward")

Say = Callable[[str], None]


def source_of(cloud: Cloud) -> Source | None:
    """Return the bundle that the cloud installs from, None where it takes the hosts' own sources.

    Raises BundleError where it is not there, is another than the pinned one, or for another release.
    """
    if cloud.packages.bundle is None:
        return None
    from gureum.bundle import open_source

    source = open_source(cloud.packages.bundle, cloud.packages.sha256)
    if source.manifest.release != cloud.release:
        raise BundleError(
            f"the bundle at {source.place} is of release {source.manifest.release}",
            detail=f"the cloud is of release {cloud.release}",
            hint=f"gureum bundle create --release {cloud.release} FOLDER",
        )
    return source


@contextlib.contextmanager
def bundle_way(
    cloud: Cloud,
    steps: Iterable[Step],
    sessions: Mapping[str, Session],
    systems: Mapping[str, str],
    say: Say,
) -> Iterator[None]:
    """Open the way to the bundle for the hosts of those steps that install something from it.

    `systems` are the operating systems by host, e.g. debian-13. Raises BundleError before anything
    is touched where the bundle lacks what the steps want.
    """
    wanted = [step for step in steps if getattr(step.state, "bundle", "")]
    source = source_of(cloud) if wanted else None
    if source is None:
        yield
        return
    hosts = sorted({step.host for step in wanted if step.host in sessions})
    _check(source, wanted, {host: systems[host] for host in hosts})
    say(
        f"installing from the bundle {source.place} of {source.manifest.created[:10]}, and nowhere else"
    )
    with _ways(source, {host: sessions[host].target for host in hosts}) as urls:
        from gureum.remote import bundle

        for host, url in urls.items():
            sessions[host].call(bundle.use, _told(source, url), timeout=WITHIN)
        yield


def _told(source: Source, url: str) -> dict[str, str]:
    """Return what a host needs to know of the bundle."""
    from gureum.bundle import Kind
    from gureum.bundle.manifest import INDEX
    from gureum.bundle.python_lock import hashes_of
    from gureum.bundle.wheels import build_constraints
    from gureum.releases import load_release

    release = load_release(source.manifest.release)
    pinned = hashes_of(release.lock) | hashes_of(release.uv_lock)
    return {
        "url": url,
        "index": source.manifest.by_path[INDEX].sha256,
        "constraints": build_constraints(source.manifest.of(Kind.WHEEL), pinned),
    }


def _check(source: Source, steps: Collection[Step], systems: Mapping[str, str]) -> None:
    """Raise BundleError that names all that the bundle lacks for these steps."""
    from gureum.bundle import Kind
    from gureum.bundle.python_lock import locked, missing
    from gureum.bundle.systems import system

    manifest = source.manifest
    others = {host: name for host, name in systems.items() if name != manifest.os}
    if others:
        host, name = next(iter(others.items()))
        raise BundleError(
            f"the bundle at {source.place} is for {manifest.os}, and {host} runs {name}",
            detail=f"hosts with another system: {', '.join(others)}",
            hint=f"gureum bundle create --os {name} ANOTHER-FOLDER",
        )
    debs = manifest.versions(Kind.DEBIAN)
    digests = [file.sha256 for file in manifest.of(Kind.WHEEL)]
    lacking: set[str] = set()
    for state in {step.state for step in steps}:
        if isinstance(state, PackagesInstalled):
            lacking |= {name for name in state.names if name not in debs}
        elif isinstance(state, VenvInstalled):
            entries = [
                *locked(state.lock, system(manifest.os)),
                *locked(state.uv_lock, system(manifest.os)),
            ]
            lacking |= {f"{e.name} {e.version}" for e in missing(entries, digests)}
    if lacking:
        names = sorted(lacking)
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        raise BundleError(
            f"the bundle at {source.place} lacks {len(names)} of the packages that are wanted",
            detail=", ".join(names[:8]) + more,
            hint=f"gureum bundle create {source.folder or 'FOLDER, where the bundle lies'}",
        )


@contextlib.contextmanager
def _ways(source: Source, targets: Mapping[str, Target]) -> Iterator[dict[str, str]]:
    """Yield the bundle's address as each host reaches it."""
    if source.folder is None:
        yield dict.fromkeys(targets, source.url)
        return
    from gureum.bundle.serve import serving

    with serving(source.folder) as server, contextlib.ExitStack() as stack:
        with ThreadPoolExecutor(32) as pool:
            jobs = {
                host: pool.submit(_forward, target, server.port) for host, target in targets.items()
            }
        for job in jobs.values():
            if job.exception() is None:
                stack.callback(job.result().close)
        yield {host: f"http://127.0.0.1:{job.result().port}" for host, job in jobs.items()}


class _Forward:
    """A port of a host's loopback that leads to a port here, for as long as this is open."""

    def __init__(self, port: int, process: subprocess.Popen[str] | None = None) -> None:
        self.port = port
        self._process = process
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self) -> None:
        # What ssh says later must not fill the pipe.
        if self._process is not None and self._process.stderr is not None:
            with self._process.stderr as stream:
                for _ in stream:
                    pass

    def close(self) -> None:
        """End the way."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(5)


def _forward(target: Target, port: int) -> _Forward:
    """Open a host's way to `port` here; raises HostError where its SSH server lets none through."""
    if target.is_local:
        return _Forward(port)
    ssh, *rest = target.ssh_command()
    options = ("-o", "ExitOnForwardFailure=yes", "-o", "BatchMode=yes", *target.ssh_options())
    process = subprocess.Popen(
        [ssh, "-N", "-R", f"127.0.0.1:0:127.0.0.1:{port}", *options, *rest],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    timer = threading.Timer(WITHIN, process.kill)
    timer.start()
    said: list[str] = []
    assert process.stderr is not None
    try:
        for line in process.stderr:
            said.append(line.strip())
            if found := _FORWARDED.search(line):
                return _Forward(int(found[1]), process)
    finally:
        timer.cancel()
    _Forward(0, process).close()
    raise HostError(
        f"{target.name} lets no way to the bundle through its SSH connection",
        detail="\n".join(said[-4:]) or f"no answer within {WITHIN:.0f} s",
        hint="gureum bundle serve FOLDER, and its address as packages.bundle, need no AllowTcpForwarding",
    )
