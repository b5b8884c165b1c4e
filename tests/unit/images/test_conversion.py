"""Images are converted by qemu-img itself, and only a sound result gets the name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gureum.errors import LabError
from gureum.images import check, convert

needs_qemu_img = pytest.mark.skipif(
    not shutil.which("qemu-img"), reason="qemu-utils is not installed"
)


@needs_qemu_img
def test_raw_to_qcow2_and_back_is_the_same_disk(tmp_path: Path) -> None:
    """R-LAB-3: qcow2 and raw, converted and checked."""
    disk = tmp_path / "disk.raw"
    disk.write_bytes(b"gureum" * 1000 + bytes(1_000_000 - 6000 + 24 * 1024))
    packed = convert(disk, "qcow2")
    assert check(packed, "qcow2")["format"] == "qcow2"
    again = convert(packed, "raw", tmp_path / "again.raw")
    assert again.read_bytes().rstrip(b"\0") == disk.read_bytes().rstrip(b"\0")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("again.raw", "disk.qcow2", "disk.raw"),
    ]


@needs_qemu_img
def test_a_damaged_image_is_refused_with_qemu_imgs_words(tmp_path: Path) -> None:
    """R-LAB-3: a broken file never becomes an image."""
    bad = tmp_path / "bad.qcow2"
    bad.write_bytes(b"QFI\xfb" + b"\xff" * 600)
    with pytest.raises(LabError) as caught:
        check(bad, "qcow2")
    assert "qemu-img info" in caught.value.summary
    assert caught.value.hint


def test_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(LabError) as caught:
        convert(tmp_path / "disk.raw", "vmdk")
    assert "qcow2, raw" in caught.value.detail


@needs_qemu_img
def test_an_image_never_overwrites_itself(tmp_path: Path) -> None:
    disk = tmp_path / "disk.raw"
    disk.write_bytes(bytes(1024))
    with pytest.raises(LabError, match="overwrite"):
        convert(disk, "raw")
