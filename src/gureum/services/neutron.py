"""neutron with ML2/OVN: networks, ports, routers, floating IPs, security groups (R-SVC-5)."""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.services import ovn
from gureum.services.context import Context
from gureum.services.credentials import (
    database,
    identity_user,
    schema,
)
from gureum.services.declaration import Declaration, Endpoint, Port, Schema, TextFile, Unit
from gureum.services.glance import paste_file
from gureum.services.neutron_config import (
    AGENT,
    CONF,
    CONTEXTS,
    ML2,
    ROOTWRAP,
    agent_options,
    ml2_options,
    options,
)
from gureum.services.policy import policy_file, policy_path
from gureum.services.privsep import sudoers
from gureum.services.wsgi import api_unit
from gureum.steps.notice import NOBODY, Effect, Notice


def declare(c: Context) -> Declaration | None:
    """Declare neutron for a controller, a network or compute host, or all of them."""
    controller, agent = c.has(Role.CONTROLLER), c.has(Role.COMPUTE, Role.NETWORK)
    if not (controller or agent):
        return None
    api, api_files, proxied = api_unit(
        c,
        name="neutron-api",
        service="neutron",
        module="neutron.wsgi.api:application",
        port=9696,
        description="OpenStack network API: networks, ports, routers, floating IPs",
        reads=(CONF, ML2),
        rereads=(policy_path("neutron"),),
        says="requests about networks wait, and VMs that start wait for their ports",
        seconds=4,
        needs=("neutron.schema", "neutron.paste", *_CENTRAL),
        environment={"OS_NEUTRON_CONFIG_FILES": f"{CONF};{ML2}"},
        warm_up=_WARM_UP,
    )
    return Declaration(
        service="neutron",
        packages=("haproxy", "iproute2") if agent else (),
        users={"neutron": ("/var/lib/neutron", (ovn.GROUP,) if agent else ())},
        directories={
            "/etc/neutron": ("root", "neutron", 0o750),
            "/var/lib/neutron": ("neutron", "neutron", 0o755),
            "/var/lib/neutron/tmp": ("neutron", "neutron", 0o750),
            "/var/log/neutron": ("neutron", "neutron", 0o750),
        },
        config_files=(
            ConfigFile(
                name="neutron.conf",
                path=CONF,
                group="neutron",
                schema="neutron",
                why="what every unit of neutron on this host reads",
            ),
            *(
                (
                    ConfigFile(
                        name="ml2_conf.ini",
                        path=ML2,
                        group="neutron",
                        schema="ml2",
                        why="which kinds of network there are and how neutron reaches OVN: for controllers",
                    ),
                )
                if controller
                else ()
            ),
            *(
                (
                    ConfigFile(
                        name="ovn_agent.ini",
                        path=AGENT,
                        group="neutron",
                        schema="neutron-ovn-agent",
                        why="how the agent of this host reaches OVN, Open vSwitch and nova's metadata",
                    ),
                )
                if agent
                else ()
            ),
        ),
        options=(
            *options(c),
            *(ml2_options(c) if controller else ()),
            *(agent_options(c) if agent else ()),
        ),
        files=(
            *((*api_files, policy_file(c, "neutron")) if controller else ()),
            *(_agent_files(c) if agent else ()),
        ),
        units=(
            *((api, _periodic(c), _maintenance(c)) if controller else ()),
            *((_agent(c),) if agent else ()),
        ),
        databases=(database(c, "neutron", "neutron"),) if controller else (),
        schema=_schema(c) if controller else None,
        identity_users=(identity_user(c, "neutron", admin=True),) if controller else (),
        endpoints=(
            (Endpoint(name="neutron", type="network", description="Networks", url=c.api(9696)),)
            if controller
            else ()
        ),
        ports=(
            (Port(number=9696, address="127.0.0.1", unit="neutron-api", purpose="backend"),)
            if controller
            else ()
        ),
        proxied=(proxied,) if controller else (),
        tasks=(paste_file(c, "neutron", "/etc/neutron/api-paste.ini"),) if controller else (),
    )


# neutron shows its policy enforcer to other threads before the rules are in it: a request that comes
# at the same time as the first is refused with 403. nova has a lock there, neutron none.
_WARM_UP = """\
from neutron import policy
policy.init()
"""


def _schema(c: Context) -> Schema:
    program = c.bin("neutron-db-manage")
    return schema(
        c,
        (program, "--config-file", CONF, "--config-file", ML2, "upgrade", "heads"),
        {"OS_DATABASE__CONNECTION": "neutron"},
        rehearsal=(program, "upgrade", "heads"),
    )


_CENTRAL = ("ovn.unit.ovn-ovsdb-server-nb", "ovn.unit.ovn-ovsdb-server-sb")


def _daemon(
    c: Context, program: str, description: str, files: tuple[str, ...], **rest: object
) -> Unit:
    log = f"/var/log/neutron/{program}.log"
    arguments = [word for path in files for word in ("--config-file", path)]
    return Unit(
        name=program,
        description=description,
        user="neutron",
        command=(c.bin(program), *arguments),
        environment={"OS_DEFAULT__LOG_FILE": log},
        reads=files,
        writes=("/var/log/neutron", "/var/lib/neutron"),
        log_file=log,
        **rest,  # type: ignore[arg-type]
    )


def _periodic(c: Context) -> Unit:
    return _daemon(
        c,
        "neutron-periodic-workers",
        "OpenStack network: periodic work of the plugins",
        (CONF, ML2),
        needs=("neutron.unit.neutron-api",),
        notice=NOBODY,
    )


def _maintenance(c: Context) -> Unit:
    return _daemon(
        c,
        "neutron-ovn-maintenance-worker",
        "OpenStack network: keeps OVN's databases in step with neutron's",
        (CONF, ML2),
        needs=("neutron.unit.neutron-api",),
        notice=NOBODY,
    )


def _agent(c: Context) -> Unit:
    return _daemon(
        c,
        "neutron-ovn-agent",
        "OpenStack network: metadata for the VMs of this host",
        (CONF, AGENT),
        needs=("ovn.unit.ovn-controller", "ovn.switch"),
        notice=Notice(
            says="a VM that is new on this host waits for its metadata",
            seconds=12,
            effect=Effect.LATER,
        ),
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        hardened=False,
        kill_mode="process",
    )


def _agent_files(c: Context) -> tuple[TextFile, ...]:
    return (
        TextFile(
            path=ROOTWRAP,
            content="[DEFAULT]\n"
            f"filters_path={c.release.venv}/etc/neutron/rootwrap.d,/etc/neutron/rootwrap.d\n"
            "exec_dirs=/sbin,/usr/sbin,/bin,/usr/bin\nuse_syslog=False\n",
            why="rootwrap starts only what these filters name, and root owns them",
        ),
        sudoers(
            c,
            "neutron",
            CONF,
            (),
            extra=(
                *(
                    f"{c.bin('privsep-helper')} --config-file {CONF} --config-file {AGENT} "
                    f"--privsep_context {context} --privsep_sock_path *"
                    for context in CONTEXTS.values()
                ),
                f"{c.bin('neutron-rootwrap')} {ROOTWRAP} *",
            ),
        ),
    )
