"""Holds a cloud against Tempest from beginning to end: `run_tempest` reads from top to bottom."""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from gureum.apply.events import Message
from gureum.errors import CheckError, GureumError
from gureum.model.cloud import Cloud, Role
from gureum.model.storage import BackendKind, Transport
from gureum.operate.api import as_admin
from gureum.operate.deployment import Deployment
from gureum.operate.known import api_names, known
from gureum.operate.tempest import configuration, furnishing, left_out
from gureum.operate.tempest.cleaning import Cleaning
from gureum.operate.tempest.environment import environment
from gureum.operate.tempest.results import (
    FAILED,
    PASSED,
    SKIPPED,
    Outcome,
    Told,
    counts,
    why_skipped,
)
from gureum.operate.tempest.selection import patterns
from gureum.operate.tempest.suite import Suite
from gureum.operate.typed import typed
from gureum.operate.verify import Verification
from gureum.state.folder import CloudFolder, cache

Emit = Callable[[Any], None]
_TELL_EVERY = 30.0
"""Seconds after which progress is told again."""
_KEPT_LOGS = 10


def run_tempest(
    deployment: Deployment, words: Sequence[str], emit: Emit, *, concurrency: int = 2
) -> Outcome:
    """Run the tests that `words` choose and take away again all that it took to run them.

    Raises GureumError where there is no such test, or no cloud to hold against them.
    """
    pattern = _one(patterns(words))
    began = time.monotonic()
    loaded, folder = deployment.loaded, deployment.folder

    def say(text: str) -> None:
        emit(Message("tempest", text))

    with (
        as_admin(loaded, folder, f"the cloud {folder.name!r} does not let itself be tested") as api,
        _alone(deployment),
    ):
        python = environment(cache(), say)
        guest = Verification.guest_image(emit, deployment.cloud)
        suite = _suite(folder, python)
        cleaning = Cleaning(api, suite.workspace / "before.json", say)
        cleaning.begin()
        physical = deployment.cloud.networks.provider.physical_network
        log = _log(folder)
        told: list[Told] = []
        shared = _shared_backend(deployment)
        with furnishing.furnished(api, guest, physical, shared) as furniture:
            facts = _facts(deployment, api, furniture)
            options = configuration.settings(facts, suite.workspace)
            folder.write(suite.configuration, configuration.text(options))
            folder.write(suite.left_out, left_out.text())
            chosen = suite.tests(pattern)
            if not chosen:
                raise GureumError(
                    f"no test of Tempest is called like {' or '.join(words)}",
                    detail="or all that are stand in the list of those that cannot pass",
                    hint="gureum tempest --list",
                )
            say(f"{len(chosen)} tests, {concurrency} at a time")
            try:
                told += _watched(suite.run(pattern, concurrency), len(chosen), say)
            finally:
                say("removing what tests made")
                left = cleaning.clean()
                suite.clean()
                _write(folder, log, told, deployment)
    number = counts(told)
    outcome = Outcome(
        cloud=folder.name,
        selection=tuple(words),
        seconds=round(time.monotonic() - began, 1),
        passed=number[PASSED],
        failed=number[FAILED],
        skipped=number[SKIPPED],
        failures=tuple(one for one in told if one.status == FAILED),
        skips=why_skipped(told),
        left_behind=left,
        log=str(log),
        configuration=str(suite.configuration),
    )
    kept = {**asdict(outcome), "time": time.time()}
    folder.write(log.with_suffix(".json"), json.dumps(kept, indent=1) + "\n")
    return outcome


def raise_for_failures(deployment: Deployment, outcome: Outcome) -> None:
    """Raise CheckError where a test failed, or none ended."""
    run = outcome.passed + outcome.failed
    if not run and not outcome.skipped:
        raise CheckError(
            "Tempest ended before any of its tests did",
            detail=f"what it said stands in {Path(outcome.configuration).with_name('output.log')}",
            hint=typed(deployment.loaded, "status"),
        )
    if outcome.failures:
        first = outcome.failures[0]
        raise CheckError(
            f"{outcome.failed} of {run} tests of Tempest failed",
            detail=f"each with its whole story in {outcome.log}",
            hint=typed(deployment.loaded, "tempest", _pattern_of(first.test)),
        )


def listed(words: Sequence[str], emit: Emit) -> list[str]:
    """Return the names of the tests that `words` choose; no cloud is asked."""
    pattern = _one(patterns(words))
    python = environment(cache(), lambda text: emit(Message("tempest", text)))
    workspace = python.parents[1] / "listing"
    workspace.mkdir(exist_ok=True)
    suite = Suite(python, workspace, workspace / "none", {})
    suite.configuration.write_text("")
    suite.left_out.write_text(left_out.text())
    return suite.tests(pattern)


def _watched(told: Iterable[Told], number: int, say: Callable[[str], None]) -> Iterator[Told]:
    """Yield each test on, and say how far it is, and of each failure at once."""
    began = last = time.monotonic()
    so_far: list[Told] = []
    for one in told:
        so_far.append(one)
        if one.status == FAILED:
            say(f"failed: {one.test}: {one.reason}")
        if time.monotonic() - last > _TELL_EVERY:
            last = time.monotonic()
            say(_progress(so_far, number, last - began))
        yield one


