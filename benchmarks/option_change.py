"""Measures what a change of one nova option costs: ./run python benchmarks/option_change.py --help.

The cloud, of any shape, has to stand, and is left as it was found: its own input file is changed
for each option and put back. For each option it measures the whole `gureum
apply` as it is typed, and the longest time that nova's API let a client wait meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gureum.checks.context import connect
from gureum.operate.kept_input import kept_input
from gureum.state.folder import CloudFolder

OPTIONS = {
    "read by nova-compute": ("DEFAULT", "reserved_host_memory_mb", 640),
    "read by the scheduler": ("filter_scheduler", "host_subset_size", 2),
    "read by the API": ("api", "dhcp_domain", "cloud.example"),
    "read by every unit": ("DEFAULT", "cpu_allocation_ratio", 8.0),
}
"""What is changed, one after another: section, option, value in nova.conf."""


def main() -> None:
    """Change each option, take it back, and print a table; the JSON goes to --out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name; it has to stand")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    folder = CloudFolder(chosen.cloud)
    figures = {}
    path, text = input_of(folder)
    try:
        for what, (section, name, value) in OPTIONS.items():
            path.write_text(with_option(text, section, name, value))
            figures[what] = measured(folder, path)
            path.write_text(text)
            measured(folder, path)
            print(f"{what:24} {figures[what]}", flush=True)
    finally:
        path.write_text(text)
    if chosen.out:
        found = {"load": os.getloadavg(), "figures": figures}
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")


def input_of(folder: CloudFolder) -> tuple[Path, str]:
    """Return the file that a cloud is built from and its text; the built-in cloud gets one."""
    kept = kept_input(folder)
    if kept is not None:
        return kept.file, kept.file.read_text()
    text = "hosts: {one: {roles: [controller, network, compute]}}\n"
    return Path(tempfile.mkdtemp()) / "cloud.yaml", f"name: {folder.name}\n{text}"


def with_option(text: str, section: str, name: str, value: object) -> str:
    """Return an input with one more option of nova.conf."""
    cloud = YAML(typ="safe").load(text)
    options = cloud.setdefault("config", {}).setdefault("nova.conf", {}).setdefault(section, {})
    options[name] = value
    return json.dumps(cloud)


def measured(folder: CloudFolder, path: Path) -> dict[str, Any]:
    """Apply the input and return what that cost, in seconds."""
    command = [sys.executable, "-m", "gureum", "apply", "--file", str(path), "--json"]
    with Waits(folder) as waits:
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
    events = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr)
    restarted = [
        f"{event['key'].partition('/')[0]}/{event['title'].removesuffix('.service')}"
        for event in events
        if event["type"] == "step_finished" and event["status"] == "changed"
        if event["title"].endswith(".service")
    ]
    return {
        "apply": round(seconds, 1),
        "restarted": restarted,
        "longest wait": round(waits.longest, 1),
        "errors": waits.errors,
    }


class Waits:
    """A client that lists VMs ten times a second."""

    def __init__(self, folder: CloudFolder) -> None:
        self.longest = 0.0
        self.errors = 0
        self._api = connect(folder.clouds_yaml, folder.name).compute
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Waits:
        self._api.get("/servers?limit=1")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._end.wait(0.1):
            began = time.monotonic()
            try:
                good = self._api.get("/servers?limit=1").ok
            except Exception:
                good = False
            self.errors += not good
            self.longest = max(self.longest, time.monotonic() - began)


if __name__ == "__main__":
    main()
