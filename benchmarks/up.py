"""Measures `gureum up` phase by phase and writes JSON: ./run python benchmarks/up.py --help.

Every run is a whole one by the command line, in a lab and a cache of its own, as a user would see it.
The phases are seconds since the command was typed:

    hosts       the lab's hosts are there (cold: with the image that they start from)
    apply       every service is deployed
    server requested, server active, first VM answers ping, first SSH login
    verify      all checks are done and nothing of the VM is left
    second apply, plan, status, help: whole commands
    restore     from `lab restore` of the finished cloud to the API's first answer
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CLOUD = "bench"


def main() -> None:
    """Run what was asked for and print a table; the JSON goes to --out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cold", action="store_true", help="begin with an empty cache, once")
    parser.add_argument("--runs", type=int, default=3, help="runs with everything cached")
    parser.add_argument(
        "--beside", type=Path, help="a cloud.yaml that is measured in turn with the default, cached"
    )
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    figures: dict[str, list[dict[str, float]]] = {}
    root = Path(tempfile.mkdtemp(prefix="gureum-bench-", dir="/var/tmp"))
    # A cold run gets a cache of its own; cached runs share the machine's.
    try:
        if chosen.cold:
            figures["cold"] = [measure(root / "home", root / "cache")]
        for _ in range(chosen.runs):
            figures.setdefault("cached", []).append(measure(root / "home", None))
            if chosen.beside:
                beside = measure(root / "home", None, chosen.beside)
                figures.setdefault(f"cached, {chosen.beside.name}", []).append(beside)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    found = {"machine": machine(), "load before": os.getloadavg(), "figures": figures}
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")
    show(figures)


def measure(home: Path, cache: Path | None, file: Path | None = None) -> dict[str, float]:
    """Return the figures of one cloud from nothing to gone; with an input, without a restore."""
    environment = {**os.environ, "GUREUM_HOME": str(home)}
    if cache:
        environment["GUREUM_CACHE"] = str(cache)

    def timed(*words: str, quietly: bool = False) -> tuple[float, str]:
        argv = [sys.executable, "-m", "gureum", *words]
        began = time.monotonic()
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        if done.returncode and not quietly:
            sys.exit(f"{' '.join(words)} failed:\n{done.stdout}\n{done.stderr}")
        return time.monotonic() - began, done.stdout

    try:
        asked = ("--file", str(file)) if file else ()
        whole, said = timed("up", "--cloud", CLOUD, *asked, "--json")
        figures: dict[str, float] = {**json.loads(said.splitlines()[-1])["timeline"], "up": whole}
        figures["second apply"] = timed("apply", "--cloud", CLOUD)[0]
        figures["plan"] = timed("plan", "--cloud", CLOUD)[0]
        figures["status"], said = timed("status", "--cloud", CLOUD, "--json")
        figures["memory of the cloud (MB)"] = _memory(json.loads(said.splitlines()[-1]))
        figures["help"] = timed("--help")[0]
        if not file:
            timed("lab", "snapshot", "--cloud", CLOUD, "done")
            began = time.monotonic()
            timed("lab", "restore", "--cloud", CLOUD, "done")
            while not timed("endpoints", "--cloud", CLOUD, "--json", quietly=True)[1]:
                time.sleep(0.2)
            figures["restore"] = time.monotonic() - began
    finally:
        figures_down, _ = timed("down", "--cloud", CLOUD, quietly=True)
    return {**figures, "down": figures_down}


def _memory(status: dict[str, Any]) -> float:
    return sum(float(host["pss_mb"]) for host in status["hosts"])


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {"cpus": os.cpu_count(), "memory (MB)": memory, "kernel": platform.release()}


def show(figures: dict[str, list[dict[str, float]]]) -> None:
    """Print the median and range of every figure."""
    for kind, runs in figures.items():
        print(f"{kind}: {len(runs)} run{'s' if len(runs) > 1 else ''}")
        for name in runs[0]:
            values = sorted(run[name] for run in runs)
            spread = f"   {values[0]:.1f} to {values[-1]:.1f}" if len(values) > 1 else ""
            print(f"  {statistics.median(values):8.2f}  {name}{spread}")


if __name__ == "__main__":
    main()
