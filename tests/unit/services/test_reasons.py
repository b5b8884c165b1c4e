"""R-CONF-2: whatever gureum sets up says why, in words that would tell a client something."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest

from gureum.config.setting import Option
from gureum.config.text import plain
from gureum.model.cloud import Cloud, Endpoints, Host, Logging, Network, Role
from gureum.model.storage import Ceph, Storage
from gureum.plan.build import build
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.systemd import unit_file
from gureum.state.secrets import Secret


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the endings that only grammar wants."""
    return [re.sub(r"(ies|es|s|ed|ing)$", "", w) for w in re.findall(r"[a-z0-9]+", text.lower())]


FILLER = words(
    "a all also an and are as at be by can does enabled every for from has have in is it its itself "
    "not of on one option or set sets setting so that the their them there they this to used value "
    "what when where which who will with"
)
"""Words that carry no reason, whatever they stand in."""

ROLES = {
    "all in one": ((Role.CONTROLLER, Role.NETWORK, Role.COMPUTE), ()),
    "controller": ((Role.CONTROLLER,), (Role.NETWORK, Role.COMPUTE)),
    "compute": ((Role.COMPUTE,), (Role.CONTROLLER, Role.NETWORK)),
    "storage": ((Role.STORAGE,), (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE, Role.STORAGE)),
    "all in one with storage": (tuple(Role), ()),
}

WAYS = ("plain", "varied", "ovs", "ovs varied")
_LVM_AND_NFS = {
    "volumes": {
        "fast": {"kind": "lvm", "devices": ["/dev/sdb"], "transport": "nvme-tcp"},
        "old": {"kind": "lvm", "group": "old", "transport": "iscsi"},
        "shared": {"kind": "nfs", "shares": ["192.0.2.5:/volumes"]},
    },
    "backups": "nfs",
    "backup_share": "192.0.2.5:/backups",
}


@pytest.fixture(params=[f"{roles}, {way}" for roles in ROLES for way in WAYS])
def any_context(request: pytest.FixtureRequest, context: Context) -> Context:
    """Return a host of each kind of role, as it comes and with every switch the other way."""
    name, way = request.param.split(", ")
    mine, others = ROLES[name]
    cloud = Cloud(hosts={"one": Host(roles=mine)} | ({"two": Host(roles=others)} if others else {}))
    facts = context.facts
    if Role.STORAGE in mine:
        # Ceph with one copy, and in the other ways what is not Ceph.
        storage = Storage.model_validate(_LVM_AND_NFS if way.endswith("varied") else {})
        ceph = None if way.endswith("varied") else Ceph()
        cloud = cloud.model_copy(update={"ceph": ceph, "storage": storage})
    if way.startswith("ovs"):
        cloud = cloud.model_copy(update={"network": Network.model_validate({"driver": "ovs"})})
    if way.endswith("varied"):
        driver = cloud.network.driver.value
        network = {"driver": driver, "dns_servers": ["192.0.2.53"]}
        # What only one of the drivers has: each of them the other way.
        own = {"ovn": {"distributed_floating_ips": True}, "ovs": {"firewall": "openvswitch"}}
        cloud = cloud.model_copy(
            update={
                "logging": Logging(debug=True, syslog=("logs.example.com:514",)),
                "endpoints": Endpoints(by="name", name="api.example.org"),
                "network": Network.model_validate({**network, **own[driver]}),
            }
        )
        facts = dataclasses.replace(facts, kvm=True, ovs_kernel=True, container=True, cpus=16)
    addresses = {"one": "192.0.2.10", "two": "192.0.2.11"}
    return dataclasses.replace(context, cloud=cloud, facts=facts, addresses=addresses)


def emptiness(option: Option) -> str:
    """Return what keeps the reason of an option from being one, or an empty text."""
    why = option.setting.why
    said = [w for w in words(why) if w not in FILLER]
    if len(why.split()) < 5 or not said:
        return "too short to say why"
    value = "" if isinstance(option.setting.value, Secret) else plain(option.setting.value)
    known = {*words(option.name), *words(option.section), *words(value), *words(option.file)}
    if sum(w in known for w in said) * 2 >= len(said):
        return "says little but the option's own name and value"
    return ""


def repeated(options: Iterator[Option] | list[Option]) -> dict[str, set[str]]:
    """Return the reasons that stand beside options of different names."""
    names: dict[str, set[str]] = {}
    for option in options:
        names.setdefault(option.setting.why, set()).add(option.name)
    return {why: found for why, found in names.items() if len(found) > 1}


def test_every_option_has_a_reason_that_tells_something(any_context: Context) -> None:
    wrong = [
        f"{o.file} [{o.section}] {o.name}: {problem}: {o.setting.why}"
        for d in declarations(any_context)
        for o in d.options
        if (problem := emptiness(o))
    ]
    assert not wrong


def test_no_reason_serves_two_options_of_a_service(any_context: Context) -> None:
    assert {
        d.service: r for d in declarations(any_context) if (r := repeated(list(d.options)))
    } == {}


def test_no_service_sets_an_option_twice(any_context: Context) -> None:
    for d in declarations(any_context):
        addresses = [(o.file, o.section, o.name) for o in d.options]
        assert sorted(set(addresses)) == sorted(addresses), d.service


@pytest.mark.parametrize(
    "why",
    ["", "debug", "set debug to true", "debug is enabled in DEFAULT", "the debug option is on"],
)
def test_a_reason_that_is_none_is_found(context: Context, why: str) -> None:
    option = next(o for d in declarations(context) for o in d.options)
    setting = dataclasses.replace(option.setting, why=why, value=True)
    assert emptiness(Option("nova.conf", "DEFAULT", "debug", setting))


def test_a_reason_that_serves_two_options_is_found(context: Context) -> None:
    options = [o for d in declarations(context) for o in d.options][:2]
    same = [dataclasses.replace(o, setting=options[0].setting) for o in options]
    assert repeated(same) == {options[0].setting.why: {o.name for o in options}}


def test_units_files_and_tasks_say_what_they_are_for(any_context: Context) -> None:
    for d in declarations(any_context):
        for unit in d.units:
            assert len(unit.description.split()) >= 4, unit.name
            text = unit_file(unit)
            assert text is None or len(text.why.split()) >= 6, unit.name
        for what in (*d.files, *d.config_files, *d.tasks):
            assert len(what.why.split()) >= 6, what


def test_no_reason_serves_two_steps_but_of_one_kind(any_context: Context) -> None:
    """Steps of one kind are what stands in several services, e.g. the paste file of each API."""
    reasons: dict[str, set[str]] = {}
    for step in build(any_context).steps:
        kind = re.sub(
            rf"^{step.service}\.|/[a-z-]+(?=/)|[a-z_-]*{step.service}[a-z_-]*", "", step.id
        )
        reasons.setdefault(step.why, set()).add(kind)
    assert {why: kinds for why, kinds in reasons.items() if len(kinds) > 1} == {}
