"""What images there are: those that gureum knows by name, and those that the cloud has."""

from __future__ import annotations

from dataclasses import dataclass

from gureum.images.catalogue import CATALOGUE, Known
from gureum.model.load import LoadedCloud
from gureum.operate.api import as_admin
from gureum.operate.images.add import MARK
from gureum.state.folder import CloudFolder


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image of the cloud; `by_gureum` tells that gureum brought it there."""

    id: str
    name: str
    status: str
    disk_format: str
    size: int
    visibility: str
    distro: str
    by_gureum: bool


@dataclass(frozen=True)
class Images:
    """The catalogue, and the images of a cloud, None where no cloud stands."""

    catalogue: tuple[Known, ...]
    images: tuple[Image, ...] | None

    def names(self) -> set[str]:
        """Return what the cloud's images are called."""
        return {image.name for image in self.images or ()}


def listed(loaded: LoadedCloud, folder: CloudFolder) -> Images:
    """Return the catalogue and the cloud's images; the catalogue alone where no cloud was built."""
    if not folder.clouds_yaml.exists():
        return Images(CATALOGUE, None)
    with as_admin(loaded, folder, "glance does not list its images") as api:
        found = [
            Image(
                id=image.id,
                name=image.name or "",
                status=image.status,
                disk_format=image.disk_format or "",
                size=image.size or 0,
                visibility=image.visibility,
                distro=image.os_distro or "",
                by_gureum=MARK in (image.properties or {}),
            )
            for image in api.image.images()
        ]
    return Images(CATALOGUE, tuple(sorted(found, key=lambda image: image.name)))
