"""Ceph, cinder and Swift on a real host: verified, unchanged by a second apply, put right by the next.

About six minutes: a cloud of its own, for an OSD, cinder and Swift are no part of the shared one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from object_clients import S3, Swift

from gureum.checks import CheckContext, Status, run_check
from gureum.checks.client import connect
from gureum.checks.objects import OBJECT

from .browsing import Person, watched

PROOFS = (
    "ceph.healthy",
    "cinder.services_up",
    "swift.healthy",
    "swift.keeps_objects",
    "volume.keeps_data",
    "volume.snapshot_holds",
    "volume.backup_restores",
    "volume.boots",
    "volume.read_elsewhere",
    "vm.no_leftovers",
)

SWIFT = "swift: {min_part_hours: 0}\n"
STORAGE_PAGES = {"backups", "containers", "snapshots", "volume_types", "volumes"}
"""Names of the dashboard's pages that a cloud has for its storage, for all and for administrators."""
DISK = "/var/lib/swift/files/disk1"


@pytest.fixture(scope="module")
def stored(unbuilt: Callable[[str], Any]) -> Iterator[Any]:
    """An all-in-one whose images, disks and volumes lie in a Ceph of its own."""
    with unbuilt("stored") as cloud:
        file = cloud.home / "cloud.yaml"
        roles = "[controller, network, compute, storage]"
        file.write_text(f"name: stored\nhosts:\n  one: {{roles: {roles}}}\nceph: {{}}\n{SWIFT}")
        cloud.up("--file", str(file))
        yield cloud


def test_data_of_a_vm_outlives_all_that_is_done_with_its_volume(stored: Any) -> None:
    """R-SVC-6: written, detached, attached again, from a snapshot, from a backup; booted from."""
    checks = {check["id"]: check for check in stored.verification()["checks"]}
    for proof in PROOFS:
        assert checks[proof]["status"] == "pass", checks[proof]


def test_an_image_is_raw_in_ceph_and_a_disk_is_a_clone_of_it(stored: Any) -> None:
    """A VM is ready without its image being copied: R-SVC-2."""
    images = json.loads(stored.ssh("one", "rbd ls --long --format json images"))
    protected = [image for image in images if image.get("snapshot") == "snap"]
    assert protected
    listed = stored.gureum("openstack", "image", "show", "gureum-guest", "-f", "json").stdout
    image = json.loads(listed)
    assert image["disk_format"] == "raw"
    assert image["properties"]["direct_url"].startswith("rbd://")


def test_a_second_apply_changes_nothing(stored: Any) -> None:
    assert "nothing to change" in stored.gureum("apply").stderr


def test_a_disk_that_is_pulled_is_told_in_plain_words_and_put_back(stored: Any) -> None:
    """R-SVC-6: what is down, what that means for VMs, what to type; and nothing is lost."""
    stored.ssh("one", "systemctl stop ceph-osd-disk")
    try:
        said = _told(stored, "no disk of Ceph is up")
    finally:
        stored.ssh("one", "systemctl start ceph-osd-disk")
    assert "ceph-osd-disk of one is inactive" in said
    _told(stored, "Ceph: 1 of 1 disks up")


def test_a_full_ceph_is_told_with_the_way_out(stored: Any) -> None:
    """R-SVC-6: nearly nothing counts as full for a moment, so that nothing need be filled."""
    tiny = {"nearfull": "0.0001", "backfillfull": "0.0002", "full": "0.0003"}
    # The highest goes up first: they may not cross.
    usual = {"full": "0.95", "backfillfull": "0.9", "nearfull": "0.85"}
    try:
        stored.ssh("one", _ratios(tiny))
        said = _told(stored, "Ceph is full")
        assert "another disk (cloud.yaml: ceph.devices)" in said
    finally:
        stored.ssh("one", _ratios(usual))


def test_what_was_changed_in_ceph_by_hand_is_put_right(stored: Any) -> None:
    """R-SVC-6: keys, rights and pools are desired states like files."""
    stored.ssh("one", "ceph auth caps client.glance mon 'allow *' osd 'allow *'")
    stored.ssh("one", "ceph osd pool set images min_size 1; ceph osd pool rmsnap images none; true")
    stored.gureum("apply")
    caps = json.loads(stored.ssh("one", "ceph auth get client.glance --format json 2>/dev/null"))
    assert caps[0]["caps"]["osd"] == "profile rbd pool=images"
    assert caps[0]["caps"]["mon"] == "profile rbd"


