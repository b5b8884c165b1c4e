"""Which files of a lock a system needs, and what builds those that come as source (R-PREP-9)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.made.packages import source_archive

from gureum.bundle import needs, wheels
from gureum.bundle.manifest import BundleFile, Kind
from gureum.bundle.python_lock import hashes_of, locked, missing, project_of
from gureum.bundle.systems import SYSTEMS, system
from gureum.errors import BundleError
from gureum.releases import known_releases, load_release

LOCK = """\
# A comment.
one==1.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
numpy==2.4 ; python_full_version < '3.12' \\
    --hash=sha256:{c}
numpy==2.5 ; python_full_version >= '3.12' \\
    --hash=sha256:{d}
win-only==3 ; sys_platform == 'win32' \\
    --hash=sha256:{e}
""".format(**{letter: letter * 64 for letter in "abcde"})


def test_markers_are_judged_by_the_hosts_python() -> None:
    """R-PREP-9: the machine that gathers may have another Python than the hosts."""
    old = {(e.name, e.version) for e in locked(LOCK, SYSTEMS["debian-12"])}
    new = {(e.name, e.version) for e in locked(LOCK, SYSTEMS["debian-13"])}
    assert old == {("one", "1.0"), ("numpy", "2.4")}
    assert new == {("one", "1.0"), ("numpy", "2.5")}


def test_any_file_that_the_lock_names_serves() -> None:
    entries = list(locked(LOCK, SYSTEMS["debian-13"]))
    assert [e.name for e in missing(entries, ["b" * 64])] == ["numpy"]
    assert missing(entries, ["a" * 64, "d" * 64]) == []
    assert entries[0].requirement == f"one==1.0 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}"


@pytest.mark.parametrize("release", known_releases())
@pytest.mark.parametrize("name", SYSTEMS)
def test_every_entry_of_a_real_lock_is_read(release: str, name: str) -> None:
    """R-PREP-9: no line of a release's locks is passed over."""
    for text in (load_release(release).lock, load_release(release).uv_lock):
        found = list(locked(text, system(name)))
        assert all(entry.hashes for entry in found)
        assert len({entry.name for entry in found}) == len(found)
        plain = [
            line for line in text.splitlines() if "==" in line and ";" not in line.split("\\")[0]
        ]
        assert len(found) >= len(plain)
        assert {h for entry in found for h in entry.hashes} <= hashes_of(text)


def test_names_of_files_are_understood() -> None:
    assert project_of(Path("oslo_messaging-17.1.0-py3-none-any.whl")) == (
        "oslo-messaging",
        "17.1.0",
    )
    assert project_of(Path("ovs-4.0.0.tar.gz")) == ("ovs", "4.0.0")
    assert project_of(Path("simple.generic-0.8.1.zip")) == ("simple-generic", "0.8.1")


def test_what_builds_a_source_archive_is_read_from_it(tmp_path: Path) -> None:
    path = source_archive(tmp_path, "thing", "1.0", "flit_core >=3.2,<4")
    assert wheels._build_requirements(path) == ["flit_core >=3.2,<4"]


def test_builders_are_pinned_and_the_lock_s_own_files_are_not() -> None:
    """R-PREP-9: what no lock pins is pinned by the bundle's manifest."""
    files = [
        BundleFile("wheels/one-1.0-py3-none-any.whl", "a" * 64, 1, Kind.WHEEL, "one", "1.0"),
        BundleFile(
            "wheels/setuptools-9-py3-none-any.whl", "f" * 64, 1, Kind.WHEEL, "setuptools", "9"
        ),
    ]
    told = wheels.build_constraints(files, hashes_of(LOCK))
    assert told == f"setuptools==9 --hash=sha256:{'f' * 64}\n"


def test_every_role_s_packages_are_needed() -> None:
    """R-PREP-9: without an input a bundle serves hosts of any role, and lab hosts below."""
    found = needs.every_need("2026.2")
    assert {
        "mariadb-server",
        "libvirt-daemon-system",
        "openvswitch-switch",
        "novnc",
        "nftables",
    } <= set(found.packages)
    compute = next(
        names for names in found.lists if "libvirt-clients" in names and "novnc" not in names
    )
    assert "mariadb-server" not in compute


def test_a_system_that_is_not_known_is_told_with_the_nearest() -> None:
    with pytest.raises(BundleError, match="cannot be made for 'debian-14'") as caught:
        system("debian-14")
    assert "debian-13" in caught.value.hint
