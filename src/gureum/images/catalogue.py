"""The cloud images that gureum knows by name: where they are published, and what proves them (R-LAB-3).

An image of a distribution is renewed every few days under the same address, so its checksum cannot
stand here: it is read where the image is published, at the moment of the download. Where the
publisher signs its checksums, the fingerprints of its keys stand here; where a version never changes,
its checksum does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gureum.diagnostics import did_you_mean
from gureum.errors import ImageError

ARCHITECTURE = "x86_64"
"""What glance calls the processors that images here are for."""
VIRTIO: Mapping[str, str] = {
    "os_type": "linux",
    "architecture": ARCHITECTURE,
    "hw_disk_bus": "virtio",
    "hw_vif_model": "virtio",
    "hw_rng_model": "virtio",
}
"""Properties of every Linux with a kernel of this century."""


@dataclass(frozen=True)
class Signed:
    """A signature over published checksums: its file, the keyring that proves it, whose keys count."""

    suffix: str
    keyring: str
    package: str
    fingerprints: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Known:
    """An image of the catalogue.

    `pinned` is its SHA-256 where it never changes. Else `checksums` names the published list beside it
    and its algorithm. `min_disk` is in GB, `min_ram` in MB; `user` is who logs in with a key.
    """

    name: str
    title: str
    url: str
    pinned: str = ""
    checksums: tuple[str, str] = ("", "")
    signed: Signed | None = None
    distro: str
    version: str
    min_disk: int
    min_ram: int
    user: str
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.url.rpartition("/")[2]

    @property
    def properties(self) -> dict[str, str]:
        """What glance and nova are to know of it.

        The guest agent is in none of these images, so no property promises it: nova would wait for an
        answer that never comes.
        """
        return {
            **VIRTIO,
            "os_distro": self.distro,
            "os_version": self.version,
            "os_admin_user": self.user,
            **self.more,
        }

    @property
    def proof(self) -> str:
        """What proves a download of it, in words."""
        if self.pinned:
            return "SHA-256 pinned here"
        algorithm = self.checksums[1].upper().replace("SHA", "SHA-")
        return f"published {algorithm}{', signed' if self.signed else ''}"


_UBUNTU = Signed(
    suffix=".gpg",
    keyring="/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg",
    package="ubuntu-cloudimage-keyring",
    # "UEC Image Automatic Signing Key" and "Ubuntu Cloud Image Builder".
    fingerprints=frozenset(
        {"D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81", "4A3CE3CD565D7EB5C810E2B97FF3F408476CF100"}
    ),
)

CATALOGUE = (
    Known(
        name="ubuntu-24.04",
        title="Ubuntu 24.04 LTS",
        url="https://cloud-images.ubuntu.com/releases/noble/release/"
        "ubuntu-24.04-server-cloudimg-amd64.img",
        checksums=("SHA256SUMS", "sha256"),
        signed=_UBUNTU,
        distro="ubuntu",
        version="24.04",
        min_disk=4,
        min_ram=512,
        user="ubuntu",
    ),
    Known(
        name="debian-13",
        title="Debian 13 (trixie)",
        url="https://cloud.debian.org/images/cloud/trixie/latest/"
        "debian-13-genericcloud-amd64.qcow2",
        checksums=("SHA512SUMS", "sha512"),
        distro="debian",
        version="13",
        min_disk=3,
        min_ram=256,
        user="debian",
    ),
    Known(
        name="cirros",
        title="CirrOS 0.6.3, a small guest for tests",
        url="https://download.cirros-cloud.net/0.6.3/cirros-0.6.3-x86_64-disk.img",
        pinned="7d6355852aeb6dbcd191bcda7cd74f1536cfe5cbf8a10495a7283a8396e4b75b",
        distro="cirros",
        version="0.6.3",
        min_disk=1,
        min_ram=64,
        user="cirros",
    ),
)


def known(name: str) -> Known | None:
    """Return the image of the catalogue that is called so, None where there is none."""
    return next((image for image in CATALOGUE if image.name == name), None)


def unknown(name: str) -> ImageError:
    """Return the error for what is neither a name of the catalogue nor a file nor an address."""
    names = [image.name for image in CATALOGUE]
    return ImageError(
        f"there is no image {name!r}",
        detail=f"it is no file here, no address, and none of the catalogue: {', '.join(names)}",
        hint=did_you_mean(name, names) or "gureum image list",
    )
