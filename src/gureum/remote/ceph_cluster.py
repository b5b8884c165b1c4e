"""State `ceph_cluster`: Ceph's keys with their rights, and its pools."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from gureum.remote.ceph_ask import Command, Silent, Told, ask, mark, tell
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

_NAMES = {"host": "gureum-host", "osd": "gureum-osd"}
OWN = ".mgr"
"""The pool that Ceph's manager makes for itself, with as many copies as there was room for then."""
SOON = 60.0
"""Seconds that an apply waits for more copies to be made."""
_GROUPS = 32
"""Placement groups of a new pool; Ceph changes their number by itself as the pool grows."""
_FEW_GROUPS = 8
"""Those of one of the many pools of objects, most of which stay small for ever."""


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return `key:ENTITY` and `pool:NAME`, None for what is not there."""
    nothing = {
        **{f"key:{e}": None for e in spec["keys"]},
        **{f"pool:{p}": None for p in spec["pools"]},
    }
    try:
        keys, dump, rules = ask(
            {"prefix": "auth ls"}, {"prefix": "osd dump"}, {"prefix": "osd crush rule dump"}
        )
    except (Silent, Failure) as error:
        return {**nothing, "_output": str(error)}
    found = {**nothing, **_keys(spec, keys), **_pools(spec, dump, rules)}
    there = [(pool, found[f"pool:{pool}"]) for pool in spec["pools"] if found[f"pool:{pool}"]]
    low = [(pool, entry) for pool, entry in there if entry["least"] < spec["least"]]
    if low and not _all_copies_are_there():
        # To ask for more copies than there are yet would stop all writing until they are made.
        for _, entry in low:
            entry["least"] = spec["least"]
        return {**found, "_later": [pool for pool, _ in low]}
    return found


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Import the keys that differ, and make the pools as they are wanted; nothing is removed.

    How many copies have to be there is raised last, once they are; where that takes long, by a
    later run.
    """
    evidence: list[Evidence] = []
    actual = _once_they_agree(spec)
    wrong = [
        entity
        for entity, (key, caps) in spec["keys"].items()
        if actual[f"key:{entity}"] != {"key": mark(key), "caps": caps}
    ]
    commands: list[Told] = []
    if wrong:
        lines = [line for entity in wrong for line in _entry(entity, *spec["keys"][entity])]
        commands.append(({"prefix": "auth import"}, "\n".join(lines) + "\n"))
    rule = _NAMES[spec["domain"]]
    if rule not in actual["_rules"]:
        new = {"prefix": "osd crush rule create-replicated", "name": rule, "root": "default"}
        commands.append(({**new, "type": spec["domain"]}, ""))
    for pool, purpose in spec["pools"].items():
        there = actual[f"pool:{pool}"]
        commands += [(c, "") for c in _way_to(spec, pool, rule, there)]
        if not there or there["for"] != [purpose]:
            enable = {"prefix": "osd pool application enable", "pool": pool, "app": purpose}
            commands.append((enable, ""))
    if spec["pools"] and actual["own pool"] != "as the others":
        commands.append((_set(OWN, "crush_rule", rule), ""))
        more = _set(OWN, "size", str(spec["replicas"]))
        commands.append(({**more, "yes_i_really_mean_it": True}, ""))
    if commands:
        tell(commands, evidence)
    _raise_least(spec, evidence)
    return evidence


def _raise_least(spec: dict[str, Any], evidence: list[Evidence]) -> None:
    until = time.monotonic() + min(SOON, time_left())
    while (found := read(spec)).get("_later") and time.monotonic() < until:
        time.sleep(1.0)
    raised: list[Told] = [
        (_set(pool, "min_size", str(spec["least"])), "")
        for pool in spec["pools"]
        if (found[f"pool:{pool}"] or {}).get("least", 0) < spec["least"]
    ]
    if raised:
        tell(raised, evidence)


