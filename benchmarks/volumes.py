"""Measures volumes under load: ./run python benchmarks/volumes.py --help.

A cloud with volumes has to stand, verified once, so that it has the test guest. A few VMs are made;
then clients, each with a connection of its own, take volumes through their whole life at the same
time: made, attached to one of the VMs, detached, deleted. Afterwards the books are compared: what
cinder lists, what nova holds attached, what a monitor of Ceph finds in the pool.

    lost     a volume that cinder does not know any more and that nobody deleted
    stuck    a volume that did not reach its next state in time, with the state it is in
    left     images in the pool that no volume is of

Exit code 1 if anything is lost, stuck or left. What the run made is removed, whatever ends it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gureum.checks.client import client, connect
from gureum.checks.vm.furnishing import FLAVOR, IMAGE
from gureum.state.folder import CloudFolder

NAME = "gureum-bench-volume"
PHASES = ("made", "attached", "detached", "deleted")


@dataclass
class Found:
    """What the clients saw: seconds of each phase, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {p: [] for p in PHASES})
    wrong: list[str] = field(default_factory=list)
    not_begun: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Books:
    """What was left at the end: volumes by state, those that nova holds, images that are no volume's."""

    states: Counter[str]
    attached: list[str]
    extra: list[str]


def main() -> None:
    """Take the volumes through their lives, compare the books, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name; it has to stand")
    parser.add_argument("--volumes", type=int, default=200, help="how many volumes there are to be")
    parser.add_argument("--clients", type=int, default=10, help="how many work at the same time")
    parser.add_argument("--vms", type=int, default=3, help="how many VMs they are attached to")
    parser.add_argument("--within", type=float, default=180, help="seconds for each phase")
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which none begins")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    folder = CloudFolder(chosen.cloud)
    api = connect(folder.clouds_yaml, folder.name)
    found = Found()
    before = in_pool(chosen.cloud)
    with room_for(api, chosen.clients), vms(api, chosen.vms, chosen.within) as servers:
        began = time.monotonic()
        numbers = iter(range(chosen.volumes))

        def work(_: int) -> None:
            own = connect(folder.clouds_yaml, folder.name)
            while True:
                with found.lock:
                    number = next(numbers, None)
                if number is None:
                    return
                if time.monotonic() - began > chosen.limit:
                    found.not_begun += 1
                    continue
                live(own, number, servers[number % len(servers)], chosen.within, found)

        with ThreadPoolExecutor(chosen.clients) as pool:
            list(pool.map(work, range(chosen.clients)))
        seconds = time.monotonic() - began
        left = [v for v in api.block_storage.volumes() if v.name.startswith(NAME)]
        states = Counter(volume.status for volume in left)
        attached = [
            a.volume_id for s in servers for a in api.compute.volume_attachments(s) if a.volume_id
        ]
        for volume in left:
            with contextlib.suppress(Exception):
                api.block_storage.delete_volume(volume, force=True)
    after = in_pool(chosen.cloud)
    extra = sorted(set(after) - set(before) - {f"volume-{volume.id}" for volume in left})
    report(chosen, found, seconds, Books(states, attached, extra))
    sys.exit(bool(found.wrong or left or attached or extra or found.not_begun))


def live(api: Any, number: int, server: Any, within: float, found: Found) -> None:
    """Take one volume through its life and note how long each phase took."""
    storage, compute = api.block_storage, api.compute
    name = f"{NAME}-{number}"
    phase = PHASES[0]
    began = time.monotonic()
    volume = None

    def over(next_phase: str) -> None:
        nonlocal phase, began
        now = time.monotonic()
        with found.lock:
            found.seconds[phase].append(now - began)
        phase, began = next_phase, now

    try:
        volume = storage.create_volume(name=name, size=1)
        wait(lambda: storage.get_volume(volume.id).status, "available", within)
        over("attached")
        compute.create_volume_attachment(server, volume_id=volume.id)
        wait(lambda: storage.get_volume(volume.id).status, "in-use", within)
        over("detached")
        compute.delete_volume_attachment(server, volume.id)
        wait(lambda: storage.get_volume(volume.id).status, "available", within)
        over("deleted")
        storage.delete_volume(volume.id)
        wait(lambda: gone(storage, volume.id), "gone", within)
        over("")
    except Exception as error:
        with found.lock:
            said = " ".join(str(error).split())[:300]
            found.wrong.append(
                f"{name} ({volume.id if volume else 'no id'}), to be {phase}: {said}"
            )


def gone(storage: Any, id: str) -> str:
    """Return `gone` for a volume that is no more, else its state."""
    try:
        return str(storage.get_volume(id).status)
    except client().exceptions.NotFoundException:
        return "gone"


def wait(look: Callable[[], str], wanted: str, within: float) -> None:
    """Wait for a state; raises TimeoutError with the state it is in, at once for an error."""
    until = time.monotonic() + within
    while (state := look()) != wanted:
        if state.startswith("error") or time.monotonic() > until:
            raise TimeoutError(f"it is {state} and not {wanted}")
        time.sleep(0.5)


@contextlib.contextmanager
def vms(api: Any, count: int, within: float) -> Iterator[list[Any]]:
    """Give VMs whose guest has booted: a disk is let go only by one that runs."""
    image = api.image.find_image(IMAGE, ignore_missing=False)
    flavor = api.compute.find_flavor(FLAVOR, ignore_missing=False)
    made = [
        api.compute.create_server(
            name=f"{NAME}-vm-{n}", image_id=image.id, flavor_id=flavor.id, networks="none"
        )
        for n in range(count)
    ]
    try:
        for server in made:
            wait(lambda server=server: booted(api, server), "booted", within * 2)  # type: ignore[misc]
        yield made
    finally:
        for server in made:
            api.compute.delete_server(server, ignore_missing=True)
        for server in made:
            with contextlib.suppress(Exception):
                api.compute.wait_for_delete(server, wait=within)


def booted(api: Any, server: Any) -> str:
    """Return `booted` once the guest's own words stand on its console, else nova's state."""
    status = str(api.compute.get_server(server.id).status)
    if status != "ACTIVE":
        return status.lower()
    said = str(api.compute.get_server_console_output(server.id).get("output") or "")
    return "booted" if "gureum-guest" in said else "booting"


@contextlib.contextmanager
def room_for(api: Any, clients: int) -> Iterator[None]:
    """Let the administrator's project have as many volumes at a time as there are clients."""
    project = api.current_project_id
    storage = api.block_storage
    before = storage.get_quota_set(project)
    storage.update_quota_set(project, volumes=max(before.volumes, clients * 2))
    try:
        yield
    finally:
        storage.update_quota_set(project, volumes=before.volumes)


