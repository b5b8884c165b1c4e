"""Which part of a config file a unit reads, so that a change of the rest does not restart it.

One file of options serves several units (nova.conf five of them), and most options are read by one
of them only. A unit that does not read what changed has no reason to stop. What a running unit read
is remembered under /run beside its start: both end with the boot.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import json
import os
from typing import Any

MEMORY = "/run/gureum/units"


def options(text: str) -> dict[str, list[str]]:
    """Return `section.name` -> its values in their order, from the text of an oslo.config file."""
    found: dict[str, list[str]] = {}
    section, last = "DEFAULT", ""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace() and last:
            found[last][-1] += f"\n{stripped}"
        elif stripped.startswith("[") and stripped.endswith("]"):
            section, last = stripped[1:-1].strip(), ""
        else:
            name, _, value = stripped.replace(":", "=", 1 if "=" not in stripped else 0).partition(
                "="
            )
            last = f"{section}.{name.strip()}"
            found.setdefault(last, []).append(value.strip())
    return found


def part(text: str, unread: list[str]) -> str:
    """Return a digest of every option of the text but those that match a pattern of `unread`."""
    kept = {
        name: values
        for name, values in options(text).items()
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in unread)
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def still_read(unit: str, start: str, path: str, unread: list[str], newer: bool) -> bool:
    """Tell whether a running unit has read what it would read of `path` now.

    A file older than the unit's `start` was read as it is: that is remembered for the day when the
    file is `newer`. A unit that started since what is remembered read something else.
    """
    try:
        with open(path, errors="replace") as source:
            now = part(source.read(), unread)
    except OSError:
        return not newer
    known = _recall(unit)
    if not newer:
        if known.get("start") != start or known.get("parts", {}).get(path) != now:
            parts = known.get("parts", {}) if known.get("start") == start else {}
            _remember(unit, {"start": start, "parts": {**parts, path: now}})
        return True
    return known.get("start") == start and known.get("parts", {}).get(path) == now


def _recall(unit: str) -> dict[str, Any]:
    try:
        with open(os.path.join(MEMORY, unit)) as source:
            found = json.load(source)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(unit: str, what: dict[str, Any]) -> None:
    # Without the memory a unit restarts once too often, which is no reason to fail a reading.
    with contextlib.suppress(OSError):
        os.makedirs(MEMORY, mode=0o700, exist_ok=True)
        new = os.path.join(MEMORY, f".{unit}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(what, out)
        os.replace(new, os.path.join(MEMORY, unit))
