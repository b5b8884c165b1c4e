"""What tests need in a cloud beside what it has: a second image, a larger flavor, a type of volumes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gureum.checks.vm import ensure_flavor, ensure_image
from gureum.errors import GureumError
from gureum.operate.tempest.configuration import PREFIX

if TYPE_CHECKING:
    from gureum.images.guest_image import GuestImage

OTHER_IMAGE = f"{PREFIX}-other-image"
LARGER_FLAVOR = f"{PREFIX}-larger"
SHARED_TYPE = f"{PREFIX}-shared"
_MORE_MEMORY_MB = 64


@dataclass(frozen=True)
class Furniture:
    """The ids of images and flavors, and the network that floating IPs live on."""

    image: str
    other_image: str
    flavor: str
    larger_flavor: str
    network: str
    network_name: str
    shared_type: str = ""


@contextlib.contextmanager
def furnished(
    api: Any, guest: GuestImage, physical_network: str, shared_backend: str = ""
) -> Iterator[Furniture]:
    """Make what is missing, and take what was made for tests away again at the end.

    `shared_backend` is the backend whose volumes several VMs may have at once, where there is one.
    """
    network = next(
        (
            network
            for network in api.network.networks(is_router_external=True)
            if network.provider_physical_network == physical_network
        ),
        None,
    )
    if network is None:
        raise GureumError(
            "the cloud has no network for floating IPs yet",
            detail=f"none is on the physical network {physical_network}; a verification makes it",
            hint="gureum verify",
        )
    made: list[Any] = []
    try:
        image, flavor = ensure_image(api, guest), ensure_flavor(api)
        other = api.image.create_image(
            OTHER_IMAGE,
            filename=str(guest.path),
            disk_format=guest.disk_format,
            container_format="bare",
            visibility="public",
            allow_duplicates=True,
            sha256=guest.sha256,
            wait=True,
            meta=dict(guest.properties),
        )
        made.append(lambda: api.image.delete_image(other))
        larger = api.compute.create_flavor(
            name=LARGER_FLAVOR,
            ram=flavor.ram + _MORE_MEMORY_MB,
            vcpus=flavor.vcpus,
            disk=max(flavor.disk, 1),
        )
        made.append(lambda: api.compute.delete_flavor(larger))
        if shared_backend:
            specs = {"volume_backend_name": shared_backend, "multiattach": "<is> True"}
            shared = api.block_storage.create_type(name=SHARED_TYPE, extra_specs=specs)
            made.append(lambda: api.block_storage.delete_type(shared))
        yield Furniture(
            image.id,
            other.id,
            flavor.id,
            larger.id,
            network.id,
            network.name,
            SHARED_TYPE if shared_backend else "",
        )
    finally:
        for undo in reversed(made):
            undo()
