"""Storage on three hosts: a disk and a host are lost while volumes and objects are read and written.

A cloud of its own: the one of test_storage.py has one disk, which is what its tests are about.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gureum.checks.client import connect
from gureum.lab import Lab

# The SDK warns of its own parts.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CACHE = Path("/var/cache/gureum")
HOSTS = ("one", "two", "three")
WITHIN = 240
"""Seconds within which Ceph or Swift have to be whole again: the machine is slow when others work."""
VOLUME = "volumes/kept"


@pytest.fixture(scope="module")
def spread(unbuilt: Callable[[str], Any]) -> Iterator[Any]:
    """A cloud with its storage on three hosts, one of which is all the rest as well."""
    with unbuilt("spread") as cloud:
        file = cloud.home / "cloud.yaml"
        roles = dict.fromkeys(HOSTS, "[storage]")
        roles["one"] = "[controller, network, compute, storage]"
        hosts = "".join(f"  {host}: {{roles: {named}}}\n" for host, named in roles.items())
        more = "ceph: {}\nswift: {min_part_hours: 0}\n"
        file.write_text(f"name: spread\nhosts:\n{hosts}{more}")
        cloud.up("--file", str(file))
        yield cloud


def until(holds: Callable[[], Any], what: str, within: float = WITHIN) -> Any:
    """Return what `holds` returns once it is true; fails with `what` where it never is."""
    end = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < end, what
        time.sleep(2)
    return found


def told(cloud: Any, *words: str) -> str:
    """Return what status says once it says all of `words`."""
    said = ""

    def says() -> bool:
        nonlocal said
        said = cloud.gureum("status", check=False).stdout
        return all(word in said for word in words)

    until(says, "status never says this")
    return said


def health(cloud: Any) -> str:
    return str(cloud.ssh("one", "ceph health 2>/dev/null"))


def whole(cloud: Any) -> None:
    """Wait until Ceph has nothing to complain of."""
    until(lambda: "HEALTH_OK" in health(cloud), "Ceph does not become whole")


class Objects:
    """Objects that are put and read through the cloud's own API, and what was put."""

    def __init__(self, cloud: Any) -> None:
        self.store = connect(cloud.folder.clouds_yaml, cloud.name).object_store
        self.data: dict[str, bytes] = {}
        self.store.create_container("spread")

    def put(self, *names: str) -> None:
        for name in names:
            self.data[name] = os.urandom(200_000)
            self.store.upload_object("spread", name, data=self.data[name])

    def all_right(self) -> bool:
        return all(
            self.store.download_object(name, container="spread") == data
            for name, data in self.data.items()
        )


@pytest.fixture(scope="module")
def objects(spread: Any) -> Objects:
    """Objects that every test here reads back, and some add to."""
    made = Objects(spread)
    made.put("first", "second")
    return made


@pytest.fixture(scope="module")
def volume(spread: Any) -> Iterator[str]:
    """A volume's data in Ceph, and its checksum."""
    spread.ssh("one", f"head -c 30000000 /dev/urandom >/root/kept; {import_of('kept', VOLUME)}")
    yield str(spread.ssh("one", "md5sum </root/kept"))
    spread.ssh("one", f"rbd rm --no-progress {VOLUME}")


def import_of(file: str, volume: str) -> str:
    return f"timeout 120 rbd import --no-progress /root/{file} {volume}"


def sum_of(cloud: Any, volume: str = VOLUME) -> str:
    return str(cloud.ssh("one", f"timeout 120 rbd export --no-progress {volume} - | md5sum"))


def test_each_copy_lies_on_another_host(spread: Any) -> None:
    """R-TOPO-5, R-SVC-6: three copies on three hosts, three monitors; and nothing is left to do."""
    whole(spread)
    pools = json.loads(spread.ssh("one", "ceph osd pool ls detail --format json 2>/dev/null"))
    found = {pool["pool_name"]: (pool["size"], pool["min_size"]) for pool in pools}
    assert {found[name] for name in ("images", "volumes", "backups", "vms")} == {(3, 2)}
    told(spread, "is well", "Ceph: 3 of 3 disks up, 3 of 3 monitors agree")
    assert "nothing to change" in spread.gureum("apply").stderr


def test_a_storage_host_whose_copies_are_needed_stays(spread: Any, objects: Objects) -> None:
    """R-OPS-6: refused before anything is changed, for objects and for what lies in Ceph."""
    refused = spread.gureum("host", "remove", "three", "--yes", check=False)
    assert refused.returncode == 1
    assert "three cannot leave: Swift keeps" in refused.stderr
    assert "add three to swift.drain" in refused.stderr
    assert "nothing to change" in spread.gureum("apply").stderr
    assert objects.all_right()


def test_a_blank_disk_in_the_place_of_a_lost_one_is_filled(spread: Any, volume: str) -> None:
    """R-SVC-6: told in words, read meanwhile, and whole again after an apply."""
    spread.ssh("two", "rm /var/lib/ceph/files/disk; systemctl kill -s KILL ceph-osd-disk")
    said = told(spread, "2 of 3 disks up")
    assert "ceph-osd-disk of two is" in said
    assert sum_of(spread) == volume
    mended = spread.gureum("apply")
    assert "two/ceph.osd.disk" in mended.stdout + mended.stderr
    whole(spread)
    assert sum_of(spread) == volume
    assert "nothing to change" in spread.gureum("apply").stderr


def test_a_host_is_lost_and_comes_back(spread: Any, objects: Objects, volume: str) -> None:
    """R-SVC-6, R-SVC-7, R-TOPO-5: volumes and objects are read and written on; nobody lends a hand after."""
    lab = Lab(spread.name, spread.home / "lab" / spread.name, CACHE, print)
    lab.kill(lab.host("three"))
    try:
        told(spread, "three does not run", "2 of 3 disks up", "2 of 3 monitors agree")
        assert sum_of(spread) == volume
        spread.ssh("one", import_of("kept", "volumes/meanwhile"))
        objects.put("meanwhile")
        assert objects.all_right()
    finally:
        lab.start(lab.host("three"))
    whole(spread)
    assert sum_of(spread, "volumes/meanwhile") == volume
    spread.ssh("one", "rbd rm --no-progress volumes/meanwhile")
    came = "find /srv/node/*/objects -name '*.data' -size +190k | wc -l"
    until(lambda: int(spread.ssh("three", came)) >= len(objects.data), "an object has two copies")
    assert objects.all_right()
    told(spread, "is well", "3 of 3 disks up, 3 of 3 monitors agree")
    assert "nothing to change" in spread.gureum("apply").stderr
