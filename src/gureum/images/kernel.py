"""Takes a kernel and the few modules a VM needs out of a Debian kernel package."""

from __future__ import annotations

import lzma
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gureum.errors import LabError
from gureum.images.debian import contents

BOOT_MODULES = ("virtio_pci", "virtio_net", "virtio_rng")
"""What a boot waits for: the NIC, and randomness for the host key."""
LATE_MODULES = ("virtio_blk", "button", "evdev")
"""What can come later: volumes and the power button. The guest runs from memory."""
_DRIVERS = re.compile(
    r"(?:usr/)?lib/modules/[^/]+/kernel/"
    r"(?:drivers/(?:virtio|net|block|acpi|input|char/hw_random)|net/core)/[^/]+\.ko(?:\.xz)?$"
)


@dataclass(frozen=True)
class Kernel:
    """A kernel image and its modules in the order they are to be loaded: (name, data)."""

    image: bytes
    boot_modules: tuple[tuple[str, bytes], ...]
    late_modules: tuple[tuple[str, bytes], ...]


def take(deb: Path) -> Kernel:
    """Return the kernel of a package; LabError where it lacks the image or a driver."""
    files = contents(
        deb, lambda path: bool(_DRIVERS.match(path)) or path.startswith("boot/vmlinuz")
    )
    image = next((data for path, data in files.items() if path.startswith("boot/vmlinuz")), b"")
    modules = {
        _name(path): lzma.decompress(data) if path.endswith(".xz") else data
        for path, data in files.items()
        if _DRIVERS.match(path)
    }
    missing = [name for name in (*BOOT_MODULES, *LATE_MODULES) if name not in modules]
    if not image or missing:
        raise LabError(
            f"{deb.name} has no {', '.join(missing) or 'kernel image'}",
            detail="the test guest needs virtio drivers as modules of the distribution's kernel",
            hint=f"dpkg-deb --contents {deb}",
        )
    boot = load_order(BOOT_MODULES, modules)
    late = [name for name in load_order(LATE_MODULES, modules) if name not in boot]
    return Kernel(
        image,
        tuple((name, modules[name]) for name in boot),
        tuple((name, modules[name]) for name in late),
    )


def load_order(wanted: tuple[str, ...], modules: dict[str, bytes]) -> list[str]:
    """Return `wanted` and all they depend on, each after what it needs.

    The order comes from the modules themselves: it is not the one their names suggest
    (virtio_ring comes before virtio).
    """
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in modules:
            return
        for needed in needs(modules[name]):
            visit(needed)
        order.append(name)

    for name in wanted:
        visit(name)
    return order


def needs(module: bytes) -> list[str]:
    """Return the names of the modules that a module depends on, as its own .modinfo has them."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return (
        [name.replace("-", "_") for name in found[1].decode().split(",") if name] if found else []
    )


def _name(path: str) -> str:
    return PurePosixPath(path).name.split(".ko")[0].replace("-", "_")
