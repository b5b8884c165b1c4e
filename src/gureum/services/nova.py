"""nova: VMs. API, metadata, scheduler and conductor on controllers, nova-compute on computes (R-SVC-4)."""

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
from gureum.services.declaration import Declaration, Endpoint, Port, Schema, Task, Unit
from gureum.services.glance import paste_file
from gureum.services.privsep import helper, sudoers
from gureum.services.rabbitmq import messaging_options
from gureum.services.wsgi import api_unit
from gureum.steps.states import CommandDone

_CONF = "/etc/nova/nova.conf"
_FILE = "nova.conf"
# nova-compute refuses to run beside database options, so they stand in a file that it does not read.
_DB_CONF = "/etc/nova/nova-database.conf"
_DB_FILE = "nova-database.conf"
_CONTEXTS = {
    "nova_sys_admin": "nova.privsep.sys_admin_pctxt",
    "vif_plug_ovs_privileged": "vif_plug_ovs.privsep.vif_plug",
    "privsep_osbrick": "os_brick.privileged.default",
}


def declare(c: Context) -> Declaration | None:
    """Declare nova for a controller, a compute host, or both."""
    controller, compute = c.has(Role.CONTROLLER), c.has(Role.COMPUTE)
    if not (controller or compute):
        return None
    api, api_file, api_proxied = api_unit(
        c,
        name="nova-api",
        service="nova",
        module="nova.wsgi.osapi_compute:application",
        port=8774,
        description="OpenStack compute API",
        reads=(_CONF, _DB_CONF),
        needs=("nova.cells", "nova.paste"),
        environment={"OS_NOVA_CONFIG_FILES": f"api-paste.ini;{_FILE};{_DB_FILE}"},
    )
    metadata, metadata_file, metadata_proxied = api_unit(
        c,
        name="nova-metadata",
        service="nova",
        module="nova.wsgi.metadata:application",
        port=8775,
        description="OpenStack metadata for VMs",
        reads=(_CONF, _DB_CONF),
        needs=("nova.cells", "nova.paste"),
        environment={"OS_NOVA_CONFIG_FILES": f"api-paste.ini;{_FILE};{_DB_FILE}"},
    )
    return Declaration(
        service="nova",
        packages=("qemu-utils", "genisoimage") if compute else (),
        users={"nova": ("/var/lib/nova", ("libvirt", ovn.GROUP) if compute else ())},
        directories={
            "/etc/nova": ("root", "nova", 0o750),
            **({"/etc/nova/nova-manage.conf.d": ("root", "nova", 0o750)} if controller else {}),
            "/var/lib/nova": ("nova", "nova", 0o755),
            "/var/lib/nova/instances": ("nova", "nova", 0o755),
            "/var/lib/nova/tmp": ("nova", "nova", 0o750),
            "/var/log/nova": ("nova", "nova", 0o750),
        },
        config_files=(
            ConfigFile(name=_FILE, path=_CONF, group="nova", schema="nova"),
            *(
                (ConfigFile(name=_DB_FILE, path=_DB_CONF, group="nova", schema="nova"),)
                if controller
                else ()
            ),
        ),
        options=tuple(_options(c)),
        files=(
            *((api_file, metadata_file) if controller else ()),
            *((sudoers(c, "nova", _CONF, _CONTEXTS.values()),) if compute else ()),
        ),
        units=(
            *((api, metadata, _conductor(c), _scheduler(c)) if controller else ()),
            *((_compute(c),) if compute else ()),
        ),
        databases=(tuple(database(c, name, "nova") for name in _DATABASES) if controller else ()),
        schema=_schema(c) if controller else None,
        identity_users=(identity_user(c, "nova", admin=True),) if controller else (),
        endpoints=(
            (
                Endpoint(
                    name="nova", type="compute", description="Compute", url=c.api(8774, "/v2.1")
                ),
            )
            if controller
            else ()
        ),
        ports=(
            (
                Port(number=8774, address="127.0.0.1", unit="nova-api", purpose="backend"),
                Port(number=8775, address="127.0.0.1", unit="nova-metadata", purpose="backend"),
            )
            if controller
            else ()
        ),
        proxied=(api_proxied, metadata_proxied) if controller else (),
        tasks=(
            *(
                (paste_file(c, "nova", "/etc/nova/api-paste.ini"), _manage_config(), _cells(c))
                if controller
                else ()
            ),
            *((_conductor_registered(),) if controller else ()),
            *((_compute_registered(c), _discovery(c)) if controller and compute else ()),
        ),
    )


