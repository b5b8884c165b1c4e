"""Looks at a file that claims to be a disk image before any other program opens it (R-LAB-3).

A qcow2 can name another file as its base or its data, and a program that opens the image opens that
file too: somebody's image could read this machine's disks. So headers are read here, by nothing but
Python, and what refers to anything outside of itself is refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import ImageError

_SECTOR = 512
_ISO_AT = 32769
_EXT_AT = 1080
_FOREIGN = {
    b"KDMV": "a VMDK of VMware",
    b"# Di": "a VMDK descriptor",
    b"vhdx": "a VHDX of Hyper-V",
    b"conectix": "a VHD of Hyper-V",
    b"<<< ": "a VDI of VirtualBox",
    b"QED\0": "a QED of QEMU",
    b"LUKS": "encrypted with LUKS",
    b"\x1f\x8b": "packed with gzip",
    b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"PK\x03\x04": "a ZIP archive",
    b"\x7fELF": "a program",
    b"<!DO": "a web page",
    b"<!do": "a web page",
    b"<htm": "a web page",
    b"<HTM": "a web page",
    b"-----BEGIN": "a key or certificate",
    b"QFI\xfa": "an old qcow",
}
"""What files begin with that are no image which glance and nova take as they are."""
_UNPACK = {"packed with gzip": "gunzip", "packed with xz": "unxz", "packed with zstd": "unzstd"}
_BOOT_FILES = {b"BOOTX64 EFI": "x86_64", b"BOOTAA64EFI": "aarch64", b"BOOTRISCV64": "riscv64"}
"""What a boot loader's file is called in an EFI partition, by the processor that it is for."""
_ESP_TYPE = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
_ROOT_TYPES = {
    bytes.fromhex("e3bc684fcde8b14d96e7fbcaf984b709"): "x86_64",
    bytes.fromhex("45b021b9f01dc341af444c6f280d3fae"): "aarch64",
}
"""Types of partitions in a GPT, as they are written there: the roots of the discoverable partitions
specification say which processor they are for."""


@dataclass(frozen=True)
class Found:
    """What a file is: glance's disk format, and the size of the disk in bytes."""

    disk_format: str
    virtual_size: int


