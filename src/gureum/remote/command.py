"""State `command`: what only a command can do, with a command that tells whether it is done."""

from __future__ import annotations

import time
from typing import Any

from gureum.remote import durable
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import Done, last_line, run, tail, time_left

CHECK_LIMIT = 60.0


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return whether the check exits 0 and prints what is wanted; its output is evidence.

    It runs as root whoever runs the command: looking changes nothing, and must not lack a right.
    """
    done = run(
        spec["check"],
        environment=spec["environment"],
        timeout=CHECK_LIMIT,
        dies_with_us=True,
    )
    return {
        "done": done.exit == 0 and spec["want"] in done.output,
        "_exists": False,
        "_command": list(spec["check"]),
        "_exit": done.exit,
        "_output": tail(done.output),
        "_seconds": round(done.seconds, 3),
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Run the command; for `retry_for` seconds again and again until its check is content.

    The check's last reading comes along as the last evidence, so that it need not run twice.
    """
    evidence: list[Evidence] = []
    earlier = durable.wait_for_earlier(spec) if spec["durable"] else None
    if earlier is not None:
        evidence.append(earlier.evidence())
        reading = read(spec)
        if reading["done"]:
            return [*evidence, {"reading": reading}]
    until = time.monotonic() + min(spec["retry_for"], time_left())
    while True:
        done = durable.run(spec) if spec["durable"] else _run(spec)
        evidence[:] = [*evidence[-4:], done.evidence()]
        after = read(spec) if done.exit == 0 else None
        if after and (after["done"] or time.monotonic() >= until):
            return [*evidence, {"reading": after}]
        if time.monotonic() >= until:
            raise _failure(done, evidence)
        # What is cheap to ask is asked often: others wait for the answer.
        cost = done.seconds + (after["_seconds"] if after else 0.0)
        time.sleep(min(1.0, max(0.1, 3 * cost)))


def _run(spec: dict[str, Any]) -> Done:
    return run(
        spec["command"],
        environment=spec["environment"],
        user=spec["user"],
        stdin=spec["stdin"],
        dies_with_us=True,
    )


def _failure(done: Done, evidence: list[Evidence]) -> Failure:
    lines = tail(done.output).splitlines()
    if done.exit == 127:
        return Failure(f"there is no program {done.command[0]}", evidence, lines)
    if done.exit == 124:
        return Failure(f"{done.command[0]} ran out of time", evidence, lines)
    said = last_line(done.output)
    return Failure(
        f"{done.command[0]} failed with exit {done.exit}" + (f": {said}" if said else ""),
        evidence,
        lines,
    )
