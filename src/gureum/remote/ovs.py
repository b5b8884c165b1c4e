"""State `ovs`: Open vSwitch's external ids, bridges and their ports."""

from __future__ import annotations

import json
from typing import Any

from gureum.remote.failure import Evidence
from gureum.remote.process import must, run


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return `external_ids:KEY` and `bridge:NAME` -> datapath, fail mode and the wanted ports."""
    root = _table("Open_vSwitch", "external_ids")
    bridges = {row["name"]: row for row in _table("Bridge", "name,datapath_type,fail_mode,ports")}
    ports = {row["_uuid"]: row["name"] for row in _table("Port", "_uuid,name")}
    ids = root[0]["external_ids"] if root else {}
    reading: dict[str, Any] = {f"external_ids:{key}": ids.get(key) for key in spec["external_ids"]}
    for name, (_, _, wanted) in spec["bridges"].items():
        row = bridges.get(name)
        if row is None:
            reading[f"bridge:{name}"] = None
            continue
        names = {ports.get(uuid) for uuid in _several(row["ports"])}
        reading[f"bridge:{name}"] = {
            "datapath": row["datapath_type"] or "system",
            "fail_mode": row["fail_mode"] or "standalone",
            "ports": sorted(port for port in wanted if port in names),
        }
    return reading


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Set all of it in one transaction; ports that someone else added stay."""
    command = ["ovs-vsctl", "--no-wait"]
    for name, (datapath, fail_mode, ports) in spec["bridges"].items():
        command += ["--", "--may-exist", "add-br", name]
        command += [
            "--",
            "set",
            "bridge",
            name,
            f"datapath_type={datapath}",
            f"fail_mode={fail_mode}",
        ]
        for port in ports:
            command += ["--", "--may-exist", "add-port", name, port]
    for key, value in spec["external_ids"].items():
        command += ["--", "set", "open_vswitch", ".", f"external_ids:{key}={json.dumps(value)}"]
    evidence: list[Evidence] = []
    must(command, evidence, "Open vSwitch")
    for name, (_, _, ports) in spec["bridges"].items():
        for port in ports:
            must(("ip", "link", "set", port, "up"), evidence, f"{name}: {port}")
    return evidence


def look() -> dict[str, Any]:
    """Return `bridges` (name -> `datapath`, `ports`), `tunnels` and the `errors` of ports by name."""
    ports = {row["_uuid"]: row["name"] for row in _table("Port", "_uuid,name")}
    interfaces = _table("Interface", "name,type,options,error")
    return {
        "bridges": {
            row["name"]: {
                "datapath": row["datapath_type"] or "system",
                "ports": sorted(ports.get(uuid, "") for uuid in _several(row["ports"])),
            }
            for row in _table("Bridge", "name,datapath_type,ports")
        },
        "tunnels": [
            {"name": row["name"], "type": row["type"], "to": row["options"]["remote_ip"]}
            for row in interfaces
            if "remote_ip" in (row["options"] or {})
        ],
        "errors": {row["name"]: row["error"] for row in interfaces if row["error"]},
    }


def _several(value: Any) -> list[Any]:
    """Return a column's values as a list; of a set with one member OVSDB gives the member."""
    return value if isinstance(value, list) else [value]


def _table(table: str, columns: str) -> list[dict[str, Any]]:
    done = run(("ovs-vsctl", "--timeout=5", "--format=json", "--columns", columns, "list", table))
    if done.exit:
        return []
    answer = json.loads(done.output)
    return [dict(zip(answer["headings"], map(_plain, row))) for row in answer["data"]]


def _plain(value: Any) -> Any:
    """Turn OVSDB's ["set", […]], ["map", […]] and ["uuid", …] into Python's own."""
    if isinstance(value, list) and len(value) == 2:
        kind, inner = value
        if kind == "set":
            return [_plain(item) for item in inner]
        if kind == "map":
            return {_plain(key): _plain(item) for key, item in inner}
        if kind == "uuid":
            return inner
    return value
