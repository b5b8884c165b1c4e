"""Takes a host out of a cloud, in an order that can be cut off anywhere and begun again.

What runs there ends first, for a nova-compute that still runs would write its records anew. Then the
records go, and the input last: until then the host is one of the cloud's, and the same command, or an
apply that brings it back, finds all that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gureum.apply.journal import Journal
from gureum.errors import GureumError, HostError
from gureum.model.edit import without
from gureum.model.load import LoadedCloud, load
from gureum.operate.api import as_admin
from gureum.operate.computes.enabling import disable
from gureum.operate.computes.leaving import Leaving, check_known, leaving
from gureum.operate.computes.objects import check_objects_on, without_drain
from gureum.operate.computes.records import Records, forget
from gureum.operate.computes.storage import Storing, monitors_hosts, storing
from gureum.operate.computes.vms import sentence, vms_on
from gureum.operate.computes.volumes import check_volumes
from gureum.operate.deployment import Deployment
from gureum.operate.input_file import write_input
from gureum.operate.kept_input import keep_input
from gureum.operate.typed import typed
from gureum.remote import cluster_records, retire

if TYPE_CHECKING:
    from gureum.hosts import Connections, Session

TIMEOUT = 60.0
STOP_TIMEOUT = 400.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """A host before it leaves: how it is reached or why not, since when nova has not heard of it."""

    host: str
    silent: str
    last_report: str
    in_input: bool
    lab: bool


@dataclass(frozen=True, kw_only=True)
class Removed:
    """What was done: units that ended there, records that went, what is left, and the input's file."""

    host: str
    stopped: tuple[str, ...]
    files: tuple[str, ...]
    records: Records
    left: tuple[str, ...]
    refused: tuple[str, ...]
    input: str


Say = Callable[[str], None]
Confirm = Callable[[Look], None]


def remove(deployment: Deployment, host: str, *, dead: bool, confirm: Confirm, say: Say) -> Removed:
    """Take a host out of the cloud and return what went and what is left of it.

    With `dead` only records go, of a host that does not answer. Raises GureumError before anything is
    changed: for VMs that are on it, for the last host of a role, for a host that answers although it
    is called dead, or does not although it is not.
    """
    one = leaving(deployment, host)
    renewed = _renewed(deployment, host) if one.in_input else None
    watchers = monitors_hosts(deployment, host)
    silent = f"the cloud {deployment.cloud.name!r} cannot be asked about {host}"
    journal = Journal(deployment.folder.journal)
    from gureum.hosts import Connections

    with (
        journal.lock(),
        Connections() as connections,
        as_admin(deployment.loaded, deployment.folder, silent) as api,
    ):
        controllers = connections.open(one.controllers)
        central = next(iter(controllers.values()))
        sessions, errors = connections.try_open([one.target] if one.target else [])
        session = sessions.get(host)
        on_record = central.call(cluster_records.hosts_on_record, timeout=TIMEOUT)
        check_known(deployment, host, on_record.get(host, []))
        service = next(iter(api.compute.services(host=host, binary="nova-compute")), None)
        _check(deployment, one, session, errors, service, dead=dead)
        _check_vms(deployment, api, host, dead=dead)
        check_volumes(deployment, api, host)
        if not one.unmade:
            check_objects_on(deployment, host, session)
        stores = _storing(deployment, one, connections, watchers, dead=dead)
        confirm(_look(one, errors, service))
        journal.write("remove", host=host, what="begun", dead=dead)
        if service is not None and service.status == "enabled":
            disable(api, host, "it leaves the cloud")
        if stores is not None:
            stores.drain(say)
        ended: Mapping[str, Any] = {"stopped": [], "removed": []}
        if session is not None:
            ended = _retire(deployment, one, session)
            say(_ended(host, ended))
        if stores is not None:
            stores.forget(say)
        before, after, refused = forget(
            api,
            host,
            lambda: central.call(cluster_records.hosts_on_record, timeout=TIMEOUT),
            lambda: central.call(cluster_records.forget_chassis, host, timeout=TIMEOUT),
        )
        for word in [w for w in before.words() if w not in after.words()]:
            say(f"removed: {word}")
        if after == Records():
            _leave(deployment, one, renewed, say)
        journal.write("remove", host=host, what="done", left=after.words(), refused=refused)
    return Removed(
        host=host,
        stopped=tuple(ended["stopped"]),
        files=tuple(ended["removed"]),
        records=before,
        left=tuple(after.words()),
        refused=tuple(refused),
        input=deployment.loaded.file if renewed else "",
    )


def _storing(
    deployment: Deployment,
    one: Leaving,
    connections: Connections,
    watchers: Sequence[str],
    *,
    dead: bool,
) -> Storing | None:
    """Return what Ceph has on the host, asked on the first monitor's host that answers; None for nothing."""
    if not watchers:
        return None
    targets = {target.name: target for target in one.watchers}
    sessions, errors = connections.try_open([targets[n] for n in watchers if n in targets])
    asked = next((name for name in watchers if name in sessions), None)
    if asked is None:
        raise GureumError(
            f"Ceph cannot be asked about {one.name}: no other host of a monitor can be reached",
            detail="; ".join(f"{error.summary}" for error in errors.values()),
            hint=typed(deployment.loaded, "status"),
        )
    return storing(deployment, one.name, asked, sessions[asked].call, dead=dead)


