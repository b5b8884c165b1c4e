"""What is in the Debian guest, where this machine built one: no boot, half a minute."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gureum.images import debian_guest, debian_recipe, grub_disk
from gureum.images.conversion import convert
from gureum.images.fitting import architecture_of
from gureum.state.folder import cache

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="the guest lies in the cache of root"),
    pytest.mark.skipif(
        not (cache() / f"debian-13-{debian_guest.recipe_key()}.qcow2").exists(),
        reason="gureum image build debian-13 makes it, in minutes",
    ),
]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("guest")
    image = debian_guest.build(cache(), print)
    yield convert(image.path, "raw", folder / "disk.raw")
    (folder / "disk.raw").unlink()


def inside(raw: Path, command: str) -> str:
    where = f"{raw}?offset={grub_disk.ROOT_AT}"
    done = subprocess.run(
        ["debugfs", "-R", command, where], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_its_file_system_is_sound_and_its_processor_known(raw: Path) -> None:
    """R-LAB-3."""
    where = f"{raw}?offset={grub_disk.ROOT_AT}"
    done = subprocess.run(["e2fsck", "-fn", where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert architecture_of(raw, "raw") == "x86_64"


def test_what_boots_it_is_there(raw: Path) -> None:
    menu = inside(raw, "cat /boot/grub/grub.cfg")
    names = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", menu)
    assert len(set(names)) == 1
    assert f"UUID={names[0]} / ext4" in inside(raw, "cat /etc/fstab")
    assert "Fast link dest" in inside(raw, "stat /vmlinuz")
    assert "normal.mod" in inside(raw, "ls /boot/grub/i386-pc")
    with raw.open("rb") as disk:
        assert b"GRUB" in disk.read(512)
    listed = subprocess.run(
        ["mdir", "-b", "-/", "-i", f"{raw}@@{grub_disk.ESP_AT}", "::EFI"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MTOOLS_SKIP_CHECK": "1"},
    ).stdout
    assert {"::/EFI/BOOT/BOOTX64.EFI", "::/EFI/BOOT/grubx64.efi"} <= set(listed.split())


def test_it_bears_no_trace_of_where_it_was_made(raw: Path) -> None:
    """No key, no id, no mirror: what many VMs share is known to everyone."""
    assert "ssh_host_" not in inside(raw, "ls /etc/ssh")
    assert inside(raw, "cat /etc/machine-id") == ""
    assert ".sources" not in inside(raw, "ls /etc/apt/sources.list.d")
    assert inside(raw, "cat /etc/hostname").strip() == "localhost"
    assert "gureum" not in inside(raw, "ls /etc/dpkg/dpkg.cfg.d")


def test_what_was_asked_for_is_installed(raw: Path) -> None:
    status = inside(raw, "cat /var/lib/dpkg/status")
    for package in debian_recipe.PACKAGES:
        assert f"Package: {package}\nStatus: install ok installed" in status
