"""A step: a desired state on one host, what it needs first, and what proves it.

The engine does the same with every step. It calls `read` of the state's module in `gureum.remote`
on the host, compares what comes back with `expected()` key by key (the differing keys are the
drift), calls `change` of that module if there is drift, and reads again: the second reading must
show no drift, and is kept as the step's evidence.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gureum.state.secrets import Secret
from gureum.steps.notice import Notice


@dataclass(frozen=True, kw_only=True)
class State:
    """A desired state. Subclasses add fields and set `kind`.

    `kind` names the module of `gureum.remote` that reads and changes it. That module has
    `read(spec) -> dict` and `change(spec, actual) -> list of evidence dicts`. Keys of a reading that
    begin with `_` are evidence or diff material and never compared; `_forced` tells `change` that
    what the step watches has changed.
    """

    kind: ClassVar[str]
    proven_from_outside: ClassVar[bool] = False
    """Whether a change could cut the host off, and only a fresh connection proves that it did not."""

    def spec(self) -> dict[str, Any]:
        """Return what the host is sent: every field as plain data, secrets revealed."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    def expected(self) -> dict[str, Any]:
        """Return the wanted value of each key of a reading."""
        raise NotImplementedError

    def title(self) -> str:
        """Return what a person reads beside the step's id, e.g. the path of a file."""
        return ""


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        # In one order always: an image is filed under what its steps' specs say.
        return sorted(_plain(v) for v in value)
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value


class Phase(enum.Enum):
    """When a step is due. `INSTALL` steps depend on no fact, address or secret of a host, so that
    their result can be frozen into a lab image and used for many hosts."""

    INSTALL = "install"
    DEPLOY = "deploy"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One desired state on one host.

    `id` is dotted and unique on its host (`nova.conf`, `nova.unit.nova-scheduler`); `key` is unique
    in the cloud (`one/nova.conf`). `needs` and `watches` hold keys. A step whose `watches` changed
    in this run is changed as well (a unit restarts when its config did). `lock` names what only one
    step of a host may hold at a time (`apt`). `notice` says who notices when a unit restarts.
    """

    id: str
    host: str
    state: State
    why: str
    service: str = ""
    phase: Phase = Phase.DEPLOY
    needs: frozenset[str] = field(default_factory=frozenset)
    watches: frozenset[str] = field(default_factory=frozenset)
    lock: str | None = None
    timeout: float = 300.0
    notice: Notice | None = None

    @property
    def key(self) -> str:
        """The step's name in the whole cloud."""
        return f"{self.host}/{self.id}"
