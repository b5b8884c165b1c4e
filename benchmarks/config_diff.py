"""Measures `gureum config diff` of a cloud that stands: ./run python benchmarks/config_diff.py --help.

Every run is a whole one by the command line, from the typed word to the prompt. Seconds of wall time depend
on what else the machine does; seconds of processor time (of this side, without the hosts) less so.
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
from typing import Any


def main() -> None:
    """Run the command some times and print least and median; the JSON goes to --out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    runs = [measure(chosen.cloud) for _ in range(chosen.runs)]
    for name in ("wall", "processor", "asking"):
        values = [run[name] for run in runs]
        print(f"{name:10} least {min(values):.2f} s, median {statistics.median(values):.2f} s")
    print(f"{runs[0]['files']} files, {runs[0]['units']} units, {runs[0]['differ']} differ")
    if chosen.out:
        found = {"load": os.getloadavg(), "cpus": os.cpu_count(), "runs": runs}
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")


def measure(cloud: str) -> dict[str, Any]:
    """Return the figures of one run."""
    argv = [sys.executable, "-m", "gureum", "config", "diff", "--cloud", cloud, "--json"]
    spent, began = os.times(), time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - began, os.times()
    if not done.stdout:
        sys.exit(done.stderr)
    found = json.loads(done.stdout)
    if found["type"] == "error":
        sys.exit(f"{found['summary']}\nhint: {found['hint']}")
    processor = after.children_user + after.children_system
    return {
        "wall": round(wall, 3),
        "processor": round(processor - spent.children_user - spent.children_system, 3),
        "asking": found["seconds"],
        "files": found["looked"][0],
        "units": found["looked"][1],
        "differ": len(found["files"]) + len(found["units"]),
    }


if __name__ == "__main__":
    main()
