"""Measures how soon a new compute host runs its first VM: ./run python benchmarks/add_compute.py --help.

A lab's cloud of several hosts has to stand. A compute host is added to its input, `gureum up` is typed
as a person would, and afterwards the host is removed again. The phases are seconds since the command:

    hosts       the lab host is made and has booted, from an image that is there
    apply       everything on it is deployed, the others know its address
    server active, first VM answers ping: a VM on the new host, through its floating IP
    verify      all checks are done and nothing of the VM is left

What changed on other hosts is listed by host: that should be addresses, and no unit.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from gureum.checks.vm import FIRST_PING
from gureum.model.edit import edited
from gureum.operate.kept_input import kept_input
from gureum.state.folder import CloudFolder

GOAL = 60.0


def main() -> None:
    """Add a compute host and remove it, as often as asked; print a table, the JSON goes to --out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name; it has to stand")
    parser.add_argument("--host", default="compute-new", help="what the host that comes is called")
    parser.add_argument("--runs", type=int, default=1, help="how often the host comes and goes")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    kept = kept_input(CloudFolder(chosen.cloud))
    if kept is None:
        sys.exit(f"there is no cloud {chosen.cloud!r} with an input: gureum up --shape three-node")
    runs = []
    for _ in range(chosen.runs):
        runs.append(measured(chosen.cloud, kept.file, chosen.host))
        show(runs[-1])
    if len(runs) > 1:
        pings = [run["timeline"][FIRST_PING] for run in runs]
        print(f"{statistics.median(pings):8.2f}  median of {len(runs)} until the first VM answers")
    if chosen.out:
        found = {"cpus": os.cpu_count(), "load": os.getloadavg(), "goal": GOAL, "runs": runs}
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")


def measured(cloud: str, file: Path, new: str) -> dict[str, Any]:
    """Add the host, remove it, and return when what was reached and what changed elsewhere."""
    file.write_text(edited(file.read_text(), {("hosts", new): {"roles": ["compute"]}}))
    try:
        seconds, said = typed("up", "--cloud", cloud, "--json")
        events = [json.loads(line) for line in said.splitlines()]
        done = [e for e in events if e["type"] == "step_finished"]
        changed = [e["key"] for e in done if e["status"] == "changed"]
    finally:
        leaving, _ = typed("host", "remove", "--cloud", cloud, "--yes", new)
        settling, _ = typed("apply", "--cloud", cloud)
    elsewhere: dict[str, list[str]] = {}
    for key in changed:
        host, _, step = key.partition("/")
        if host != new:
            elsewhere.setdefault(host, []).append(step)
    return {
        "timeline": events[-1]["timeline"],
        "up": round(seconds, 2),
        "remove": round(leaving, 2),
        "apply afterwards": round(settling, 2),
        "steps": Counter(key.partition("/")[0] for key in changed),
        "changed elsewhere": elsewhere,
        "slowest steps": sorted(
            ([e["seconds"], e["key"]] for e in done if e["key"].startswith(f"{new}/")),
            reverse=True,
        )[:8],
    }


def typed(*words: str) -> tuple[float, str]:
    """Run a command of gureum as it is typed, and return its seconds and what it says."""
    began = time.monotonic()
    argv = [sys.executable, "-m", "gureum", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}\n{done.stderr}")
    return time.monotonic() - began, done.stdout


def show(run: dict[str, Any]) -> None:
    """Print one run: its phases, what took longest, and what changed on other hosts."""
    for name, seconds in sorted(run["timeline"].items(), key=lambda entry: entry[1]):
        print(f"{seconds:8.2f}  {name}{f'   (goal: {GOAL:.0f})' if name == FIRST_PING else ''}")
    for name in ("up", "remove", "apply afterwards"):
        print(f"{run[name]:8.2f}  {name}, the whole command")
    for seconds, key in run["slowest steps"]:
        print(f"{seconds:8.2f}  of {key}")
    for host, steps in run["changed elsewhere"].items():
        print(f"changed on {host}: {', '.join(steps)}")


if __name__ == "__main__":
    main()
