"""Makes a bootable disk: one FAT partition with syslinux, the kernel and the initramfs."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gureum.errors import LabError
from gureum.images.debian import contents

TOOLS = {"mformat": "mtools", "syslinux": "syslinux", "qemu-img": "qemu-utils"}
BOOT_RECORD_PACKAGE = "syslinux-common"
_SECTOR = 512
_START = 2048
"""First sector of the partition: 1 MB in, as every partitioning tool has it."""
_FAT16 = 0x0E
_ROOM = 2 * 1024 * 1024
_MENU = """\
DEFAULT guest
PROMPT 0
LABEL guest
    LINUX vmlinuz
    INITRD initrd
    APPEND {arguments}
"""


def write(
    path: Path, files: Mapping[str, bytes], kernel_arguments: str, boot_record: bytes
) -> None:
    """Write a raw disk image to `path` that boots `vmlinuz` and `initrd` of `files`.

    No mount, no loop device and no root: mtools and syslinux write into the file.
    """
    size = sum(map(len, files.values())) + _ROOM
    sectors = -(-size // (_SECTOR * 2048)) * 2048
    with path.open("wb") as disk:
        disk.truncate((_START + sectors) * _SECTOR)
        disk.write(master_boot_record(boot_record, sectors))
    partition = f"{path}@@{_START * _SECTOR}"
    _run("mformat", "-i", partition, "-T", str(sectors), "-H", str(_START), "-h", "16", "-s", "63")
    _run("syslinux", "--install", "--offset", str(_START * _SECTOR), str(path))
    menu = _MENU.format(arguments=kernel_arguments).encode()
    for name, data in {**files, "syslinux.cfg": menu}.items():
        _run("mcopy", "-i", partition, "-", f"::{name}", stdin=data)


def master_boot_record(boot_record: bytes, sectors: int) -> bytes:
    """Return the first sector: syslinux's boot code and one active FAT partition."""
    # Cylinder, head and sector are the "see the sector numbers" values; no BIOS of a VM reads them.
    entry = struct.pack(
        "<B3sB3sII", 0x80, b"\xfe\xff\xff", _FAT16, b"\xfe\xff\xff", _START, sectors
    )
    return boot_record[:440].ljust(446, b"\0") + entry + bytes(48) + b"\x55\xaa"


def boot_record_of(deb: Path) -> bytes:
    """Return syslinux's boot code for the first sector, out of its package."""
    found = contents(deb, lambda path: path.endswith("/syslinux/mbr/mbr.bin"))
    if not found:
        raise LabError(
            f"{deb.name} has no mbr.bin",
            detail="the test guest boots by it",
            hint=f"dpkg-deb --contents {deb}",
        )
    return next(iter(found.values()))


def _run(*command: str, stdin: bytes = b"") -> None:
    environment = {**os.environ, "MTOOLS_SKIP_CHECK": "1"}
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=environment)
    if done.returncode:
        raise LabError(
            f"{command[0]} failed with exit {done.returncode}",
            detail=f"{' '.join(command)}\n{done.stderr.decode(errors='replace').strip()}",
            hint=f"apt-get install --reinstall {TOOLS.get(command[0], 'mtools')}",
        )
