"""What the cloud last heard of its hosts: nova of its compute hosts, neutron of its agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gureum.operate.plain_api import PlainApi


@dataclass(frozen=True, kw_only=True)
class HostReport:
    """One host: `reported` is nova-compute's last report (UNIX time), None where it has none.

    `up` is nova's own word for it. `closed` says why the host takes no new VMs, `dead` names agents
    that neutron has not heard of, with the time of their last word.
    """

    host: str
    compute: bool = False
    up: bool = True
    reported: float | None = None
    closed: str = ""
    dead: tuple[tuple[str, float | None], ...] = ()


def host_reports(api: PlainApi, compute_url: str, network_url: str) -> tuple[HostReport, ...]:
    """Return what was heard of every host; raises as `PlainApi` does."""
    services = api.get(f"{compute_url}/os-services?binary=nova-compute")["services"]
    dead: dict[str, list[tuple[str, float | None]]] = {}
    for agent in api.get(f"{network_url}/v2.0/agents?alive=false")["agents"]:
        if not agent["alive"]:
            since = _unix(agent.get("heartbeat_timestamp"))
            dead.setdefault(str(agent["host"]), []).append((str(agent["binary"]), since))
    found = {str(s["host"]): _report(s, tuple(dead.pop(s["host"], ()))) for s in services}
    for host, agents in dead.items():
        found[host] = HostReport(host=host, dead=tuple(agents))
    return tuple(found.values())


def _report(service: dict[str, Any], dead: tuple[tuple[str, float | None], ...]) -> HostReport:
    disabled = service["status"] != "enabled"
    return HostReport(
        host=str(service["host"]),
        compute=True,
        up=service["state"] == "up",
        reported=_unix(service.get("updated_at")),
        closed=str(service.get("disabled_reason") or "no reason given") if disabled else "",
        dead=dead,
    )


def _unix(text: str | None) -> float | None:
    """Return a time of nova's or neutron's API, which is UTC and does not say so."""
    try:
        then = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
