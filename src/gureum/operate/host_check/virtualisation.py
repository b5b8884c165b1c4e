"""VMs that would run without the processor's help."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.diagnostics import Severity
from gureum.model.cloud import Role
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield compute hosts where KVM does not work; an error where the input insists on it."""
    for look in scene.answered():
        kvm = look.facts["kvm"]
        if Role.COMPUTE not in scene.cloud.hosts[look.host].roles or kvm["works"]:
            continue
        virt_type = scene.cloud.compute.virt_type
        if virt_type == "qemu":
            continue
        wanted = virt_type == "kvm"
        yield Finding(
            look.host,
            "virtualisation.none",
            "VMs cannot run here by KVM" if wanted else "VMs will be emulated, which is slow",
            str(kvm.get("why", "")),
            "switch virtualisation on in its firmware, or for a VM of another host let that nest"
            + ("; or compute.virt_type: auto" if wanted else ""),
            Severity.ERROR if wanted else Severity.WARNING,
        )
