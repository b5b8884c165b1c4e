"""The parts of the lab that need no root: subnets, records, locks, images, what is scrubbed."""

from __future__ import annotations

import threading
import time
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from gureum.diagnostics import Severity
from gureum.errors import LabError
from gureum.lab import (
    Image,
    Lab,
    boot,
    building,
    forwarding,
    frozen,
    kvm,
    locks,
    machine,
    store,
    subnets,
)
from gureum.lab.record import HostRecord, Record


def test_subnets_avoid_what_is_routed() -> None:
    """R-LAB-1: the same lab gets the same subnets, and never those that are in use."""
    first = subnets.pick(7, [])
    assert subnets.pick(7, []) == first
    other = subnets.pick(7, [first.tunnel])
    assert not any(subnet.overlaps(first.tunnel) for subnet in other.all)
    assert all(subnet.prefixlen == 24 for subnet in (*first.all, *other.all))
    assert len(set(first.all)) == 3
    beyond = subnets.pick(7, [IPv4Network("10.0.0.0/8")])
    assert not any(subnet.overlaps(IPv4Network("10.0.0.0/8")) for subnet in beyond.all)


def test_no_free_subnet_is_said() -> None:
    """R-LAB-1: a machine whose routes cover everything private is told so."""
    with pytest.raises(LabError, match="in use"):
        subnets.pick(0, [IPv4Network("0.0.0.0/0")])


def test_record_returns_what_was_saved(tmp_path: Path) -> None:
    """R-LAB-1: what a lab writes down is what it reads; damage is an error with a way out."""
    image = Image("key", "debian-13", (tmp_path / "b", tmp_path / "a"))
    record = Record("lab", "g12345", subnets.pick(7, []))
    record.hosts["one"] = HostRecord(record.next_number(), image)
    record.hosts["two"] = HostRecord(record.next_number(), image)
    path = tmp_path / "lab.json"
    record.save(path)
    assert Record.load(path) == record
    assert path.stat().st_mode & 0o777 == 0o600
    assert [host.number for host in record.hosts.values()] == [1, 2]
    path.write_text("{")
    with pytest.raises(LabError) as caught:
        Record.load(path)
    assert caught.value.hint


def test_image_counts_only_with_all_its_layers(tmp_path: Path) -> None:
    """R-LAB-1: an image whose layer was deleted is no image, and is built again."""
    layer = tmp_path / "layer"
    layer.mkdir()
    image = Image("key", "debian-13", (layer,))
    image.save(tmp_path)
    assert Image.load(tmp_path) == image
    layer.rmdir()
    assert Image.load(tmp_path) is None
    with pytest.raises(LabError, match="is gone"):
        image.check()


