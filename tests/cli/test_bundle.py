"""`gureum bundle` as it is typed: what is told of a bundle that is none, altered, or of the wrong kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gureum.bundle import manifest
from gureum.bundle.manifest import BundleFile, Kind, Manifest

Gureum = Callable[..., Any]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle of one file, of a release that this gureum does not know."""
    folder = tmp_path / "b"
    (folder / "debian/pool").mkdir(parents=True)
    (folder / "debian/pool/a_1_amd64.deb").write_bytes(b"deb")
    digest = hashlib.sha256(b"deb").hexdigest()
    file = BundleFile("debian/pool/a_1_amd64.deb", digest, 3, Kind.DEBIAN, "a", "1")
    made = Manifest(
        release="2020.1",
        os="debian-13",
        codename="trixie",
        architecture="amd64",
        python="3.13.5",
        created="2026-01-02T03:04:05+00:00",
        made_by="gureum 0",
        packages=("a",),
        lock="0",
        uv_lock="0",
        files=(file,),
    )
    manifest.write(folder, made)
    return folder


def test_there_is_no_bundle(gureum: Gureum, snapshot: Any) -> None:
    """R-PREP-9: each error names the command that goes on."""
    Path("half/debian").mkdir(parents=True)
    Path("file").write_text("")
    shown = [gureum("bundle", "verify", name) for name in ("nowhere", "half", "file")]
    assert "\n".join(map(str, shown)) == snapshot


def test_a_bundle_is_shown(gureum: Gureum, bundle: Path, snapshot: Any) -> None:
    assert str(gureum("bundle", "show", "b")) == snapshot
    found = json.loads(gureum("bundle", "show", "b", "--json").out)
    assert found["release"] == "2020.1"
    assert found["digest"] == manifest.digest_of(bundle / manifest.NAME)
    assert [file["path"] for file in found["files"]] == ["debian/pool/a_1_amd64.deb"]


def test_an_altered_file_is_named(gureum: Gureum, bundle: Path, snapshot: Any) -> None:
    """R-PREP-9: verify exits 1, names the file, and says how to mend it."""
    (bundle / "debian/pool/a_1_amd64.deb").write_bytes(b"dub")
    (bundle / "debian/pool/more.deb").write_bytes(b"")
    shown = gureum("bundle", "verify", "b")
    assert shown.code == 1
    assert str(shown) == snapshot


def test_what_cannot_be_made_is_told(gureum: Gureum, snapshot: Any) -> None:
    """R-PREP-9: an unknown release or system, with the nearest name."""
    shown = [
        gureum("bundle", "create", "b", "--os", "debian-14"),
        gureum("bundle", "create", "b", "--release", "2026.3"),
        gureum("bundle", "serve", "b", "--listen", "here:there"),
    ]
    assert "\n".join(map(str, shown)) == snapshot
