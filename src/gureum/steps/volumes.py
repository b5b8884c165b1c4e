"""Desired states of volumes: the groups that LVM makes them in, and the types that users name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.state.secrets import Secret
from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class VolumeGroupPresent(State):
    """LVM has a volume group with these disks at least; without any it has to be there already.

    A disk that holds anything is refused.
    """

    kind: ClassVar[str] = "volume_group"
    name: str
    devices: tuple[str, ...]

    def expected(self) -> dict[str, Any]:
        return {"there": True, "missing": []}

    def title(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class VolumeTypesPresent(State):
    """cinder has these volume types: name -> the backend that it leads to. Others stay.

    `url` is cinder's and `identity` keystone's. Read on a host with cinder's database.
    """

    kind: ClassVar[str] = "volume_types"
    url: str
    identity: str
    cafile: str
    admin_password: Secret
    types: Mapping[str, str]

    def expected(self) -> dict[str, Any]:
        return dict(self.types)

    def title(self) -> str:
        return ", ".join(self.types)


@dataclass(frozen=True, kw_only=True)
class VolumeServicesReporting(State):
    """cinder counts these units (`cinder-volume of one@ceph`) as up; restarted ones reported since.

    Its scheduler knows what room `backends` have then (`one@lvm`, or `CLOUD@ceph` where every controller
    serves it): before that it finds none for a volume.
    `url` is cinder's and `identity` keystone's. Read on a host with cinder's database.
    """

    kind: ClassVar[str] = "cinder_reports"
    backends: tuple[str, ...]
    url: str
    identity: str
    cafile: str
    admin_password: Secret
    units: tuple[str, ...]
    within: float = 100.0

    def expected(self) -> dict[str, Any]:
        return dict.fromkeys(self.units, True)

    def title(self) -> str:
        return ", ".join(self.units)
