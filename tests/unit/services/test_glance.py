"""glance as it is declared: what users may import, from where, and what becomes of it (R-SVC-2)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gureum.model.cloud import Cloud
from gureum.services import glance
from gureum.services.context import Context


def options(
    context: Context, roles: str = "controller network compute", **keys: Any
) -> dict[str, Any]:
    cloud = Cloud.model_validate({"hosts": {"one": {"roles": roles.split()}}, **keys})
    declared = glance.declare(dataclasses.replace(context, cloud=cloud))
    assert declared is not None
    found: dict[str, Any] = {f"{o.section}.{o.name}": o.setting.value for o in declared.options}
    return found | {"packages": declared.packages}


def test_glance_fetches_from_nowhere_unless_it_is_told_from_where(context: Context) -> None:
    """A user's address is asked for by the controller, which reaches what no user does."""
    found = options(context)
    assert found["DEFAULT.enabled_import_methods"] == "[glance-direct]"
    assert not [name for name in found if name.startswith("import_filtering_opts")]


def test_servers_that_are_named_are_the_only_ones(context: Context) -> None:
    servers = ["cloud.debian.org", "192.0.2.5:8080", "192.0.2.5:80", "[2001:db8::1]:8443"]
    found = options(context, images={"download_from": servers})
    assert found["DEFAULT.enabled_import_methods"] == "[glance-direct,web-download]"
    hosts = found["import_filtering_opts.allowed_hosts"]
    assert hosts == "[cloud.debian.org,192.0.2.5,2001:db8::1]"
    assert found["import_filtering_opts.allowed_ports"] == "[80,443,8080,8443]"


def test_what_is_imported_into_ceph_becomes_raw(context: Context) -> None:
    found = options(context, "controller network compute storage", ceph={})
    assert found["image_import_opts.image_import_plugins"] == "[image_conversion]"
    assert found["image_conversion.output_format"] == "raw"
    assert found["packages"] == ("qemu-utils",)
    assert found["DEFAULT.enabled_import_methods"] == "[glance-direct,copy-image]"


def test_images_in_a_folder_stay_as_they_are(context: Context) -> None:
    found = options(context)
    assert "image_import_opts.image_import_plugins" not in found
    assert found["packages"] == ()


@pytest.mark.parametrize(
    ("images", "name", "value"),
    [
        ({"unpack": True}, "image_import_opts.image_import_plugins", "[image_decompression]"),
        (
            {"properties": {"a": "b", "c": "d e"}},
            "inject_metadata_properties.inject",
            "a:b,c:d e",
        ),
        ({"project_gigabytes": 200}, "DEFAULT.user_storage_quota", "200GB"),
    ],
)
def test_settings_become_options(context: Context, images: Any, name: str, value: str) -> None:
    assert options(context, images=images)[name] == value


def test_packed_images_are_unpacked_before_they_are_converted(context: Context) -> None:
    keys = {"ceph": {}, "images": {"unpack": True, "properties": {"a": "b"}}}
    found = options(context, "controller network compute storage", **keys)
    order = "[image_decompression,image_conversion,inject_image_metadata]"
    assert found["image_import_opts.image_import_plugins"] == order
