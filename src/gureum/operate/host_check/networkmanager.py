"""NetworkManager on a NIC that the cloud is to have for itself."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield provider NICs that NetworkManager manages: it would take them from the bridge again."""
    for look in scene.answered():
        device = look.nics.device("provider")
        for managed in look.grounds.get("network_manager", ()):
            if managed["device"] != device:
                continue
            by = f", with the connection {managed['connection']}" if managed["connection"] else ""
            file = "/etc/NetworkManager/conf.d/gureum.conf"
            yield Finding(
                look.host,
                "network_manager.provider",
                f"NetworkManager manages {device}, the NIC of the provider network",
                f"nmcli device: {device} is {managed['state']}{by}",
                f"keep it off, on {look.host}: printf '[keyfile]\\nunmanaged-devices="
                f"interface-name:{device}\\n' > {file}; systemctl reload NetworkManager",
            )
