"""What is told of images: built, added, listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gureum.program import runnable
from gureum.views.data import Line
from gureum.views.image_progress import megabytes
from gureum.views.table import columns

if TYPE_CHECKING:
    from gureum.operate.images.add import Added
    from gureum.operate.images.listing import Images

_OUTCOMES = {
    "added": "added",
    "there": "nothing to do: the very same is there",
    "updated": "the very same is there; its properties were put right",
    "elsewhere": "nothing to do: the same content is there under this name (--name adds it anew)",
}


def added(found: Added) -> Iterator[Line]:
    """Say what came of it, what proves the image, and how to boot from it."""
    yield f"{found.name}: {_OUTCOMES[found.outcome]}", "bold"
    yield f"  id       {found.id}", ""
    yield f"  data     {found.disk_format}, {megabytes(found.size)}, {found.status}", ""
    yield f"  proof    {found.proof}", ""
    yield f"  sha256   {found.sha256}", ""
    if found.user:
        yield f"  login    {found.user}, by SSH key", ""
    for old in found.replaced:
        yield f"  hidden   {old}, which had its name; VMs of it keep it", ""
    server = "--flavor FLAVOR --network NETWORK --key-name KEY NAME"
    yield runnable(f"next: gureum openstack server create --image {found.id} {server}"), ""


def listed(found: Images) -> Iterator[Line]:
    """Show what can be added by name, and what the cloud has."""
    there = found.names()
    yield "By name, for gureum image add:", "bold"
    rows = [
        (
            f"  {image.name}",
            image.title,
            image.proof,
            "in the cloud" if image.name in there else "",
        )
        for image in found.catalogue
    ]
    yield from ((line, "") for line in columns(rows))
    yield "", ""
    if found.images is None:
        yield "No cloud stands here yet.", ""
        yield runnable("next: gureum up"), ""
        return
    if not found.images:
        yield "The cloud has no images.", ""
        return
    yield "In the cloud:", "bold"
    table = [("  NAME", "STATUS", "FORMAT", "SIZE", "VISIBLE", "ID")] + [
        (
            f"  {image.name}",
            image.status,
            image.disk_format,
            megabytes(image.size),
            image.visibility,
            image.id,
        )
        for image in found.images
    ]
    yield from ((line, "") for line in columns(table, right="   r"))


def listed_data(found: Images) -> dict[str, Any]:
    """Return the same as data."""
    return {
        "catalogue": [
            {
                "name": image.name,
                "title": image.title,
                "url": image.url,
                "proof": image.proof,
                "sha256": image.pinned or None,
                "user": image.user,
                "min_disk": image.min_disk,
                "min_ram": image.min_ram,
                "properties": image.properties,
            }
            for image in found.catalogue
        ],
        "images": None if found.images is None else list(found.images),
    }
