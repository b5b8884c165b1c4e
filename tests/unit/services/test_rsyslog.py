"""R-OPS-2: every line of every log goes one way, to every controller, and the disk has its limits."""

from __future__ import annotations

import dataclasses
import re

import pytest

from gureum.model.cloud import Cloud, Host, Logging, Role
from gureum.services import declarations, rsyslog
from gureum.services.context import Context
from gureum.services.declaration import Declaration, LogForm
from gureum.services.log_lines import TIME_WIDTH
from gureum.state.secrets import Secret

THREE = Cloud(
    hosts={
        "controller": Host(roles=(Role.CONTROLLER,)),
        "network": Host(roles=(Role.NETWORK,)),
        "compute": Host(roles=(Role.COMPUTE,)),
    }
)


def on(context: Context, host: str, cloud: Cloud = THREE) -> tuple[Declaration, ...]:
    addresses = {name: f"192.0.2.{10 + i}" for i, name in enumerate(cloud.hosts)}
    return declarations(
        dataclasses.replace(
            context,
            cloud=cloud,
            host=host,
            addresses=addresses,
            certificate_bundle=Secret(f"pem of {host}"),
        )
    )


def own(declared: tuple[Declaration, ...]) -> Declaration:
    return next(d for d in declared if d.service == "rsyslog")


def conf(declared: tuple[Declaration, ...]) -> str:
    return next(f.content for f in own(declared).files if f.path == "/etc/rsyslog.conf")


def test_one_host_keeps_its_logs_and_sends_nothing(context: Context) -> None:
    """A second copy of the only host's logs, or a port for nobody, would be for nothing."""
    declared = declarations(context)
    text = conf(declared)
    assert 'file="/var/log/gureum/hosts/one/openstack.log"' in text
    assert "relp" not in text
    assert "all-" not in text
    assert own(declared).ports == ()
    assert not [f for f in own(declared).files if "pem" in f.path]


def test_a_compute_host_sends_and_the_controller_receives(context: Context) -> None:
    compute, controller = on(context, "compute"), on(context, "controller")
    sent, kept = conf(compute), conf(controller)
    assert 'type="omrelp" name="controller" target="192.0.2.10" port="2514"' in sent
    assert 'module(load="omrelp")' in sent
    assert 'tls.permittedPeer=["controller"]' in sent
    assert "omfile" not in sent
    assert 'input(type="imrelp" address="192.0.2.10" port="2514"' in kept
    assert "omrelp" not in kept
    assert "/var/log/gureum/all-openstack.log" in kept
    [port] = own(controller).ports
    assert (port.number, port.address, port.unit) == (2514, "192.0.2.10", "rsyslog")
    assert own(compute).ports == ()


@pytest.mark.parametrize("host", THREE.hosts)
def test_the_key_is_for_root_alone(context: Context, host: str) -> None:
    declared = own(on(context, host))
    [pem] = [f for f in declared.files if f.path == "/etc/gureum/host.pem"]
    assert (pem.mode, pem.hidden, pem.owner, pem.content) == (0o600, True, "root", f"pem of {host}")
    [unit] = [u for u in declared.units if u.name == "rsyslog"]
    assert pem.path in unit.reads


def test_what_waits_for_a_controller_waits_on_disk_within_a_limit(context: Context) -> None:
    text = conf(on(context, "compute"))
    for word in (
        'queue.type="Disk"', 'queue.maxDiskSpace="1g"', 'queue.saveOnShutdown="on"',
        'action.resumeRetryCount="-1"', 'main_queue(queue.type="Direct")',
    ):  # fmt: skip
        assert word in text


