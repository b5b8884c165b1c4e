"""The option schemas of 2026.2, as the services' own declarations gave them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from gureum.releases import OptionSchema, Schema, load_release
from gureum.releases.release import SCHEMA_SUFFIX, known_releases

RELEASE = load_release("2026.2")


def option(schema: str, section: str, name: str) -> OptionSchema:
    found = RELEASE.schema(schema).option(section, name)
    assert found is not None, f"{schema} [{section}] {name}"
    return found


def test_an_option_carries_all_that_upstream_says() -> None:
    ratio = option("nova", "DEFAULT", "cpu_allocation_ratio")
    assert (ratio.type.kind, ratio.minimum) == ("float", 0)
    assert "allocation ratio" in ratio.help
    debug = option("nova", "DEFAULT", "debug")
    assert (debug.type.kind, debug.default, debug.mutable) == ("bool", False, True)
    assert option("neutron", "DEFAULT", "transport_url").secret
    assert option("nova", "libvirt", "virt_type").choices == ("kvm", "lxc", "qemu", "parallels")
    assert option("nova", "pci", "alias").multi


def test_zero_and_false_are_defaults_and_limits_too() -> None:
    assert option("neutron", "DEFAULT", "rpc_workers").minimum in (None, 0)
    assert option("keystone", "token", "expiration").maximum is not None
    assert option("nova", "DEFAULT", "use_syslog").default is False


def test_a_deprecated_name_gives_its_replacement_and_says_so() -> None:
    found = option("ml2", "ml2", "tenant_network_types")
    assert (found.section, found.name) == ("ml2", "project_network_types")
    assert found.renamed_from == ("ml2", "tenant_network_types")
    assert option("ml2", "ml2", "project_network_types").renamed_from is None


def test_an_unknown_option_is_none() -> None:
    schema = RELEASE.schema("nova")
    assert schema.option("DEFAULT", "no_such_option") is None
    assert schema.option("no_such_section", "debug") is None


@pytest.mark.parametrize(
    ("schema", "section"),
    [
        *[(s, "keystone_authtoken") for s in ("nova", "neutron", "glance-api", "placement")],
        *[("nova", s) for s in ("service_user", "placement", "neutron", "cinder", "ironic")],
        *[("neutron", s) for s in ("nova", "placement")],
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        *("auth_type", "auth_section", "auth_url", "username", "password", "project_name"),
        *("user_domain_id", "user_domain_name", "project_domain_id", "system_scope"),
    ],
)
def test_keystoneauth_plugs_its_options_in(schema: str, section: str, name: str) -> None:
    """R-CONF-3: options of libraries that plug in at run time are known."""
    assert option(schema, section, name)


def test_the_auth_plugin_is_one_that_is_installed() -> None:
    choices = option("nova", "keystone_authtoken", "auth_type").choices
    assert {"password", "v3password", "v3applicationcredential"} <= set(choices)


@pytest.mark.parametrize(
    ("schema", "section"),
    [
        *[("nova", s) for s in ("privsep", "nova_sys_admin", "privsep_osbrick")],
        ("nova", "vif_plug_ovs_privileged"),
        *[("neutron", s) for s in ("privsep", "privsep_namespace", "privsep_link")],
        ("neutron-ovn-agent", "privsep"),
        ("glance-api", "privsep_osbrick"),
    ],
)
def test_every_privsep_context_has_a_section(schema: str, section: str) -> None:
    for name in ("user", "group", "helper_command", "capabilities", "thread_pool_size"):
        assert option(schema, section, name)


def test_a_privsep_context_says_which_capabilities_it_keeps() -> None:
    assert "CAP_NET_ADMIN" in option("nova", "vif_plug_ovs_privileged", "capabilities").default


@pytest.mark.parametrize(
    ("schema", "section", "name"),
    [
        ("nova", "os_vif_ovs", "ovsdb_connection"),
        ("nova", "oslo_messaging_rabbit", "rabbit_quorum_queue"),
        ("nova", "oslo_limit", "auth_url"),
        ("neutron", "DEFAULT", "api_paste_config"),
        ("ml2", "ovn", "ovn_sb_connection"),
        ("ml2", "ml2_type_geneve", "max_header_size"),
        ("neutron-ovn-agent", "DEFAULT", "metadata_proxy_shared_secret"),
        ("neutron-ovn-agent", "agent", "extensions"),
        ("neutron-ovn-agent", "ovs", "ovsdb_connection"),
        ("keystone", "cache", "backend"),
        ("placement", "placement_database", "connection"),
    ],
)
def test_an_option_that_a_cloud_needs_is_known(schema: str, section: str, name: str) -> None:
    assert option(schema, section, name)


def extended(schema: str, **values: list[str]) -> Schema:
    named = {tuple(key.split("__")): found for key, found in values.items()}
    return RELEASE.schema(schema).extended(lambda *address: named.get(address, []))


def test_a_store_that_enabled_backends_names_has_its_drivers_options() -> None:
    schema = extended("glance-api", DEFAULT__enabled_backends=["fs:file", "ceph:rbd"])
    assert schema.option("fs", "filesystem_store_datadir")
    assert schema.option("ceph", "rbd_store_pool")
    assert not schema.option("fs", "rbd_store_pool")
    staging = schema.option("os_glance_staging_store", "filesystem_store_datadir")
    assert staging is not None
    assert staging.default == "/var/lib/glance/os_glance_staging_store"
    assert not RELEASE.schema("glance-api").option("fs", "filesystem_store_datadir")


def test_other_sections_that_options_name_are_known() -> None:
    schema = extended(
        "nova", devices__enabled_mdev_types=["nvidia-35"], neutron__auth_section=["shared"]
    )
    assert schema.option("mdev_nvidia-35", "device_addresses")
    assert schema.option("shared", "password")
    methods = extended("keystone", auth__methods=["password", "openid"])
    assert methods.option("openid", "remote_id_attribute")
    assert methods.option("auth", "openid")


@pytest.mark.parametrize("name", sorted(RELEASE.schemas))
def test_every_option_of_every_schema_can_be_made(name: str) -> None:
    schema = RELEASE.schema(name)
    for section in schema.sections:
        for option_name in schema.names(section):
            made = schema.option(section, option_name)
            assert made is not None
            assert made.type.kind


def test_a_schema_is_loaded_in_a_blink() -> None:
    """The plan of the default has one second for everything."""
    path: Path = RELEASE.folder / f"nova{SCHEMA_SUFFIX}"
    best = min(timed(path) for _ in range(5))
    assert best < 0.05


def timed(path: Path) -> float:
    began = time.perf_counter()
    Schema.read("nova", path).option("DEFAULT", "debug")
    return time.perf_counter() - began


@pytest.mark.parametrize("release", known_releases())
def test_no_default_is_an_address_of_the_machine_that_gathered_it(release: str) -> None:
    found = load_release(release)
    own = {
        (name, section, option): schema.option(section, option)
        for name in found.schemas
        for schema in [found.schema(name)]
        for section in schema.sections
        for option in schema.names(section)
        if option in ("my_ip", "my_ipv6", "my_block_storage_ip", "host")
    }
    assert own
    for place, option in own.items():
        assert option is not None
        assert not re.search(r"\d+\.\d+\.\d+\.\d+|^[0-9a-f]*:", str(option.default)), place
