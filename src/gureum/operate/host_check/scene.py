"""All that the findings are drawn from: every host's answer beside the others', and the input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gureum.model.cloud import Cloud
from gureum.operate.nics import HostNics
from gureum.services.declaration import Port

if TYPE_CHECKING:
    from gureum.hosts.refusal import Refused

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """One host as it answered just now, or why it did not."""

    host: str
    where: str = ""
    refused: Refused | None = None
    facts: Said = field(default_factory=dict)
    grounds: Said = field(default_factory=dict)
    offset: float = 0.0
    """Seconds that its clock is ahead of this machine's."""
    margin: float = 0.0
    """Seconds that `offset` may be wrong by: half of the time that the question took."""
    nics: HostNics = field(default_factory=lambda: HostNics({}, ()))
    ports: Sequence[Port] = ()
    """What the host is to serve."""

    @property
    def answered(self) -> bool:
        """Whether the host said anything."""
        return self.refused is None


@dataclass(frozen=True)
class Scene:
    """A cloud's hosts at one moment.

    `before` are the facts of the last look by host; `authority` is the certificate of the cloud's
    own authority, empty before there is one.
    """

    cloud: Cloud
    looks: Mapping[str, Look]
    before: Mapping[str, Said] = field(default_factory=dict)
    authority: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)

    def answered(self) -> Iterator[Look]:
        """Yield every host that answered, in the input's order."""
        return (look for look in self.looks.values() if look.answered)

    def others(self, host: str) -> list[str]:
        """Return the management addresses of the other hosts."""
        return [a for name, a in self.addresses.items() if name != host and a]