def test_scrub_takes_what_belongs_to_one_host(tmp_path: Path) -> None:
    """R-LAB-1: a frozen layer holds no identity, no secret of a mirror, and no log."""
    gone = (
        "etc/machine-id",
        "etc/ssh/ssh_host_ed25519_key",
        "etc/apt/auth.conf",
        "root/.ssh/authorized_keys",
        "var/log/apt/term.log",
        "var/lib/apt/lists/x_Packages",
        "var/cache/apt/archives/x.deb",
        "tmp/x/y",
    )
    kept = ("etc/ssh/sshd_config", "usr/bin/nova", "var/lib/dpkg/status", "opt/gureum/x")
    for name in (*gone, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    frozen.scrub(tmp_path)
    assert [name for name in gone if (tmp_path / name).exists()] == []
    assert [name for name in kept if not (tmp_path / name).exists()] == []
    assert (tmp_path / "var/log/apt").is_dir()


def test_lock_excludes_and_is_freed(tmp_path: Path) -> None:
    """R-LAB-1: one run at a time works on a lab; the next is told that it waits."""
    path = tmp_path / "x.lock"
    order: list[str] = []

    def second() -> None:
        with locks.held(path, lambda: order.append("waits")):
            order.append("second")

    with locks.held(path):
        thread = threading.Thread(target=second)
        thread.start()
        while "waits" not in order:
            time.sleep(0.005)
        with pytest.raises(BlockingIOError), locks.held(path, wait=False):
            pass
        order.append("first")
    thread.join()
    assert order == ["waits", "first", "second"]
    assert not path.exists()


def test_forwarding_returns_to_what_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LAB-1: forwarding stays on until the last lab goes, then is as it was before the first."""
    switch = tmp_path / "ip_forward"
    switch.write_text("0\n")
    monkeypatch.setattr(forwarding, "SWITCH", switch)
    monkeypatch.setattr(forwarding, "FOLDER", tmp_path / "state")
    forwarding.need("a")
    forwarding.need("b")
    forwarding.need("a")
    assert switch.read_text() == "1\n"
    forwarding.release("a")
    assert switch.read_text() == "1\n"
    forwarding.release("b")
    assert switch.read_text() == "0\n"
    forwarding.release("b")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("cut", ["before", "between", "after"])
def test_swap_survives_a_kill(tmp_path: Path, cut: str) -> None:
    """R-LAB-2: a restore that was killed leaves the old state or the new, never half of one."""
    disk = tmp_path / "one"
    disk.mkdir()
    (disk / "seeded").write_text("old")
    new = tmp_path / "new"
    new.mkdir()
    (new / "seeded").write_text("new")
    new.rename(tmp_path / ".one.new")
    if cut != "before":
        disk.rename(tmp_path / ".one.old")
    if cut == "after":
        (tmp_path / ".one.new").rename(disk)
    boot.finish_swap(disk)
    assert (disk / "seeded").read_text() == ("old" if cut == "before" else "new")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_builders_folders_are_swept_unless_in_use(tmp_path: Path) -> None:
    """R-LAB-1: what a killed build left goes; what another run builds now stays."""
    left, used = tmp_path / "left", tmp_path / "used"
    for folder in (left, used):
        building.folder_of(folder).mkdir()
    with locks.held(building.lock_of(used)):
        building.sweep(tmp_path)
        assert not building.folder_of(left).exists()
        assert building.folder_of(used).exists()


def test_machine_without_root_is_told_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-LAB-1: without root the lab says so, and how to go on."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    found = Lab("x", tmp_path / "lab/x", tmp_path / "cache", print).check_machine()
    root = next(problem for problem in found if "root" in problem.summary)
    assert root.severity is Severity.ERROR
    assert "sudo" in root.hint
    assert all(problem.hint for problem in found)


def test_full_disk_is_found_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LAB-1: too little disk space is an error before anything is made."""
    monkeypatch.setattr(machine, "DISK", 2**62)
    found = machine.check("g12345", None, (tmp_path / "not/yet",))
    assert any("disk space" in problem.summary for problem in found)


def test_kvm_that_does_not_work_has_a_reason() -> None:
    """R-PREP-7: KVM either works or says why not."""
    works, why = kvm.works()
    assert works != bool(why)


def test_unknown_system_is_named(tmp_path: Path) -> None:
    """R-LAB-1: an operating system that the lab cannot make is refused with those it can."""
    with pytest.raises(LabError) as caught:
        Lab("x", tmp_path / "x", tmp_path, print).base_image("debian-11")
    assert "debian-13" in caught.value.hint


def test_absent_lab_is_said(tmp_path: Path) -> None:
    """R-LAB-1: a lab that does not exist has no hosts, and asking it for more is an error."""
    lab = Lab("x", tmp_path / "x", tmp_path, print)
    assert lab.hosts() == []
    assert lab.snapshots() == []
    with pytest.raises(LabError, match="no lab"):
        lab.host("one")
    with pytest.raises(LabError, match="cannot be named"):
        lab.create({"../x": Image("k", "debian-13", ())})


def test_ids_follow_from_the_folder(tmp_path: Path) -> None:
    """R-LAB-1: a lab is found again without its record, and link names fit in 15 characters."""
    first = Lab("x", tmp_path / "x", tmp_path, print)
    assert first.id == Lab("x", tmp_path / "x", tmp_path, print).id
    assert first.id != Lab("y", tmp_path / "y", tmp_path, print).id
    assert len(f"{first.id}239p") <= 15


def test_reflinks_are_tried_not_guessed() -> None:
    """R-LAB-2: memory file systems cannot share blocks, and the answer says so."""
    assert store.shares_blocks(Path("/dev/shm")) is False  # noqa: S108
