"""Does with a state what the engine does with every state: read, change, read again."""

from __future__ import annotations

import concurrent.futures
import importlib
import time
from collections.abc import Mapping
from typing import Any

from gureum.remote import process
from gureum.remote.compare import Drift, drift
from gureum.remote.failure import Evidence, Failure

READERS = 16
"""Readings that run at once on a host; most of their time they wait for a process."""


def module_of(kind: str) -> Any:
    """Return the module that reads and changes states of `kind`."""
    return importlib.import_module(f"gureum.remote.{kind}")


def read_many(requests: list[tuple[str, str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the reading of every (key, kind, spec), by key.

    A module that has `read_all` gets all its specs in one call: one `systemctl show` reads forty
    units as quickly as one. A reader that raises gives `{"_error": message}`, which differs from
    whatever is wanted; one broken reading must not hide the others.
    """
    by_kind: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for key, kind, spec in requests:
        by_kind.setdefault(kind, []).append((key, spec))
    readings: dict[str, dict[str, Any]] = {}
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        jobs = []
        for kind, group in by_kind.items():
            module = module_of(kind)
            if hasattr(module, "read_all"):
                jobs.append(pool.submit(_read_group, module, group))
            elif getattr(module, "QUICK", False):
                jobs.append(pool.submit(_read_each, module, group))
            else:
                jobs += [pool.submit(_read_each, module, [one]) for one in group]
        for job in jobs:
            readings.update(job.result())
    return readings


def perform(
    kind: str, spec: dict[str, Any], expected: Mapping[str, Any], force: bool, timeout: float
) -> dict[str, Any]:
    """Bring one state about and return `drift`, `evidence`, `after`, `changed` and `seconds`.

    With `force` it is changed even where nothing differs, for what it watches did. Raises Failure
    where the change fails, or where the second reading still differs.
    """
    process.set_time_limit(timeout)
    module = module_of(kind)
    began = time.monotonic()
    before = module.read(spec)
    found = drift(expected, before)
    if not found and not force:
        return _outcome(found, None, before, began)
    evidence = list(module.change(spec, {**before, "_forced": force}))
    after = evidence.pop()["reading"] if evidence and "reading" in evidence[-1] else None
    if after is None:
        after = module.read(spec)
    left = drift(expected, after)
    if left:
        differing = "; ".join(
            f"{key} is {value['actual']!r}, not {value['wanted']!r}" for key, value in left.items()
        )
        output = str(after.get("_output", ""))
        raise Failure(f"changed, but {differing}"[:600], evidence, output.splitlines()[-20:])
    return _outcome(found, evidence, after, began)


def _outcome(
    found: Drift,
    evidence: list[Evidence] | None,
    after: dict[str, Any],
    began: float,
) -> dict[str, Any]:
    return {
        "drift": found,
        "evidence": evidence or [],
        "after": {key: value for key, value in after.items() if key != "_content"},
        "changed": evidence is not None,
        "seconds": round(time.monotonic() - began, 3),
    }


def _read_each(module: Any, group: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    readings = {}
    for key, spec in group:
        try:
            readings[key] = module.read(spec)
        except Exception as error:
            readings[key] = {"_error": f"{type(error).__name__}: {error}"}
    return readings


def _read_group(module: Any, group: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    try:
        found = module.read_all([spec for _, spec in group])
    except Exception:
        return _read_each(module, group)
    return {key: reading for (key, _), reading in zip(group, found)}
