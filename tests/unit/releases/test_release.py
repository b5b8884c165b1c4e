"""A release's lock, versions and database revisions."""

from __future__ import annotations

import re

import pytest

from gureum.errors import InputError
from gureum.releases import known_releases, load_release

RELEASE = load_release("2026.2")


def test_the_newest_release_and_the_one_before_it_are_known() -> None:
    assert known_releases()[-2:] == ("2026.1", "2026.2")


def test_an_unknown_release_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        load_release("2026.3")
    assert "2026.2" in caught.value.hint


def test_a_release_has_a_virtual_environment_of_its_own() -> None:
    """D1: two releases lie side by side."""
    assert RELEASE.venv == "/opt/gureum/2026.2"


@pytest.mark.parametrize(
    "lock",
    [text for r in map(load_release, known_releases()) for text in (r.lock, r.uv_lock)],
)
def test_every_locked_package_has_a_version_and_a_hash(lock: str) -> None:
    """D1: one release is one lock with hashes, and says nothing of where packages come from."""
    packages = re.split(r"\n(?=[a-z])", lock)[1:]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9-]+==\S+", package), package
        assert "--hash=sha256:" in package, package
    assert "://" not in lock
    assert "--index" not in lock


@pytest.mark.parametrize(("name", "back"), [("2026.2", 0), ("2026.1", 1)])
@pytest.mark.parametrize(
    ("project", "major"),
    [("keystone", 30), ("glance", 33), ("placement", 16), ("nova", 34), ("neutron", 29)],
)
def test_the_services_are_those_of_the_release(
    project: str, major: int, name: str, back: int
) -> None:
    assert load_release(name).version(project).startswith(f"{major - back}.")


def test_a_package_is_found_however_it_is_spelt() -> None:
    assert RELEASE.version("oslo.messaging") == RELEASE.version("oslo-messaging")


@pytest.mark.parametrize("package", ["pyuwsgi", "pymysql", "python-memcached", "pymemcache"])
def test_what_services_import_at_run_time_is_locked(package: str) -> None:
    """keystonemiddleware answers every call with 500 where python-memcached is missing."""
    assert RELEASE.version(package)


def test_an_unlocked_package_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        RELEASE.version("novaa")
    assert "'nova'" in caught.value.hint


def test_branches_of_migrations_have_a_head_each() -> None:
    assert len(RELEASE.heads("neutron")) == 2
    assert len(RELEASE.heads("keystone")) == 2


def test_glance_keeps_one_head_for_its_contract_depends_on_its_expand() -> None:
    assert RELEASE.heads("glance") == {"2024_1_contract01"}


def test_novas_cells_are_of_one_schema() -> None:
    assert RELEASE.heads("nova") == RELEASE.heads("nova_cell0") == RELEASE.heads("nova_cell")
    assert RELEASE.heads("nova") != RELEASE.heads("nova_api")


def test_an_unknown_database_or_schema_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        RELEASE.heads("neutrn")
    assert "'neutron'" in caught.value.hint
    with pytest.raises(InputError) as caught:
        RELEASE.schema("glance")
    assert "'glance-api'" in caught.value.hint
