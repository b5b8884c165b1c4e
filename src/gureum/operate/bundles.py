"""Bundles as a person asks for them: of a cloud's input or of everything, made, checked and told."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gureum.bundle import Manifest, open_source
from gureum.bundle import verify as checking
from gureum.bundle.apt_root import no_space
from gureum.bundle.create import Created, create
from gureum.bundle.manifest import read
from gureum.bundle.needs import Needs, every_need, needs_of
from gureum.bundle.systems import system
from gureum.bundle.verify import Verified, lacking
from gureum.errors import BundleError
from gureum.model.cloud import Cloud
from gureum.state.folder import cache

ARCHIVE = ".tar"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Shown:
    """A bundle as it says of itself, its digest, and what this gureum would miss in it."""

    place: str
    digest: str
    manifest: Manifest
    missing: tuple[str, ...]


def make(
    place: Path, say: Say, cloud: Cloud | None, release: str | None, os_name: str | None
) -> Created:
    """Gather a bundle for a cloud's roles, or for every role where there is no cloud.

    A `place` that ends in .tar is packed after it was gathered in the folder of that name without
    the ending, which stays, so that the next run is quick.
    """
    from gureum.images import tiny

    wanted = cloud or Cloud.model_validate({"hosts": {"any": {"roles": ["controller"]}}})
    release = release or wanted.release
    target = system(os_name or wanted.lab.os)
    needs = (
        every_need(release)
        if cloud is None
        else needs_of(cloud.model_copy(update={"release": release}))
    )
    packed = place.suffix == ARCHIVE
    folder = place.with_suffix("") if packed else place
    if folder.is_file():
        raise BundleError(
            f"{folder} is a file", hint="name a folder, or an archive that ends in .tar"
        )
    done = create(
        folder,
        cache() / "bundle",
        target,
        needs,
        guest=lambda: tiny.build(cache(), say),
        say=say,
    )
    if packed:
        say(f"packing {place}")
        _pack(folder, done.manifest, place)
    return done


def verified(folder: Path) -> Verified:
    """Check a bundle against its manifest, and against what hosts of its release ask for now."""
    return checking.verify(folder, _needs(read(folder)))


def shown(place: str) -> Shown:
    """Return what the bundle in a folder or at an address says of itself."""
    source = open_source(place)
    manifest = source.manifest
    needs = _needs(manifest)
    missing = () if needs is None else tuple(f.subject for f in lacking(manifest, needs))
    return Shown(source.place, manifest.digest, manifest, missing)


def _needs(manifest: Manifest) -> Needs | None:
    """Return what this gureum installs for the bundle's release, as far as the bundle was asked.

    A bundle of one cloud.yaml is whole without the packages of roles that this cloud does not have.
    """
    from gureum.releases import known_releases

    if manifest.release not in known_releases():
        return None
    every = every_need(manifest.release)
    if set(every.packages) <= set(manifest.packages):
        return every
    asked = tuple(name for name in every.packages if name in manifest.packages)
    return Needs(every.release, (asked,))


def _pack(folder: Path, manifest: Manifest, archive: Path) -> None:
    new = archive.with_name(f".{archive.name}.new")
    try:
        with tarfile.open(new, "w") as out:
            for path in ("bundle.json", *sorted(manifest.by_path)):
                out.add(folder / path, f"{folder.name}/{path}")
        new.replace(archive)
    except OSError as error:
        new.unlink(missing_ok=True)
        if error.errno == 28:
            raise no_space(archive.parent) from None
        raise BundleError(
            f"{archive} cannot be written: {error.strerror}", hint=f"ls -ld {archive.parent}"
        ) from None
