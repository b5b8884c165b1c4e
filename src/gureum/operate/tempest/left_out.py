"""The tests that cannot pass on a cloud, each with the reason: data, so that the list is told as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class LeftOut:
    """Tests by a regular expression of their names, and why they cannot pass."""

    tests: str
    why: str


LEFT_OUT = (
    LeftOut(
        r"test_image_copy_image_import",
        "it copies an image to the stores that it is not in yet; with one store there is none, and "
        "the test waits for ever",
    ),
    LeftOut(
        r"test_image_web_download",
        "glance would have to fetch an image from a web server outside: not every cloud reaches one, and "
        "glance asks only servers that cloud.yaml names",
    ),
    LeftOut(
        r"scenario\.test_server_basic_ops",
        "it asks for metadata by curl, which the tiny guest does not have",
    ),
    LeftOut(
        r"test_verify_created_server_ephemeral_disk|test_minimum_basic_scenario",
        "they count disks by lsblk, which the tiny guest does not have",
    ),
)


def text(entries: Iterable[LeftOut] = LEFT_OUT) -> str:
    """Return the file that tells Tempest, with the reasons as it shows them itself."""
    return "".join(f"{entry.tests}  # {entry.why}\n" for entry in entries)
