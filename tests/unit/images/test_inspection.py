"""What claims to be an image is looked at before any program opens it (R-LAB-3)."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from gureum.errors import ImageError
from gureum.images.fitting import architecture_of, fit
from gureum.images.inspection import Found, inspect

pytestmark = pytest.mark.skipif(
    not shutil.which("qemu-img"), reason="qemu-img makes the images that are looked at"
)
MB = 1024 * 1024


def qemu_img(*words: object) -> None:
    subprocess.run(["qemu-img", *map(str, words)], check=True, capture_output=True)


def disk(path: Path, size: int = 8 * MB) -> Path:
    """Write a raw disk with a boot record and data all over."""
    data = bytearray(b"data" * (size // 4))
    data[510:512] = b"\x55\xaa"
    path.write_bytes(data)
    return path


def gpt(path: Path, kind: bytes, loader: bytes = b"") -> Path:
    """Write a raw disk with a GPT of one partition, whose first sectors may name a boot loader."""
    disk(path)
    with path.open("r+b") as out:
        out.seek(512)
        header = bytearray(512)
        header[:8] = b"EFI PART"
        struct.pack_into("<Q", header, 32, 8 * MB // 512 - 1)
        struct.pack_into("<QII", header, 72, 2, 128, 128)
        out.write(header)
        out.write((kind + bytes(16) + struct.pack("<QQ", 2048, 4095)).ljust(128 * 128, b"\0"))
        out.seek(2048 * 512)
        out.write(loader)
    return path


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return disk(tmp_path / "disk.raw")


@pytest.fixture
def qcow2(raw: Path) -> Path:
    path = raw.with_name("disk.qcow2")
    qemu_img("convert", "-O", "qcow2", raw, path)
    return path


def refused(path: Path) -> ImageError:
    with pytest.raises(ImageError) as caught:
        inspect(path)
    return caught.value


def test_sound_images_are_known(raw: Path, qcow2: Path, tmp_path: Path) -> None:
    assert inspect(raw) == Found("raw", 8 * MB)
    assert inspect(qcow2) == Found("qcow2", 8 * MB)
    packed = tmp_path / "packed.qcow2"
    qemu_img("convert", "-c", "-O", "qcow2", raw, packed)
    assert inspect(packed) == Found("qcow2", 8 * MB)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_qcow2_that_is_cut_off_is_refused(
    tmp_path: Path, raw: Path, share: float, packed: bool
) -> None:
    path = tmp_path / "cut.qcow2"
    raw.write_bytes(os.urandom(8 * MB))
    qemu_img("convert", *(["-c"] if packed else []), "-f", "raw", "-O", "qcow2", raw, path)
    with path.open("r+b") as out:
        out.truncate(int(path.stat().st_size * share))
    assert "is cut off" in refused(path).summary


def test_a_raw_disk_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = gpt(tmp_path / "gpt.raw", bytes(16))
    with path.open("r+b") as out:
        out.truncate(4 * MB)
    assert "partition table ends" in refused(path).detail


def test_an_image_that_refers_to_other_files_is_refused(raw: Path, tmp_path: Path) -> None:
    """Whoever opened it would read that file of the host, as CVE-2024-32498 had it."""
    base, outside = tmp_path / "base.qcow2", tmp_path / "outside.qcow2"
    qemu_img("create", "-f", "qcow2", "-b", raw, "-F", "raw", base)
    qemu_img("create", "-f", "qcow2", "-o", f"data_file={tmp_path}/data", outside, "8M")
    assert "names as its base" in refused(base).summary
    assert "keeps its data in another file" in refused(outside).summary
    for path in (base, outside):
        with pytest.raises(ImageError):
            fit(path, raw=True, folder=tmp_path, say=print)


@pytest.mark.parametrize(
    ("content", "says", "hint"),
    [
        (b"<!DOCTYPE html><html>not found", "a web page", "file"),
        (b"\x1f\x8b" + bytes(100), "packed with gzip", "gunzip"),
        (b"\xfd7zXZ\0" + bytes(100), "packed with xz", "unxz"),
        (b"KDMV" + bytes(1000), "a VMDK", "qemu-img convert"),
        (b"just words\n" * 100, "text", "file"),
        (bytes(4096), "nothing in it looks like a disk", "file"),
        (b"", "nothing in it looks like a disk", "file"),
    ],
)
def test_what_is_no_image_is_told_as_what_it_is(
    tmp_path: Path, content: bytes, says: str, hint: str
) -> None:
    path = tmp_path / "thing.img"
    path.write_bytes(content)
    error = refused(path)
    assert says in error.detail
    assert error.hint.startswith(hint)


def test_a_header_that_lies_is_refused(qcow2: Path) -> None:
    with qcow2.open("r+b") as out:
        out.seek(20)
        out.write(struct.pack(">I", 60))
    assert "damaged" in refused(qcow2).summary


def test_a_cut_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.qcow2"
    path.write_bytes(b"QFI\xfb" + bytes(10))
    assert "is cut off" in refused(path).summary


ESP = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
ARM_ROOT = bytes.fromhex("45b021b9f01dc341af444c6f280d3fae")


@pytest.mark.parametrize(
    ("kind", "loader", "processor"),
    [
        (ESP, b"BOOTX64 EFI", "x86_64"),
        (ESP, b"BOOTAA64EFI", "aarch64"),
        (ESP, b"", ""),
        (ARM_ROOT, b"", "aarch64"),
        (bytes(16), b"", ""),
    ],
)
def test_an_image_says_which_processor_it_is_for(
    tmp_path: Path, kind: bytes, loader: bytes, processor: str
) -> None:
    raw = gpt(tmp_path / "disk.raw", kind, loader)
    packed = tmp_path / "disk.qcow2"
    qemu_img("convert", "-f", "raw", "-O", "qcow2", raw, packed)
    assert architecture_of(raw, "raw") == processor
    assert architecture_of(packed, "qcow2") == processor
    if processor == "aarch64":
        with pytest.raises(ImageError, match="is for aarch64"):
            fit(packed, raw=False, folder=tmp_path, say=print)


def test_an_image_for_ceph_becomes_raw_with_the_same_content(raw: Path, qcow2: Path) -> None:
    before = raw.read_bytes()
    fitting = fit(qcow2, raw=True, folder=qcow2.parent / "made", say=print)
    assert fitting.disk_format == "raw"
    assert fitting.path.read_bytes() == before
    fitting.clear()
    assert not fitting.path.exists()
    assert fit(qcow2, raw=False, folder=qcow2.parent, say=print).path == qcow2
