"""Host keys of a cloud: what each host shows is compared with what is known, and kept if accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gureum.operate.chosen_hosts import chosen_hosts
from gureum.operate.deployment import Deployment
from gureum.state.folder import CloudFolder

if TYPE_CHECKING:
    from gureum.hosts import Target
    from gureum.hosts.host_keys import HostKey


@dataclass(frozen=True)
class ShownKey:
    """One host's key: `state` is `known`, `new`, `changed` or `unreachable`.

    `before` is the fingerprint that was known, of a changed key; `said` and `hint` tell why a host
    shows none.
    """

    host: str
    where: str
    state: str
    kind: str = ""
    fingerprint: str = ""
    before: str = ""
    said: str = ""
    hint: str = ""
    key: HostKey | None = None


def shown_keys(targets: Iterable[Target]) -> list[ShownKey]:
    """Return the key of every host that is reached by SSH, and of the jumps on the way.

    All are asked at once; behind a jump whose key is not known yet no key can be seen.
    """
    ssh = [t for t in targets if t.connection == "ssh"]
    own = {(t.destination, t.port) for t in ssh}
    jumps = {(j.destination, j.port): j for t in ssh for j in jump_targets(t)}
    first = _compared([jump for place, jump in jumps.items() if place not in own])
    found = _compared(ssh)
    strange = {key.where for key in (*first, *found) if key.state in ("new", "changed")}
    ways = {t.name: [j.where() for j in jump_targets(t)] for t in ssh}
    return [
        *(key for key in first if key.state != "known"),
        *(_behind(key, [w for w in ways[key.host] if w in strange]) for key in found),
    ]


def _behind(key: ShownKey, strange: Sequence[str]) -> ShownKey:
    """Return a key that could not be seen with the jump as the reason, where its key is to blame."""
    if key.state != "unreachable" or not strange:
        return key
    return replace(key, said=f"behind {strange[0]}, whose key is not accepted yet", hint="")


def jump_targets(target: Target) -> list[Target]:
    """Return the jumps on the way to a host, each reached through those before it."""
    from gureum.hosts.openssh import resolve

    found = []
    for at, jump in enumerate(target.jumps):
        way = resolve(jump.host, jump.user or None, jump.port)
        found.append(
            replace(
                target,
                name=jump.host,
                address=jump.host,
                ssh_host="",
                user=way.user,
                port=way.port,
                jumps=target.jumps[:at],
            )
        )
    return found


def accept(folder: CloudFolder, found: Sequence[ShownKey]) -> None:
    """Keep the keys in the cloud's folder."""
    from gureum.hosts.host_keys import keep

    keep(folder.make().known_hosts, [one.key for one in found if one.key is not None])


def _compared(targets: Sequence[Target]) -> list[ShownKey]:
    if not targets:
        return []
    with ThreadPoolExecutor(min(len(targets), 32)) as pool:
        return list(pool.map(_compare, targets))


def _compare(target: Target) -> ShownKey:
    from gureum.hosts import host_keys
    from gureum.hosts.refusal import Refused

    key = host_keys.shown(target)
    if isinstance(key, Refused):
        said = f"{key.meaning}: {key.detail}" if key.detail else key.meaning
        return ShownKey(target.name, target.where(), "unreachable", said=said, hint=key.hint)
    before = [k for k in host_keys.known(key.name, target.known_hosts) if k.kind == key.kind]
    if any(k.fingerprint == key.fingerprint for k in before):
        state = "known"
    else:
        state = "changed" if before else "new"
    return ShownKey(
        target.name,
        target.where(),
        state,
        key.kind,
        key.fingerprint,
        before[0].fingerprint if state == "changed" else "",
        key=key,
    )


def ask_keys(deployment: Deployment, names: Sequence[str]) -> list[ShownKey]:
    """Return the keys of these hosts of a cloud, by default of all that are reached by SSH.

    Raises GureumError for a host that the cloud does not have.
    """
    from gureum.operate.hosts import target

    wanted = chosen_hosts(deployment.cloud, names)
    hosts = deployment.cloud.hosts
    return shown_keys([target(deployment.folder, name, hosts[name]) for name in wanted])
