"""The initramfs archive: what the kernel unpacks is what was put in."""

from __future__ import annotations

import stat

from hypothesis import given
from hypothesis import strategies as st

from gureum.images import cpio


def unpack(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Read a newc archive by the format's own description: name -> (mode, data)."""
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    while True:
        assert archive[at : at + 6] == b"070701"
        fields = [int(archive[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = archive[at + 110 : at + 110 + name_size - 1].decode()
        start = (at + 110 + name_size + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, archive[start : start + size])
        at = (start + size + 3) // 4 * 4


def test_every_entry_comes_back_with_its_folders_first() -> None:
    """R-LAB-3: files, links and devices of the guest are unpacked as they were given."""
    entries = [
        cpio.file("etc/deep/name", b"text", 0o640),
        cpio.link("bin/sh", "busybox"),
        cpio.character_device("dev/console", 5, 1),
    ]
    found = unpack(cpio.archive(entries))
    assert list(found) == [
        *("etc", "etc/deep", "etc/deep/name", "bin", "bin/sh", "dev", "dev/console"),
    ]
    assert found["etc/deep/name"] == (stat.S_IFREG | 0o640, b"text")
    assert found["bin/sh"] == (stat.S_IFLNK | 0o777, b"busybox")
    assert stat.S_ISCHR(found["dev/console"][0])
    assert stat.S_ISDIR(found["etc/deep"][0])


@given(st.dictionaries(st.text("abcxyz", min_size=1, max_size=9), st.binary(max_size=40)))
def test_any_contents_survive(files: dict[str, bytes]) -> None:
    """R-LAB-3: no length of name or contents breaks the archive's alignment."""
    archive = cpio.archive(cpio.file(name, data) for name, data in files.items())
    assert {name: data for name, (_, data) in unpack(archive).items()} == files
    assert len(archive) % 512 == 0


def test_the_same_tree_gives_the_same_bytes() -> None:
    entries = [cpio.file("a", b"1"), cpio.folder("b")]
    assert cpio.archive(entries) == cpio.archive(entries)
