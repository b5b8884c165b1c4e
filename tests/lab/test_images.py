"""Images on a real cloud: added, found again, replaced, imported, and not fetched from anywhere.

About 30 seconds on the shared cloud.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gureum.checks.client import connect
from gureum.images.disk import master_boot_record

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
    # The SDK warns of what it has itself, whoever uses it.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
NAME = "gureum-test-image"


@pytest.fixture(scope="module")
def api(cloud: Any) -> Iterator[Any]:
    found = connect(cloud.folder.clouds_yaml, cloud.name)
    yield found
    for hidden in (False, True):
        for image in found.image.images(is_hidden=hidden):
            if image.name == NAME:
                found.image.delete_image(image)


def disk(path: Path, fill: bytes) -> Path:
    """Write a disk with a partition table; glance refuses one whose table makes no sense."""
    size = 2 * 1024 * 1024
    path.write_bytes(master_boot_record(bytes(440), 2048) + fill * ((size - 512) // len(fill)))
    return path


def added(cloud: Any, *words: str) -> dict[str, Any]:
    out = cloud.gureum("image", "add", "--name", NAME, "--json", *words).stdout
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def test_an_image_is_added_once_and_replaced_when_asked(
    cloud: Any, api: Any, tmp_path: Path
) -> None:
    """R-SVC-2, R-LAB-3: same content is nothing to do, other content under a name is no accident."""
    one, two = disk(tmp_path / "one.raw", b"one."), disk(tmp_path / "two.raw", b"two.")
    first = added(cloud, str(one), "--property", "hw_disk_bus=virtio")
    assert (first["outcome"], first["status"]) == ("added", "active")
    image = api.image.get_image(first["id"])
    assert image.hash_value == hashlib.sha512(one.read_bytes()).hexdigest()
    assert (image.min_disk, image.hw_disk_bus, image.visibility) == (1, "virtio", "public")
    again = added(cloud, str(one), "--property", "hw_disk_bus=virtio")
    assert (again["outcome"], again["id"]) == ("there", first["id"])
    changed = added(cloud, str(one), "--property", "hw_disk_bus=scsi")
    assert changed["outcome"] == "updated"
    assert api.image.get_image(first["id"]).hw_disk_bus == "scsi"
    refused = cloud.gureum("image", "add", str(two), "--name", NAME, check=False)
    assert refused.returncode == 1
    assert f"the cloud has another image called '{NAME}'" in refused.stderr
    second = added(cloud, str(two), "--replace")
    assert (second["outcome"], second["replaced"]) == ("added", [first["id"]])
    assert api.image.get_image(first["id"]).is_hidden


def test_half_an_upload_is_removed_by_the_next(cloud: Any, api: Any, tmp_path: Path) -> None:
    path = disk(tmp_path / "three.raw", b"half")
    mark = hashlib.sha256(path.read_bytes()).hexdigest()
    body = {"name": NAME, "disk_format": "raw", "container_format": "bare", "gureum_sha256": mark}
    half = api.image.post("/images", json=body).json()["id"]
    whole = added(cloud, str(path), "--replace")
    assert whole["outcome"] == "added"
    assert half not in [image.id for image in api.image.images()]


def test_an_image_is_imported_under_uwsgi(api: Any) -> None:
    """R-SVC-2: the second step of an import runs in a thread of glance, which uWSGI has to have."""
    data = bytes(512) + os.urandom(512 * 1024)
    body = {"name": NAME, "disk_format": "raw", "container_format": "bare"}
    image = api.image.post("/images", json=body).json()["id"]
    staged = api.image.put(
        f"/images/{image}/stage", data=data, headers={"Content-Type": "application/octet-stream"}
    )
    assert staged.status_code == 204
    method = {"method": {"name": "glance-direct"}}
    assert api.image.post(f"/images/{image}/import", json=method).status_code == 202
    until = time.monotonic() + 60
    # The task goes on for a moment after the image is active.
    while (found := api.image.get(f"/images/{image}").json()).get("os_glance_import_task"):
        assert time.monotonic() < until, found
        time.sleep(0.5)
    assert (found["status"], found["size"]) == ("active", len(data))
    assert found["os_hash_value"] == hashlib.sha512(data).hexdigest()


@pytest.mark.parametrize("address", ["http://192.0.2.1/x", "http://169.254.169.254/latest"])
def test_glance_fetches_nothing_for_a_user(api: Any, address: str) -> None:
    """R-SVC-2: a controller reaches what no user does, so without a list of servers it asks none."""
    body = {"name": NAME, "disk_format": "raw", "container_format": "bare"}
    image = api.image.post("/images", json=body).json()["id"]
    method = {"method": {"name": "web-download", "uri": address}}
    assert api.image.post(f"/images/{image}/import", json=method).status_code in (400, 403, 409)
