"""nova: VMs. API, metadata, scheduler, conductor on controllers, nova-compute on computes (R-SVC-4)."""

from __future__ import annotations

from dataclasses import replace

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.services import nova_moving, nova_volumes, openvswitch
from gureum.services.ceph_layout import unread_by as ceph_unread
from gureum.services.context import Context
from gureum.services.credentials import database, identity_user
from gureum.services.declaration import Declaration, Endpoint, OpenTo, Port, Unit
from gureum.services.glance import paste_file
from gureum.services.nova_config import CONF, CONTEXTS, DB_CONF, DB_FILE, FILE, options
from gureum.services.nova_console import (
    PORT,
    console_options,
    console_port,
    console_proxied,
    screens_opening,
)
from gureum.services.nova_database import (
    DATABASES,
    cells,
    computes_report,
    conductor_registered,
    discovery,
    manage_config,
    schema,
)
from gureum.services.nova_entry import STOP_SECONDS, command, entry
from gureum.services.nova_readers import unread_by
from gureum.services.policy import policy_file, policy_path
from gureum.services.privsep import sudoers
from gureum.services.wsgi import api_unit
from gureum.steps.notice import Effect, Notice


def declare(c: Context) -> Declaration | None:
    """Declare nova for a controller, a compute host, or both."""
    controller, compute = c.has(Role.CONTROLLER), c.has(Role.COMPUTE)
    if not (controller or compute):
        return None
    api, api_files, api_proxied = api_unit(
        c,
        name="nova-api",
        service="nova",
        module="nova.wsgi.osapi_compute:application",
        port=8774,
        description="OpenStack compute API: takes what users want of VMs",
        says="requests about VMs wait",
        seconds=3,
        reads=(CONF, DB_CONF),
        rereads=(policy_path("nova"),),
        unread={CONF: unread_by("nova-api")},
        needs=("nova.cells", "nova.paste"),
        environment={"OS_NOVA_CONFIG_FILES": f"api-paste.ini;{FILE};{DB_FILE}"},
    )
    metadata, metadata_files, metadata_proxied = api_unit(
        c,
        name="nova-metadata",
        service="nova",
        module="nova.wsgi.metadata:application",
        port=8775,
        description="OpenStack metadata for VMs: names, keys, user data at boot",
        says="VMs that boot wait for their metadata",
        seconds=3,
        reads=(CONF, DB_CONF),
        unread={CONF: unread_by("nova-metadata")},
        needs=("nova.cells", "nova.paste"),
        environment={"OS_NOVA_CONFIG_FILES": f"api-paste.ini;{FILE};{DB_FILE}"},
    )
    return Declaration(
        service="nova",
        packages=(
            *(("qemu-utils", "genisoimage", *nova_volumes.packages(c)) if compute else ()),
            *(("openssh-client", "openssh-server") if c.moves_vms else ()),
            *(("novnc",) if controller else ()),
        ),
        users={"nova": ("/var/lib/nova", ("libvirt", openvswitch.GROUP) if compute else ())},
        directories={
            "/etc/nova": ("root", "nova", 0o750),
            **({"/etc/nova/nova-manage.conf.d": ("root", "nova", 0o750)} if controller else {}),
            "/var/lib/nova": ("nova", "nova", 0o755),
            nova_moving.INSTANCES: ("nova", "nova", 0o755),
            "/var/lib/nova/tmp": ("nova", "nova", 0o750),
            "/var/log/nova": ("nova", "nova", 0o750),
            **(nova_moving.directories() if c.moves_vms else {}),
        },
        config_files=(
            ConfigFile(
                name=FILE,
                path=CONF,
                group="nova",
                schema="nova",
                why="what every unit of nova on this host reads, on controllers and compute hosts alike",
            ),
            *(
                (
                    ConfigFile(
                        name=DB_FILE,
                        path=DB_CONF,
                        group="nova",
                        schema="nova",
                        why="nova-compute refuses to start where it reads of databases, so they stand apart",
                    ),
                )
                if controller
                else ()
            ),
        ),
        options=(
            *options(c),
            *console_options(c),
            *(nova_moving.options(c) if c.moves_vms else ()),
        ),
        files=(
            *(
                (*api_files, *metadata_files, policy_file(c, "nova"), *map(entry, _DAEMONS))
                if controller
                else ()
            ),
            *(
                (sudoers(c, "nova", CONF, CONTEXTS.values()), entry("nova-compute"))
                if compute
                else ()
            ),
            *(nova_moving.files(c) if c.moves_vms else ()),
        ),
        units=(
            *((api, metadata, _conductor(c), _scheduler(c), _console(c)) if controller else ()),
            *((_compute(c),) if compute else ()),
            *((nova_moving.server(c),) if c.moves_vms else ()),
        ),
        databases=(tuple(database(c, name, "nova") for name in DATABASES) if controller else ()),
        schema=schema(c) if controller else None,
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
            *(
                (
                    Port(number=8774, address="127.0.0.1", unit="nova-api", purpose="backend"),
                    Port(number=8775, address="127.0.0.1", unit="nova-metadata", purpose="backend"),
                    console_port(),
                )
                if controller
                else ()
            ),
            *((nova_moving.port(c),) if c.moves_vms else ()),
        ),
        openings=screens_opening(c) if compute else (),
        proxied=(
            # The agents of the hosts ask it in the name of VMs, and nobody else has a reason to.
            (api_proxied, replace(metadata_proxied, open_to=OpenTo.CLOUD), console_proxied(c))
            if controller
            else ()
        ),
        tasks=(
            *(
                (paste_file(c, "nova", "/etc/nova/api-paste.ini"), manage_config(), cells(c))
                if controller
                else ()
            ),
            *((conductor_registered(),) if controller else ()),
            *(
                (computes_report(c), discovery(c))
                if c.is_first_controller and {*c.computes} - c.absent
                else ()
            ),
            *((nova_moving.shell(),) if c.moves_vms else ()),
        ),
    )