def _renewed(deployment: Deployment, host: str) -> tuple[Path, LoadedCloud]:
    """Return the input without the host; raises InputError where that is no cloud any more."""
    file = Path(deployment.loaded.file)
    if not file.is_file():
        raise GureumError(
            f"{file} is not there, so {host} cannot be taken out of it",
            detail="it is what the cloud was built from, and gureum only keeps a copy of its text",
            hint=typed(deployment.loaded, "host list"),
        )
    try:
        text = without(without_drain(deployment.cloud, host, file.read_text()), ("hosts", host))
    except (ValueError, KeyError) as error:
        raise GureumError(
            f"{file} cannot be edited by a program here: {error}",
            hint=f"take hosts.{host} out by hand, then type this again",
        ) from None
    loaded = load(file, text)
    name = deployment.cloud.name
    return file, loaded if loaded.cloud.name == name else loaded.renamed(name)


def _check(
    deployment: Deployment,
    one: Leaving,
    session: Session | None,
    errors: Mapping[str, HostError],
    service: Any,
    *,
    dead: bool,
) -> None:
    loaded, host = deployment.loaded, one.name
    up = service is not None and service.state == "up"
    if dead and session is not None:
        raise GureumError(
            f"{host} is not dead: it answers at {session.target.where()}",
            detail="without --dead what runs there is ended first",
            hint=typed(loaded, "host remove", host),
        )
    if dead and up:
        raise GureumError(
            f"{host} is not dead: its nova-compute reported of late",
            detail="gureum cannot reach it, the cloud can: what runs there would write its records anew",
            hint=f"power it off, wait a minute, then: {typed(loaded, 'host remove', '--dead', host)}",
        )
    if not dead and session is None and not one.unmade:
        error = errors.get(host)
        raise GureumError(
            f"{host} cannot be reached, so what runs there cannot be ended"
            if one.target
            else f"gureum does not know any more how {host} is reached: the input lacks it",
            detail=f"{error.summary}: {error.detail}" if error else "",
            hint=f"if it is dead for good: {typed(loaded, 'host remove', '--dead', host)}",
        )


def _check_vms(deployment: Deployment, api: Any, host: str, *, dead: bool) -> None:
    vms = vms_on(api, host)
    if not vms:
        return
    listed = "\n".join(f"{vm.name} ({vm.id}, {vm.status})" for vm in vms)
    if dead:
        evacuate = typed(deployment.loaded, "openstack", "server", "evacuate", vms[0].id)
        hint = f"start them elsewhere, each by: {evacuate}; or delete them"
    else:
        hint = typed(deployment.loaded, "host drain", host)
    raise GureumError(f"{host} still has {sentence(len(vms))}", detail=listed, hint=hint)


def _look(one: Leaving, errors: Mapping[str, HostError], service: Any) -> Look:
    error = errors.get(one.name)
    return Look(
        host=one.name,
        silent=" ".join(f"{error.summary} {error.detail}".split()) if error else "",
        last_report=_last_report(service),
        in_input=one.in_input,
        lab=one.in_lab,
    )


def _last_report(service: Any) -> str:
    """Return nova's time of the last report with its offset, which is UTC and does not say so."""
    if service is None:
        return ""
    return f"{service.updated_at}+00:00" if service.updated_at else "never"


def _retire(deployment: Deployment, one: Leaving, session: Session) -> Mapping[str, Any]:
    ended: Mapping[str, Any] = session.call(
        retire.retire, list(one.units), list(one.kept), list(one.files), timeout=STOP_TIMEOUT
    )
    if ended["vms"]:
        names = ", ".join(f"{vm['name']} ({vm['uuid']})" for vm in ended["vms"])
        raise GureumError(
            f"{one.name} still runs {sentence(len(ended['vms']))} of which nova knows nothing there",
            detail=names,
            hint=typed(deployment.loaded, "ssh", one.name, "virsh", "list", "--all"),
        )
    if ended["left"]:
        raise GureumError(
            f"{', '.join(ended['left'])} of {one.name} did not stop",
            hint=typed(deployment.loaded, "ssh", one.name, "systemctl", "status", ended["left"][0]),
        )
    return ended


def _ended(host: str, ended: Mapping[str, Any]) -> str:
    files = f"; {len(ended['removed'])} files with secrets are gone" if ended["removed"] else ""
    if not ended["stopped"]:
        return f"{host}: nothing of the cloud runs any more{files}"
    return f"{host}: {len(ended['stopped'])} units stopped, none starts at boot any more{files}"


def _leave(
    deployment: Deployment,
    one: Leaving,
    renewed: tuple[Path, LoadedCloud] | None,
    say: Say,
) -> None:
    """Take the host out of the input and of what gureum keeps; a lab host is removed itself."""
    from gureum.drift.memory import KEY, Memory

    secrets = deployment.folder.secrets()
    memory = Memory(deployment.folder, secrets.password(KEY))
    memory.forget(one.name)
    memory.save()
    if renewed is not None:
        file, loaded = renewed
        write_input(file, loaded.text)
        keep_input(deployment.folder, replace(loaded, file=deployment.loaded.file))
        say(f"removed: hosts.{one.name} of {file}")
    if one.in_lab:
        from gureum.operate.hosts import open_lab

        open_lab(deployment, say).remove(one.name)
        say(f"removed: the lab host {one.name}")
