"""Swift as it is declared: who keeps, who answers, one set of rings, options that the samples have."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gureum.config.setting import Option, Setting
from gureum.diagnostics import Source
from gureum.errors import ConfigError
from gureum.model.cloud import Cloud
from gureum.plan.build import HostBlueprint, build
from gureum.releases import load_release
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.declaration import Declaration, OpenTo
from gureum.steps.swift import SwiftDiskMounted, SwiftRingsBuilt, SwiftRingsTaken

HOSTS: dict[str, Any] = {
    "one": {"roles": ["controller", "network", "compute"]},
    "two": {"roles": ["storage"]},
    "three": {"roles": ["storage"]},
}


def there(context: Context, host: str, hosts: dict[str, Any] = HOSTS, **swift: Any) -> Context:
    cloud = Cloud.model_validate({"hosts": hosts, "swift": swift})
    addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(hosts)}
    return dataclasses.replace(context, cloud=cloud, host=host, addresses=addresses)


def swift(c: Context) -> Declaration:
    return next(d for d in declarations(c) if d.service == "swift")


def value(c: Context, file: str, section: str, name: str) -> Any:
    address = (file, section, name)
    found = [o for o in swift(c).options if (o.file, o.section, o.name) == address]
    return found[-1].setting.value if found else None


def blueprint(c: Context, *options: Option) -> HostBlueprint:
    return build(c, options)


def test_moving_the_role_moves_the_data_and_nothing_else(context: Context) -> None:
    """R-TOPO-5: who has the role storage keeps objects; proxies stay on the controllers."""
    units = {host: {u.name for u in swift(there(context, host)).units} for host in HOSTS}
    assert "swift-proxy-server" in units["one"]
    assert "swift-object-server" not in units["one"]
    assert units["two"] == units["three"]
    assert {"swift-object-server", "swift-disk-disk3", "swift-rsync"} <= units["two"]
    assert "swift-proxy-server" not in units["two"]
    moved = {**HOSTS, "one": {"roles": [*HOSTS["one"]["roles"], "storage"]}}
    together = {u.name for u in swift(there(context, "one", moved)).units}
    assert together == units["one"] | units["two"]


def test_rings_are_built_once_and_taken_everywhere_else(context: Context) -> None:
    """D12: one host has the view of the whole cloud, and all others have what it made."""
    first = next(t.state for t in swift(there(context, "one")).tasks if t.id == "swift.rings")
    other = next(t.state for t in swift(there(context, "two")).tasks if t.id == "swift.rings")
    assert isinstance(first, SwiftRingsBuilt)
    assert len(first.devices) == 6
    assert first.devices["three:/var/lib/swift/files/disk2"].ip == "192.0.2.13"
    assert first.peers == ("rsync://192.0.2.12:6873/rings", "rsync://192.0.2.13:6873/rings")
    assert isinstance(other, SwiftRingsTaken)
    assert other.source == "rsync://192.0.2.11:6873/rings"


def test_a_drained_disk_takes_nothing_and_stays_known(context: Context) -> None:
    c = there(context, "one", drain=["two", "three:/var/lib/swift/files/disk1"])
    state = next(t.state for t in swift(c).tasks if t.id == "swift.rings")
    assert isinstance(state, SwiftRingsBuilt)
    weights = {key.removeprefix("/var"): d.weight for key, d in state.devices.items()}
    assert len(weights) == 6
    assert sum(weight > 0 for weight in weights.values()) == 2
    assert state.replicas == 2


@pytest.mark.parametrize(
    ("devices", "wanted", "copies"), [(["/dev/sdb"], None, 2), ([], None, 3), ([], 5, 5)]
)
def test_there_are_no_more_copies_than_disks(
    context: Context, devices: list[str], wanted: int | None, copies: int
) -> None:
    c = there(context, "one", devices=devices, replicas=wanted)
    state = next(t.state for t in swift(c).tasks if t.id == "swift.rings")
    assert isinstance(state, SwiftRingsBuilt)
    assert state.replicas == copies


def test_a_disk_is_the_same_for_ever_and_another_on_another_host(context: Context) -> None:
    def disks(host: str) -> list[SwiftDiskMounted]:
        tasks = swift(there(context, host, devices=["/dev/sdb"])).tasks
        return [t.state for t in tasks if isinstance(t.state, SwiftDiskMounted)]

    assert disks("two") == disks("two")
    assert disks("two")[0].uuid != disks("three")[0].uuid
    assert disks("two")[0].file_bytes == 0
    assert disks("two")[0].place == "/srv/node/sdb"


def test_a_web_site_sends_nobody_to_where_no_tls_is(context: Context) -> None:
    """R-SVC-7: Swift speaks plain HTTP with HAProxy, and would send browsers to that."""
    c = there(context, "one")
    assert value(c, "proxy-server.conf", "filter:staticweb", "url_base") == "https://"


@pytest.mark.parametrize("release", ["2026.1", "2026.2"])
@pytest.mark.parametrize("auth", ["keystone", "tempauth"])
def test_every_option_stands_in_the_sample_of_the_release(
    context: Context, release: str, auth: str
) -> None:
    """R-CONF-3: Swift's files are checked as those of oslo.config are."""
    c = dataclasses.replace(there(context, "one", auth=auth), release=load_release(release))
    assert not blueprint(c).warnings
    assert not blueprint(dataclasses.replace(c, host="two")).warnings


