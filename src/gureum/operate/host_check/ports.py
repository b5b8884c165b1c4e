"""A port that a service is to listen on, and somebody else does."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield ports that are taken by what is not gureum's; two units may share one on two addresses."""
    for look in scene.answered():
        for listener in look.facts["ports"]:
            port = listener["port"]
            wanted = [
                p
                for p in look.ports
                if (p.number, p.protocol) == (port, listener.get("protocol", "tcp"))
                and _same_address(listener["address"], p.address)
            ]
            if not wanted:
                continue
            holder = str(listener.get("unit") or listener.get("process") or "another program")
            stop = f"systemctl disable --now {holder}"
            if not holder.endswith((".service", ".socket")):
                # Somebody's own program: a scope is a login, and would end it together with the rest.
                holder = str(listener.get("process") or holder)
                stop = f"kill {listener.get('pid') or '<its pid>'}"
            if not any(_ours(holder, p.unit) for p in wanted):
                yield Finding(
                    look.host,
                    "ports.taken",
                    f"port {port} is taken by {holder}",
                    f"{wanted[0].unit} is to listen on {wanted[0].address}:{port}",
                    f"stop it on {look.host}: {stop}",
                )


def _same_address(one: str, other: str) -> bool:
    return one in ("0.0.0.0", "::", "*", "") or one == other  # noqa: S104


def _ours(holder: str, unit: str) -> bool:
    return _plain(holder) == _plain(unit)


def _plain(unit: str) -> str:
    return unit.removesuffix(".service").removesuffix(".socket")
