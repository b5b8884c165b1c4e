"""Everything that a host can tell of some units, from one call: systemd, /proc, logs, database, queues."""

from __future__ import annotations

import concurrent.futures
import os
import time
from typing import Any

from gureum.remote import connections, last_error, probes, unit
from gureum.remote.facts_ports import listening
from gureum.remote.mariadb import query
from gureum.remote.text_file import text_of

MORE = ",UnitFileState,FragmentPath,DropInPaths,ExecMainStartTimestamp,MainPID"
TICKS = os.sysconf("SC_CLK_TCK")


def states(units: list[dict[str, Any]]) -> dict[str, Any]:
    """Return of each unit systemd's `properties`, `enabled`, its `error`; and the `memory` of all.

    A unit is asked for by `name`, `log_files` and whether these are in `utc`.
    """
    names = [one["name"] for one in units]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        journal = pool.submit(last_error.of_journal, names)
        memory = pool.submit(probes.memory)
        shown = probes.units(names, MORE)
        return {
            "time": time.time(),
            "memory": memory.result(),
            "units": {
                one["name"]: _state(one, shown.get(one["name"], {}), journal.result())
                for one in units
            },
        }


def anatomy(
    units: list[dict[str, Any]], databases: list[str], queues: dict[str, Any] | None
) -> dict[str, Any]:
    """Return `states`, and of each unit its `files`, `command`, processes and connections.

    `databases` and `queues` (address, port, user, password) are asked where they are on this host.
    """
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        stated = pool.submit(states, units)
        tcp = pool.submit(connections.established)
        ports = pool.submit(listening)
        sizes = pool.submit(database_sizes, databases) if databases else None
        queued = pool.submit(probes.queues, **queues) if queues else None
        processes = _processes({_bare(one["name"]) for one in units})
        found = stated.result()
        for one in units:
            entry = found["units"][one["name"]]
            entry["files"] = {path: _file(path) for path in one["files"]}
            entry.update(processes.get(_bare(one["name"]), {}))
            entry["command"] = _command(entry["properties"].get("MainPID", "0"))
        return {
            **found,
            "connections": tcp.result(),
            "listening": ports.result(),
            "databases": sizes.result() if sizes else None,
            "queues": queued.result() if queued else None,
        }


def database_sizes(names: list[str]) -> dict[str, Any]:
    """Return `tables`, `bytes` and the open `connections` of each database; reads and no more."""
    rows = query(
        "SELECT 'size', TABLE_SCHEMA, COUNT(*), COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) "
        "FROM information_schema.TABLES GROUP BY TABLE_SCHEMA UNION ALL "
        "SELECT 'open', COALESCE(DB, ''), COUNT(*), 0 "
        "FROM information_schema.PROCESSLIST GROUP BY DB"
    )
    if rows is None:
        return {"error": "mariadb does not answer on its local socket"}
    found: dict[str, Any] = {}
    for name in names:
        size = next((r for r in rows if r[:2] == ["size", name]), None)
        opened = next((r for r in rows if r[:2] == ["open", name]), None)
        if size:
            found[name] = {
                "tables": int(size[2]),
                "bytes": int(float(size[3])),
                "connections": int(opened[2]) if opened else 0,
            }
    return found


def _state(asked: dict[str, Any], shown: dict[str, str], journal: dict[str, Any]) -> dict[str, Any]:
    name = asked["name"]
    full = name if "." in name else f"{name}.service"
    errors = [last_error.of_files(asked["log_files"], asked["utc"]), journal.get(full)]
    latest = max((e for e in errors if e), key=lambda e: e["time"] or 0.0, default=None)
    return {
        "properties": shown,
        "enabled": unit.starts_at_boot(name, shown.get("UnitFileState", "")),
        "error": latest,
    }


def _processes(names: set[str]) -> dict[str, dict[str, Any]]:
    """Return how many `processes` each unit has, and their `cpu_seconds`, ended children included."""
    found: dict[str, dict[str, Any]] = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        name = probes.unit_of(text_of(f"/proc/{pid}/cgroup"))
        stat = text_of(f"/proc/{pid}/stat")
        if name not in names or not stat or "(qemu-system" in stat:
            # A VM's time is the VM's own, whichever unit it was started from.
            continue
        # The name in parentheses may hold anything, so fields are counted from behind it.
        fields = stat.rpartition(")")[2].split()
        entry = found.setdefault(name, {"processes": 0, "cpu_seconds": 0.0})
        entry["processes"] += 1
        entry["cpu_seconds"] += sum(map(int, fields[11:15])) / TICKS
    return found


def _bare(name: str) -> str:
    return name[: -len(".service")] if name.endswith(".service") else name


def _command(pid: str) -> list[str]:
    words = text_of(f"/proc/{pid}/cmdline").split("\0") if pid not in ("", "0") else []
    return [word for word in words if word]


def _file(path: str) -> dict[str, Any] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return {"bytes": found.st_size, "written": found.st_mtime}
