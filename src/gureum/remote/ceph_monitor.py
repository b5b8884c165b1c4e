"""State `ceph_monitor`: a monitor has a store of its cluster."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from typing import Any

from gureum.remote.ceph_ask import ADMIN, Silent, ask
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import must

MONITORS = "/var/lib/ceph/mon"
PORT = 3300


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return whether the store is there; it is put there whole, in one move."""
    return {"made": os.path.isdir(os.path.join(_folder(spec), "store.db"))}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Make the store beside its place, from the cluster's own map where there is a cluster."""
    evidence: list[Evidence] = []
    folder = _folder(spec)
    if os.path.isdir(folder):
        # The package or an administrator made it; what is in it is not ours to remove.
        if os.listdir(folder):
            raise Failure(
                f"{folder} holds something, and no store of a monitor", hint=f"ls {folder}"
            )
        os.rmdir(folder)
    os.makedirs(MONITORS, exist_ok=True)
    shutil.chown(MONITORS, "ceph", "ceph")
    with tempfile.TemporaryDirectory(prefix=".gureum-", dir=MONITORS) as place:
        shutil.chown(place, "ceph", "ceph")
        ring, monmap, store = (os.path.join(place, n) for n in ("keyring", "monmap", "store"))
        with open(os.open(ring, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(
                f'[mon.]\n\tkey = {spec["key"]}\n\tcaps mon = "allow *"\n'
                f'[{ADMIN}]\n\tkey = {spec["admin"]}\n\tcaps mon = "allow *"\n'
                '\tcaps osd = "allow *"\n\tcaps mds = "allow *"\n\tcaps mgr = "allow *"\n'
            )
        shutil.chown(ring, "ceph", "ceph")
        if not _map_of_the_others(spec, monmap, evidence):
            members = [
                word
                for name, address in sorted(spec["members"].items())
                for word in ("--addv", name, f"[v2:{address}:{PORT},v1:{address}:6789]")
            ]
            new = ("monmaptool", "--create", "--fsid", spec["fsid"], *members, monmap)
            must(new, evidence, "no map of the monitors can be made")
        os.chmod(monmap, 0o644)
        os.mkdir(store)
        shutil.chown(store, "ceph", "ceph")
        must(
            (
                *("ceph-mon", "--mkfs", "-i", spec["name"], "--fsid", spec["fsid"]),
                *("--monmap", monmap, "--keyring", ring, "--mon-data", store),
            ),
            evidence,
            "no store of the monitor can be made",
            user="ceph",
        )
        os.rename(store, folder)
    return evidence


def _map_of_the_others(spec: dict[str, Any], monmap: str, evidence: list[Evidence]) -> bool:
    """Take the map from monitors that are there already; tells whether there were any.

    At the very first deployment others may listen and have no quorum yet: then this one belongs to
    those that begin the cluster.
    """
    others = [address for name, address in spec["members"].items() if name != spec["name"]]
    if not any(_listens(address) for address in others):
        return False
    try:
        (found,) = ask({"prefix": "mon dump"}, within=5.0)
    except (Silent, Failure):
        return False
    if found["fsid"] != spec["fsid"]:
        raise Failure(f"the monitors that answer are of another cluster, {found['fsid']}", evidence)
    get = ("ceph", "--connect-timeout", "10", "mon", "getmap", "-o", monmap)
    must(get, evidence, "the monitors give no map", timeout=30)
    return True


def _listens(address: str) -> bool:
    try:
        with socket.create_connection((address, PORT), timeout=1.0):
            return True
    except OSError:
        return False


def _folder(spec: dict[str, Any]) -> str:
    return os.path.join(MONITORS, f"ceph-{spec['name']}")
