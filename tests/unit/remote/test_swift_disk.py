"""R-SVC-7: another host's disk, which a machine shows under the same path, is not taken for this one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gureum.remote import swift_disk
from gureum.remote.failure import Failure
from gureum.remote.process import Done

OURS, THEIRS = "0f0f0f0f-1111-4222-8333-444444444444", "a1a1a1a1-1111-4222-8333-444444444444"
FILE = "/var/lib/swift/files/disk1"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A place at which the kernel says that a file of this path is mounted."""
    monkeypatch.setattr(swift_disk, "mounted", lambda _: FILE)
    monkeypatch.setattr(swift_disk.os.path, "exists", lambda _: True)
    place = str(tmp_path)
    return {"place": place, "device": FILE, "uuid": OURS, "file_bytes": 2**30, "mounter": "true"}


def blkid_says(uuid: str, monkeypatch: pytest.MonkeyPatch, status: int = 0) -> None:
    def must(command: tuple[str, ...], *_: object, **__: object) -> Done:
        assert command[0] == "blkid"
        if status:
            raise Failure("cannot be read")
        return Done(command, 0, f"{uuid}\n", 0.0)

    monkeypatch.setattr(swift_disk, "must", must)


def test_a_file_is_known_by_the_id_of_its_file_system(
    spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    blkid_says(OURS, monkeypatch)
    assert swift_disk.read(spec)["mounted"] == FILE


def test_another_hosts_file_of_the_same_path_is_refused(
    spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    blkid_says(THEIRS, monkeypatch)
    found = swift_disk.read(spec)
    assert found["mounted"] == f"{FILE} of another host"
    with pytest.raises(Failure, match="of another host"):
        swift_disk.change(spec, found)


def test_a_loop_device_that_this_host_never_made_is_not_its_own(
    spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    blkid_says(OURS, monkeypatch)
    monkeypatch.setattr(swift_disk.os.path, "exists", lambda _: False)
    assert swift_disk.read(spec)["mounted"] == f"{FILE} of another host"


def test_a_device_that_does_not_answer_is_no_other_host_s(
    spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    blkid_says(OURS, monkeypatch, status=124)
    with pytest.raises(Failure, match="cannot be read"):
        swift_disk.read(spec)
