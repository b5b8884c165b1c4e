"""What the VM scenario is told about a cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Protocol

from gureum.checks.vm.outside import Outside
from gureum.model.cloud import ProviderNetwork

PROJECT_NETWORKS = ("192.168.222.0/24", "172.29.222.0/24", "10.222.222.0/24")


class Guest(Protocol):
    """An image that boots, and who logs in to it (`gureum.images.GuestImage` is one)."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def sha256(self) -> str:
        """Its SHA-256."""

    @property
    def disk_format(self) -> str:
        """Its format, as glance calls it: `qcow2`, `raw`."""

    @property
    def properties(self) -> Mapping[str, str]:
        """What glance and nova are to know of it."""

    @property
    def user(self) -> str:
        """The user that SSH keys are for."""


@dataclass(frozen=True, kw_only=True)
class VmSettings:
    """The provider network, the authority of the API's TLS, how long things may take (in seconds)."""

    physical_network: str
    cidr: IPv4Network
    gateway: IPv4Address
    pool: tuple[IPv4Address, IPv4Address]
    ca: Path
    host: str = ""
    """The compute host that the VM has to run on; "" leaves it to the scheduler."""
    boot_within: float = 180.0
    answer_within: float = 90.0
    filter_within: float = 20.0
    gone_within: float = 90.0
    outside: Outside = field(default_factory=Outside)
    """From where the VM is asked for an answer."""
    beyond: str = ""
    """What the VM has to reach in place of the gateway; "" for the gateway itself."""
    volumes_within: float = 120.0
    bulk_bytes: int = 8 * 1024 * 1024
    volumes: bool = False
    """Whether the cloud has volumes."""
    backups: bool = False
    """Whether backups of volumes have a place."""

    @property
    def project_cidr(self) -> str:
        """A subnet for the throwaway network that does not overlap the provider's."""
        free = (n for n in PROJECT_NETWORKS if not IPv4Network(n).overlaps(self.cidr))
        return next(free)


def provider_range(
    provider: ProviderNetwork, cidr: IPv4Network
) -> tuple[IPv4Address, tuple[IPv4Address, IPv4Address]]:
    """Return gateway and pool: as the input says, else the first address and .100 to .250.

    A subnet too small for that gives its upper half.
    """
    gateway = provider.gateway or cidr[1]
    if provider.pool:
        return gateway, provider.pool
    first, last = (100, 250) if cidr.num_addresses >= 256 else (cidr.num_addresses // 2, -2)
    return gateway, (cidr[first], cidr[last])
