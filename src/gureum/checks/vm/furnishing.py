"""What a cloud needs before anyone can boot a VM: a provider network, a flavor, an image.

They stay: the first VM of the cloud's owner uses them too. Each is made only where it is missing,
so a run that was cut off goes on where it stopped.
"""

from __future__ import annotations

from typing import Any

from gureum.checks.client import client
from gureum.checks.vm.settings import Guest, VmSettings

NETWORK = "provider"
SUBNET = "provider"
FLAVOR = "gureum.tiny"
FLAVOR_MEMORY_MB = 128
IMAGE = "gureum-guest"
_SHA256 = "gureum_sha256"


def ensure_provider_network(api: Any, settings: VmSettings) -> Any:
    """Return the external network on the physical network, with its subnet for floating IPs."""
    network = next(
        (
            network
            for network in api.network.networks(is_router_external=True)
            if network.provider_physical_network == settings.physical_network
        ),
        None,
    )
    network = network or api.network.create_network(
        name=NETWORK,
        description="Floating IPs live here.",
        is_router_external=True,
        provider_network_type="flat",
        provider_physical_network=settings.physical_network,
    )
    if not network.subnet_ids:
        first, last = settings.pool
        api.network.create_subnet(
            name=SUBNET,
            network_id=network.id,
            ip_version=4,
            cidr=str(settings.cidr),
            gateway_ip=str(settings.gateway),
            is_dhcp_enabled=False,
            allocation_pools=[{"start": str(first), "end": str(last)}],
        )
    return network


def ensure_flavor(api: Any) -> Any:
    """Return the smallest flavor that the test guest runs in.

    It has 1 GB of disk although the guest needs none: a flavor without a disk is for
    administrators only.
    """
    found = api.compute.find_flavor(FLAVOR)
    if found:
        return found
    try:
        return api.compute.create_flavor(name=FLAVOR, ram=FLAVOR_MEMORY_MB, vcpus=1, disk=1)
    except client().exceptions.ConflictException:
        return api.compute.find_flavor(FLAVOR, ignore_missing=False)


def ensure_image(api: Any, guest: Guest) -> Any:
    """Return the test guest in glance, uploaded where this very guest is not there yet.

    What a cut-off upload left is removed; an older guest stays under its name for VMs that were
    booted from it, hidden from lists.
    """
    for image in api.image.images(name=IMAGE):
        same = (image.properties or {}).get(_SHA256) == guest.sha256
        if same and image.status == "active":
            return image
        if image.status in ("queued", "saving"):
            api.image.delete_image(image)
        elif not same:
            api.image.update_image(image, is_hidden=True)
    return api.image.create_image(
        IMAGE,
        filename=str(guest.path),
        disk_format=guest.disk_format,
        container_format="bare",
        visibility="public",
        allow_duplicates=True,
        disable_vendor_agent=False,
        sha256=guest.sha256,
        wait=True,
        meta={**dict(guest.properties), _SHA256: guest.sha256},
    )
