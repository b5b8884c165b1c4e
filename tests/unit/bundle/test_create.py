"""Bundles made by the real apt and pip out of packages of a few kilobytes (R-PREP-9)."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from tests.unit.bundle.conftest import Maker

from gureum.bundle import apt_root, manifest
from gureum.bundle.create import changes
from gureum.bundle.manifest import Kind
from gureum.bundle.verify import verify
from gureum.errors import BundleError

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="bundles are made with apt")


def test_it_holds_what_lists_and_locks_call_for(maker: Maker) -> None:
    """R-PREP-9: packages with all that they need, the lock's files, the image; and it verifies."""
    done = maker.create()
    versions = done.manifest.versions(Kind.DEBIAN)
    assert versions == {
        "apt": "3.0",
        "base-files": "13",
        "inner": "1:2.0",
        "other": "1.0",
        "outer": "1.0",
    }
    assert set(done.manifest.versions(Kind.WHEEL)) == {"thing", "part", "uv"}
    assert [f.version for f in done.manifest.of(Kind.IMAGE)] == [""]
    # No epoch stands in a file's name: its colon would have to be quoted twice in an address.
    assert (maker.folder / "debian/pool/inner_2.0_amd64.deb").is_file()
    found = verify(maker.folder, maker.needs)
    assert found.findings == ()
    assert found.extra == ()
    assert found.resolved


def test_a_second_run_fetches_nothing(made: Maker) -> None:
    """R-PREP-9: what is there with the right checksum is not fetched again, and nothing changes."""
    first = manifest.read(made.folder)
    shutil.rmtree(made.root / "index")
    text = (made.folder / manifest.NAME).read_text()
    second = made.create()
    assert (made.folder / manifest.NAME).read_text() == text
    assert second.manifest.digest == first.digest
    assert not [
        line
        for line in made.said
        if line.startswith("fetching ") and " of " in line and "lists" not in line
    ]


def test_a_newer_package_takes_the_place_of_the_older(made: Maker) -> None:
    """R-PREP-9: run again, a bundle gets what is newer, and says what has changed."""
    before = manifest.read(made.folder)
    made.offer(outer="1.1", inner="1:2.0", other="1.0")
    after = made.create().manifest
    assert changes(before.versions(Kind.DEBIAN), after.versions(Kind.DEBIAN)) == [
        ("outer", "1.0", "1.1")
    ]
    assert not (made.folder / "debian/pool/outer_1.0_amd64.deb").exists()
    assert verify(made.folder, made.needs).findings == ()
    assert any(line.startswith("fetching 1 of 5 packages") for line in made.said)


def test_an_altered_file_is_found_and_put_right(made: Maker) -> None:
    """R-PREP-9: verify names every file that is not what it was; create mends these alone."""
    debian = made.folder / "debian/pool/other_1.0_amd64.deb"
    debian.write_bytes(debian.read_bytes()[:-1] + b"!")
    (made.folder / "debian/pool/outer_1.0_amd64.deb").write_bytes(b"short")
    next((made.folder / "wheels").glob("thing-*")).unlink()
    found = {f.subject: f.what for f in verify(made.folder, made.needs).findings}
    assert found["debian/pool/other_1.0_amd64.deb"] == "altered: its checksum is another"
    assert found["debian/pool/outer_1.0_amd64.deb"].startswith("altered: 5 bytes instead of")
    assert found["wheels/thing-1.0-py3-none-any.whl"] == "missing"
    assert len(found) == 3
    made.create()
    assert verify(made.folder, made.needs).findings == ()
    assert any(line.startswith("fetching 2 of 5 packages") for line in made.said)
    assert "fetching 1 of 3 Python packages" in made.said


def test_a_run_that_was_cut_off_goes_on(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-PREP-9: without its manifest a folder is no bundle yet; what it holds is not fetched again."""

    def cut_off() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(maker, "guest", cut_off)
    with pytest.raises(KeyboardInterrupt):
        maker.create()
    with pytest.raises(BundleError, match="is not whole") as caught:
        verify(maker.folder, maker.needs)
    assert "goes on" in caught.value.hint
    monkeypatch.undo()


def test_an_older_bundle_stays_whole_until_the_new_one_is(made: Maker) -> None:
    """R-PREP-9: hosts that install meanwhile find what the manifest names."""
    made.offer(outer="1.1", inner="1:2.0", other="1.0")
    made.guest = lambda: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        made.create()
    found = verify(made.folder)
    assert found.findings == ()
    assert found.extra == ("debian/pool/outer_1.1_amd64.deb",)


def test_what_is_not_offered_is_named(maker: Maker) -> None:
    """R-PREP-9: a package that no mirror has, and a wheel that no index has, are told by name."""
    maker.offer(outer="1.0", inner="1:2.0")
    with pytest.raises(BundleError, match="offers no package other"):
        maker.create()
    maker.offer(outer="1.0", inner="1:2.0", other="1.0")
    maker.lock(maker.wheel("thing"), "gone==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(BundleError, match="Python packages cannot be fetched") as caught:
        maker.create()
    assert "gone==1.0" in caught.value.detail


def test_a_mirror_that_does_not_answer_is_told(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt_root, "RETRIES", 0)
    maker.sources = (
        "Types: deb\nURIs: http://127.0.0.1:9/debian\nSuites: trixie\nComponents: main\n"
    )
    with pytest.raises(BundleError, match="the package lists cannot be fetched") as caught:
        maker.create()
    assert "http://127.0.0.1:9/debian" in caught.value.detail
    assert caught.value.hint.endswith("apt-get update")


def test_a_machine_without_a_mirror_is_told(maker: Maker) -> None:
    maker.sources = ""
    with pytest.raises(BundleError, match="no mirror of Debian"):
        maker.create()


def test_a_full_disk_is_told_before_anything_is_fetched(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(maker.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(BundleError, match="too little free disk space") as caught:
        maker.create()
    assert caught.value.hint.startswith("df -h")


def test_a_folder_of_another_release_is_refused(made: Maker) -> None:
    path = made.folder / manifest.NAME
    path.write_text(path.read_text().replace('"os": "debian-13"', '"os": "debian-12"'))
    with pytest.raises(BundleError, match=r"holds the bundle of release 2026.2 for debian-12"):
        made.create()


def test_two_runs_at_once_are_told_apart(maker: Maker) -> None:
    maker.folder.mkdir()
    handle = os.open(maker.folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(BundleError, match="another gureum bundle create"):
            maker.create()
    finally:
        os.close(handle)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "holds no manifest that can be read"),
        ("[]", "holds no manifest that can be read"),
        ('{"format": 1}', "holds no manifest that can be read"),
        ('{"format": 7}', "format 7"),
    ],
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / manifest.NAME).write_text(text)
    with pytest.raises(BundleError, match=said) as caught:
        manifest.read(tmp_path)
    assert caught.value.hint