def test_a_loop_device_is_known_by_its_file_and_not_by_its_name(stored: Any) -> None:
    """R-SVC-7: containers of one machine see each other's loop devices, of files of the same path.

    Another file of this path, in a /dev where no node leads to the loop device that is there, is what
    a second host sees. Five seconds.
    """
    file, place = "/var/lib/swift/files/disk1", "/var/lib/swift/elsewhere"
    theirs = stored.ssh("one", "findmnt --noheadings --output SOURCE /srv/node/disk1").strip()
    mount = f"/usr/local/lib/gureum/bin/swift-mount {file}"
    source = "findmnt --noheadings --output SOURCE"
    second = (
        "mount -t tmpfs none /var/lib/swift/files",
        f"truncate -s 320M {file}",
        f"mkfs.xfs -q {file}",
        "mount -t tmpfs none /dev",
        f"{mount} {place}",
        f"{mount} {place}-too",
        f"{source} {place}",
        f"{source} {place}-too",
        f"ls {place}",
    )
    try:
        said = stored.ssh("one", f"unshare --mount sh -ec '{'; '.join(second)}'").split()
    finally:
        stored.ssh("one", f"rmdir {place} {place}-too")
    assert len(said) == 2, f"a new disk is empty: {said}"
    assert said[0] == said[1] != theirs


def test_a_disk_with_data_is_not_left(stored: Any) -> None:
    file = stored.home / "less.yaml"
    text = (stored.home / "cloud.yaml").read_text()
    file.write_text(text.replace(", storage]", "]").replace("ceph: {}\n", "").replace(SWIFT, ""))
    refused = stored.gureum("apply", "--file", str(file), check=False)
    assert refused.returncode == 1
    assert "Ceph keeps data on /var/lib/ceph/files/disk of one, as osd.0" in refused.stderr


def _told(stored: Any, words: str) -> str:
    """Return what status says once it says `words`; Ceph itself believes only after a while."""
    until = time.monotonic() + 120
    while words not in (said := stored.gureum("status", check=False).stdout):
        assert time.monotonic() < until, said
        time.sleep(2)
    return str(said)


def _ratios(of: dict[str, str]) -> str:
    return "; ".join(f"timeout 20 ceph osd set-{name}-ratio {ratio}" for name, ratio in of.items())


def test_an_object_outlives_its_disk_and_comes_to_the_one_in_its_place(stored: Any) -> None:
    """R-SVC-7: read without the disk, and copied to a blank one by Swift itself."""
    data = stored.home / "data"
    data.write_bytes(os.urandom(300_000))
    stored.gureum("openstack", "container", "create", "kept")
    stored.gureum("openstack", "object", "create", "kept", str(data), "--name", "data")
    stored.ssh("one", "umount --lazy /srv/node/disk1")
    read = stored.home / "read"
    stored.gureum("openstack", "object", "save", "--file", str(read), "kept", "data")
    assert read.read_bytes() == data.read_bytes()
    stored.ssh("one", f"rm {DISK}")
    mended = stored.gureum("apply")
    assert "swift.disk.disk1" in mended.stdout + mended.stderr
    there = "find /srv/node/disk1/objects -name '*.data' -size +290k | grep -q ."
    stored.ssh("one", until(there, 150))
    assert "nothing to change" in stored.gureum("apply").stderr


def test_volumes_and_objects_are_made_in_the_dashboard(stored: Any, page: Any) -> None:
    """R-SVC-8, R-SVC-6, R-SVC-7: by the pages alone; what was uploaded is what others read."""
    told = stored.gureum("open", "dashboard", "--reveal").stdout.splitlines()
    password = next(line.split()[1] for line in told if line.split()[:1] == ["password"])
    file = stored.home / "by-page.bin"
    file.write_bytes(os.urandom(200_000))
    person = Person(page, told[0].strip())
    with watched(page, "storage"):
        person.log_in("admin", password)
        person.makes_volume("by-page")
        listed = stored.gureum("openstack", "volume", "show", "by-page", "-f", "json").stdout
        assert json.loads(listed)["status"] == "available"
        person.deletes_volume("by-page")
        person.makes_container("by-page")
        person.uploads(file)
        read = stored.home / "read-back"
        stored.gureum("openstack", "object", "save", "--file", str(read), "by-page", file.name)
        assert read.read_bytes() == file.read_bytes()
        person.deletes_all_in_it()
        _delete_container(stored, "by-page")
        pages = [path for path in person.links() if path.split("/")[2] in STORAGE_PAGES]
        assert {path.split("/")[2] for path in pages} == STORAGE_PAGES
        again = [path for path in pages if person.visit(path).wrong]
        wrong = [(visit.path, visit.wrong) for visit in map(person.visit, again)]
        assert not [visit for visit in wrong if visit[1]]


def test_rings_that_were_changed_by_hand_are_put_right(stored: Any) -> None:
    builder = "/opt/gureum/*/bin/swift-ring-builder /etc/swift/rings/object.builder"
    assert "7.00" in stored.ssh("one", f"{builder} set_weight d0 7; {builder}; true")
    stored.gureum("apply")
    assert " 7.00" not in stored.ssh("one", f"{builder}; true")


