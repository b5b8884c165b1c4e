"""The compute host that is meant, by its name in the input."""

from __future__ import annotations

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import InputError
from gureum.model.cloud import Role
from gureum.operate.deployment import Deployment
from gureum.operate.typed import typed


def check_compute(deployment: Deployment, host: str, verb: str) -> None:
    """Raise InputError with the nearest names where `host` is no compute host of the input."""
    cloud = deployment.cloud
    computes = [name for name, _ in cloud.hosts_with(Role.COMPUTE)]
    if host in computes:
        return
    what = f"{host!r} cannot be {verb}"
    if host in cloud.hosts:
        roles = ", ".join(cloud.hosts[host].roles)
        said = Diagnostic(
            f"{host} is no compute host, no VM runs there: it is {roles}",
            hint=f"compute hosts are: {', '.join(computes)}",
        )
    else:
        said = Diagnostic(
            f"no host of the cloud {cloud.name!r} is named {host!r}",
            hint=did_you_mean(host, computes) or typed(deployment.loaded, "host list"),
        )
    raise InputError(what, [said])
