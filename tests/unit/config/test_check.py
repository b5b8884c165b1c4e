"""Options are checked against the real schema of 2026.2 (R-CONF-3, R-CONF-6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gureum.config.check import check
from gureum.config.merge import merge
from gureum.config.setting import ConfigFile, Option, Value
from gureum.diagnostics import Diagnostic, Severity
from gureum.releases import load_release
from gureum.state.secrets import Secret

Make = Callable[..., Option]
Checked = Callable[[dict[str, Value]], list[Diagnostic]]
RELEASE = load_release("2026.2")


def only(found: list[Diagnostic]) -> Diagnostic:
    assert len(found) == 1, found
    assert found[0].source is not None
    assert str(found[0].source) == "cloud.yaml:7"
    return found[0]


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("nova.conf DEFAULT cpu_allocation_ratio", 4.0),
        ("nova.conf DEFAULT cpu_allocation_ratio", "4"),
        ("nova.conf DEFAULT debug", "yes"),
        ("nova.conf libvirt virt_type", "qemu"),
        ("nova.conf keystone_authtoken username", "nova"),
        ("nova.conf keystone_authtoken user_domain_id", "default"),
        ("nova.conf keystone_authtoken auth_type", "password"),
        ("nova.conf service_user password", Secret("s3cret")),
        ("nova.conf os_vif_ovs ovsdb_connection", "unix:/run/openvswitch/db.sock"),
        ("nova.conf vif_plug_ovs_privileged helper_command", "sudo privsep-helper"),
        ("nova.conf pci alias", ('{"name": "a"}', '{"name": "b"}')),
        ("nova.conf DEFAULT instances_path", "$state_path/elsewhere"),
        ("nova.conf DEFAULT state_path", "${pybasedir}/x"),
        ("ml2_conf.ini ml2 mechanism_drivers", ("ovn",)),
        ("ml2_conf.ini ml2_type_geneve vni_ranges", ("1:1000", "2000:3000")),
        ("gureum.cnf mysqld anything_at_all", "goes"),
        ("rabbitmq.conf  listeners.tcp.1", "10.0.0.1:5672"),
    ],
)
def test_what_fits_raises_nothing(checked: Checked, address: str, value: Value) -> None:
    assert checked({address: value}) == []


def test_a_misspelt_option_is_told_its_name(checked: Checked) -> None:
    """R-CONF-3."""
    found = only(checked({"nova.conf DEFAULT cpu_alocation_ratio": 4.0}))
    assert "cpu_alocation_ratio" in found.summary
    assert "2026.2" in found.summary
    assert "'cpu_allocation_ratio'" in found.hint


def test_an_option_in_the_wrong_section_is_told_the_right_one(checked: Checked) -> None:
    found = only(checked({"nova.conf DEFAULT virt_type": "qemu"}))
    assert "[libvirt] virt_type" in found.hint


def test_a_misspelt_option_in_the_wrong_section_is_told_both(checked: Checked) -> None:
    found = only(checked({"nova.conf DEFAULT virt_typ": "qemu"}))
    assert found.hint == "did you mean [libvirt] virt_type?"


def test_an_option_in_the_wrong_file_is_told_the_right_one(checked: Checked) -> None:
    found = only(checked({"neutron.conf ml2 mechanism_drivers": "ovn"}))
    assert "[ml2]" in found.summary
    assert "ml2_conf.ini" in found.hint


@pytest.mark.parametrize(("section", "right"), [("libvrt", "[libvirt]"), ("default", "[DEFAULT]")])
def test_an_unknown_section_is_told_the_nearest(checked: Checked, section: str, right: str) -> None:
    found = only(checked({f"nova.conf {section} virt_type": "qemu"}))
    assert f"[{section}]" in found.summary
    assert right in found.hint


def test_an_unknown_file_is_told_the_nearest(
    checked: Checked, own: Make, files: dict[str, ConfigFile]
) -> None:
    """R-CONF-6."""
    found = only(checked({"nova.cnf DEFAULT debug": True}))
    assert "'nova.cnf'" in found.summary
    assert "'nova.conf'" in found.hint
    tree = merge([own("keystone.conf DEFAULT debug", True)])
    assert check(tree, files, RELEASE)


@pytest.mark.parametrize(
    ("address", "value", "takes"),
    [
        ("nova.conf DEFAULT cpu_allocation_ratio", "lots", "a number of at least 0"),
        ("nova.conf DEFAULT cpu_allocation_ratio", -1.0, "a number of at least 0"),
        ("nova.conf DEFAULT cpu_allocation_ratio", True, "a number"),
        ("nova.conf DEFAULT debug", "maybe", "true or false"),
        ("nova.conf libvirt virt_type", "kwm", "'kvm'"),
        ("nova.conf keystone_authtoken auth_type", "pasword", "'password'"),
        ("nova.conf vnc novncproxy_port", 70000, "from 0 to 65535"),
        ("nova.conf DEFAULT state_path", ("a", "b"), "one text"),
        ("nova.conf pci alias", ("ok\nevil = 1",), ""),
        ("neutron.conf service_providers service_provider", "x\ny", ""),
        ("ml2_conf.ini ml2 mechanism_drivers", ("a,b",), "a list"),
        ("ml2_conf.ini ovn ovn_metadata_enabled", 2, "true or false"),
        ("neutron.conf keystone_authtoken www_authenticate_uri", "x\ny", ""),
    ],
)
def test_a_value_that_does_not_fit_is_told_what_would(
    checked: Checked, address: str, value: Value, takes: str
) -> None:
    found = only(checked({address: value}))
    assert found.severity is Severity.ERROR
    assert takes in found.summary + found.hint


def test_a_secret_that_does_not_fit_is_not_shown(checked: Checked) -> None:
    found = only(checked({"nova.conf keystone_authtoken password": Secret("s3cret\nx = y")}))
    assert "s3cret" not in f"{found}"


def test_a_deprecated_name_is_told_its_replacement(checked: Checked) -> None:
    found = only(checked({"ml2_conf.ini ml2 tenant_network_types": ("geneve",)}))
    assert "deprecated" in found.summary
    assert found.hint == "write it as [ml2] project_network_types"
    assert found.severity is Severity.ERROR


def test_an_option_under_both_of_its_names_is_a_duplicate(
    opt: Make, own: Make, files: dict[str, ConfigFile]
) -> None:
    """R-CONF-1: a service sets the new name, the operator the old one; only one of them can win."""
    tree = merge(
        [
            opt("ml2_conf.ini ml2 project_network_types", ("geneve",), by="neutron"),
            own("ml2_conf.ini ml2 tenant_network_types", ("vlan",)),
        ]
    )
    found = only(check(tree, files, RELEASE))
    assert "set too" in found.summary
    assert "services/neutron.py" in found.detail


def test_an_option_in_two_files_of_one_process_is_a_duplicate(checked: Checked) -> None:
    found = only(checked({"neutron.conf DEFAULT debug": True, "ml2_conf.ini DEFAULT debug": False}))
    assert "neutron.conf" in found.summary
    assert "ml2_conf.ini" in found.summary


def test_what_upstream_wants_to_remove_is_a_warning(checked: Checked) -> None:
    schema = RELEASE.schema("nova")
    leaving = next(
        option
        for section in schema.sections
        for name in schema.names(section)
        if (option := schema.option(section, name))
        and option.removal
        and option.type.kind == "str"
        and not option.choices
    )
    found = only(checked({f"nova.conf {leaving.section} {leaving.name}": "x"}))
    assert found.severity is Severity.WARNING
    assert "deprecated for removal" in found.summary


def test_a_reference_to_no_option_is_found(checked: Checked) -> None:
    found = only(checked({"nova.conf DEFAULT instances_path": "$stat_path/instances"}))
    assert "$stat_path" in found.summary
    assert "'state_path'" in found.hint


def test_sections_that_options_name_are_known(checked: Checked) -> None:
    good: dict[str, Value] = {
        "glance-api.conf DEFAULT enabled_backends": ("fs:file",),
        "glance-api.conf fs filesystem_store_datadir": "/var/lib/glance/images",
    }
    assert checked(good) == []
    wrong = {**good, "glance-api.conf fs rbd_store_pool": "images"}
    assert "rbd_store_pool" in only(checked(wrong)).summary
    assert "[ceph]" in only(checked({**good, "glance-api.conf ceph rbd_store_pool": "x"})).summary


def test_a_line_break_is_found_in_files_without_a_schema(checked: Checked) -> None:
    found = only(checked({"gureum.cnf mysqld bind-address": "10.0.0.1\nskip-grant-tables"}))
    assert "line break" in found.summary


def test_everything_is_reported_at_once(checked: Checked) -> None:
    found = checked(
        {
            "nova.conf DEFAULT cpu_alocation_ratio": 4.0,
            "nova.conf libvirt virt_type": "kwm",
            "neutron.conf DEFAUT debug": True,
            "novaa.conf DEFAULT debug": True,
        }
    )
    assert len(found) == 4