_DAEMONS = ("nova-conductor", "nova-scheduler")
# Both ask placement for its version as they start, and end where the catalogue does not lead there.
_RPC = (
    "nova.cells",
    "rabbitmq.unit.rabbitmq-server",
    "keystone.identity",
    "placement.unit.placement-api",
)


def _daemon(
    c: Context,
    program: str,
    description: str,
    *,
    files: tuple[str, ...] = (CONF, DB_CONF),
    start: tuple[str, ...] = (),
    also_reads: tuple[str, ...] = (),
    **rest: object,
) -> Unit:
    log = f"/var/log/nova/{program}.log"
    arguments = [word for path in files for word in ("--config-file", path)]
    return Unit(
        name=program,
        description=description,
        user="nova",
        command=(*(start or (c.bin(program),)), *arguments),
        environment={"OS_DEFAULT__LOG_FILE": log},
        reads=(*start[1:], *files, *also_reads),
        unread={CONF: unread_by(program), **(ceph_unread() if also_reads else {})},
        service_lines=(f"TimeoutStopSec={STOP_SECONDS}",),
        writes=("/var/log/nova", "/var/lib/nova"),
        log_file=log,
        **rest,  # type: ignore[arg-type]
    )


def _conductor(c: Context) -> Unit:
    return _daemon(
        c,
        "nova-conductor",
        "OpenStack compute conductor: writes to the database for compute hosts",
        needs=_RPC,
        start=command(c, "nova-conductor"),
        notice=Notice(says="changes to VMs wait", seconds=4, effect=Effect.LATER),
    )


def _scheduler(c: Context) -> Unit:
    return _daemon(
        c,
        "nova-scheduler",
        "OpenStack compute scheduler: picks the host of a VM",
        needs=_RPC,
        start=command(c, "nova-scheduler"),
        notice=Notice(says="new VMs wait for their host", seconds=4, effect=Effect.LATER),
    )


def _console(c: Context) -> Unit:
    return _daemon(
        c,
        "nova-novncproxy",
        "OpenStack compute console proxy: the screens of VMs in a browser",
        notice=Notice(says="open consoles of VMs close", seconds=4, effect=Effect.LATER),
        needs=("nova.cells",),
        ready_port=("127.0.0.1", PORT),
    )


def _compute(c: Context) -> Unit:
    return _daemon(
        c,
        "nova-compute",
        "OpenStack compute: runs the VMs of this host",
        notice=Notice(
            says="no VM is started, stopped or changed on this host",
            seconds=5,
            effect=Effect.LATER,
        ),
        needs=(
            "libvirt.unit.libvirtd",
            "libvirt.python",
            openvswitch.SWITCH,
            c.central("nova.conductor_registered"),
            *nova_volumes.ready(c),
        ),
        files=(CONF,),
        also_reads=nova_volumes.reads(c),
        start=command(c, "nova-compute"),
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        hardened=False,
        kill_mode="process",
    )
