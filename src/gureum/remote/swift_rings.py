"""State `swift_rings`: the rings name the cloud's disks, built by Swift's own builder on one host.

What the rings hold is kept beside them as JSON, with digests of their files: to load a builder takes half
a second of imports, which an apply that changes nothing does without.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import time
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, must, run
from gureum.remote.text_file import text_of

KEPT = "rings.json"
SWIFT = "/etc/swift"


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return what the rings hold, and whether copies could move on that had to wait."""
    folder = spec["folder"]
    if not glob.glob(f"{folder}/*.builder"):
        return {"_exists": False}
    kept = _kept(folder)
    if kept is None:
        # Somebody changed a ring by hand, so its builder itself has to tell.
        kept = _look(spec)
    waits = {"_settled": kept["settled"], "_moves_after": kept["moves_after"]}
    return {**kept["holds"], "moves": _moves(kept), **waits}


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Build or change the rings, move what may move now, and put them where Swift reads them."""
    evidence: list[Evidence] = []
    folder = spec["folder"]
    if actual.get("_exists") is False:
        _take_over(spec, evidence)
    known = {"settled": actual.get("_settled", True), "after": actual.get("_moves_after", 0)}
    done = _builder({**spec, "due": actual.get("moves") == "due", **known}, build=True)
    evidence.append(done.evidence())
    if done.exit:
        raise Failure(
            f"the rings cannot be built: {last_line(done.output)}",
            evidence,
            hint=f"{os.path.dirname(spec['python'])}/swift-ring-builder {folder}/object.builder",
        )
    answer = json.loads(done.output.strip().splitlines()[-1])
    _keep(folder, answer)
    install(folder)
    return evidence


def install(folder: str) -> None:
    """Put the rings where Swift reads them, each in one move: it may read at any moment."""
    for path in glob.glob(f"{folder}/*.ring.gz"):
        target = os.path.join(SWIFT, os.path.basename(path))
        if not os.path.exists(target) or _digest(target) != _digest(path):
            shutil.copy(path, f"{target}.new")
            os.chmod(f"{target}.new", 0o644)
            os.replace(f"{target}.new", target)


def _moves(kept: dict[str, Any]) -> str:
    if kept["settled"]:
        return "none due"
    return "due" if time.time() > kept["moves_after"] else "none due"


def _take_over(spec: dict[str, Any], evidence: list[Evidence]) -> None:
    """Take the rings of a peer that has some: begun anew they would lead to no object any more."""
    for peer in spec["peers"]:
        words = ("rsync", "--times", "--contimeout=3", f"{peer}/*", f"{spec['folder']}/")
        done = run(words, timeout=30)
        if done.exit == 0 and glob.glob(f"{spec['folder']}/*.builder"):
            evidence.append(done.evidence())
            return


def _kept(folder: str) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(text_of(os.path.join(folder, KEPT)))
    except ValueError:
        return None
    same = kept.get("files") == _digests(folder)
    there = all(
        os.path.exists(path) and kept["files"].get(name) == _digest(path)
        for name in kept.get("files", {})
        if name.endswith(".ring.gz")
        for path in (os.path.join(SWIFT, name),)
    )
    return kept if same and there else None


def _keep(folder: str, answer: dict[str, Any]) -> None:
    path = os.path.join(folder, KEPT)
    with open(f"{path}.new", "w") as file:
        json.dump({**answer, "files": _digests(folder)}, file, indent=1, sort_keys=True)
    os.chmod(f"{path}.new", 0o644)
    os.replace(f"{path}.new", path)


def _digests(folder: str) -> dict[str, str]:
    found = [*glob.glob(f"{folder}/*.builder"), *glob.glob(f"{folder}/*.ring.gz")]
    return {os.path.basename(path): _digest(path) for path in sorted(found)}


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _look(spec: dict[str, Any]) -> dict[str, Any]:
    evidence: list[Evidence] = []
    command, stdin = _command(spec, build=False)
    done = must(command, evidence, "the rings cannot be read", stdin=stdin, timeout=120)
    found: dict[str, Any] = json.loads(done.output.strip().splitlines()[-1])
    # Rings that lie elsewhere than their builder's are to be written again.
    found["settled"] = False
    found["moves_after"] = 0
    return found


def _builder(spec: dict[str, Any], *, build: bool) -> Any:
    command, stdin = _command(spec, build=build)
    return run(command, stdin=stdin, timeout=280)


def _command(spec: dict[str, Any], *, build: bool) -> tuple[tuple[str, ...], str]:
    return (spec["python"], "-W", "ignore", "-c", PROGRAM), json.dumps({**spec, "build": build})


PROGRAM = """\
import copy, json, os, sys, time
from swift.common.ring import RingBuilder

spec = json.load(sys.stdin)
FEW, TURNS = 0.01, 10
holds, settled, after = {}, True, 0.0
for ring, port in spec["ports"].items():
    path = os.path.join(spec["folder"], ring + ".builder")
    if os.path.exists(path):
        builder = RingBuilder.load(path)
    else:
        builder = RingBuilder(spec["part_power"], spec["replicas"], spec["min_part_hours"])
    if builder.part_power != spec["part_power"]:
        sys.exit("part_power is %d, and cannot be changed" % builder.part_power)
    new = not builder.ever_rebalanced
    if spec["build"]:
        if builder.min_part_hours != spec["min_part_hours"]:
            builder.change_min_part_hours(spec["min_part_hours"])
        builder.set_replicas(spec["replicas"])
        present = {dev["meta"]: dev for dev in builder.devs if dev is not None}
        for key, dev in present.items():
            if key not in spec["devices"]:
                builder.remove_dev(dev["id"])
        for key, wanted in sorted(spec["devices"].items()):
            where = {
                "ip": wanted["ip"], "replication_ip": wanted["ip"], "device": wanted["name"],
                "port": port, "replication_port": port,
            }
            if key in present:
                present[key].update(where)
                if present[key]["weight"] != wanted["weight"]:
                    builder.set_dev_weight(present[key]["id"], wanted["weight"])
            else:
                builder.add_dev(
                    {"region": 1, "zone": 1, "weight": wanted["weight"], "meta": key, **where}
                )
        moves = new or builder.devs_changed or spec["due"]
        if not moves:
            settled, after = settled and spec["settled"], max(after, spec["after"])
        for turn in range(TURNS if moves else 0):
            # The same rings come out of the same disks, wherever they are built.
            builder.rebalance(seed=1)
            builder.validate()
            if new:
                break
            # What would still move if nothing had to wait; a few parts to and fro are no imbalance.
            trial = copy.deepcopy(builder)
            trial.pretend_min_part_hours_passed()
            if trial.rebalance(seed=1)[0] <= FEW * builder.parts * builder.replicas:
                break
            if builder.min_part_seconds_left:
                settled = False
                after = max(after, time.time() + builder.min_part_seconds_left)
                break
        builder.save(path)
        builder.get_ring().save(os.path.join(spec["folder"], ring + ".ring.gz"))
    holds = {
        "part_power": builder.part_power,
        "replicas": builder.replicas,
        "min_part_hours": builder.min_part_hours,
        "devices": {
            dev["meta"]: {"ip": dev["ip"], "name": dev["device"], "weight": dev["weight"]}
            for dev in builder.devs if dev is not None
        },
    }
print(json.dumps({"holds": holds, "settled": settled, "moves_after": after}))
"""
"""Runs with the release's own Python, for the builder is Swift's."""
