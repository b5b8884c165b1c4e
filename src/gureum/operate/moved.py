"""What may not move from one host to another by a change of roles alone."""

from __future__ import annotations

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.model.cloud import Cloud, Role
from gureum.operate.deployment import Deployment
from gureum.operate.kept_input import built_from


def check_moves(deployment: Deployment) -> None:
    """Raise InputError where the controller's role would leave the host with the cloud's data.

    Steps would build an empty cloud on the new host and call it the same: databases, queues, images
    and OVN's networks lie on the controller, and nothing carries them over.
    """
    before = built_from(deployment.folder)
    if before is None or not deployment.folder.facts.exists():
        return
    was, now = _controllers(before), _controllers(deployment.cloud)
    if set(was) & set(now):
        return
    cloud = deployment.cloud.name
    source = deployment.loaded.locate(("hosts", now[0], "roles"))
    raise InputError(
        "a role cannot move like this",
        [
            Diagnostic(
                f"the role controller cannot move from {was[0]} to {now[0]}",
                detail=f"databases, images and networks of the cloud {cloud!r} lie on {was[0]}",
                source=source,
                hint=f"leave it to {was[0]}, or build another cloud: gureum up --cloud {cloud}-2",
            )
        ],
    )


def _controllers(cloud: Cloud) -> list[str]:
    return [name for name, _ in cloud.hosts_with(Role.CONTROLLER)]
