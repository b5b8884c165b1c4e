"""A host of a lab, as others see it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from gureum.lab import processes


@dataclass(frozen=True)
class LabHost:
    """A host of a lab: its names, its address, and whether it runs now."""

    name: str
    os: str
    machine: str
    """What the machine calls it: the name that systemd-nspawn runs it under."""
    address: IPv4Address
    """Its address on the management network."""
    management_link: str
    """The outer end of its management NIC."""
    provider_link: str
    """The outer end of its provider NIC."""
    management_nic: str = "eth0"
    provider_nic: str = "eth1"

    @property
    def leader_pid(self) -> int | None:
        """The process that is PID 1 inside, None where the host does not run."""
        return processes.leader(self.machine)

    @property
    def running(self) -> bool:
        """Whether the host runs."""
        return self.leader_pid is not None
