"""How a lab's addresses are reached from another machine: they exist on this one alone."""

from __future__ import annotations

import getpass
import socket

from gureum.operate.deployment import Deployment
from gureum.operate.known import known

LOW = 1024
"""Ports below belong to root on the machine that a person sits at."""
LIFTED = 8000


def local_port(port: int) -> int:
    """Return the port at the person's own end of the tunnel: the same, or 8443 for 443."""
    return port + LIFTED if port < LOW else port


def tunnel(deployment: Deployment, port: int) -> str:
    """Return the command that a person elsewhere types, or nothing for a cloud outside a lab."""
    if not deployment.in_lab:
        return ""
    blueprint = known(deployment).blueprint
    address = next(iter(blueprint.contexts.values())).api_address
    here = f"{getpass.getuser()}@{socket.gethostname()}"
    return f"ssh -L {local_port(port)}:{address}:{port} {here}"
