"""`gureum openstack …`: the OpenStack client, logged in as the cloud's administrator."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName
from gureum.errors import GureumError


def openstack(ctx: typer.Context, name: CloudName = None) -> None:
    """Run the OpenStack client against the cloud, e.g. `gureum openstack server list`."""
    c = context(name, None)
    if not c.folder.clouds_yaml.exists():
        raise GureumError(
            f"there is no cloud {c.folder.name!r} yet", hint=f"gureum up --cloud {c.folder.name}"
        )
    beside = Path(sys.executable).with_name("openstack")
    program = str(beside) if beside.exists() else shutil.which("openstack")
    if program is None:
        raise GureumError(
            "the OpenStack client is not installed",
            hint=f"pip install python-openstackclient, then: . {c.folder.openrc}",
        )
    # The password stays in the file: only its path and the cloud's name go to the client.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    environment |= {"OS_CLIENT_CONFIG_FILE": str(c.folder.clouds_yaml), "OS_CLOUD": c.folder.name}
    os.execve(program, [program, *ctx.args], environment)
