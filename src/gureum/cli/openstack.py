"""`gureum openstack …`: the OpenStack client, logged in as the cloud's administrator."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName
from gureum.errors import GureumError
from gureum.state.folder import CloudFolder

FOREIGN = {
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
}  # fmt: skip
"""What a shell sets for the internet. The cloud has an authority of its own, which these would
replace, and is reached as its hosts are: directly."""


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
    from gureum.operate.known import api_names

    environment = client_environment(os.environ, c.folder)
    if names := api_names(c.folder):
        pinned = [f"{name}={address}" for name, address in names.items()]
        words = ["-m", "gureum.operate.pinned", *pinned, program, *ctx.args]
        os.execve(sys.executable, [sys.executable, *words], environment)
    os.execve(program, [program, *ctx.args], environment)


def client_environment(shell: Mapping[str, str], folder: CloudFolder) -> dict[str, str]:
    """Return a shell's environment with this cloud in it, and nothing that leads elsewhere.

    The password stays in the file: only its path and the cloud's name are told.
    """
    kept = {
        name: value
        for name, value in shell.items()
        if not name.startswith("OS_") and name.upper() not in FOREIGN
    }
    return kept | {"OS_CLIENT_CONFIG_FILE": str(folder.clouds_yaml), "OS_CLOUD": folder.name}