def _progress(told: Sequence[Told], number: int, seconds: float) -> str:
    ended = ", ".join(f"{count} {status}" for status, count in sorted(counts(told).items()))
    return f"{len(told)} of {number} after {seconds / 60:.0f} min: {ended}"


def _facts(
    deployment: Deployment, api: Any, furniture: furnishing.Furniture
) -> configuration.Facts:
    blueprint = known(deployment).blueprint
    context = next(iter(blueprint.contexts.values()))
    computes = [name for name, _ in deployment.cloud.hosts_with(Role.COMPUTE)]
    types = {
        blueprint.hosts[name].tree.files["nova.conf"]["libvirt"]["virt_type"].value
        for name in computes
    }
    access = api.session.auth.get_access(api.session)
    services = frozenset(entry["type"] for entry in access.service_catalog.catalog)
    return configuration.Facts(
        auth_url=context.api(5000, "/v3"),
        region=deployment.cloud.region,
        password=blueprint.secrets.password("keystone.admin"),
        ca=deployment.folder.ca,
        services=services,
        extensions=tuple(extension.alias for extension in api.network.extensions()),
        computes=len(computes),
        emulated="kvm" not in types,
        disks_in_ceph=deployment.cloud.vm_disks == "ceph",
        backups=deployment.cloud.backup_target != "none",
        protocol=_protocol(deployment.cloud),
        converts_images=deployment.cloud.image_store == "ceph",
        objects_can=_objects_can(api) if "object-store" in services else frozenset(),
        **asdict(furniture),
    )


def _objects_can(api: Any) -> frozenset[str]:
    """Return what Swift tells whoever asks that it can; the address has no version and no account."""
    return frozenset(api.session.get(urljoin(api.object_store.get_endpoint(), "/info")).json())


def _protocol(cloud: Cloud) -> str:
    """Return how volumes of no type come to VMs, in the words of cinder's drivers."""
    first = next(iter(cloud.backends.values()), None)
    if first is None:
        return ""
    if first.kind is BackendKind.LVM:
        return {Transport.ISCSI: "iSCSI", Transport.NVME_TCP: "NVMe-oF"}[first.transport]
    return {BackendKind.CEPH: "ceph", BackendKind.NFS: "nfs"}[first.kind]


def _shared_backend(deployment: Deployment) -> str:
    """Return a backend whose volumes several VMs may have at once; files on NFS cannot be shared so."""
    of = deployment.cloud.backends.items()
    return next((name for name, backend in of if backend.kind is not BackendKind.NFS), "")


def _suite(folder: CloudFolder, python: Path) -> Suite:
    workspace = _workspace(folder)
    settings = workspace / ".stestr.conf"
    # It names the folder of the environment, which another lock has elsewhere.
    settings.unlink(missing_ok=True)
    for output in (workspace / "output.log", workspace / "tempest.log"):
        output.unlink(missing_ok=True)
    return Suite(python, workspace, folder.ca, api_names(folder))


def _workspace(folder: CloudFolder) -> Path:
    workspace = folder.path / "tempest"
    workspace.mkdir(mode=0o700, exist_ok=True)
    return workspace


def _log(folder: CloudFolder) -> Path:
    """Return where this run tells of its failures, and forget the oldest runs."""
    logs = _workspace(folder) / "runs"
    logs.mkdir(mode=0o700, exist_ok=True)
    for old in sorted(logs.glob("*.log"))[: -_KEPT_LOGS + 1]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)
    return logs / time.strftime("%Y%m%d-%H%M%S.log", time.gmtime())


def _write(folder: CloudFolder, log: Path, told: Sequence[Told], deployment: Deployment) -> None:
    redact = known(deployment).blueprint.secrets.redactor()
    parts = [
        f"{one.status:8}{one.seconds:8.1f} s  {one.test}  {_brief(one)}".rstrip() for one in told
    ]
    parts += [f"\n{'=' * 80}\n{one.test}\n\n{one.story}" for one in told if one.status == FAILED]
    folder.write(log, redact("\n".join(parts)) + "\n")


def _brief(one: Told) -> str:
    return one.reason.splitlines()[0] if one.reason else ""


def _one(expressions: Sequence[str]) -> str:
    if len(expressions) == 1:
        return expressions[0]
    return "|".join(f"(?:{expression})" for expression in expressions)


def _pattern_of(test: str) -> str:
    """Return what selects a test again: of one that failed for a whole class, the class."""
    whole = test.partition("(")[2].rstrip(")")
    return re.escape(whole) if whole else test.rpartition(".")[2]


@contextlib.contextmanager
def _alone(deployment: Deployment) -> Iterator[None]:
    """Let one run at a time have the cloud: each removes what others left, and would take it away."""
    with (_workspace(deployment.folder) / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GureumError(
                f"the cloud {deployment.folder.name!r} is being tested already",
                detail="two runs at once would take each other's projects for left behind",
                hint=typed(deployment.loaded, "status") + ", and wait for the other to end",
            ) from None
        yield
