"""Ceph as it is declared: where copies lie, who may do what, and what its clients wait for (R-SVC-6)."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from gureum.model.cloud import Cloud
from gureum.services import ceph_keys, ceph_layout, declarations
from gureum.services.ceph_conf import memory_target
from gureum.services.context import CephFiles, Context
from gureum.services.declaration import Declaration
from gureum.services.systemd import unit_file
from gureum.state.secrets import Secret
from gureum.steps.ceph import CephOsdMade, CephPopulated

Make = Callable[..., Context]
ALL = ["controller", "network", "compute", "storage"]


@pytest.fixture
def make(context: Context) -> Make:
    """Return a function from hosts (name -> roles) and keys of cloud.yaml to a host's context."""

    def made(hosts: dict[str, list[str]], host: str = "one", **keys: Any) -> Context:
        described = {name: {"roles": roles} for name, roles in hosts.items()}
        cloud = Cloud.model_validate({"hosts": described, "ceph": {}, **keys})
        addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(hosts)}
        return dataclasses.replace(context, cloud=cloud, host=host, addresses=addresses)

    return made


THREE = {"one": ["controller", "network", "storage"], "two": ["storage"], "three": ["storage"]}


def declared(c: Context, service: str = "ceph") -> Declaration:
    return next(d for d in declarations(c) if d.service == service)


def value(c: Context, service: str, section: str, name: str) -> Any:
    found = [o for o in declared(c, service).options if (o.section, o.name) == (section, name)]
    return found[-1].setting.value if found else None


@pytest.mark.parametrize(
    ("hosts", "devices", "layout"),
    [
        ({"one": ALL}, ["/dev/sdb"], (1, "osd", 1, 1)),
        ({"one": ALL}, ["/dev/sdb", "/dev/sdc"], (1, "osd", 2, 1)),
        ({"one": ALL, "two": ["storage"]}, ["/dev/sdb", "/dev/sdc"], (1, "host", 2, 1)),
        (THREE, ["/dev/sdb"], (3, "host", 3, 2)),
    ],
)
def test_copies_lie_apart_as_far_as_there_is_room(
    make: Make, hosts: Any, devices: Any, layout: Any
) -> None:
    c = make(hosts, ceph={"devices": devices})
    copies = (ceph_layout.domain(c), ceph_layout.replicas(c), ceph_layout.least(c))
    assert (len(ceph_layout.monitors(c)), *copies) == layout


def test_a_key_opens_the_pools_of_its_own_work_for_writing_and_no_other(make: Make) -> None:
    """R-SVC-6: least rights: backups are safe from the key for volumes, volumes from glance's.

    nova makes images of disks inside of Ceph, and only who may write in their pool can.
    """
    c = make({"one": ALL})
    writes = {
        client.name: [
            part for part in client.caps["osd"].split(", ") if part.startswith("profile rbd pool=")
        ]
        for client in ceph_keys.clients(c)
    }
    assert writes == {
        "glance": ["profile rbd pool=images"],
        "cinder": ["profile rbd pool=volumes"],
        "cinder-backup": ["profile rbd pool=backups"],
        "nova": ["profile rbd pool=vms", "profile rbd pool=images"],
    }


def test_only_monitors_have_the_key_of_the_administrator(make: Make) -> None:
    hosts = {**THREE, "four": ["storage"], "five": ["compute"]}
    have = {
        host: [f.path for f in declared(make(hosts, host)).files if "keyring" in f.path]
        for host in hosts
    }
    assert [h for h in hosts if "/etc/ceph/ceph.client.admin.keyring" in have[h]] == [
        "one", "two", "three",
    ]  # fmt: skip
    assert have["four"] == ["/var/lib/ceph/bootstrap-osd/ceph.keyring"]
    assert have["five"] == ["/etc/ceph/ceph.client.nova.keyring"]


def test_every_key_is_readable_by_its_service_alone(make: Make) -> None:
    for file in declared(make({"one": ALL})).files:
        if "keyring" in file.path:
            assert file.hidden
            assert file.mode & 0o007 == 0


def test_a_key_has_the_form_of_ceph_and_is_known_to_the_redactor(make: Make) -> None:
    """R-CRED-1: a key in a log or a journal is hidden as every other secret is."""
    c = make({"one": ALL})
    key = ceph_keys.key(c, "client.glance").reveal()
    packed = base64.b64decode(key)
    assert (len(packed), packed[:2], packed[10:12]) == (28, b"\x01\x00", b"\x10\x00")
    assert c.secrets.redactor()(f"key = {key}") == "key = ***"


