"""The VM scenario: a real VM boots, is reached, proves what it was told, and leaves nothing behind."""

from __future__ import annotations

from gureum.checks.vm.furnishing import ensure_flavor, ensure_image, ensure_provider_network
from gureum.checks.vm.milestones import ACTIVE, FIRST_PING, REQUESTED, SSH, Milestones
from gureum.checks.vm.proof import STAGES
from gureum.checks.vm.scenario import NO_LEFTOVERS, Scenario, run_scenario
from gureum.checks.vm.settings import Guest, VmSettings, provider_range
from gureum.checks.vm.volumes import BACKUP_STAGES, VOLUME_STAGES

__all__ = [
    "ACTIVE",
    "BACKUP_STAGES",
    "FIRST_PING",
    "NO_LEFTOVERS",
    "REQUESTED",
    "SSH",
    "STAGES",
    "VOLUME_STAGES",
    "Guest",
    "Milestones",
    "Scenario",
    "VmSettings",
    "ensure_flavor",
    "ensure_image",
    "ensure_provider_network",
    "provider_range",
    "run_scenario",
]
