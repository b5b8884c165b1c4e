"""glance answers with its images."""

from __future__ import annotations

import time

from gureum.checks.check import Check, Evidence, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.checks.image_import import NAME as IMPORTED


def run(context: CheckContext) -> Verdict:
    """List the images; one that is stuck or broken is named."""
    api = context.api
    began = time.monotonic()
    images = list(api.image.images())
    seconds = time.monotonic() - began
    stuck = [
        f"image {image.name} is {image.status}"
        for image in images
        if image.status in ("killed", "pending_delete", "importing", "uploading")
        # The check of imports has one on its way in at the same time.
        and image.name != IMPORTED
    ]
    return verdict(
        [],
        f"{len(images)} images",
        doubtful=stuck,
        evidence=(
            Evidence(
                command="GET /v2/images",
                output=", ".join(f"{image.name} ({image.status})" for image in images),
                seconds=seconds,
            ),
        ),
        hint="gureum openstack image list",
        value=len(images),
        unit="images",
    )


CHECK = Check(
    id="glance.images_listed",
    title="images are listed",
    proves="glance answers with its list of images, none of them stuck on its way in or out.",
    run=run,
    requirement="R-SVC-2",
)
