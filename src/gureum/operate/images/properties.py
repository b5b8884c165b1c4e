"""Properties of an image as they are typed: KEY=VALUE, each looked at before anything is fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gureum.errors import ImageError

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_:.-]{0,254}")
_OWN = frozenset(
    (
        *("id", "name", "status", "visibility", "size", "virtual_size", "checksum", "owner"),
        *("min_disk", "min_ram", "disk_format", "container_format", "protected", "tags"),
        *("direct_url", "locations", "os_hash_algo", "os_hash_value", "os_hidden", "created_at"),
        *("updated_at", "file", "schema", "self", "stores", "gureum_sha256"),
    )
)
"""What glance keeps of every image by itself; a property cannot be called so."""


def properties_of(words: Sequence[str]) -> dict[str, str]:
    """Return the properties that words name; raises ImageError with every mistake in them."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            wrong.append(f"{word!r} has no =")
        elif not _KEY.fullmatch(key):
            wrong.append(f"{key!r} is no name of a property")
        elif key in _OWN:
            wrong.append(f"{key} is glance's own and no property")
        elif len(value) > 65535:
            wrong.append(f"the value of {key} is longer than 65535 characters")
        elif found.get(key, value) != value:
            wrong.append(f"{key} is said twice: {found[key]!r} and {value!r}")
        else:
            found[key] = value
    if wrong:
        raise ImageError(
            "not every --property can be set",
            detail="\n".join(wrong),
            hint="e.g. --property hw_disk_bus=scsi --property hw_scsi_model=virtio-scsi",
        )
    return found
