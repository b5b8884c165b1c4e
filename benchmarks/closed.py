"""Builds, changes and repairs a cloud from a bundle in a lab without internet, and measures it.

./run python benchmarks/closed.py --help. Everything is done by the command line, as a user would:

    create, create again, verify   the bundle
    up                             an all-in-one from nothing, caches empty, proven by a VM
    change                         the dashboard, which was off, is turned on
    repair                         a package purged and a module deleted by hand are put right
    refused, left                  packets that hosts sent to others, and those that got out
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gureum.lab import Lab, firewall
from gureum.lab.network import table

NAME = "closed"
INPUT = """\
name: {name}
hosts:
  one: {{roles: [controller, network, compute]}}
dashboard: {{enabled: {dashboard}}}
packages: {{bundle: {bundle}}}
lab: {{internet: false}}
"""
HARM = (
    "dpkg --purge --force-depends novnc && rm -r /opt/gureum/*/lib/python3*/site-packages/nova/api"
)


def main() -> None:
    """Do all of it and print a line for each figure; exit 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, help="a folder to keep; by default a temporary one")
    chosen = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="gureum-closed-", dir="/var/tmp"))
    bundle = (chosen.bundle or root / "bundle").resolve()
    home = root / "home"
    os.environ |= {"GUREUM_HOME": str(home), "GUREUM_CACHE": str(root / "cache")}
    file = root / "cloud.yaml"
    try:
        gureum("create", "bundle", "create", str(bundle))
        gureum("create again", "bundle", "create", str(bundle))
        gureum("verify the bundle", "bundle", "verify", str(bundle))
        file.write_text(INPUT.format(name=NAME, dashboard="false", bundle=bundle))
        gureum("up", "up", "--file", str(file))
        file.write_text(INPUT.format(name=NAME, dashboard="true", bundle=bundle))
        gureum("change", "apply", "--file", str(file))
        gureum("harm", "ssh", "--file", str(file), "one", HARM)
        gureum("repair", "apply", "--file", str(file))
        gureum("verify", "verify", "--file", str(file))
        lab = Lab(NAME, home / "lab" / NAME, root / "cache", print)
        counted = firewall.counted(table(lab.id))
        print(json.dumps(counted))
        if counted["left"]:
            sys.exit("packets left the closed lab")
    finally:
        if file.exists():
            gureum("down", "down", "--file", str(file), check=False)
        shutil.rmtree(root, ignore_errors=True)


def gureum(what: str, *words: str, check: bool = True) -> None:
    """Run a command of gureum and print how long it took."""
    began = time.monotonic()
    argv = [sys.executable, "-m", "gureum", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    print(f"{what:18} {time.monotonic() - began:7.1f} s", flush=True)
    if check and done.returncode:
        sys.exit(f"{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    main()
