"""R-SVC-5: tempest.conf says what this cloud is, and the list of tests left out says why."""

from __future__ import annotations

import configparser
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gureum.operate.tempest.configuration import PREFIX, Facts, settings, text
from gureum.operate.tempest.left_out import LEFT_OUT
from gureum.operate.tempest.left_out import text as left_out_text
from gureum.state.secrets import Secret

FACTS = Facts(
    auth_url="https://192.0.2.11:5000/v3",
    region="RegionOne",
    password=Secret("pa$$word"),
    ca=Path("/var/lib/gureum/clouds/cloud/ca.pem"),
    services=frozenset({"compute", "identity", "image", "network", "placement"}),
    extensions=("router", "port-security", "external-net"),
    network="net-id",
    network_name="provider",
    image="image-id",
    other_image="other-image-id",
    flavor="flavor-id",
    larger_flavor="larger-flavor-id",
    computes=1,
    emulated=True,
)
WORKSPACE = Path("/work")


def _read(facts: Facts) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser()
    found.read_string(text(settings(facts, WORKSPACE)))
    return found


def test_an_option_and_a_section_stand_once() -> None:
    """R-SVC-5: Tempest itself refuses no double, and takes the last."""
    options = [(one.section, one.option) for one in settings(FACTS, WORKSPACE)]
    assert len(set(options)) == len(options)
    written = text(settings(FACTS, WORKSPACE))
    sections = re.findall(r"^\[(.+)\]$", written, re.MULTILINE)
    assert len(set(sections)) == len(sections)


def test_a_dollar_in_the_password_is_no_reference_to_an_option() -> None:
    """R-SVC-5: oslo.config takes `$name` for another option's value, and `$$` for a dollar."""
    assert "admin_password = pa$$$$word\n" in text(settings(FACTS, WORKSPACE))


@pytest.mark.parametrize(("computes", "moves"), [(1, "false"), (2, "true"), (5, "true")])
def test_vms_are_moved_where_there_is_another_host(computes: int, moves: str) -> None:
    """R-OPS-6: migration is tested where it can be."""
    section = _read(replace(FACTS, computes=computes))["compute-feature-enabled"]
    names = ("cold_migration", "live_migration", "can_migrate_between_any_hosts")
    assert {section[name] for name in names} == {moves}


def test_what_the_cloud_lacks_is_not_asked_for() -> None:
    """R-SVC-5: a service that is not in the catalogue is skipped instead of failing."""
    without = _read(FACTS)["service_available"]
    assert (without["cinder"], without["swift"]) == ("false", "false")
    more = FACTS.services | {"block-storage", "object-store"}
    there = _read(replace(FACTS, services=more))["service_available"]
    assert (there["cinder"], there["swift"]) == ("true", "true")


def test_extensions_are_those_that_neutron_told() -> None:
    """R-SVC-5: both drivers have extensions of their own."""
    found = _read(FACTS)["network-feature-enabled"]
    assert found["api_extensions"] == "external-net,port-security,router"
    assert found["port_security"] == "true"


def test_patience_is_for_emulated_vms() -> None:
    """R-SVC-5: where KVM works, a VM that needs minutes is a mistake and has to fail."""
    assert _read(FACTS)["compute"]["build_timeout"] == "420"
    fast = _read(replace(FACTS, emulated=False))
    assert "build_timeout" not in fast["compute"]
    assert "ssh_timeout" not in fast["validation"]


def test_names_of_the_longest_test_class_fit_into_a_project() -> None:
    """R-SVC-5: keystone takes 64 characters: the prefix, the class and a number of ten digits."""
    longest = "TestNetworkAdvancedServerMigrationWithHost"
    assert len(f"{PREFIX}-{longest}-2147483647") <= 64


def test_every_test_left_out_has_a_reason_that_tempest_can_show() -> None:
    """R-SVC-5: an expression that fits no more, or has no reason, would hide a failure."""
    for entry, line in zip(LEFT_OUT, left_out_text().splitlines(), strict=True):
        re.compile(entry.tests)
        assert len(entry.why.split()) > 5
        # stestr takes all that follows the first # for the reason.
        assert "#" not in entry.tests
        assert line.split("#", 1)[0].strip() == entry.tests
    assert len({entry.why for entry in LEFT_OUT}) == len(LEFT_OUT)


def test_volumes_are_tested_for_what_their_backend_can() -> None:
    """R-SVC-6: of a Ceph that is all but encryption, for there is no manager of keys."""
    stored = replace(
        FACTS,
        services=FACTS.services | {"block-storage"},
        disks_in_ceph=True,
        backups=True,
        protocol="ceph",
        shared_type="gtempest-shared",
    )
    found = _read(stored)
    assert found["volume"]["catalog_type"] == "block-storage"
    assert found["volume"]["storage_protocol"] == "ceph"
    assert found["volume"]["volume_type_multiattach"] == "gtempest-shared"
    assert found["volume-feature-enabled"]["backup"] == "true"
    compute = found["compute-feature-enabled"]
    assert (compute["volume_multiattach"], compute["attach_encrypted_volume"]) == ("true", "false")
    assert compute["block_migration_for_live_migration"] == "false"
    without = _read(FACTS)
    assert "volume" not in without
    assert without["compute-feature-enabled"]["block_migration_for_live_migration"] == "true"


def test_an_object_store_is_tested_for_what_it_tells_of_itself() -> None:
    """R-SVC-7: Tempest takes each filter that Swift can have for present unless it is told."""
    more = FACTS.services | {"object-store"}
    found = _read(replace(FACTS, services=more, objects_can=frozenset({"tempurl", "slo"})))
    features = found["object-storage-feature-enabled"]
    assert (features["discoverable_apis"], features["container_sync"]) == ("slo,tempurl", "false")
    assert found["object-storage"]["reseller_admin_role"] == "admin"
    syncing = replace(FACTS, services=more, objects_can=frozenset({"container_sync"}))
    assert _read(syncing)["object-storage-feature-enabled"]["container_sync"] == "true"
    assert "object-storage" not in _read(FACTS)
