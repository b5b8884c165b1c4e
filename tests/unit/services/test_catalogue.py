"""The catalogue as a whole: complete, pure, least rights, nothing said twice."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

from gureum.config.setting import Option
from gureum.model.cloud import LEVELLED, Cloud, Logging, PolicyOverride, Role
from gureum.plan.build import build
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.systemd import unit_file


def test_declaring_twice_gives_the_same(context: Context) -> None:
    assert declarations(context) == declarations(context)


def test_no_two_services_serve_the_same_port(context: Context) -> None:
    ports = [(p.address, p.number, p.protocol) for d in declarations(context) for p in d.ports]
    assert len(ports) == len(set(ports))


def test_keystone_serves_port_5000_and_nothing_serves_35357(context: Context) -> None:
    """R-SVC-1: keystone answers on 5000 only, and no option makes a bypass token."""
    ports = {p.number for d in declarations(context) for p in d.ports}
    assert 5000 in ports
    assert 35357 not in ports
    assert not [o for d in declarations(context) for o in d.options if o.name == "admin_token"]


def test_every_service_keeps_its_data_in_mariadb(context: Context) -> None:
    """R-INFRA-1: no service falls back to SQLite."""
    connections = [
        o.setting.value.reveal()
        for d in declarations(context)
        for o in d.options
        if o.name == "connection"
    ]
    assert len(connections) == 6
    assert all(c.startswith("mysql+pymysql://") for c in connections)


def test_queue_users_have_a_virtual_host_each(context: Context) -> None:
    """R-INFRA-2: users and rights per service, no default guest."""
    rabbitmq = next(d for d in declarations(context) if d.service == "rabbitmq")
    text = next(f.content for f in rabbitmq.files if f.path.endswith("definitions.json"))
    assert '"vhost": "nova"' in text
    assert "guest" not in text
    assert context.secrets.password("nova.queue").reveal() not in text


def test_units_of_ours_run_without_root(context: Context) -> None:
    for d in declarations(context):
        for unit in d.units:
            if unit.shipped:
                continue
            text = unit_file(unit)
            assert text is not None
            assert unit.user != "root"
            assert f"User={unit.user}" in text.content
            assert unit.escalates or "NoNewPrivileges=yes" in text.content


def test_no_secret_stands_on_a_command_line_or_in_a_unit(context: Context) -> None:
    """R-CRED-1: passwords are in 0640 files, never in a process list."""
    declared = declarations(context)
    hide = context.secrets.redactor()
    for d in declared:
        for unit in d.units:
            text = unit_file(unit)
            assert text is None or hide(text.content) == text.content
        for task in d.tasks:
            arguments = [*getattr(task.state, "command", ()), *getattr(task.state, "check", ())]
            assert [hide(a) for a in arguments] == arguments
        for file in (*d.files, *d.config_files):
            content = getattr(file, "content", "")
            if hide(content) != content:
                assert file.mode & 0o007 == 0


def test_debug_is_a_setting_per_service(context: Context) -> None:
    """R-CONF-7: debug messages for one service."""
    options = _options_with(context, Logging(services={"nova": "debug"}))
    assert {o.file for o in options if o.name == "debug"} == {"nova.conf"}


def test_every_service_with_a_level_obeys_and_no_other_has_one(context: Context) -> None:
    """R-CONF-7: what cloud.yaml takes for a service changes something for it, and for it alone."""
    hosts = {"one": {"roles": list(Role)}}
    context = replace(
        context, cloud=Cloud.model_validate({"hosts": hosts, "ceph": {}, "swift": {}})
    )
    before = {
        (o.file, o.section, o.name): o.setting.value for o in _options_with(context, Logging())
    }
    for service in LEVELLED:
        options = _options_with(context, Logging(services={service: "debug"}))
        changed = [o for o in options if before.get((o.file, o.section, o.name)) != o.setting.value]
        assert {o.setting.source.file for o in changed} <= {
            f"services/{service}.py", "services/log_lines.py",
        }, service  # fmt: skip
        assert changed, service
    owned = {d.service for d in declarations(context) for o in d.options if o.name == "debug"}
    assert owned <= set(LEVELLED)


def _options_with(context: Context, logging: Logging) -> list[Option]:
    cloud = context.cloud.model_copy(update={"logging": logging})
    changed = dataclasses.replace(context, cloud=cloud)
    return [o for d in declarations(changed) for o in d.options]


def test_every_option_says_which_service_sets_it(context: Context) -> None:
    for d in declarations(context):
        for o in d.options:
            assert o.setting.source.file.startswith("services/")


def test_a_unit_that_uses_sudo_is_not_kept_from_it_by_an_older_systemd(context: Context) -> None:
    """D2: on Debian 12 any filter of system calls would bar privsep helpers from sudo."""
    facts = dataclasses.replace(context.facts, os_version="12")
    old = dataclasses.replace(context, facts=facts)
    for c, filtered in ((context, True), (old, False)):
        units = [u for d in declarations(c) for u in d.units if u.escalates]
        assert {u.name for u in units} == {"nova-compute", "neutron-ovn-agent"}
        for unit in units:
            text = unit_file(unit)
            assert text is not None
            assert ("SystemCallArchitectures=native" in text.content) is filtered
            mounts = not unit.shares_mounts
            assert ("ProtectClock=yes" in text.content) is (filtered and mounts)
            assert "NoNewPrivileges" not in text.content


def test_nova_compute_stops_by_itself_before_systemd_kills_it(context: Context) -> None:
    """Work in progress gets nova's own 180 seconds; the entry ends what would outlast them."""
    nova = next(d for d in declarations(context) if d.service == "nova")
    unit = next(u for u in nova.units if u.name == "nova-compute")
    text = unit_file(unit)
    assert text is not None
    stops = [line for line in text.content.splitlines() if line.startswith("TimeoutStopSec=")]
    assert int(stops[-1].partition("=")[2]) > 180
    entry = next(f for f in nova.files if f.path == unit.command[1])
    assert entry.path in unit.reads
    compile(entry.content, entry.path, "exec")