def test_a_disk_of_swift_with_data_is_not_left_and_partitions_stay(stored: Any) -> None:
    file = stored.home / "less.yaml"
    text = (stored.home / "cloud.yaml").read_text()
    fewer = f"swift: {{min_part_hours: 0, part_power: 11, devices: [{DISK}]}}\n"
    file.write_text(text.replace(SWIFT, fewer))
    refused = stored.gureum("apply", "--file", str(file), check=False)
    assert refused.returncode == 1
    assert "swift.part_power was 12 and cannot become 11" in refused.stderr
    assert "partitions on /var/lib/swift/files/disk2 of one" in refused.stderr


def test_objects_move_from_swift_to_ceph_once_there_are_none(stored: Any) -> None:
    """R-SVC-7: refused while users have containers; then the catalogue leads to Ceph's gateway.

    The last one of this cloud, for it takes Swift away. Two applies and a few requests, about a minute.
    """
    file = stored.home / "cloud.yaml"
    text = file.read_text().replace(SWIFT, "storage: {objects: ceph}\n")
    other = stored.home / "gateway.yaml"
    other.write_text(text)
    stored.gureum("openstack", "container", "create", "kept")
    refused = stored.gureum("apply", "--file", str(other), check=False)
    assert refused.returncode == 1
    assert "Swift keeps" in refused.stderr
    assert "kept" in refused.stderr
    _delete_container(stored, "kept")
    file.write_text(text)
    stored.gureum("apply")
    assert stored.ssh("one", "systemctl is-active ceph-radosgw").strip() == "active"
    left = stored.ssh("one", "systemctl list-units --all --plain --no-legend 'swift-*.service'")
    assert not [line for line in left.splitlines() if " active " in line]
    assert "nothing to change" in stored.gureum("apply").stderr


def test_ceph_keeps_objects_for_clients_of_swift_and_of_s3(stored: Any) -> None:
    """R-SVC-7: checksums by both; large objects, temporary URLs; no wrong token, no wrong key."""
    import requests

    api = connect(stored.folder.clouds_yaml, stored.name)
    swift = Swift(api, stored.folder.ca)
    assert swift.url.endswith(f"/swift/v1/AUTH_{api.current_project_id}")
    assert swift.ask("PUT", "/by-swift").status_code == 201
    assert swift.whole("/by-swift/data", os.urandom(300_000))
    parts = [os.urandom(2**20), os.urandom(1000)]
    assert swift.large("by-swift", parts) == b"".join(parts)

    with requests.Session() as anybody:
        anybody.trust_env = False
        anybody.verify = str(stored.folder.ca)
        assert anybody.get(swift.temporary("/by-swift/data")).status_code == 200
        assert anybody.get(swift.temporary("/by-swift/data", key="another")).status_code == 403
        assert anybody.get(swift.temporary("/by-swift/data", seconds=-9)).status_code == 401
        wrong = {"X-Auth-Token": "of nobody"}
        assert anybody.get(f"{swift.url}/by-swift/data", headers=wrong).status_code == 401

    path = f"/users/{api.current_user_id}/credentials/OS-EC2"
    made = api.identity.post(path, json={"tenant_id": api.current_project_id})
    pair = made.json()["credential"]
    address = swift.url.partition("/swift/")[0]
    s3 = S3(address, pair["access"], pair["secret"], stored.folder.ca)
    data = os.urandom(300_000)
    assert s3.ask("PUT", "/by-s3").status_code == 200
    assert s3.ask("PUT", "/by-s3/data", data).status_code == 200
    assert s3.ask("GET", "/by-s3/data").content == data
    assert swift.ask("GET", "/by-s3/data").content == data
    forged = S3(address, pair["access"], "x" * 32, stored.folder.ca)
    assert forged.ask("GET", "/by-s3/data").status_code == 403

    context = CheckContext(
        cloud=stored.name,
        clouds_yaml=stored.folder.clouds_yaml,
        ca=stored.folder.ca,
        objects=address,
    )
    assert run_check(OBJECT, context).status is Status.PASS


def _delete_container(stored: Any, name: str) -> None:
    """Delete a container: under load Swift counts a deleted object for a while, and keeps it."""
    ends = time.monotonic() + 90
    delete = ("openstack", "container", "delete", "--recursive", name)
    while (gone := stored.gureum(*delete, check=False)).returncode:
        assert time.monotonic() < ends, gone.stderr
        time.sleep(3)


def until(command: str, seconds: int) -> str:
    """Return a shell line that tries a command again and again for some seconds."""
    return f"for try in $(seq {seconds}); do {command} && exit 0; sleep 1; done; exit 1"
