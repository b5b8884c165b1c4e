"""Published checksums: both forms are read, what is no list is refused, signatures count (R-LAB-3)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gureum.errors import ImageError
from gureum.images import published
from gureum.images.catalogue import CATALOGUE, Signed, known

A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    "listing",
    [
        f"{B}  other.img\n{A}  one.img\n",
        f"{B} *other.img\n{A} *one.img\n",
        f"{A}  ./one.img\r\n",
        f"SHA256 (other.img) = {B}\nSHA256 (one.img) = {A.upper()}\n",
    ],
)
def test_both_forms_are_read(listing: str) -> None:
    assert published.checksum_of(listing, "one.img", "sha256", "there") == A


@pytest.mark.parametrize(
    "listing", ["", "<html>log in first</html>", f"{A}  one.img.sig\n", f"{A[:32]}  one.img\n"]
)
def test_what_names_no_checksum_is_refused(listing: str) -> None:
    with pytest.raises(ImageError, match=r"names no sha256 of one\.img"):
        published.checksum_of(listing, "one.img", "sha256", "there")


@pytest.mark.skipif(not shutil.which("gpg") or not shutil.which("gpgv"), reason="needs gpg")
def test_a_list_counts_if_its_publisher_signed_it(tmp_path: Path) -> None:
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    make = [*gpg, "--passphrase", "", "--quick-generate-key", "tester", "ed25519", "sign"]
    subprocess.run(make, check=True, capture_output=True)
    text = f"{A}  one.img\n".encode()
    (tmp_path / "list").write_bytes(text)
    subprocess.run([*gpg, "--detach-sign", str(tmp_path / "list")], check=True, capture_output=True)
    proof = (tmp_path / "list.sig").read_bytes()
    ring = tmp_path / "ring.gpg"
    subprocess.run([*gpg, "--output", str(ring), "--export"], check=True, capture_output=True)
    told = subprocess.run(
        [*gpg, "--with-colons", "--list-keys"], capture_output=True, text=True, check=True
    )
    fingerprint = next(line.split(":")[9] for line in told.stdout.splitlines() if line[:3] == "fpr")
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    signed = Signed(".gpg", str(ring), "a-keyring", frozenset({fingerprint}))
    assert published.signature(text, proof, signed).startswith("signed by ")
    with pytest.raises(ImageError, match="not signed by its publisher"):
        published.signature(text + b"x", proof, signed)
    other = Signed(".gpg", str(ring), "a-keyring", frozenset({"0" * 40}))
    with pytest.raises(ImageError, match="not signed by its publisher"):
        published.signature(text, proof, other)
    nowhere = Signed(".gpg", str(tmp_path / "none"), "a-keyring", frozenset({fingerprint}))
    assert "not checked" in published.signature(text, proof, nowhere)


def test_every_known_image_is_proven_by_something() -> None:
    for image in CATALOGUE:
        assert image.url.startswith("https://")
        assert bool(image.pinned) != bool(image.checksums[0])
        assert image.properties["architecture"] == "x86_64"
        assert "hw_qemu_guest_agent" not in image.properties
    assert known("cirros") is not None
    assert known("cirrus") is None
