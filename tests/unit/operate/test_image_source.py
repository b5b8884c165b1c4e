"""Where an image comes from, and what is said to prove it (R-LAB-3)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gureum.errors import ImageError
from gureum.operate.images.properties import properties_of
from gureum.operate.images.source import Obtained, Wish, obtain

DATA = b"an image, more or less"


def brought(wish: Wish, cache: Path) -> Obtained:
    return obtain(wish, cache, lambda _: None, lambda _: None)


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    path = tmp_path / "debian-13-genericcloud-amd64.qcow2"
    path.write_bytes(DATA)
    return path


def test_a_carried_file_has_the_properties_of_its_name(carried: Path, tmp_path: Path) -> None:
    found = brought(Wish("debian-13", str(carried)), tmp_path)
    assert (found.name, found.user, found.min_disk) == ("debian-13", "debian", 3)
    assert found.properties["os_distro"] == "debian"
    assert found.proof.startswith("nothing: no SHA512SUMS")


def test_checksums_beside_a_carried_file_count(carried: Path, tmp_path: Path) -> None:
    digest = hashlib.sha512(DATA).hexdigest()
    (tmp_path / "SHA512SUMS").write_text(f"{digest}  {carried.name}\n")
    assert "SHA512SUMS" in brought(Wish("debian-13", str(carried)), tmp_path).proof
    carried.write_bytes(DATA + b"x")
    with pytest.raises(ImageError, match="not what its checksum promises"):
        brought(Wish("debian-13", str(carried)), tmp_path)


def test_a_pinned_image_is_held_to_its_checksum_wherever_it_comes_from(
    carried: Path, tmp_path: Path
) -> None:
    with pytest.raises(ImageError, match="not what its checksum promises"):
        brought(Wish("cirros", str(carried)), tmp_path)


def test_a_file_is_called_by_its_name_and_proven_by_what_is_given(
    carried: Path, tmp_path: Path
) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    found = brought(Wish(str(carried), sha256=digest.upper()), tmp_path)
    assert (found.name, found.sha256) == ("debian-13-genericcloud-amd64", digest)
    assert found.proof == "the checksum that was given"
    with pytest.raises(ImageError, match="not what its checksum promises"):
        brought(Wish(str(carried), sha256="0" * 64), tmp_path)


@pytest.mark.parametrize(
    ("wish", "says", "hint"),
    [
        (Wish("ubuntu"), "there is no image 'ubuntu'", "ubuntu-24.04"),
        (Wish("/none/disk.qcow2"), "there is no file /none/disk.qcow2", "gureum image list"),
        (Wish("ftp://a.example/disk.qcow2"), "does not fetch by ftp", "gureum image add FILE"),
        (Wish("/"), "/ is a folder", "ls"),
        (Wish("cirros", sha256="abc"), "no SHA-256", "sha256sum"),
        (Wish("cirros", build=True), "gureum cannot build 'cirros'", "gureum image add cirros"),
        (
            Wish("disk.qcow2", "http://a.example/x"),
            "--from is for an image of the catalogue",
            "add",
        ),
    ],
)
def test_what_cannot_be_is_told(wish: Wish, says: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as refused:
        brought(wish, tmp_path)
    assert says in refused.value.summary
    assert hint in refused.value.hint


def test_properties_are_read() -> None:
    assert properties_of(["a=b", "c=d=e", "a=b"]) == {"a": "b", "c": "d=e"}
    with pytest.raises(ImageError) as refused:
        properties_of(["a=b", "a=c", "=x", "status=active"])
    assert len(refused.value.detail.splitlines()) == 3
