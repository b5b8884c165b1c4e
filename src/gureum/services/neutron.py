"""neutron with ML2/OVN: networks, ports, routers, floating IPs, security groups (R-SVC-5)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services import ovn
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import (
    auth_options,
    database,
    database_url,
    identity_user,
    log_options,
    schema,
    token_options,
)
from gureum.services.declaration import Declaration, Endpoint, Port, Schema, TextFile, Unit
from gureum.services.glance import paste_file
from gureum.services.privsep import helper, sudoers
from gureum.services.rabbitmq import messaging_options
from gureum.services.wsgi import api_unit

_CONF = "/etc/neutron/neutron.conf"
_ML2 = "/etc/neutron/ml2_conf.ini"
_AGENT = "/etc/neutron/ovn_agent.ini"
_ROOTWRAP = "/etc/neutron/rootwrap.conf"
_CONTEXTS = {
    "privsep": "neutron.privileged.default",
    "privsep_namespace": "neutron.privileged.namespace_cmd",
    "privsep_link": "neutron.privileged.link_cmd",
    "privsep_ovs_vsctl": "neutron.privileged.ovs_vsctl_cmd",
}
_GENEVE_OVERHEAD = 58


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
        description="OpenStack network API",
        reads=(_CONF, _ML2),
        needs=("neutron.schema", "neutron.paste", *_CENTRAL),
        environment={"OS_NEUTRON_CONFIG_FILES": f"{_CONF};{_ML2}"},
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
            ConfigFile(name="neutron.conf", path=_CONF, group="neutron", schema="neutron"),
            *(
                (ConfigFile(name="ml2_conf.ini", path=_ML2, group="neutron", schema="ml2"),)
                if controller
                else ()
            ),
            *(
                (
                    ConfigFile(
                        name="ovn_agent.ini",
                        path=_AGENT,
                        group="neutron",
                        schema="neutron-ovn-agent",
                    ),
                )
                if agent
                else ()
            ),
        ),
        options=(
            *_options(c),
            *(_ml2_options(c) if controller else ()),
            *(_agent_options(c) if agent else ()),
        ),
        files=(
            *(api_files if controller else ()),
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
        (program, "--config-file", _CONF, "--config-file", _ML2, "upgrade", "heads"),
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
        (_CONF, _ML2),
        needs=("neutron.unit.neutron-api",),
    )


def _maintenance(c: Context) -> Unit:
    return _daemon(
        c,
        "neutron-ovn-maintenance-worker",
        "OpenStack network: keeps OVN's databases in step with neutron's",
        (_CONF, _ML2),
        needs=("neutron.unit.neutron-api",),
    )


def _agent(c: Context) -> Unit:
    return _daemon(
        c,
        "neutron-ovn-agent",
        "OpenStack network: metadata for the VMs of this host",
        (_CONF, _AGENT),
        needs=("ovn.unit.ovn-controller", "ovn.switch"),
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        hardened=False,
        kill_mode="process",
    )


def _agent_files(c: Context) -> tuple[TextFile, ...]:
    return (
        TextFile(
            path=_ROOTWRAP,
            content="[DEFAULT]\n"
            f"filters_path={c.release.venv}/etc/neutron/rootwrap.d,/etc/neutron/rootwrap.d\n"
            "exec_dirs=/sbin,/usr/sbin,/bin,/usr/bin\nuse_syslog=False\n",
            why="rootwrap starts only what these filters name, and root owns them",
        ),
        sudoers(
            c,
            "neutron",
            _CONF,
            (),
            extra=(
                *(
                    f"{c.bin('privsep-helper')} --config-file {_CONF} --config-file {_AGENT} "
                    f"--privsep_context {context} --privsep_sock_path *"
                    for context in _CONTEXTS.values()
                ),
                f"{c.bin('neutron-rootwrap')} {_ROOTWRAP} *",
            ),
        ),
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in("neutron.conf", "neutron")
    yield from log_options(c, "neutron.conf", "neutron")
    yield from messaging_options(c, "neutron.conf", "neutron")
    yield conf("DEFAULT", "host", c.host, "the name under which nova, neutron and OVN file it")
    yield conf("DEFAULT", "state_path", "/var/lib/neutron", "neutron's own folder")
    yield conf(
        "oslo_concurrency",
        "lock_path",
        "/var/lib/neutron/tmp",
        "processes of one host lock each other out of shared files there",
    )
    yield conf(
        "agent",
        "root_helper",
        f"sudo {c.bin('neutron-rootwrap')} {_ROOTWRAP}",
        "the agent starts a VM network's metadata proxy as root, and nothing that is not named",
    )
    if not c.has(Role.CONTROLLER):
        return
    yield from token_options(c, "neutron.conf", "neutron")
    yield conf("DEFAULT", "core_plugin", "ml2", "the plugin that every driver below plugs into")
    yield conf(
        "DEFAULT",
        "service_plugins",
        ("ovn-router",),
        "routers and floating IPs are OVN's own, without an agent",
    )
    yield conf("DEFAULT", "rpc_workers", 0, "OVN needs no agent RPC: hosts follow its databases")
    yield conf(
        "DEFAULT",
        "global_physnet_mtu",
        c.facts.mtu,
        "the MTU of the hosts' network, from which neutron works out what VMs may send",
    )
    if c.cloud.network.dns_servers:
        yield conf(
            "DEFAULT",
            "dns_servers",
            tuple(str(a) for a in c.cloud.network.dns_servers),
            "VMs get them by DHCP where their subnet names none",
        )
    yield conf(
        "database",
        "connection",
        database_url(c, "neutron", "neutron"),
        "neutron's tables lie in MariaDB",
    )
    yield from auth_options(
        c, "neutron.conf", "neutron", "nova", "neutron tells nova when a port is wired"
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy says in a header that the client came by https",
    )


def _ml2_options(c: Context) -> Iterator[Option]:
    conf = options_in("ml2_conf.ini", "neutron")
    physical = c.cloud.networks.provider.physical_network
    yield conf("ml2", "type_drivers", ("flat", "vlan", "geneve"), "provider and project networks")
    yield conf(
        "ml2", "project_network_types", ("geneve",), "project networks need no switch configured"
    )
    yield conf("ml2", "mechanism_drivers", ("ovn",), "upstream's default: no agent on the way")
    yield conf(
        "ml2",
        "extension_drivers",
        ("port_security",),
        "a port may send from its own address only, unless its owner says otherwise",
    )
    yield conf("ml2_type_flat", "flat_networks", (physical,), "floating IPs live on it untagged")
    yield conf("ml2_type_vlan", "network_vlan_ranges", (physical,), "tagged provider networks too")
    yield conf(
        "ml2_type_geneve", "vni_ranges", ("1:65536",), "numbers of project networks, one each"
    )
    yield conf(
        "ml2_type_geneve",
        "max_header_size",
        38,
        "OVN carries port numbers in Geneve's options, so the header is larger than the default",
    )
    yield from _ovn_options(c, "ml2_conf.ini")
    yield conf(
        "ovn",
        "ovn_metadata_enabled",
        True,
        "the agent on each host serves metadata, so VMs need no config drive",
    )
    yield conf(
        "ovn",
        "enable_distributed_floating_ip",
        False,
        "floating IPs leave through network hosts, the only ones that need the provider NIC",
    )


def _ovn_options(c: Context, file: str) -> Iterator[Option]:
    conf = options_in(file, "neutron")
    yield conf("ovn", "ovn_nb_connection", (ovn.connection(c, 6641),), "what neutron wants of OVN")
    yield conf("ovn", "ovn_sb_connection", (ovn.connection(c, 6642),), "what OVN's hosts report")


def _agent_options(c: Context) -> Iterator[Option]:
    conf = options_in("ovn_agent.ini", "neutron")
    yield from _ovn_options(c, "ovn_agent.ini")
    yield conf(
        "agent",
        "extensions",
        ("metadata",),
        "this agent serves metadata in place of one of its own",
    )
    yield conf(
        "ovs",
        "ovsdb_connection",
        ovn.OVSDB,
        "the local socket, which only its group may use, in place of an open TCP port",
    )
    yield conf(
        "DEFAULT", "nova_metadata_host", c.api_address, "nova's metadata answers behind HAProxy"
    )
    yield conf("DEFAULT", "nova_metadata_protocol", "https", "metadata holds keys and user data")
    yield conf(
        "DEFAULT", "auth_ca_cert", CA_FILE, "nova's metadata has the cloud's own certificate"
    )
    yield conf(
        "DEFAULT",
        "metadata_proxy_shared_secret",
        c.secrets.password("nova.metadata"),
        "nova believes only an agent that signs with it",
    )
    yield conf("DEFAULT", "metadata_workers", 1, "metadata is asked for at boot only")
    for section in _CONTEXTS:
        yield conf(
            section,
            "helper_command",
            f"{helper(c, _CONF)} --config-file {_AGENT}",
            "sudo allows neutron exactly this helper, whose code belongs to root, and nothing else",
        )
