"""What the maintainer's refresh writes, and when it leaves a file as it is."""

from __future__ import annotations

import lzma
import tomllib
from pathlib import Path

import pytest

from gureum.releases import known_releases, load_release
from gureum.releases.refresh import SCHEMAS, _write


def test_a_file_of_the_same_content_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.options.json.xz"
    assert _write(path, lambda: "{}").changed
    # Another version of the library compresses to other bytes.
    path.write_bytes(lzma.compress(b"{}", preset=0))
    before = path.read_bytes()
    assert not _write(path, lambda: "{}").changed
    assert path.read_bytes() == before
    assert _write(path, lambda: "{1}").changed
    assert lzma.decompress(path.read_bytes()) == b"{1}"


@pytest.mark.parametrize("name", known_releases())
def test_every_schema_that_is_described_is_there_and_no_other(name: str) -> None:
    release, described = load_release(name), tomllib.loads(SCHEMAS.read_text())
    assert set(described["schemas"]) == release.schemas
    assert all(release.heads(database) for database in described["databases"])


@pytest.mark.parametrize("name", known_releases())
def test_every_service_whose_rules_are_described_has_them_and_no_other(name: str) -> None:
    """R-CONF-5: rules are known from the release itself."""
    release, described = load_release(name), tomllib.loads(SCHEMAS.read_text())["policies"]
    assert sorted(described) == list(release.services_with_policies)
    for service in described:
        rules = release.policies(service)
        assert len(rules) > 30
        assert sum(bool(rule.operations) for rule in rules.values()) > 25
    forced = release.policies("nova")["os_compute_api:servers:create:forced_host"]
    assert (forced.check, forced.operations) == ("rule:context_is_admin", (("POST", "/servers"),))
    assert release.policies("neutron").successors("get_networks_tags") == ("get_network:tags",)


@pytest.mark.parametrize("name", known_releases())
def test_every_required_project_is_locked(name: str) -> None:
    release = load_release(name)
    for line in (release.folder / "requirements.in").read_text().splitlines():
        if line and not line.startswith("#"):
            assert release.version(line.partition("==")[0])
