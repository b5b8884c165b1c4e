"""cinder: volumes of VMs (R-SVC-6). API, scheduler and backup on controllers, cinder-volume beside
what volumes are made of: on controllers for Ceph and NFS, on storage hosts for LVM."""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.model.storage import BackendKind, Transport
from gureum.services import ceph, cinder_backends, cinder_tasks
from gureum.services.ceph_keys import clients
from gureum.services.ceph_layout import CONF as CEPH_CONF
from gureum.services.ceph_layout import unread_by
from gureum.services.cinder_config import (
    CONF,
    CONTEXTS,
    FILE,
    LOCKS,
    ROOTWRAP,
    STATE,
    options,
)
from gureum.services.cinder_places import kinds, of_lvm, served
from gureum.services.context import Context
from gureum.services.credentials import database, identity_user, schema
from gureum.services.declaration import Declaration, Endpoint, Port, TextFile, Unit
from gureum.services.glance import paste_file
from gureum.services.policy import policy_file, policy_path
from gureum.services.privsep import sudoers
from gureum.services.wsgi import api_unit
from gureum.steps.notice import Effect, Notice

_RPC = ("rabbitmq.unit.rabbitmq-server", "keystone.identity")


def declare(c: Context) -> Declaration | None:
    """Declare cinder for a controller, a storage host with LVM, or both."""
    if not c.cloud.backends:
        return None
    controller, mine = c.has(Role.CONTROLLER), served(c)
    if not (controller or mine):
        return None
    backs_up = controller and c.cloud.backup_target != "none"
    copies = bool(mine) or backs_up
    api, api_files, api_proxied = api_unit(
        c,
        name="cinder-api",
        service="cinder",
        module="cinder.wsgi.api:application",
        port=8776,
        description="OpenStack volume API: takes what users want of volumes",
        says="requests about volumes wait",
        seconds=3,
        reads=(CONF,),
        unread={CONF: tuple(f"{name}.*" for name in c.cloud.backends)},
        rereads=(policy_path("cinder"),),
        needs=("cinder.schema", "cinder.paste"),
    )
    return Declaration(
        service="cinder",
        packages=_packages(c, copies=copies),
        users={"cinder": (STATE, ())},
        directories={
            "/etc/cinder": ("root", "cinder", 0o750),
            STATE: ("cinder", "cinder", 0o750),
            LOCKS: ("cinder", "cinder", 0o750),
            f"{STATE}/conversion": ("cinder", "cinder", 0o750),
            f"{STATE}/coordination": ("cinder", "cinder", 0o750),
            "/var/log/cinder": ("cinder", "cinder", 0o750),
        },
        config_files=(
            ConfigFile(
                name=FILE,
                path=CONF,
                group="cinder",
                schema="cinder",
                why="what every unit of cinder on this host reads, and which backends it serves",
            ),
        ),
        options=(*options(c), *cinder_backends.options(c)),
        files=(
            *((*api_files, policy_file(c, "cinder")) if controller else ()),
            *((_rootwrap(c), _sudoers(c)) if copies else ()),
            *cinder_backends.files(c),
        ),
        units=(
            *((api, _scheduler(c)) if controller else ()),
            *((_volume(c),) if mine else ()),
            *((_backup(c),) if backs_up else ()),
        ),
        databases=(database(c, "cinder", "cinder"),) if controller else (),
        schema=(
            schema(
                c,
                (c.bin("cinder-manage"), "db", "sync"),
                {"OS_DATABASE__CONNECTION": "cinder"},
            )
            if controller
            else None
        ),
        identity_users=(identity_user(c, "cinder", admin=True),) if controller else (),
        endpoints=(
            (
                Endpoint(
                    name="cinder",
                    type="block-storage",
                    description="Volumes",
                    url=c.api(8776, "/v3"),
                ),
            )
            if controller
            else ()
        ),
        ports=(
            (Port(number=8776, address="127.0.0.1", unit="cinder-api", purpose="backend"),)
            if controller
            else ()
        ),
        openings=cinder_backends.openings(c),
        proxied=(api_proxied,) if controller else (),
        tasks=(
            *((paste_file(c, "cinder", "/etc/cinder/api-paste.ini"),) if controller else ()),
            *cinder_tasks.groups(c),
            *((cinder_tasks.types(c), cinder_tasks.reports(c)) if c.is_first_controller else ()),
        ),
    )


