"""The tiny test guest, built on the spot from this machine's own Debian packages (R-LAB-3).

It is a real VM image, not a mock: Debian's kernel, DHCP, metadata, SSH by key, user data, ACPI
power button, a console. It runs from memory and is up within seconds even where the processor is
emulated, so that a check of a cloud measures the cloud and not the guest.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from gureum.errors import LabError
from gureum.images import debian, disk, initramfs, kernel
from gureum.images.conversion import check, convert
from gureum.images.debian import Package, Say
from gureum.images.guest_image import GuestImage, digest

KERNEL_PACKAGE = "linux-image-cloud-amd64"
KERNEL_ARGUMENTS = (
    # The last console is /dev/console: the serial one, which nova keeps as the console log.
    "console=tty0 console=ttyS0,115200n8 quiet loglevel=1 "
    # Emulation on a busy host fails the timer check, and the kernel panics.
    "no_timer_check "
    # A VM that panics starts again instead of hanging.
    "panic=3 "
    # Nothing here is worth their cost where the processor is emulated.
    "mitigations=off nokaslr cryptomgr.notests"
)
PROPERTIES = {
    "os_type": "linux",
    "os_distro": "gureum-guest",
    "architecture": "x86_64",
    "hw_disk_bus": "virtio",
    "hw_vif_model": "virtio",
    "hw_rng_model": "virtio",
}


def build(cache: Path, say: Say) -> GuestImage:
    """Return the test guest as qcow2, building it under `cache` unless the very same is there.

    The same means: the same packages in the same versions and the same code of gureum. `say` is
    told what is installed or downloaded. Raises LabError with the way out.
    """
    if platform.machine() != "x86_64":
        raise LabError(
            f"the test guest is built on x86_64 only, and this machine is {platform.machine()}",
            detail="its kernel and boot loader are those of PCs",
            hint="upload an image of your own: openstack image create",
        )
    cache.mkdir(parents=True, exist_ok=True)
    debian.install_missing(disk.TOOLS, say)
    with _alone(cache):
        try:
            return _cached_or_made(cache, say)
        except debian.OutdatedError:
            if os.geteuid() != 0:
                raise
            say("apt-get update (the mirror has newer packages)")
            debian.refresh()
            return _cached_or_made(cache, say)


def _cached_or_made(cache: Path, say: Say) -> GuestImage:
    packages = _packages(cache, say)
    path = cache / f"gureum-guest-{_key(packages)}.qcow2"
    found = _cached(path)
    if found:
        return found
    say(f"building the test guest ({packages[_kernel_name(packages)]})")
    _make(path, packages, cache, say)
    return _record(path)


def _packages(cache: Path, say: Say) -> dict[str, Package]:
    """Return the packages that the guest is made of, as apt knows them now."""
    note = cache / "offered.json"
    stamp = f"{debian.lists_stamp()} {' '.join(initramfs.PROGRAM_PACKAGES)}"
    try:
        noted = json.loads(note.read_text())
        if noted["stamp"] == stamp:
            return {name: Package(name, version) for name, version in noted["packages"].items()}
    except (OSError, ValueError, KeyError):
        pass
    programs = (*initramfs.PROGRAM_PACKAGES, disk.BOOT_RECORD_PACKAGE)
    debian.offered((KERNEL_PACKAGE, *programs), say)
    kernels = debian.dependencies(KERNEL_PACKAGE, r"linux-image-\d\S*")
    libraries = debian.dependencies("dropbear-bin", initramfs.LIBRARY_PACKAGES)
    packages = debian.offered((*kernels[-1:], *programs, *libraries), say)
    stamp = f"{debian.lists_stamp()} {' '.join(initramfs.PROGRAM_PACKAGES)}"
    versions = {package.name: package.version for package in packages.values()}
    _write(note, {"stamp": stamp, "packages": versions})
    return packages


def _kernel_name(packages: Mapping[str, Package]) -> str:
    return next(name for name in packages if name.startswith("linux-image-"))


def _key(packages: Mapping[str, Package]) -> str:
    """Return what the image depends on, in 16 hexadecimal digits."""
    parts = sorted(map(str, packages.values()))
    folder = resources.files("gureum.images")
    parts += [entry.read_text() for entry in _sources(folder)]
    parts += initramfs.scripts().values()
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _sources(folder: Traversable) -> Iterator[Traversable]:
    names = ("cpio.py", "disk.py", "initramfs.py", "kernel.py", "tiny.py")
    return (folder.joinpath(name) for name in names)


def _make(path: Path, packages: Mapping[str, Package], cache: Path, say: Say) -> None:
    debs = debian.download(packages.values(), cache / "packages", say)
    taken = kernel.take(debs[_kernel_name(packages)])
    # Not compressed: emulated, a boot takes 0.4 s longer with zstd and no less with lz4.
    initrd = initramfs.build(debs, taken)
    raw = path.with_name(f".{path.stem}-{os.getpid()}.raw")
    try:
        record = disk.boot_record_of(debs[disk.BOOT_RECORD_PACKAGE])
        disk.write(raw, {"vmlinuz": taken.image, "initrd": initrd}, KERNEL_ARGUMENTS, record)
        convert(raw, "qcow2", path)
    finally:
        raw.unlink(missing_ok=True)


def _record(path: Path) -> GuestImage:
    image = GuestImage(
        path=path, sha256=digest(path), size=path.stat().st_size, properties=PROPERTIES
    )
    _write(path.with_suffix(".json"), {"sha256": image.sha256, "size": image.size})
    return image


def _write(note: Path, found: Mapping[str, object]) -> None:
    new = note.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(found))
    new.replace(note)


def _cached(path: Path) -> GuestImage | None:
    """Return the image that lies there already, if it is still what was built."""
    try:
        note = json.loads(path.with_suffix(".json").read_text())
        if path.stat().st_size != note["size"] or digest(path) != note["sha256"]:
            return None
    except (OSError, ValueError, KeyError):
        return None
    check(path, "qcow2")
    return GuestImage(path=path, sha256=note["sha256"], size=note["size"], properties=PROPERTIES)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Let one build at a time work in a cache; the next one finds what this one made."""
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
