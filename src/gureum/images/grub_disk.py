"""Makes a disk with GRUB, for BIOS and UEFI, of a folder with a root file system.

No mount and no loop device: sfdisk, mkfs.ext4 and mtools write into the file, and GRUB's two first
pieces are put where grub-bios-setup would put them on a real disk.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import ImageError
from gureum.images import debian_recipe as recipe

TOOLS = {
    "mformat": "mtools",
    "sfdisk": "fdisk",
    "mkfs.ext4": "e2fsprogs",
    "qemu-img": "qemu-utils",
}
MIB = 1024 * 1024
_SECTOR = 512
_CORE = 1 * MIB
_CORE_SIZE = 1 * MIB
ESP_AT = 2 * MIB
_ESP_SIZE = 16 * MIB
ROOT_AT = 18 * MIB
_TAIL = 1 * MIB
"""Where partitions begin, in bytes; the last megabyte is the second copy of the partition table."""
_MODULES = ("biosdisk", "part_gpt", "ext2", "search_fs_uuid", "normal", "configfile", "serial")
_TABLE = """\
label: gpt
unit: sectors
14 : start={core}, size={core_size}, type=21686148-6449-6E6F-744E-656564454649
15 : start={esp}, size={esp_size}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
1 : start={root}, size={root_size}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
"""
"""A BIOS boot partition, an EFI system partition, and the root of an x86-64 system, which is the
last so that it can grow with the disk."""


@dataclass(frozen=True)
class FileSystems:
    """The names by which the guest finds its file systems: of the root, and of the EFI partition."""

    root: str
    esp: str


def new_names() -> FileSystems:
    """Return names that no other disk has."""
    serial = uuid.uuid4().hex[:8].upper()
    return FileSystems(root=str(uuid.uuid4()), esp=f"{serial[:4]}-{serial[4:]}")


def prepare(root: Path, names: FileSystems) -> bytes:
    """Put GRUB's modules and first menu into a root file system; return GRUB's core for a BIOS."""
    grub = root / "boot/grub"
    modules = root / "usr/lib/grub/i386-pc"
    (grub / "i386-pc").mkdir(parents=True, exist_ok=True)
    for path in (*modules.glob("*.mod"), *modules.glob("*.lst")):
        shutil.copy(path, grub / "i386-pc" / path.name)
    menu = recipe.GRUB_CFG.format(uuid=names.root, arguments=recipe.KERNEL_ARGUMENTS)
    (grub / "grub.cfg").write_text(menu)
    early = root / "tmp/early.cfg"
    early.write_text(recipe.EARLY_CFG.format(uuid=names.root))
    core = root / "tmp/core.img"
    _run(
        *("chroot", str(root), "grub-mkimage", "--format=i386-pc", "--output=/tmp/core.img"),
        *("--prefix=/boot/grub", "--config=/tmp/early.cfg", *_MODULES),
    )
    early.unlink()
    made = core.read_bytes()
    core.unlink()
    (root / "boot/efi").mkdir(exist_ok=True)
    (root / "etc/fstab").write_text(recipe.FSTAB.format(uuid=names.root, esp=names.esp))
    return made


def write(path: Path, root: Path, names: FileSystems, core: bytes, size: int) -> None:
    """Write a raw disk of `size` bytes that boots from BIOS and UEFI into what lies in `root`."""
    with path.open("wb") as disk:
        disk.truncate(size)
    root_size = size - ROOT_AT - _TAIL
    table = _TABLE.format(
        core=_CORE // _SECTOR,
        core_size=_CORE_SIZE // _SECTOR,
        esp=ESP_AT // _SECTOR,
        esp_size=_ESP_SIZE // _SECTOR,
        root=ROOT_AT // _SECTOR,
        root_size=root_size // _SECTOR,
    )
    _run("sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", str(path), stdin=table.encode())
    _run(
        *("mkfs.ext4", "-q", "-F", "-L", "root", "-U", names.root, "-m", "1", "-d", str(root)),
        *(
            "-O",
            "^metadata_csum_seed",
            "-E",
            f"offset={ROOT_AT}",
            str(path),
            f"{root_size // 1024}k",
        ),
    )
    _write_esp(path, root, names)
    boot = (root / "usr/lib/grub/i386-pc/boot.img").read_bytes()
    with path.open("r+b") as disk:
        head = disk.read(_SECTOR)
        disk.seek(0)
        disk.write(boot_sector(boot, head, _CORE // _SECTOR))
        disk.seek(_CORE)
        disk.write(located(core, _CORE // _SECTOR))


def boot_sector(boot: bytes, head: bytes, core_at: int) -> bytes:
    """Return GRUB's first sector with where its core begins, and the partition table of `head`."""
    sector = bytearray(boot[:_SECTOR])
    sector[0x5C:0x64] = struct.pack("<Q", core_at)
    # GRUB's own installer does so for hard disks: some BIOSes do not say which disk they booted.
    sector[0x66:0x68] = b"\x90\x90"
    sector[440:_SECTOR] = head[440:_SECTOR]
    return bytes(sector)


def located(core: bytes, at: int) -> bytes:
    """Return GRUB's core with where its own other sectors lie: right behind its first, at `at`."""
    if len(core) > _CORE_SIZE:
        raise ImageError(
            "GRUB's core does not fit into its partition",
            detail=f"{len(core)} of {_CORE_SIZE} bytes",
            hint="gureum bug",
        )
    sectors = -(-len(core) // _SECTOR)
    padded = bytearray(core.ljust(sectors * _SECTOR, b"\0"))
    padded[500:510] = struct.pack("<QH", at + 1, sectors - 1)
    return bytes(padded)


def _write_esp(path: Path, root: Path, names: FileSystems) -> None:
    """Write the EFI partition: Debian's signed shim and GRUB at the place for removable disks."""
    where = f"{path}@@{ESP_AT}"
    serial = names.esp.replace("-", "")
    sectors = str(_ESP_SIZE // _SECTOR)
    _run(
        *("mformat", "-i", where, "-T", sectors, "-h", "16", "-s", "63"),
        *("-H", str(ESP_AT // _SECTOR), "-N", serial, "-v", "EFI"),
    )
    _run("mmd", "-i", where, "::EFI", "::EFI/BOOT", "::EFI/debian")
    config = recipe.EARLY_CFG.format(uuid=names.root) + "configfile $prefix/grub.cfg\n"
    for source, target in (
        (root / "usr/lib/shim/shimx64.efi.signed", "EFI/BOOT/BOOTX64.EFI"),
        (root / "usr/lib/shim/mmx64.efi.signed", "EFI/BOOT/mmx64.efi"),
        (root / "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", "EFI/BOOT/grubx64.efi"),
    ):
        _run("mcopy", "-i", where, str(source), f"::{target}")
    for target in ("EFI/debian/grub.cfg", "EFI/BOOT/grub.cfg"):
        _run("mcopy", "-i", where, "-", f"::{target}", stdin=config.encode())


def _run(*command: str, stdin: bytes = b"") -> None:
    environment = {**os.environ, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}
    environment["PATH"] = f"{environment.get('PATH', '')}:/usr/sbin:/sbin"
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=environment)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        full = "No space left" in said
        raise ImageError(
            f"{command[0]} failed with exit {done.returncode}",
            detail=f"{' '.join(command)}\n{said}",
            hint="df -h"
            if full
            else f"apt-get install --reinstall {TOOLS.get(command[0], 'mtools')}",
        )
