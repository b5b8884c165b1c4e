"""A storage host's way out of Ceph: refused where data would be lost, drained, then forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gureum.errors import GureumError
from gureum.model.cloud import Cloud, Role
from gureum.model.load import LoadedCloud
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed
from gureum.remote import ceph_leaving
from gureum.services.ceph_layout import fsid_of, monitors_of, osd_uuid_of

Say = Callable[[str], None]
Found = Mapping[str, Any]
TIMEOUT = 60.0
FORGET_TIMEOUT = 600.0
PAUSE = 3.0
TELL_EVERY = 30.0
FILLED = 0.8
"""How full the other disks may become; from 0.85 on Ceph warns, at 0.95 nothing can be written."""


@dataclass(frozen=True)
class Storing:
    """A host whose disks are Ceph's: `watcher` is the monitor's host that is asked, by `ask`."""

    host: str
    loaded: LoadedCloud
    watcher: str
    ask: Callable[..., Any]
    leaving: tuple[str, ...]
    """Monitors that go: the host's own, and those that a majority is worth nothing with."""
    found: Found

    def drain(self, say: Say) -> None:
        """Have Ceph move what is on the host to others, and wait until nothing would be lost.

        Takes as long as that takes; cut off, it goes on when it is asked for again.
        """
        osds = list(self.found["osds"])
        if not osds:
            return
        self.ask(ceph_leaving.drain, osds, timeout=TIMEOUT)
        say(f"Ceph moves {_size(self.found['used'])} away from {self.host}")
        told, last = time.monotonic(), ""
        while not (seen := self.ask(ceph_leaving.drained, osds, timeout=TIMEOUT))["safe"]:
            if seen["why"] != last and time.monotonic() - told > TELL_EVERY:
                told, last = time.monotonic(), seen["why"]
                say(f"Ceph still moves data away from {self.host}: {seen['why']}")
            time.sleep(PAUSE)
        say(f"nothing is on {self.host} that is not elsewhere in Ceph")

    def forget(self, say: Say) -> None:
        """Take its disks and monitors out of the cluster; nothing of it runs any more."""
        osds = list(self.found["osds"])
        self.ask(ceph_leaving.forget, self.host, osds, list(self.leaving), timeout=FORGET_TIMEOUT)
        for osd in osds:
            say(f"removed: osd.{osd} of Ceph")
        for name in self.leaving:
            if name in self.found["monitors"]:
                say(f"removed: the monitor of Ceph on {name}")


def monitors_hosts(deployment: Deployment, host: str) -> tuple[str, ...]:
    """Return the hosts of the monitors that stay when a host leaves, none where it stores nothing."""
    cloud = deployment.cloud
    if host not in cloud.hosts or not cloud.deploys_ceph:
        return ()
    storing = _storage(cloud)
    if host not in storing:
        return ()
    stay = [name for name in monitors_of(storing) if name != host]
    if not stay:
        raise GureumError(
            f"{host} cannot leave: the only monitor of Ceph is there"
            if len(storing) > 1
            else f"{host} cannot leave: it is the only storage host, and all of Ceph's data is there",
            detail="" if len(storing) == 1 else "with three storage hosts there are three monitors",
            hint=typed(deployment.loaded, "host add"),
        )
    return tuple(stay)


def storing(
    deployment: Deployment, host: str, watcher: str, ask: Callable[..., Any], *, dead: bool
) -> Storing:
    """Return what Ceph has on a host; `ask` calls a function on a monitor's host that stays.

    Raises GureumError where the cluster could not do without it: nothing is changed then.
    """
    cloud = deployment.cloud
    fsid = fsid_of(deployment.folder.secrets())
    uuids = [osd_uuid_of(fsid, host, device) for device in cloud.devices_of(host)]
    found: Found = ask(ceph_leaving.look, uuids, timeout=TIMEOUT)
    stay = [name for name in _storage(cloud) if name != host]
    left = monitors_of(stay)
    going = tuple(name for name in found["monitors"] if name not in left)
    if refusal := judge(host, found, len(stay), left, dead=dead):
        summary, detail, line = refusal
        hint = typed(deployment.loaded, "ssh", watcher, *line) if line else ""
        raise GureumError(
            f"{host} cannot leave: {summary}",
            detail=detail,
            hint=hint or typed(deployment.loaded, "status"),
        )
    return Storing(host, deployment.loaded, watcher, ask, going, found)


def judge(
    host: str, found: Found, hosts: int, monitors: tuple[str, ...], *, dead: bool
) -> tuple[str, str, tuple[str, ...]] | None:
    """Return why a host has to stay: in short, in full, and what to look at; None where it may go.

    `hosts` is how many storage hosts stay, `monitors` who is to watch then.
    """
    if hosts < max(2, found["copies"]) and found["osds"]:
        return (
            f"Ceph keeps {found['copies']} copies of everything, each on another host, and "
            f"{hosts} storage host{'s' if hosts != 1 else ''} would be left",
            "add a storage host first; or say that fewer copies will do (cloud.yaml: ceph.replicas, not "
            "below 2) and apply that",
            ("ceph", "osd", "pool", "ls", "detail"),
        )
    after = 1 - (found["free"] - found["used"]) / max(1, found["total"])
    if after > FILLED and found["osds"]:
        return (
            f"the other disks of Ceph would be {after:.0%} full",
            f"{_size(found['used'])} lie on {host}, {_size(found['free'])} are free elsewhere; add a "
            "disk, or delete what is not needed",
            ("ceph", "osd", "df"),
        )
    if not found["clean"] and found["osds"]:
        return (
            "not all copies are there" + (" yet, without it" if dead else ""),
            "a copy on it may be the last one; Ceph makes others by itself, ten minutes after a host was "
            "lost"
            if dead
            else "a copy on it may be the last one",
            ("ceph", "-s"),
        )
    if not set(monitors) & set(found["agree"]):
        return (
            "none of the monitors that stay agrees with the others",
            f"those that do are on {', '.join(found['agree'])}",
            ("ceph", "mon", "stat"),
        )
    return None


def _storage(cloud: Cloud) -> list[str]:
    return [name for name, _ in cloud.hosts_with(Role.STORAGE)]


def _size(bytes: int) -> str:
    return f"{bytes / 2**30:.1f} GB"
