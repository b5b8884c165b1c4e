"""Measures whether a VM waits for the size of its image: ./run python benchmarks/image_size.py --help.

A cloud whose images and disks lie in Ceph has to stand, verified once, so that it has the test guest.
The same guest is uploaded once more as a raw image of 2 GB. Then VMs are made of one and of the other in
turn, with the same flavor, so that whatever else the machine does falls on both. A VM is gone before
the next one is asked for. Printed are the seconds from the request to ACTIVE and the ratio of the medians.

Exit code 1 if the ratio is not below the limit. What the run made is removed, whatever ends it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gureum.checks.client import connect
from gureum.checks.vm.furnishing import IMAGE
from gureum.images import tiny
from gureum.images.raw import as_raw
from gureum.state.folder import CloudFolder, cache

NAME = "gureum-bench-image-size"
GB = 1 << 30


def main() -> None:
    """Make VMs of the tiny and of the large image in turn, and compare how long they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name; it has to stand")
    parser.add_argument("--gigabytes", type=int, default=2, help="the size of the large image")
    parser.add_argument("--rounds", type=int, default=8, help="how many VMs are made of each")
    parser.add_argument("--limit", type=float, default=1.2, help="the ratio that fails the run")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    folder = CloudFolder(chosen.cloud)
    api = connect(folder.clouds_yaml, folder.name)
    small = api.image.find_image(IMAGE, ignore_missing=False)
    if small.disk_format != "raw":
        sys.exit(f"the image {IMAGE} is {small.disk_format}: this cloud's images are not in Ceph")
    seconds: dict[str, list[float]] = {"tiny": [], "large": []}
    with furnished(api, chosen.gigabytes) as (large, flavor):
        images = {"tiny": small, "large": large}
        # The first of each pays for what the compute host has yet to learn of the image.
        for image in images.values():
            active(api, image, flavor)
        for number in range(chosen.rounds):
            for name in sorted(images, reverse=bool(number % 2)):
                seconds[name].append(active(api, images[name], flavor))
    ratio = statistics.median(seconds["large"]) / statistics.median(seconds["tiny"])
    for name, gigabytes in (("tiny", small.size / GB), ("large", chosen.gigabytes)):
        taken = seconds[name]
        print(
            f"{statistics.median(taken):6.1f} s to ACTIVE (median), {min(taken):.1f} to {max(taken):.1f}, "
            f"of the {name} image ({gigabytes:.3g} GB), {len(taken)} VMs"
        )
    print(f"ratio {ratio:.2f}, to be below {chosen.limit}")
    if chosen.out:
        figures = {"seconds": seconds, "ratio": ratio, "load": os.getloadavg()}
        chosen.out.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(ratio >= chosen.limit)


@contextlib.contextmanager
def furnished(api: Any, gigabytes: int) -> Iterator[tuple[Any, Any]]:
    """Give the guest as an image of so many gigabytes, and a flavor whose disk holds it."""
    guest = as_raw(tiny.build(cache(), print))
    with tempfile.TemporaryDirectory(dir=cache()) as folder:
        path = Path(folder) / "large.raw"
        shutil.copyfile(guest.path, path)
        # Nobody ever looks at what follows the guest's own disk.
        os.truncate(path, gigabytes * GB)
        began = time.monotonic()
        large = api.image.create_image(
            NAME,
            filename=str(path),
            disk_format=guest.disk_format,
            container_format="bare",
            allow_duplicates=True,
            wait=True,
            timeout=1800,
            meta=dict(guest.properties),
        )
        print(f"{time.monotonic() - began:6.1f} s to upload {gigabytes} GB")
    try:
        flavor = api.compute.create_flavor(name=NAME, ram=128, vcpus=1, disk=gigabytes)
        try:
            yield large, flavor
        finally:
            api.compute.delete_flavor(flavor)
    finally:
        api.image.delete_image(large)


def active(api: Any, image: Any, flavor: Any) -> float:
    """Return the seconds from the request for a VM to ACTIVE; the VM is gone afterwards."""
    began = time.monotonic()
    server = api.compute.create_server(
        name=NAME, image_id=image.id, flavor_id=flavor.id, networks="none"
    )
    try:
        api.compute.wait_for_server(server, interval=0.2, wait=300)
        return time.monotonic() - began
    finally:
        api.compute.delete_server(server)
        api.compute.wait_for_delete(server, interval=0.5, wait=300)


if __name__ == "__main__":
    main()
