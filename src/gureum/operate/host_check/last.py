"""How each host of a cloud was at the last look, for those who ask without looking."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

from gureum.diagnostics import Severity
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene
from gureum.state.folder import CloudFolder


def state(scene: Scene, host: str, found: Sequence[Finding]) -> str:
    """Return the one word for a host: `ready`, `warning`, `not ready` or `unreachable`."""
    if not scene.looks[host].answered:
        return "unreachable"
    own = [finding.severity for finding in found if finding.host == host]
    if Severity.ERROR in own:
        return "not ready"
    return "warning" if own else "ready"


def keep_states(folder: CloudFolder, scene: Scene, found: Sequence[Finding]) -> None:
    """Write how the hosts are now; what is known of the others stays. No folder is made for it."""
    if not folder.exists:
        return
    now = time.time()
    kept = {n: s for n, s in last_states(folder).items() if n in scene.cloud.hosts}
    new = {name: {"time": now, "state": state(scene, name, found)} for name in scene.looks}
    folder.write(folder.host_states, json.dumps({**kept, **new}) + "\n")


def last_states(folder: CloudFolder) -> dict[str, Mapping[str, object]]:
    """Return `time` and `state` of each host's last look."""
    try:
        found = json.loads(folder.host_states.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
