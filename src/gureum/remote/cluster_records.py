"""What the controllers' own records say of hosts: asked on a controller, read and never written."""

from __future__ import annotations

import json
from typing import Any

from gureum.remote.failure import Evidence
from gureum.remote.mariadb import query
from gureum.remote.process import run

_QUERY = """
SELECT host, `binary` FROM nova.services WHERE deleted = 0 AND `binary` = 'nova-compute';
SELECT host, 'cell mapping' FROM nova_api.host_mappings;
SELECT host, `binary` FROM neutron.agents;
"""


def hosts_on_record() -> dict[str, list[str]]:
    """Return host -> what is on record of it, as a person says it; empty before there is a cloud."""
    found: dict[str, list[str]] = {}
    for host, what in query(_QUERY) or []:
        found.setdefault(host, []).append(what)
    for host in _chassis():
        found.setdefault(host, []).append("OVN chassis")
    return {host: list(dict.fromkeys(what)) for host, what in found.items()}


def forget_chassis(host: str) -> list[Evidence]:
    """Take a host's chassis and its tunnel ends out of OVN's southbound database, by OVN's own tool."""
    commands = [
        ("ovn-sbctl", "--timeout=10", "--if-exists", "chassis-del", host),
        ("ovn-sbctl", "--timeout=10", "--if-exists", "destroy", "Chassis_Private", host),
    ]
    return [run(command, timeout=15).evidence() for command in commands]


def _chassis() -> list[str]:
    done = run(
        ("ovn-sbctl", "--timeout=5", "--format=json", "--columns=name", "list", "Chassis"),
        timeout=10,
    )
    if done.exit:
        return []
    answer: dict[str, Any] = json.loads(done.output)
    return [str(row[0]) for row in answer["data"]]
