"""An image that a user imports arrives whole."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext

NAME = "gureum-verify-import"
WITHIN = 60.0
"""Seconds that an import may take; it is one of 64 kB."""
DELETED_WITHIN = 10.0
_DATA = bytes(range(256)) * 256
"""A raw image without a partition table: glance looks into one, and refuses what makes no sense."""


def run(context: CheckContext) -> Verdict:
    """Import a small image in two steps, compare what glance keeps with what was sent, delete it."""
    api = context.api
    for left in api.image.images(name=NAME):
        api.image.delete_image(left, ignore_missing=True)
    began = time.monotonic()
    body = {"name": NAME, "disk_format": "raw", "container_format": "bare", "visibility": "private"}
    made = api.image.post("/images", json=body)
    if made.status_code >= 400:
        return verdict(
            [f"glance makes no image: {made.status_code} {made.text[:200]}"], "", hint=HINT
        )
    image = made.json()["id"]
    try:
        wrong, found = _imported(api, image)
    finally:
        _delete(api, image)
    seconds = time.monotonic() - began
    return verdict(
        wrong,
        f"{len(_DATA) // 1024} kB in {seconds:.1f} s, checksum right",
        evidence=(
            Evidence(
                command=f"POST /v2/images/{image}/import (glance-direct)",
                output=found,
                seconds=seconds,
            ),
        ),
        hint=HINT,
        value=round(seconds, 2),
        unit="s",
    )


HINT = "gureum logs glance-api"


def _delete(api: Any, image: str) -> None:
    """Delete the image; glance answers 500 to that while a task still has it in its hands."""
    until = time.monotonic() + DELETED_WITHIN
    while api.image.delete(f"/images/{image}").status_code >= 500 and time.monotonic() < until:
        time.sleep(0.2)


def _imported(api: Any, image: str) -> tuple[list[str], str]:
    """Return what is wrong with an import, and what glance says of the image in the end."""
    kind = {"Content-Type": "application/octet-stream"}
    staged = api.image.put(f"/images/{image}/stage", data=_DATA, headers=kind)
    if staged.status_code >= 400:
        return [f"glance takes no data: {staged.status_code} {staged.text[:200]}"], ""
    asked = api.image.post(f"/images/{image}/import", json={"method": {"name": "glance-direct"}})
    if asked.status_code >= 400:
        return [f"glance does not import: {asked.status_code} {asked.text[:200]}"], ""
    until = time.monotonic() + WITHIN
    while True:
        there = api.image.get(f"/images/{image}").json()
        # Its task goes on for a moment after the image is active: deleted then, glance answers 500.
        at_work = there.get("os_glance_import_task")
        ended = there.get("status") not in ("uploading", "importing") and not at_work
        if ended or there.get("os_glance_failed_import") or time.monotonic() > until:
            break
        time.sleep(0.1)
    algorithm = there.get("os_hash_algo") or "sha512"
    sent = {
        "status": "active",
        "size": len(_DATA),
        "os_hash_value": hashlib.new(algorithm, _DATA).hexdigest(),
    }
    wrong = [
        f"{key} is {str(there.get(key))[:40]}, not {str(value)[:40]}"
        for key, value in sent.items()
        if there.get(key) != value
    ]
    return wrong, ", ".join(f"{key} {str(there.get(key))[:40]}" for key in sent)


CHECK = Check(
    id="glance.image_imported",
    title="an image is imported",
    proves="an image sent to glance in the two steps of an import becomes active by glance's own task, with "
    "the size and the checksum of what was sent, and is deleted again.",
    run=run,
    requirement="R-SVC-2",
)