def test_an_osd_keeps_its_id_and_its_unit_is_called_after_its_disk(make: Make) -> None:
    c = make({"one": ALL}, ceph={"devices": ["/dev/disk/by-id/wwn-0x5", "/dev/vg0/osd", "/srv/a"]})
    states = [t.state for t in declared(c).tasks if isinstance(t.state, CephOsdMade)]
    assert len({s.uuid for s in states}) == 3
    assert [s.file_bytes for s in states] == [0, 0, 20 * 2**30]
    units = [u for u in declared(c).units if u.name.startswith("ceph-osd-")]
    assert [u.name for u in units] == ["ceph-osd-wwn-0x5", "ceph-osd-vg0-osd", "ceph-osd-a"]
    assert [u.opens_disks for u in units] == [True, True, False]
    fewer = make({"one": ALL}, ceph={"devices": ["/dev/vg0/osd"]})
    (left,) = [t.state for t in declared(fewer).tasks if isinstance(t.state, CephOsdMade)]
    assert left.uuid == states[1].uuid


def test_an_osd_sees_its_disk_and_runs_without_rights(make: Make) -> None:
    c = make({"one": ALL}, ceph={"devices": ["/dev/sdb"]})
    (unit,) = [u for u in declared(c).units if u.name == "ceph-osd-sdb"]
    text = unit_file(unit)
    assert text is not None
    assert "PrivateDevices" not in text.content
    assert "NoNewPrivileges=yes" in text.content
    assert "ExecStartPre=+/bin/chown ceph:ceph /dev/sdb" in text.content


def test_what_lies_in_ceph_follows_where_there_is_one_and_has_a_switch(make: Make) -> None:
    c = make({"one": ALL})
    assert value(c, "glance", "glance_store", "default_backend") == "ceph"
    assert value(c, "nova", "libvirt", "images_type") == "rbd"
    assert value(c, "cinder", "DEFAULT", "enabled_backends") == ("ceph",)
    other = make({"one": ALL}, storage={"images": "file", "disks": "local", "volumes": {}})
    assert value(other, "glance", "glance_store", "default_backend") == "fs"
    assert value(other, "nova", "libvirt", "images_type") is None
    assert not [d for d in declarations(other) if d.service == "cinder"]
    kept = [t.state.pools for t in declared(other).tasks if isinstance(t.state, CephPopulated)]
    assert kept == [{}, {}]


def test_clients_wait_until_ceph_can_be_used(make: Make) -> None:
    hosts = {**THREE, "four": ["compute"]}
    usable = "one/ceph.usable"
    waiting = {
        unit.name
        for host in hosts
        for d in declarations(make(hosts, host))
        for unit in d.units
        if usable in unit.needs
    }
    assert waiting == {"glance-api", "cinder-volume", "cinder-backup", "nova-compute"}


def test_options_of_daemons_restart_no_service_of_openstack(make: Make) -> None:
    c = make({"one": ALL})
    readers = [u for d in declarations(c) for u in d.units if ceph_layout.CONF in u.reads]
    for unit in readers:
        reads = {
            kind for kind in ("mon", "mgr", "osd") if unit.reads_option(ceph_layout.CONF, kind, "x")
        }
        own = unit.name.partition("@")[0].removeprefix("ceph-").partition("-")[0]
        assert reads == ({own} if unit.name.startswith("ceph-") else set()), unit.name
        assert unit.reads_option(ceph_layout.CONF, "global", "mon_host")


def test_a_ceph_that_is_there_already_is_only_used(make: Make) -> None:
    """Its conf is written as it was given, its keys come from its keyrings, nothing is deployed."""
    existing = {"existing": {"conf": "ceph.conf", "keyrings": "."}, "pools": {"images": "glance"}}
    c = make({"one": ["controller", "network", "compute"]}, ceph=existing)
    keys = {
        f"client.{n}": Secret(f"{n}-key") for n in ("glance", "cinder", "cinder-backup", "nova")
    }
    c = dataclasses.replace(c, ceph_files=CephFiles("[global]\nfsid = 1\n", keys))
    d = declared(c)
    assert [u.name for u in d.units] == []
    assert not d.ports
    files = {f.path: f.content for f in d.files}
    assert files["/etc/ceph/ceph.conf"] == "[global]\nfsid = 1\n"
    assert "key = glance-key" in files["/etc/ceph/ceph.client.glance.keyring"]
    assert value(c, "glance", "ceph", "rbd_store_pool") == "glance"
    needs = {n for one in declarations(c) for u in one.units for n in u.needs}
    assert not [n for n in needs if n.endswith("ceph.usable")]


@pytest.mark.parametrize(
    ("roles", "memory_mb", "least", "most"),
    [
        (ALL, 4000, 896 * 2**20, 896 * 2**20),
        (ALL, 64000, 4 * 2**30, 4 * 2**30),
        (["storage"], 8000, 4 * 2**30, 4 * 2**30),
        (["storage"], 4000, 2 * 2**30, 3 * 2**30),
    ],
)
def test_an_osd_leaves_memory_to_its_neighbours(
    make: Make, roles: list[str], memory_mb: int, least: int, most: int
) -> None:
    c = make({"one": roles})
    facts = dataclasses.replace(c.facts, memory_mb=memory_mb)
    assert least <= memory_target(dataclasses.replace(c, facts=facts)) <= most
