"""Measures `gureum explain` from the command line: ./run python benchmarks/explain.py --help.

Every figure is a whole process, from the shell's start of it to its end, with one question of each
kind. The cloud is the one that `gureum explain` would take here, built or not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

QUESTIONS = (
    "nova.conf DEFAULT cpu_allocation_ratio",
    "nova.conf libvirt virt_type",
    "transport_url",
    "debug",
    "nova.conf",
    "nova",
    "compute",
    "nova-api",
    "8774",
    "management",
    "br-int",
    "cpu_alocation_ratio",
)
"""The last one is misspelt: looking for what is near looks at every option there is."""
LIMIT = 0.5


def main() -> None:
    """Ask every question several times, print medians, and fail where one is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="how often each question is asked")
    parser.add_argument("--cloud", help="the cloud's name")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    program = Path(sys.executable).with_name("gureum")
    cloud = ["--cloud", chosen.cloud] if chosen.cloud else []
    figures: dict[str, list[tuple[float, float]]] = {}
    print(f"load before: {os.getloadavg()[0]:.1f}, processors: {os.cpu_count()}")
    print(f"{'wall':>6}  {'least':>6}  {'CPU':>6}  question")
    for question in QUESTIONS:
        command = [str(program), "explain", *cloud, *question.split()]
        # Bytecode is there after the first, as it is for a user.
        measured(command)
        figures[question] = [measured(command) for _ in range(chosen.runs)]
        walls, cpus = zip(*figures[question], strict=True)
        spent = statistics.median(walls), min(walls), statistics.median(cpus)
        print("  ".join(f"{seconds:6.3f}" for seconds in spent), question, sep="  ")
    medians = {q: statistics.median(wall for wall, _ in found) for q, found in figures.items()}
    if chosen.out:
        chosen.out.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(any(median > LIMIT for median in medians.values()))


def measured(command: list[str]) -> tuple[float, float]:
    """Return the seconds that one whole process takes, and how many of them on a processor."""
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    started, before = time.perf_counter(), os.times()
    subprocess.run(command, capture_output=True, check=False, env=environment)
    wall, after = time.perf_counter() - started, os.times()
    return wall, sum(after[2:4]) - sum(before[2:4])


if __name__ == "__main__":
    main()