def _all_copies_are_there() -> bool:
    """Ask for the state of copies, which only Ceph's manager knows: before there is one, nobody does."""
    try:
        (groups,) = ask({"prefix": "pg stat"}, within=5.0)
    except (Silent, Failure):
        return False
    return clean(groups)


def clean(groups: dict[str, Any]) -> bool:
    """Tell from the answer to `pg stat` whether every placement group has all of its copies."""
    stat = groups.get("pg_summary", groups)
    return all("clean" in entry["name"].split("+") for entry in stat.get("num_pg_by_state", ()))


def _way_to(
    spec: dict[str, Any], pool: str, rule: str, there: dict[str, Any] | None
) -> Iterator[Command]:
    """Yield what makes a pool as it is wanted; `there` is how it is, None where it is not."""
    if there is None:
        new: Command = {"prefix": "osd pool create", "pool": pool, "pg_num": _GROUPS}
        if spec["pools"][pool] != "rbd":
            # Ceph would soon make 32 of any fewer, and of seven pools more than a disk should have.
            new |= {"pg_num": _FEW_GROUPS, "pg_num_min": _FEW_GROUPS}
        # Names that begin with a dot are Ceph's own, as the gateway's first pool is: it says no to
        # them without a failure.
        sure = {"yes_i_really_mean_it": True} if pool.startswith(".") else {}
        yield {**new, "pool_type": "replicated", "rule": rule, **sure}
    there = there or {}
    if there.get("apart") != spec["domain"]:
        yield _set(pool, "crush_rule", rule)
    if there.get("replicas") != spec["replicas"]:
        yield {**_set(pool, "size", str(spec["replicas"])), "yes_i_really_mean_it": True}
    # A new pool holds nothing that there could be too few copies of.
    if not there or there["least"] > spec["least"]:
        yield _set(pool, "min_size", str(spec["least"]))


def _set(pool: str, variable: str, value: str) -> Command:
    return {"prefix": "osd pool set", "pool": pool, "var": variable, "val": value}


def _once_they_agree(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a reading of monitors that have a majority; those that just started soon do."""
    until = time.monotonic() + time_left(90.0)
    while True:
        found = read(spec)
        if "_rules" in found:
            return found
        if time.monotonic() > until:
            raise Failure(f"Ceph's monitors do not agree: {found['_output']}", hint="ceph -s")
        time.sleep(0.3)


def _keys(spec: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    there = {entry["entity"]: entry for entry in answer["auth_dump"]}
    return {
        f"key:{entity}": {
            "key": mark(there[entity]["key"]),
            "caps": dict(there[entity].get("caps", {})),
        }
        for entity in spec["keys"]
        if entity in there
    }


def _pools(spec: dict[str, Any], dump: dict[str, Any], rules: list[Any]) -> dict[str, Any]:
    apart = {rule["rule_id"]: _apart(rule) for rule in rules}
    own = next((pool for pool in dump["pools"] if pool["pool_name"] == OWN), None)
    like = own is None or (own["size"], apart.get(own["crush_rule"])) == (
        spec["replicas"],
        spec["domain"],
    )
    return {
        "_rules": [rule["rule_name"] for rule in rules],
        "own pool": "as the others" if like else f"{own['size'] if own else 0} copies",
        **{
            f"pool:{pool['pool_name']}": {
                "replicas": pool["size"],
                "least": pool["min_size"],
                "apart": apart.get(pool["crush_rule"], ""),
                "for": sorted(pool["application_metadata"]),
            }
            for pool in dump["pools"]
            if pool["pool_name"] in spec["pools"]
        },
    }


def _apart(rule: dict[str, Any]) -> str:
    """Return what a rule puts copies on different ones of: `host`, `osd`."""
    kinds = [step["type"] for step in rule["steps"] if step["op"].startswith("choose")]
    return str(kinds[-1]) if kinds else ""


def _entry(entity: str, key: str, caps: dict[str, str]) -> list[str]:
    return [
        f"[{entity}]",
        f"\tkey = {key}",
        *(f'\tcaps {service} = "{may}"' for service, may in caps.items()),
    ]
