"""Ceph's gateway of objects as it is declared: its unit, its rights, and that it stands in Swift's place."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gureum.model.cloud import Cloud
from gureum.plan.build import build
from gureum.releases import load_release
from gureum.services import ceph_keys, declarations
from gureum.services.context import CA_FILE, Context
from gureum.services.declaration import Declaration
from gureum.services.haproxy import declare as haproxy
from gureum.steps.ceph import CephPopulated

HOSTS: dict[str, Any] = {
    "one": {"roles": ["controller", "network", "compute"]},
    "two": {"roles": ["storage"]},
}
ALL: dict[str, Any] = {"one": {"roles": ["controller", "network", "compute", "storage"]}}
SECTION = "client.rgw.one"


def there(context: Context, host: str = "one", hosts: dict[str, Any] = HOSTS) -> Context:
    keys = {"hosts": hosts, "ceph": {}, "storage": {"objects": "ceph"}}
    addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(hosts)}
    cloud = Cloud.model_validate(keys)
    return dataclasses.replace(context, cloud=cloud, host=host, addresses=addresses)


def gateway(c: Context) -> Declaration:
    return next(d for d in declarations(c) if d.service == "radosgw")


def value(c: Context, name: str) -> Any:
    return next(
        o.setting.value
        for o in gateway(c).options
        if (o.file, o.section, o.name) == ("ceph.conf", SECTION, name)
    )


def test_it_runs_on_controllers_and_swift_nowhere(context: Context) -> None:
    """R-SVC-7: where Ceph keeps objects, there is nothing of Swift."""
    services = {host: {d.service for d in declarations(there(context, host))} for host in HOSTS}
    assert "radosgw" in services["one"]
    assert "radosgw" not in services["two"]
    assert "swift" not in services["one"] | services["two"]


def test_without_being_asked_for_there_is_none(context: Context) -> None:
    cloud = Cloud.model_validate({"hosts": ALL, "ceph": {}})
    c = dataclasses.replace(context, cloud=cloud, host="one")
    assert cloud.object_store == "none"
    assert "radosgw" not in {d.service for d in declarations(c)}
    assert "rgw" not in set(ceph_keys.pools(c).values())


def test_the_catalogue_names_it_as_it_names_swift(context: Context) -> None:
    """R-SVC-7: clients look for an object store, and HAProxy takes their requests to the gateway."""
    c = there(context)
    (endpoint,) = gateway(c).endpoints
    assert (endpoint.type, endpoint.name) == ("object-store", "swift")
    assert endpoint.url == c.api(8080, "/swift/v1/AUTH_%(project_id)s")
    (proxied,) = gateway(c).proxied
    served = haproxy(c, [proxied])
    assert served is not None
    text = served.files[0].content
    assert f"bind {c.address}:8080 ssl" in text
    assert "server one 127.0.0.1:7480" in text


def test_nobody_comes_past_haproxy(context: Context) -> None:
    c = there(context)
    assert value(c, "rgw_frontends") == "beast endpoint=127.0.0.1:7480"
    assert {p.address for p in gateway(c).ports} == {"127.0.0.1"}
    assert not {p.number for p in gateway(c).ports} & {8080}, "Swift's proxy may still run there"


def test_its_password_is_in_no_file_that_everybody_may_read(context: Context) -> None:
    """R-CRED-1: ceph.conf is for all; the password lies beside it."""
    c = there(context)
    (file,) = gateway(c).files
    assert value(c, "rgw_keystone_admin_password_path") == file.path
    assert file.hidden
    assert (file.owner, file.group, file.mode) == ("root", "ceph", 0o640)
    (user,) = gateway(c).identity_users
    assert user.password.reveal() == file.content
    assert file.content not in {str(o.setting.value) for o in gateway(c).options}


def test_it_writes_in_pools_of_objects_and_in_no_other(context: Context) -> None:
    """R-SVC-6: who gets at the gateway gets at no volume, no image and no disk of a VM."""
    c = there(context)
    (client,) = [one for one in ceph_keys.clients(c) if one.name.startswith("rgw.")]
    assert client.caps["osd"] == "allow rwx tag rgw *=*"
    marked = ceph_keys.pools(c)
    assert {pool for pool, purpose in marked.items() if purpose == "rgw"} == {
        ".rgw.root",
        "default.rgw.log",
        "default.rgw.control",
        "default.rgw.meta",
        "default.rgw.buckets.index",
        "default.rgw.buckets.data",
        "default.rgw.buckets.non-ec",
    }
    assert {marked[pool] for pool in ("images", "volumes", "backups", "vms")} == {"rbd"}


def test_its_pools_have_as_many_copies_as_all_others(context: Context) -> None:
    c = there(context, "two")
    ceph = next(d for d in declarations(c) if d.service == "ceph")
    made = next(t.state for t in ceph.tasks if t.id == "ceph.pools")
    assert isinstance(made, CephPopulated)
    wanted = made.expected()
    assert wanted["pool:default.rgw.buckets.data"] == {
        **wanted["pool:images"],
        "for": ["rgw"],
    }


def test_each_controller_has_a_gateway_of_its_own_name(context: Context) -> None:
    hosts = {f"c{n}": {"roles": ["controller", "network", "storage"]} for n in (1, 2, 3)}
    hosts["compute"] = {"roles": ["compute"]}
    names = {}
    for host in hosts:
        c = there(context, host, hosts)
        names[host] = [k.name for k in ceph_keys.clients_here(c) if k.name.startswith("rgw.")]
    assert names == {"c1": ["rgw.c1"], "c2": ["rgw.c2"], "c3": ["rgw.c3"], "compute": []}


def test_an_option_of_the_gateway_restarts_the_gateway_alone(context: Context) -> None:
    c = there(context, hosts=ALL)
    units = {
        unit.name: unit.reads_option("/etc/ceph/ceph.conf", SECTION, "rgw_enable_apis")
        for d in declarations(c)
        for unit in d.units
    }
    assert [name for name, reads in units.items() if reads] == ["ceph-radosgw"]


def test_it_trusts_the_cloud_s_authority_and_notices_a_new_one(context: Context) -> None:
    (unit,) = gateway(there(context)).units
    assert any(CA_FILE in line for line in unit.service_lines)
    assert CA_FILE in unit.reads


@pytest.mark.parametrize("release", ["2026.1", "2026.2"])
def test_the_plan_has_no_warning(context: Context, release: str) -> None:
    """R-CONF-3: nothing that it sets is unknown or doubtful."""
    c = dataclasses.replace(there(context, hosts=ALL), release=load_release(release))
    made = build(c, ())
    assert not made.warnings
    assert {step.id for step in made.steps} >= {"radosgw.unit.ceph-radosgw"}
