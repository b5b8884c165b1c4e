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
    tunnel_link: str
    """The outer end of its tunnel NIC."""
    tunnel_address: IPv4Address
    """Its address on the tunnel network."""
    management_nic: str = "eth0"
    provider_nic: str = "eth1"
    tunnel_nic: str = "eth2"

    @property
    def nics(self) -> dict[str, str]:
        """Each NIC of it and the outer end of that."""
        return {
            self.management_nic: self.management_link,
            self.provider_nic: self.provider_link,
            self.tunnel_nic: self.tunnel_link,
        }

    @property
    def links(self) -> tuple[str, ...]:
        """The outer ends of its NICs."""
        return tuple(self.nics.values())

    @property
    def leader_pid(self) -> int | None:
        """The process that is PID 1 inside, None where the host does not run."""
        return processes.leader(self.machine)

    @property
    def running(self) -> bool:
        """Whether the host runs."""
        return self.leader_pid is not None