def inspect(path: Path) -> Found:
    """Return what an image is, from its own first bytes.

    Raises ImageError where it is no disk, is damaged or cut off, or refers to files outside of itself.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as source:
            head = source.read(65536)
    except OSError as error:
        raise ImageError(
            f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path.parent}"
        ) from None
    if head[:4] == b"QFI\xfb":
        return _qcow2(path, size, head)
    for begins, what in _FOREIGN.items():
        if head.startswith(begins):
            raise _no_image(path, what)
    if head[_ISO_AT : _ISO_AT + 5] == b"CD001":
        return Found("iso", size)
    if head[510:512] == b"\x55\xaa" or head[_EXT_AT : _EXT_AT + 2] == b"\x53\xef":
        if size % _SECTOR:
            raise _cut_off(path, f"its {size} bytes are no whole number of sectors of {_SECTOR}")
        _gpt_is_whole(path, head, size)
        return Found("raw", size)
    raise _no_image(path, "text" if _is_text(head) else "")


def architecture(raw_head: bytes, esp: bytes = b"") -> str:
    """Return the processor that a disk is for, "" where it does not say.

    `raw_head` is its first megabyte, `esp` what its EFI partition begins with.
    """
    for name, processor in _BOOT_FILES.items():
        if name in esp:
            return processor
    for kind, processor in _ROOT_TYPES.items():
        if any(entry[:16] == kind for entry in _gpt_entries(raw_head)):
            return processor
    return ""


def esp_of(raw_head: bytes) -> tuple[int, int]:
    """Return where the EFI partition begins and how long it is, in sectors; zeros without one."""
    for entry in _gpt_entries(raw_head):
        if entry[:16] == _ESP_TYPE:
            first, last = struct.unpack_from("<QQ", entry, 32)
            return first, last - first + 1
    return 0, 0


def _gpt_entries(raw_head: bytes) -> list[bytes]:
    header = raw_head[_SECTOR : 2 * _SECTOR]
    if header[:8] != b"EFI PART":
        return []
    at, count, length = struct.unpack_from("<QII", header, 72)
    if not 128 <= length <= 1024 or count > 256:
        return []
    begin = at * _SECTOR
    return [raw_head[begin + i * length : begin + (i + 1) * length] for i in range(count)]


def _gpt_is_whole(path: Path, head: bytes, size: int) -> None:
    header = head[_SECTOR : 2 * _SECTOR]
    if header[:8] == b"EFI PART":
        last = struct.unpack_from("<Q", header, 32)[0]
        if (last + 1) * _SECTOR > size:
            raise _cut_off(
                path, f"its partition table ends at byte {(last + 1) * _SECTOR} of {size}"
            )


def _qcow2(path: Path, size: int, head: bytes) -> Found:
    if len(head) < 104:
        raise _cut_off(path, "its header is not whole")
    version, backing, _, cluster_bits, virtual = struct.unpack_from(">IQIIQ", head, 4)
    encryption, l1_size = struct.unpack_from(">II", head, 32)
    incompatible = struct.unpack_from(">Q", head, 72)[0] if version >= 3 else 0
    if version not in (2, 3) or not 9 <= cluster_bits <= 21:
        raise ImageError(
            f"{path} is a damaged qcow2", detail="its header makes no sense", hint=_again(path)
        )
    if backing:
        raise _refers(path, "is the difference to another file, which it names as its base")
    if incompatible & 0b100:
        raise _refers(path, "keeps its data in another file, which it names")
    if encryption:
        raise ImageError(
            f"{path} is encrypted",
            detail="no VM could read it",
            hint=f"qemu-img convert -O qcow2 it to a plain image: qemu-img info {path}",
        )
    if incompatible & 0b11:
        raise ImageError(
            f"{path} is a damaged qcow2",
            detail="its own header says so, or that it was not closed",
            hint=f"qemu-img check -r all {path}",
        )
    if not incompatible & 0b10000:
        _clusters_are_there(path, size, head, cluster_bits, l1_size)
    return Found("qcow2", virtual)


def _clusters_are_there(path: Path, size: int, head: bytes, bits: int, l1_size: int) -> None:
    """Refuse a qcow2 whose tables name places behind the file's end: qemu-img reads zeros there."""
    l1_at = struct.unpack_from(">Q", head, 40)[0]
    offset_of = 0x00FFFFFFFFFFFE00
    cluster = 1 << bits
    if l1_at + 8 * l1_size > size:
        raise _cut_off(path, "its first table lies behind its end")
    with path.open("rb") as source:
        source.seek(l1_at)
        tables = struct.unpack(f">{l1_size}Q", source.read(8 * l1_size))
        for table in tables:
            at = table & offset_of
            if not at:
                continue
            source.seek(at)
            read = source.read(cluster)
            if len(read) < cluster:
                raise _cut_off(path, f"a table lies at byte {at} of {size}")
            for entry in struct.unpack(f">{cluster // 8}Q", read):
                end = _end_of(entry, bits, cluster)
                # The rest of the very last cluster need not be in the file.
                if end > -(-size // cluster) * cluster:
                    raise _cut_off(path, f"data is to be at byte {end} of {size}")


def _end_of(entry: int, bits: int, cluster: int) -> int:
    """Return where the data that an entry of a table names ends; of compressed data, where it begins."""
    if entry >> 62 & 1:
        return int(entry & ((1 << (62 - (bits - 8))) - 1)) + 1
    at = entry & 0x00FFFFFFFFFFFE00
    return at + cluster if at and not entry & 1 else 0


def _is_text(head: bytes) -> bool:
    return bool(head) and all(byte >= 9 for byte in head[:512])


def _refers(path: Path, how: str) -> ImageError:
    return ImageError(
        f"{path} {how}",
        detail="whoever opens the image would read that file of the host as well: it is refused",
        hint=f"if it is your own: qemu-img convert -O qcow2 {path} whole.qcow2",
    )


def _cut_off(path: Path, how: str) -> ImageError:
    return ImageError(f"{path} is cut off", detail=how, hint=_again(path))


def _again(path: Path) -> str:
    return f"bring it here anew; then gureum image check {path}"


def _no_image(path: Path, what: str) -> ImageError:
    tool = _UNPACK.get(what)
    convert = what.startswith(("a VMDK", "a VHD", "a VDI", "a QED", "an old"))
    return ImageError(
        f"{path} is no disk image that VMs start from",
        detail=f"it is {what}"
        if what
        else "nothing in it looks like a disk: no partitions, no file system",
        hint=f"{tool} {path}"
        if tool
        else f"qemu-img convert -O qcow2 {path} {path.stem}.qcow2"
        if convert
        else f"file {path}",
    )
