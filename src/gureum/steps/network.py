"""Desired states of a host's virtual switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class OvsConfigured(State):
    """Open vSwitch has these external ids and bridges.

    `bridges` maps a name to datapath type, fail mode and the ports it must have.
    """

    kind: ClassVar[str] = "ovs"
    external_ids: Mapping[str, str]
    bridges: Mapping[str, tuple[str, str, tuple[str, ...]]]

    def expected(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {f"external_ids:{k}": v for k, v in self.external_ids.items()}
        for name, (datapath, fail_mode, ports) in self.bridges.items():
            wanted[f"bridge:{name}"] = {
                "datapath": datapath,
                "fail_mode": fail_mode,
                "ports": sorted(ports),
            }
        return wanted