def in_pool(cloud: str) -> list[str]:
    """Return the images in Ceph's pool of volumes, nothing where volumes lie elsewhere."""
    argv = [sys.executable, "-m", "gureum", "service", "status", "--cloud", cloud, "--json", "ceph"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    units = json.loads(done.stdout or "{}").get("units", [])
    hosts = [u["host"] for u in units if u["name"].startswith("ceph-mon@")]
    if not hosts:
        return []
    argv = [
        sys.executable,
        "-m",
        "gureum",
        "ssh",
        "--cloud",
        cloud,
        hosts[0],
        "rbd",
        "ls",
        "volumes",
    ]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split()


def report(chosen: argparse.Namespace, found: Found, seconds: float, books: Books) -> None:
    """Print a table of phases, then what is wrong."""
    done = len(found.seconds["deleted"])
    print(
        f"{done} of {chosen.volumes} volumes made, attached, detached and deleted by {chosen.clients} "
        f"clients on {chosen.vms} VMs in {seconds:.0f} s: {done / seconds * 60:.0f} a minute"
    )
    for phase, times in found.seconds.items():
        if times:
            print(
                f"{statistics.median(times):8.1f} s  {phase} (median), {max(times):.1f} s at most, "
                f"{len(times)} times"
            )
    for line in found.wrong:
        print(f"wrong: {line}")
    for state, count in books.states.items():
        print(f"stuck: {count} volumes are {state}")
    for volume in books.attached:
        print(f"stuck: nova still holds {volume} attached")
    for image in books.extra:
        print(f"left: {image} in the pool")
    if found.not_begun:
        print(f"not begun after {chosen.limit:.0f} s: {found.not_begun}")
    if not (found.wrong or any(vars(books).values()) or found.not_begun):
        print("none lost, none stuck, nothing left")
    if chosen.out:
        figures = {"cpus": os.cpu_count(), "load": os.getloadavg(), "seconds": seconds}
        told = {"phases": found.seconds, "wrong": found.wrong, "left": books.extra}
        chosen.out.write_text(json.dumps({**figures, **told}, indent=1) + "\n")


if __name__ == "__main__":
    main()