def _packages(c: Context, *, copies: bool) -> tuple[str, ...]:
    """Return what the host's units call: to convert images, to make targets, and to attach them."""
    of = kinds(c)
    lvm = [backend for backend in served(c).values() if of_lvm(backend)]
    transports = {b.transport for b in c.cloud.backends.values() if of_lvm(b)}
    return (
        *(("qemu-utils",) if copies else ()),
        *(("lvm2", "thin-provisioning-tools") if lvm else ()),
        *(("nvme-cli",) if lvm and Transport.NVME_TCP in transports else ()),
        *(("targetcli-fb",) if lvm and Transport.ISCSI in transports else ()),
        *(("open-iscsi",) if copies and Transport.ISCSI in transports else ()),
        *(("nfs-common",) if copies and BackendKind.NFS in of else ()),
    )


def _rootwrap(c: Context) -> TextFile:
    etc = f"{c.release.venv}/etc"
    return TextFile(
        path=ROOTWRAP,
        content="[DEFAULT]\n"
        f"filters_path={etc}/cinder/rootwrap.d,{etc}/os-brick/rootwrap.d\n"
        f"exec_dirs={c.release.venv}/bin,/sbin,/usr/sbin,/bin,/usr/bin\nuse_syslog=False\n",
        why="rootwrap starts only what these filters name, and root owns them",
    )


def _sudoers(c: Context) -> TextFile:
    return sudoers(
        c,
        "cinder",
        CONF,
        CONTEXTS.values(),
        extra=(f"{c.bin('cinder-rootwrap')} {ROOTWRAP} *",),
        # cinder says `sudo cinder-rootwrap` and lets nobody say where that is.
        search=f"{c.release.venv}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    )


def _daemon(c: Context, program: str, description: str, **rest: object) -> Unit:
    log = f"/var/log/cinder/{program}.log"
    return Unit(
        name=program,
        description=description,
        user="cinder",
        command=(c.bin(program), "--config-file", CONF),
        environment={"OS_DEFAULT__LOG_FILE": log},
        writes=("/var/log/cinder", STATE),
        log_file=log,
        **rest,  # type: ignore[arg-type]
    )


def _scheduler(c: Context) -> Unit:
    return _daemon(
        c,
        "cinder-scheduler",
        "OpenStack volume scheduler: picks the backend of a volume",
        notice=Notice(says="new volumes wait for their backend", seconds=5, effect=Effect.LATER),
        reads=(CONF,),
        unread={CONF: tuple(f"{name}.*" for name in c.cloud.backends)},
        needs=("cinder.schema", *_RPC),
    )


def _volume(c: Context) -> Unit:
    in_ceph = any(b.kind is BackendKind.CEPH for b in served(c).values())
    keyring = (CEPH_CONF, ceph.keyring_of(c, "cinder")) if in_ceph else ()
    return _daemon(
        c,
        "cinder-volume",
        "OpenStack volumes: makes, attaches and deletes them on this host's backends",
        notice=Notice(
            says="volumes of this host's backends are made, attached and deleted later",
            seconds=6,
            effect=Effect.LATER,
        ),
        reads=(CONF, ROOTWRAP, *keyring, *(f.path for f in cinder_backends.files(c))),
        unread=unread_by() if in_ceph else {},
        needs=(
            *_central(c),
            *(ceph.ready(c) if in_ceph else ()),
            *(task.id for task in cinder_tasks.groups(c)),
        ),
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        hardened=False,
        kill_mode="process",
    )


def _backup(c: Context) -> Unit:
    ours = {client.name: client.keyring for client in clients(c)}
    rings = [ours[name] for name in ("cinder", "cinder-backup") if name in ours]
    return _daemon(
        c,
        "cinder-backup",
        "OpenStack backups: copies volumes to another place and back",
        notice=Notice(says="backups and restores wait", seconds=5, effect=Effect.LATER),
        reads=(CONF, ROOTWRAP, *((CEPH_CONF, *rings) if rings else ())),
        unread=unread_by() if rings else {},
        needs=(*_central(c), *(ceph.ready(c) if rings else ())),
        escalates=True,
        filtered=c.facts.filters_beside_sudo,
        hardened=False,
        kill_mode="process",
    )


def _central(c: Context) -> tuple[str, ...]:
    """Return what units need of the first controller, wherever they run."""
    return tuple(c.central(step) for step in ("cinder.schema", *_RPC))