# A cell's row in the database holds no password: nova fills the template from its own nova.conf.
_TEMPLATE = "{scheme}://{username}:{password}@{hostname}/{path}?{query}"
_QUEUE_TEMPLATE = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"
_CELL0_TEMPLATE = "{scheme}://{username}:{password}@{hostname}/nova_cell0?{query}"
_DATABASES = ("nova_api", "nova_cell0", "nova")
# create_cell answers 2 where the cell exists already, which is as good.
# nova-manage spends most of its time on imports: one process does the work of three in half the time.
_MAKE_DATABASES = f"""\
import sys
from nova.cmd import manage
sys.argv = ["nova-manage", "api_db", "sync"]
failed = manage.main()
if manage.CONF.transport_url == "rabbit://":
    # A rehearsal has no queue; the cell's template only has to be filled in to be looked at.
    manage.CONF.set_override("transport_url", "rabbit://user:none@localhost:5672/nova")
cells = manage.CellV2Commands()
sys.exit(
    failed
    or cells.map_cell0({_CELL0_TEMPLATE!r})
    or manage.DbCommands().sync()
    or cells.create_cell("cell1", {_TEMPLATE!r}, {_QUEUE_TEMPLATE!r}) == 1
)
"""


def _schema(c: Context) -> Schema:
    return schema(
        c,
        (c.bin("python"), "-c", _MAKE_DATABASES),
        {"OS_API_DATABASE__CONNECTION": "nova_api", "OS_DATABASE__CONNECTION": "nova"},
        others=("nova_cell0",),
        needs=("nova.manage_config",),
    )


def _manage_config() -> Task:
    link = "/etc/nova/nova-manage.conf.d/database.conf"
    return Task(
        id="nova.manage_config",
        state=CommandDone(
            check=("readlink", link), want=f"{_DB_CONF}\n", command=("ln", "-sfn", _DB_CONF, link)
        ),
        why="nova-manage finds the databases by itself when a person types it",
        needs=("nova.directories",),
    )


def _cells(c: Context) -> Task:
    return Task(
        id="nova.cells",
        state=CommandDone(
            check=_sql("SELECT name FROM nova_api.cell_mappings"),
            want="cell1",
            command=(
                *(c.bin("nova-manage"), "cell_v2", "create_cell", "--name", "cell1"),
                *("--database_connection", _TEMPLATE, "--transport-url", _QUEUE_TEMPLATE),
            ),
            user="nova",
        ),
        why="VMs live in a cell; one is enough for hundreds of hosts",
        needs=("nova.schema", "nova.manage_config"),
    )


def _sql(query: str) -> tuple[str, ...]:
    return ("mariadb", "--batch", "--skip-column-names", "--execute", query)


def _conductor_registered() -> Task:
    return Task(
        id="nova.conductor_registered",
        state=CommandDone(
            check=_sql(
                "SELECT CONCAT('conductors ', COUNT(*) > 0) FROM nova.services "
                "WHERE topic = 'conductor' AND deleted = 0"
            ),
            want="conductors 1",
            command=("true",),
            retry_for=60,
        ),
        why="a nova-compute that comes before the conductor's queue loses a minute for each try",
        needs=("nova.unit.nova-conductor",),
    )


def _compute_registered(c: Context) -> Task:
    return Task(
        id="nova.compute_registered",
        state=CommandDone(
            check=_sql(
                "SELECT CONCAT('host ', host) FROM nova.compute_nodes "
                f"WHERE deleted = 0 AND host = '{c.host}'"
            ),
            want=f"host {c.host}",
            command=("true",),
            retry_for=90,
        ),
        why="the host has told nova what it can run",
        needs=("nova.unit.nova-compute", "keystone.identity"),
    )


def _discovery(c: Context) -> Task:
    return Task(
        id="nova.discovery",
        state=CommandDone(
            check=_sql(
                "SELECT CONCAT('unmapped ', COUNT(*)) FROM nova.compute_nodes n WHERE n.deleted = 0 "
                "AND n.host NOT IN (SELECT host FROM nova_api.host_mappings) UNION "
                "SELECT CONCAT('mapped ', host) FROM nova_api.host_mappings"
            ),
            want=f"unmapped 0\nmapped {c.host}\n",
            command=(c.bin("nova-manage"), "cell_v2", "discover_hosts"),
            user="nova",
            retry_for=60,
        ),
        why="the scheduler takes a new compute host at once instead of at the next periodic search",
        needs=("nova.compute_registered",),
    )


def _daemon(
    c: Context, program: str, description: str, *, database: bool = True, **rest: object
) -> Unit:
    log = f"/var/log/nova/{program}.log"
    files = (_CONF, _DB_CONF) if database else (_CONF,)
    return Unit(
        name=program,
        description=description,
        user="nova",
        command=(c.bin(program), *(word for path in files for word in ("--config-file", path))),
        environment={"OS_DEFAULT__LOG_FILE": log},
        reads=files,
        writes=("/var/log/nova", "/var/lib/nova"),
        log_file=log,
        **rest,  # type: ignore[arg-type]
    )


def _conductor(c: Context) -> Unit:
    return _daemon(
        c,
        "nova-conductor",
        "OpenStack compute conductor: writes to the database for compute hosts",
        needs=("nova.cells", "rabbitmq.unit.rabbitmq-server"),
    )