def test_keystone_runs_without_threads(context: Context) -> None:
    """R-SVC-1: its middleware keeps a request's token where every thread sees and replaces it."""
    keystone = next(d for d in declarations(context) if d.service == "keystone")
    lines = next(f.content for f in keystone.files if f.path.endswith("uwsgi.ini")).splitlines()
    assert "threads = 1" in lines
    assert "processes = 2" in lines


def test_a_policy_is_written_where_its_service_reads_it_and_nobody_else(context: Context) -> None:
    """R-CONF-5: the right file, its option fixed; only glance restarts, which forgets nothing."""
    override = PolicyOverride(rule="role:member", why="a reason")
    services = ("keystone", "glance", "placement", "nova", "neutron")
    first = {
        s: next(n for n, r in context.release.policies(s).items() if r.operations) for s in services
    }
    policy = {service: {first[service]: override} for service in services}
    c = replace(context, cloud=context.cloud.model_copy(update={"policy": policy}))
    declared = {d.service: d for d in declarations(c)}
    for service in services:
        path = f"/etc/{service}/policy.yaml"
        (file,) = [f for f in declared[service].files if f.path == path]
        assert (file.owner, file.group, file.mode) == ("root", service, 0o640)
        assert f'"{first[service]}": "role:member"' in file.content
        (option,) = [o for o in declared[service].options if o.name == "policy_file"]
        assert option.setting.value == path
        assert option.setting.fixed
        api = next(u for u in declared[service].units if u.name == f"{service}-api")
        assert (path in api.reads) is (service == "glance")
        assert (path in api.rereads) is (service != "glance")


def test_writes_of_one_row_at_once_wait_for_each_other(context: Context) -> None:
    """MariaDB 11.6.2 and later refuse them with error 1020, which keystone does not repeat.

    Releases that do not know the option have to start all the same.
    """
    (text,) = (
        step.state.content  # type: ignore[attr-defined]
        for step in build(context).steps
        if step.id.endswith("/99-gureum.cnf")
    )
    assert "\nloose-innodb_snapshot_isolation = false\n" in text
