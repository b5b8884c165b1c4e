"""The boot sector that firmware and glance's own image inspector both accept."""

from __future__ import annotations

import struct

from gureum.images.disk import master_boot_record


def test_boot_record_holds_one_active_partition() -> None:
    """R-LAB-3: exactly one partition, bootable, that begins 1 MB in."""
    record = master_boot_record(b"\x90" * 440, 4096)
    assert len(record) == 512
    assert record[510:] == b"\x55\xaa"
    assert record[:440] == b"\x90" * 440
    flag, kind, start, sectors = struct.unpack("<B3xB3xII", record[446:462])
    assert (flag, kind, start, sectors) == (0x80, 0x0E, 2048, 4096)
    assert record[462:510] == bytes(48)


def test_longer_boot_code_never_reaches_the_partition_table() -> None:
    record = master_boot_record(b"\xff" * 512, 1)
    assert record[440:446] == bytes(6)