def _scheduler(c: Context) -> Unit:
    return _daemon(
        c,
        "nova-scheduler",
        "OpenStack compute scheduler: picks the host of a VM",
        needs=("nova.cells", "rabbitmq.unit.rabbitmq-server", "placement.unit.placement-api"),
    )


def _compute(c: Context) -> Unit:
    controller = c.has(Role.CONTROLLER)
    return _daemon(
        c,
        "nova-compute",
        "OpenStack compute: runs the VMs of this host",
        needs=(
            "libvirt.unit.libvirtd",
            "libvirt.python",
            "ovn.switch",
            *(("nova.conductor_registered",) if controller else ()),
        ),
        database=False,
        escalates=True,
        hardened=False,
        kill_mode="process",
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in(_FILE, "nova")
    yield from log_options(c, _FILE, "nova")
    yield from messaging_options(c, _FILE, "nova")
    yield from token_options(c, _FILE, "nova")
    yield conf(
        "DEFAULT",
        "my_ip",
        c.address,
        "this host's management address, which other computes reach it at for migrations",
    )
    yield conf("DEFAULT", "host", c.host, "the name under which nova, neutron and OVN file it")
    yield conf("DEFAULT", "state_path", "/var/lib/nova", "nova's own folder, not the venv's")
    yield conf(
        "oslo_concurrency",
        "lock_path",
        "/var/lib/nova/tmp",
        "processes of one host lock each other out of shared files there",
    )
    yield from auth_options(
        c, _FILE, "nova", "placement", "nova asks placement for room and claims it"
    )
    yield from auth_options(c, _FILE, "nova", "neutron", "nova asks neutron for the ports of VMs")
    yield from auth_options(
        c,
        _FILE,
        "nova",
        "service_user",
        "nova adds its own token to a user's, so that work outlives the user's token",
        region=False,
    )
    yield conf(
        "service_user",
        "send_service_user_token",
        True,
        "long work (a snapshot, a migration) does not fail when the user's token ends",
    )
    yield conf("glance", "cafile", CA_FILE, "glance's TLS is verified against the cloud's own CA")
    yield conf("glance", "region_name", c.cloud.region, "images come from the same region")
    if c.has(Role.CONTROLLER):
        yield from _controller_options(c)
    if c.has(Role.COMPUTE):
        yield from _compute_options(c)


def _controller_options(c: Context) -> Iterator[Option]:
    conf = options_in(_FILE, "nova")
    database = options_in(_DB_FILE, "nova")
    yield database(
        "api_database",
        "connection",
        database_url(c, "nova_api", "nova"),
        "what is true for the whole cloud (cells, flavors, requests) lies in MariaDB",
    )
    yield database(
        "database",
        "connection",
        database_url(c, "nova", "nova"),
        "the VMs of the cell lie in MariaDB, where only controllers get at them",
    )
    yield conf(
        "neutron",
        "service_metadata_proxy",
        True,
        "VMs ask for their metadata through the agent on their host",
    )
    yield conf(
        "neutron",
        "metadata_proxy_shared_secret",
        c.secrets.password("nova.metadata"),
        "the agent signs whom it asks for, else a VM could read another's metadata",
    )
    yield conf("conductor", "workers", c.workers, "sized to the machine: the default is one a core")
    yield conf("scheduler", "workers", c.workers, "sized to the machine: the default is one a core")
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy says in a header that the client came by https",
    )


def _compute_options(c: Context) -> Iterator[Option]:
    conf = options_in(_FILE, "nova")
    virt_type = c.cloud.compute.virt_type
    chosen = ("kvm" if c.facts.kvm else "qemu") if virt_type == "auto" else virt_type
    yield conf("DEFAULT", "compute_driver", "libvirt.LibvirtDriver", "VMs run in libvirt and QEMU")
    yield conf(
        "libvirt",
        "virt_type",
        chosen,
        "the processor's virtualisation works on this host"
        if chosen == "kvm"
        else "/dev/kvm does not work on this host: VMs are emulated, correct but slow",
    )
    if chosen == "qemu":
        yield conf(
            "libvirt", "cpu_mode", "none", "emulation has no host processor to pass on to the guest"
        )
    yield conf(
        "libvirt",
        "swtpm_enabled",
        False,
        "a virtual TPM needs swtpm, which is not installed unless asked for",
    )
    yield conf(
        "vnc", "enabled", False, "no console proxy is deployed yet, and an open VNC port is a risk"
    )
    yield conf(
        "os_vif_ovs",
        "ovsdb_connection",
        ovn.OVSDB,
        "NICs of VMs are plugged through the local socket, which only its group may use",
    )
    for section, pypath in _CONTEXTS.items():
        yield conf(
            section,
            "helper_command",
            helper(c, _CONF, pypath),
            "sudo allows nova exactly this helper, whose code belongs to root, and nothing else",
        )