@pytest.mark.parametrize(
    ("address", "wrong", "said"),
    [
        ("proxy-server.conf filter:slo max_manifest_segment", 5, "no such option"),
        ("proxy-server.conf app:proxy-server account_autocreate", "maybe", "true or false"),
        ("object-server.conf object-replicator interval", "soon", "a number"),
        ("swift.conf swift-hash swift_hash_path_suffix", "mine", "***"),
    ],
)
def test_a_wrong_option_of_swift_stops_everything(
    context: Context, address: str, wrong: Any, said: str
) -> None:
    hosts = {"one": {"roles": ["controller", "network", "compute", "storage"]}}
    file, section, name = address.split()
    setting = Setting(wrong, "tried", Source("cloud.yaml"))
    with pytest.raises(ConfigError) as error:
        blueprint(there(context, "one", hosts), Option(file, section, name, setting, override=True))
    assert said in str(error.value.diagnostics)


def test_a_user_of_tempauth_is_an_option_like_any_other(context: Context) -> None:
    setting = Setting("a-long-key .admin", "a shop", Source("cloud.yaml"))
    option = Option(
        "proxy-server.conf", "filter:tempauth", "user_shop_alice", setting, override=True
    )
    made = blueprint(there(context, "one", auth="tempauth"), option)
    assert made.tree.files["proxy-server.conf"]["filter:tempauth"]["user_shop_alice"] == setting


def test_with_tempauth_nothing_of_keystone_is_needed(context: Context) -> None:
    """R-SVC-7: alone with TempAuth."""
    c = there(context, "one", auth="tempauth")
    declared = swift(c)
    pipeline = value(c, "proxy-server.conf", "pipeline:main", "pipeline").split()
    assert "tempauth" in pipeline
    assert not {"authtoken", "keystoneauth", "s3token"} & set(pipeline)
    assert not declared.identity_users
    assert not declared.endpoints
    assert not [o for o in declared.options if "5000" in str(o.setting.value)]


def test_s3_stands_before_who_decides_and_after_who_validates(context: Context) -> None:
    c = there(context, "one")
    pipeline = value(c, "proxy-server.conf", "pipeline:main", "pipeline").split()
    order = ["cache", "authtoken", "s3api", "s3token", "keystoneauth", "slo", "dlo", "proxy-server"]
    assert [one for one in pipeline if one in order] == order


def test_only_the_cloud_comes_to_servers_that_ask_nobody_who_they_are(context: Context) -> None:
    ports = [p for p in swift(there(context, "two")).ports if p.address != "127.0.0.1"]
    assert {p.number for p in ports} == {6200, 6201, 6202, 6873}
    assert {p.open_to for p in ports} == {OpenTo.STORES}


def test_the_hash_is_the_same_on_every_host(context: Context) -> None:
    ends = {
        (host, end): value(
            there(context, host), "swift.conf", "swift-hash", f"swift_hash_path_{end}"
        )
        for host in HOSTS
        for end in ("prefix", "suffix")
    }
    assert len({v.reveal() for v in ends.values()}) == 2
