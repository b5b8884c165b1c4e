"""The firewall of hosts as an operator describes it: types for `firewall` of cloud.yaml."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gureum.model.part import Name, Part


class Opening(Part):
    """A port that is open beside those that the cloud needs, and why."""

    port: int | Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}-[0-9]{1,5}$")]
    """The port, or the first and last of several: `9000-9010`."""
    protocol: Literal["tcp", "udp"] = "tcp"
    """What is spoken there: tcp or udp."""
    source: IPv4Network | None = Field(default=None, examples=["192.0.2.0/24"])
    """The subnet that may come in; without one, everyone."""
    hosts: tuple[Name, ...] = Field(default=(), examples=[["compute-1"]])
    """The hosts that it is open on; without any, all."""
    why: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    """Why it is open, in a sentence for whoever reads the rules later."""

    @property
    def ports(self) -> tuple[int, int]:
        """The first and the last port."""
        first, _, last = str(self.port).partition("-")
        return int(first), int(last or first)


class Firewall(Part):
    """What may come to the hosts themselves; VMs have security groups."""

    enabled: bool = True
    """Whether each host drops what it is not for; false takes gureum's own rules away."""
    allow: tuple[Opening, ...] = Field(
        default=(),
        examples=[[{"port": 9100, "source": "192.0.2.0/24", "why": "our monitoring asks here"}]],
    )
    """What is open beside what the cloud needs, e.g. for monitoring or backups."""
