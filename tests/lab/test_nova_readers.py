"""That nova's own code reads its options where `services/nova_readers.py` says it does."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from typing import Any

import pytest

from gureum.services.nova_readers import API, COMPUTE, READ_ONLY_BY

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

COMPUTING = ("virt/", "storage/", "privsep/", "compute/manager.py", "compute/resource_tracker.py")
COMPUTING += ("compute/monitors/", "compute/claims.py", "compute/provider_config.py")
CODE = {
    COMPUTE: COMPUTING,
    (*COMPUTE, "nova-novncproxy"): (*COMPUTING, "console/", "cmd/novncproxy.py"),
    ("nova-novncproxy",): ("console/", "cmd/baseproxy.py"),
    ("nova-scheduler",): ("scheduler/", "cmd/scheduler.py"),
    ("nova-conductor",): ("conductor/", "cmd/conductor.py"),
    API: ("api/", "wsgi/"),
}
"""Units -> the parts of nova that their options are read in."""
SHARED = ("scheduler/client/", "scheduler/utils.py", "scheduler/rpcapi.py", "conductor/rpcapi.py")
SHARED += ("compute/api.py", "compute/rpcapi.py", "compute/utils.py", "conductor/api.py")
"""What lies among them and is imported by other units."""
COMMANDS = ("cmd/manage.py", "cmd/status.py", "cmd/policy.py", "test.py")
"""Programs that run when somebody calls them and then read the file as it is."""
SCAN = r"""
import json, os, re
import importlib.util
root = os.path.dirname(importlib.util.find_spec("nova").origin)
found = {}
for folder, _, names in os.walk(root):
    where = os.path.relpath(folder, root)
    if where.split(os.sep)[0] in ("tests", "conf", "hacking"):
        continue
    for name in names:
        if name.endswith(".py"):
            with open(os.path.join(folder, name), errors="replace") as source:
                for used in re.findall(r"CONF\.([a-z_0-9]+(?:\.[a-z_0-9]+)?)", source.read()):
                    found.setdefault(used, set()).add(os.path.normpath(os.path.join(where, name)))
print(json.dumps({used: sorted(files) for used, files in found.items()}))
"""


def test_options_are_read_where_it_is_said(cloud: Any) -> None:
    """R-CONF-4: a unit that reads a changed option restarts, whatever release is installed."""
    code = SCAN.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`").replace('"', '\\"')
    python = cloud.ssh("one", "ls -d /opt/gureum/20*/bin/python | tail -1").strip()
    used = json.loads(cloud.ssh("one", f'{python} -c "{code}"'))
    assert len(used) > 300
    for readers, patterns in READ_ONLY_BY.items():
        for option, files in used.items():
            address = option if "." in option else f"DEFAULT.{option}"
            whole = f"{option}." if "." not in option else ""
            if any(fnmatchcase(address, p) or (whole and p == f"{whole}*") for p in patterns):
                foreign = [f for f in files if not _belongs(f, CODE[readers])]
                assert not foreign, f"{option}, said to be read by {readers} alone"


def _belongs(file: str, parts: tuple[str, ...]) -> bool:
    return file in COMMANDS or (file.startswith(parts) and not file.startswith(SHARED))
