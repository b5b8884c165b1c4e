"""A unit restarts for what it reads, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.remote import options_read
from gureum.remote.options_read import options, part, still_read

TEXT = """\
# said
log = a
[DEFAULT]
debug = true
[libvirt]
virt_type = qemu
[multi]
x = 1
x = 2
  more
"""
UNREAD = ["libvirt.*"]


def test_options_are_read_as_oslo_config_reads_them() -> None:
    assert options(TEXT) == {
        "DEFAULT.log": ["a"],
        "DEFAULT.debug": ["true"],
        "libvirt.virt_type": ["qemu"],
        "multi.x": ["1", "2\nmore"],
    }


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (TEXT.replace("qemu", "kvm"), True),
        (TEXT.replace("# said", "# said otherwise"), True),
        (TEXT.replace("[libvirt]", "[libvirt]\ncpu_mode = none"), True),
        (TEXT.replace("true", "false"), False),
        (TEXT.replace("x = 2", "x = 3"), False),
        (TEXT.replace("x = 1\n", ""), False),
        (TEXT.replace("[libvirt]", "[libvirt2]"), False),
    ],
)
def test_only_what_is_read_makes_a_difference(text: str, same: bool) -> None:
    assert (part(text, UNREAD) == part(TEXT, UNREAD)) is same


def test_a_running_unit_is_known_by_what_it_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-CONF: an unread option, a read one, a restart by hand, and a memory that is torn."""
    monkeypatch.setattr(options_read, "MEMORY", str(tmp_path / "memory"))
    path = tmp_path / "nova.conf"

    def has_read(start: str, *, newer: bool) -> bool:
        return still_read("nova-api.service", start, str(path), UNREAD, newer)

    path.write_text(TEXT)
    assert not has_read("monday", newer=True), "nothing is known of it, so it may have read another"
    assert has_read("monday", newer=False)
    path.write_text(TEXT.replace("qemu", "kvm"))
    assert has_read("monday", newer=True)
    path.write_text(TEXT.replace("true", "false"))
    assert not has_read("monday", newer=True)
    assert not has_read("tuesday", newer=True), "it started since, and read what was there then"
    assert has_read("tuesday", newer=False)
    path.write_text(TEXT)
    assert not has_read("tuesday", newer=True), "it runs with what somebody had edited"
    (tmp_path / "memory" / "nova-api.service").write_text('{"start": "tu')
    assert not has_read("tuesday", newer=True)
    path.unlink()
    assert not has_read("tuesday", newer=True)