def test_each_log_file_is_read_once_and_in_its_form(context: Context) -> None:
    declared = declarations(context)
    inputs = re.findall(r'input\(type="imfile" file="([^"]+)" tag="([^"]+)"', conf(declared))
    units = {u.name: u for d in declared for u in d.units if u.log_file}
    assert {tag for _, tag in inputs} == {*units, "qemu"}
    assert len({path for path, _ in inputs}) == len(inputs)
    assert ("/var/log/rabbitmq/rabbitmq-server.log", "rabbitmq-server") in inputs
    assert units["ovn-northd"].log_form is LogForm.OVS
    assert {"nova-api", "horizon", "rabbitmq-server", "ovs-vswitchd"} <= set(units)
    # Every unit of gureum's own that is a service of OpenStack has one.
    for d in declared:
        for unit in d.units:
            assert unit.shipped or unit.oneshot or unit.log_file, unit.name


def test_no_service_writes_a_line_twice(context: Context) -> None:
    """A line in the file and in the journal would be gathered twice."""
    options = [o for d in declarations(context) for o in d.options]
    files = {o.file for o in options if o.name == "logging_context_format_string"}
    assert files == {
        "nova.conf",
        "keystone.conf",
        "glance-api.conf",
        "neutron.conf",
        "placement.conf",
    }
    for file in files:
        [option] = [o for o in options if o.file == file and o.name == "use_stderr"]
        assert option.setting.value is False
    assert not [o for o in options if o.name in ("use_syslog", "use_journal", "log.console")]


def test_every_line_bears_both_ids_of_its_request(context: Context) -> None:
    formats = [
        str(o.setting.value)
        for d in declarations(context)
        for o in d.options
        if o.name == "logging_context_format_string"
    ]
    for text in formats:
        assert "[%(global_request_id)s %(request_id)s " in text
        assert text.startswith("%(isotime)s %(process)d %(levelname)s ")


def test_times_have_the_width_that_the_configuration_cuts_at() -> None:
    assert len("2026-11-21T19:44:05.286412+00:00") == TIME_WIDTH


def test_a_syslog_server_outside_gets_every_line(context: Context) -> None:
    """R-CONF-7: logs also to syslog."""
    cloud = THREE.model_copy(update={"logging": Logging(syslog=("logs.example.com:514",))})
    for host in THREE.hosts:
        text = conf(on(context, host, cloud))
        assert 'type="omfwd" name="outside1" target="logs.example.com" port="514"' in text


def test_dashboard_volumes_and_ceph_are_gathered_as_all_else(context: Context) -> None:
    """R-CONF-7: what they log goes to the controllers and to syslog, each line one way."""
    everything = Cloud.model_validate({"hosts": {"one": {"roles": list(Role)}}, "ceph": {}})
    declared = on(context, "one", everything)
    text = conf(declared)
    units = {u.name: u for d in declared for u in d.units if d.service in ("horizon", "cinder")}
    assert {"horizon", "cinder-api", "cinder-volume", "cinder-backup"} <= set(units)
    for unit in units.values():
        if unit.lasts:
            assert f'file="{unit.log_file}"' in text, unit.name
    # Ceph's daemons write to the journal, which is gathered whole, and to no file.
    daemons = [u for d in declared for u in d.units if d.service == "ceph" and u.lasts]
    assert daemons
    assert not [u.name for u in daemons if u.log_file]
    (to_file,) = (o for d in declared for o in d.options if o.name == "log_to_file")
    assert to_file.setting.value is False
    assert "imjournal" in text


@pytest.mark.parametrize("hosts", [1, 2, 3, 10, 50, 500])
@pytest.mark.parametrize("gigabytes", [1, 4, 40, 1000])
def test_all_logs_at_their_worst_keep_within_the_limit(gigabytes: int, hosts: int) -> None:
    size, kept = rsyslog.bounds(gigabytes * 1024, hosts)
    files = 2 * hosts + (2 if hosts > 1 else 0)
    worst = files * (2 * size + (kept - 1) * size * 0.2)
    assert size >= 1
    assert kept >= 2
    # Of very many hosts in very little room each keeps at least a megabyte or two.
    assert worst <= max(gigabytes * 1024, files * 2.4)


def test_a_host_that_calls_itself_something_else_gets_no_other_folder(context: Context) -> None:
    text = conf(on(context, "controller"))
    assert "%hostname:::secpath-replace%/%msgid:::secpath-replace%.log" in text
    assert 'tls.authMode="certvalid"' in text
