"""cinder as it is declared: each backend where its disks are, with what it needs there (R-SVC-6)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gureum.model.cloud import Cloud
from gureum.plan.build import build
from gureum.releases import load_release
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.declaration import Declaration, OpenTo
from gureum.steps.volumes import VolumeGroupPresent, VolumeServicesReporting, VolumeTypesPresent

HOSTS = {
    "one": {"roles": ["controller", "network", "compute"]},
    "two": {"roles": ["storage"]},
    "three": {"roles": ["storage"]},
}
MIXED = {
    "volumes": {
        "fast": {
            "kind": "lvm",
            "devices": ["/dev/nvme1n1"],
            "hosts": ["two"],
            "transport": "nvme-tcp",
        },
        "old": {"kind": "lvm", "hosts": ["three"]},
        "shared": {"kind": "nfs", "shares": ["192.0.2.5:/volumes"]},
    },
    "backups": "nfs",
    "backup_share": "192.0.2.5:/backups",
}


def there(context: Context, host: str, **keys: Any) -> Context:
    cloud = Cloud.model_validate({"hosts": HOSTS, **keys})
    addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(HOSTS)}
    return dataclasses.replace(context, cloud=cloud, host=host, addresses=addresses)


def cinder(c: Context) -> Declaration:
    return next(d for d in declarations(c) if d.service == "cinder")


def value(c: Context, section: str, name: str) -> Any:
    found = [o for o in cinder(c).options if (o.section, o.name) == (section, name)]
    return found[-1].setting.value if found else None


def test_each_backend_is_served_where_its_disks_are(context: Context) -> None:
    backends = {
        host: value(there(context, host, storage=MIXED), "DEFAULT", "enabled_backends")
        for host in HOSTS
    }
    assert backends == {"one": ("shared",), "two": ("fast",), "three": ("old",)}
    units = {
        host: [u.name for u in cinder(there(context, host, storage=MIXED)).units] for host in HOSTS
    }
    assert units["two"] == units["three"] == ["cinder-volume"]
    assert units["one"] == ["cinder-api", "cinder-scheduler", "cinder-volume", "cinder-backup"]


def test_lvm_is_complete_by_either_transport(context: Context) -> None:
    """The code path is declared whole, whatever this machine's kernel can do."""
    nvme, iscsi = (there(context, host, storage=MIXED) for host in ("two", "three"))
    assert value(nvme, "fast", "target_helper") == "nvmet"
    assert value(nvme, "fast", "target_protocol") == "nvmet_tcp"
    assert value(iscsi, "old", "target_helper") == "lioadm"
    assert {"lvm2", "nvme-cli"} <= set(cinder(nvme).packages)
    assert {"lvm2", "targetcli-fb"} <= set(cinder(iscsi).packages)
    (group,) = [t.state for t in cinder(nvme).tasks if isinstance(t.state, VolumeGroupPresent)]
    assert (group.name, group.devices) == ("cinder-volumes", ("/dev/nvme1n1",))
    assert [(o.first, o.open_to) for o in cinder(nvme).openings] == [(4420, OpenTo.CLOUD)]
    assert [(o.first, o.open_to) for o in cinder(iscsi).openings] == [(3260, OpenTo.CLOUD)]
    nova = next(
        d for d in declarations(there(context, "one", storage=MIXED)) if d.service == "nova"
    )
    assert {"nvme-cli", "open-iscsi", "nfs-common"} <= set(nova.packages)


@pytest.mark.parametrize("release", ["2026.1", "2026.2"])
@pytest.mark.parametrize("host", list(HOSTS))
def test_every_option_fits_the_release(context: Context, host: str, release: str) -> None:
    """R-CONF-3: checked against the release's own schema, backends' sections included."""
    c = dataclasses.replace(there(context, host, storage=MIXED), release=load_release(release))
    assert not build(c).warnings


def test_a_backend_s_section_takes_no_option_that_is_none(context: Context) -> None:
    schema = context.release.schema("cinder")
    named = schema.extended(lambda _, name: ("fast",) if name == "enabled_backends" else ())
    assert named.option("fast", "volume_group") is not None
    assert named.option("fast", "volume_gruop") is None
    assert schema.option("fast", "volume_group") is None


def test_there_is_a_volume_type_for_each_backend_and_the_first_is_taken(context: Context) -> None:
    c = there(context, "one", storage=MIXED)
    (types,) = [t.state for t in cinder(c).tasks if isinstance(t.state, VolumeTypesPresent)]
    assert dict(types.types) == {"fast": "fast", "old": "old", "shared": "shared"}
    assert value(c, "DEFAULT", "default_volume_type") == "fast"


def test_the_database_is_open_to_storage_hosts_only_where_they_need_it(context: Context) -> None:
    """cinder-volume reads the database itself; compute hosts never do."""

    def opened(c: Context) -> OpenTo:
        return next(p.open_to for d in declarations(c) if d.service == "mariadb" for p in d.ports)

    assert opened(there(context, "one", storage=MIXED)) is OpenTo.STORES
    assert opened(there(context, "one", ceph={"devices": ["/dev/sdb"]})) is OpenTo.CONTROLLERS


def test_units_are_waited_for_on_every_host_but_those_that_are_away(context: Context) -> None:
    """D12: a run without a host waits for nothing of it."""
    c = there(context, "one", storage=MIXED)

    def waits(c: Context) -> set[str]:
        found = [t.state for t in cinder(c).tasks if isinstance(t.state, VolumeServicesReporting)]
        heard.update(found[0].backends)
        return set(found[0].units)

    heard = set[str]()

    every = {
        "cinder-scheduler of one", "cinder-backup of one", "cinder-volume of one@shared",
        "cinder-volume of two@fast", "cinder-volume of three@old",
    }  # fmt: skip
    assert waits(c) == every
    assert heard == {f"{c.cloud.name}@shared", "two@fast", "three@old"}
    away = dataclasses.replace(c, absent=frozenset({"three"}))
    assert waits(away) == every - {"cinder-volume of three@old"}


def test_a_cloud_without_volumes_has_no_cinder(context: Context) -> None:
    assert not [d for d in declarations(context) if d.service == "cinder"]
    rabbitmq = next(d for d in declarations(context) if d.service == "rabbitmq")
    assert not [f for f in rabbitmq.files if '"cinder"' in f.content]


def test_sudo_finds_cinder_s_rootwrap_in_the_release_alone(context: Context) -> None:
    """cinder says `sudo cinder-rootwrap`, without a folder and without an option to give one."""
    (file,) = [
        f
        for f in cinder(there(context, "two", storage=MIXED)).files
        if f.path == "/etc/sudoers.d/gureum-cinder"
    ]
    venv = context.release.venv
    assert f"Defaults:cinder secure_path={venv}/bin:" in file.content
    assert f"NOPASSWD: {venv}/bin/cinder-rootwrap /etc/cinder/rootwrap.conf *" in file.content
