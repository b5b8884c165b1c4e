"""Ceph: images, volumes and disks of VMs on the disks of storage hosts (R-SVC-6, R-TOPO-5).

Deployed from the distribution's packages by gureum's own steps, or there already
(cloud.yaml: ceph.existing). Who keeps what in it stands in `ceph_keys`.
"""

from __future__ import annotations

from gureum.config.setting import ConfigFile
from gureum.model.cloud import Role
from gureum.services import ceph_osd
from gureum.services.ceph_conf import FILE, options
from gureum.services.ceph_keys import (
    ADMIN,
    BOOTSTRAP,
    BOOTSTRAP_KEYRING,
    clients,
    clients_here,
    granted,
    key,
    keyring,
    pools,
)
from gureum.services.ceph_layout import (
    CONF,
    domain,
    fsid,
    least,
    monitors,
    replicas,
    secret_uuid,
    unread_by,
)
from gureum.services.context import Context
from gureum.services.declaration import (
    Declaration,
    Opening,
    OpenTo,
    Port,
    Task,
    TextFile,
    Unit,
)
from gureum.steps.ceph import CephMonitorMade, CephPopulated, CephUsable, LibvirtSecret
from gureum.steps.notice import NOBODY, Effect, Notice
from gureum.steps.states import CommandDone
from gureum.steps.step import Phase

USABLE = "ceph.usable"
_ADMIN_KEYRING = f"/etc/ceph/ceph.{ADMIN}.keyring"
_MODULES = "/usr/local/lib/gureum/ceph-mgr"
_BCRYPT = '''\
"""Stands in for bcrypt, which cannot be loaded into a second interpreter of one process.

Ceph's manager has an interpreter for each module, and with Python 3.13 all that import bcrypt fail.
Here none that needs a password hashed is used; who asks for one all the same is told so.
"""


def _missing(*_arguments, **_named):
    raise ImportError("bcrypt cannot be used inside of Ceph's manager with this Python")


gensalt = hashpw = checkpw = kdf = _missing
'''


def declare(c: Context) -> Declaration | None:
    """Declare Ceph for a storage host, and its clients for controllers and compute hosts."""
    if c.cloud.ceph is None:
        return None
    here = clients_here(c)
    storage = c.cloud.deploys_ceph and c.has(Role.STORAGE)
    watches = storage and c.host in monitors(c)
    if not (here or storage):
        return None
    devices = c.cloud.devices_of(c.host)
    return Declaration(
        service="ceph",
        packages=(
            "ceph-common",
            "python3-rados",
            "python3-rbd",
            *(("qemu-block-extra", "qemu-utils") if here else ()),
            *(("ceph-osd",) if storage else ()),
            *(("ceph-mon", "ceph-mgr") if watches else ()),
        ),
        directories={
            "/etc/ceph": ("root", "root", 0o755),
            **(
                {
                    "/var/lib/ceph/osd": ("ceph", "ceph", 0o750),
                    "/var/lib/ceph/bootstrap-osd": ("ceph", "ceph", 0o750),
                    "/usr/local/lib/gureum/bin": ("root", "root", 0o755),
                }
                if storage
                else {}
            ),
            **({_MODULES: ("root", "root", 0o755)} if watches else {}),
        },
        config_files=(
            (
                ConfigFile(
                    name=FILE,
                    path=CONF,
                    mode=0o644,
                    why="which Ceph this host belongs to, where its monitors are, and how daemons behave",
                ),
            )
            if c.cloud.deploys_ceph
            else ()
        ),
        options=tuple(options(c)) if c.cloud.deploys_ceph else (),
        files=(
            *(() if c.cloud.deploys_ceph else (_given_conf(c),)),
            *(_client_keyring(c, client.name) for client in here),
            *(_storage_files(c) if storage else ()),
            *(_watching_files(c) if watches else ()),
        ),
        units=(
            *((_monitor(c), _manager(c)) if watches else ()),
            *(ceph_osd.unit(c, device) for device in devices),
        ),
        ports=(
            (
                Port(
                    number=3300,
                    address=c.address,
                    unit=f"ceph-mon@{c.host}",
                    purpose="Ceph's monitor",
                ),
                Port(
                    number=6789,
                    address=c.address,
                    unit=f"ceph-mon@{c.host}",
                    purpose="Ceph's monitor, for clients of the kernel",
                ),
            )
            if watches
            else ()
        ),
        openings=(
            (
                Opening(
                    first=6800,
                    last=7568,
                    purpose="Ceph's OSDs and managers, each at the first ports that are free",
                    open_to=OpenTo.CLOUD,
                ),
            )
            if storage
            else ()
        ),
        tasks=(
            *((_python(c),) if here else ()),
            *(_watching_tasks(c) if watches else ()),
            *(ceph_osd.made(c, device) for device in devices),
            *(_secrets(c) if c.has(Role.COMPUTE) else ()),
        ),
    )


def ready(c: Context) -> tuple[str, ...]:
    """Return the steps after which a client of the context's host can read and write in Ceph."""
    if c.cloud.ceph is None:
        return ()
    ground = ["ceph.python", f"ceph.file.{CONF}"]
    ground += [f"ceph.file.{client.keyring}" for client in clients_here(c)]
    if c.cloud.deploys_ceph:
        ground.append(f"{monitors(c)[0]}/{USABLE}")
    return tuple(ground)


def keyring_of(c: Context, name: str) -> str:
    """Return where the key of a client lies."""
    return next(client.keyring for client in clients(c) if client.name == name)


def _given_conf(c: Context) -> TextFile:
    return TextFile(
        path=CONF,
        content=c.ceph_files.conf,
        why="where the monitors of the Ceph that was there before are, as its own ceph.conf says",
    )


def _client_keyring(c: Context, name: str) -> TextFile:
    client = next(one for one in clients(c) if one.name == name)
    entity = f"client.{name}"
    return TextFile(
        path=client.keyring,
        content=keyring({entity: (key(c, entity), {})}),
        why=client.why,
        group=client.group,
        mode=0o640,
        hidden=True,
    )


def _storage_files(c: Context) -> tuple[TextFile, ...]:
    return (
        TextFile(
            path=BOOTSTRAP_KEYRING,
            content=keyring({BOOTSTRAP: (key(c, BOOTSTRAP), {})}),
            why="a storage host adds its own disks to the cluster with this key, and may do nothing else",
            owner="ceph",
            group="ceph",
            mode=0o600,
            hidden=True,
        ),
        ceph_osd.starter(),
    )


def _watching_files(c: Context) -> tuple[TextFile, ...]:
    own = f"mgr.{c.host}"
    return (
        TextFile(
            path=_ADMIN_KEYRING,
            content=keyring({ADMIN: (key(c, ADMIN), {})}),
            why="whoever is root on a monitor's host may look after the cluster with the command ceph",
            mode=0o600,
            hidden=True,
        ),
        TextFile(
            path=f"/var/lib/ceph/mgr/ceph-{c.host}/keyring",
            content=keyring({own: (key(c, own), {})}),
            why="the manager of this host proves to the monitors by it that it is theirs",
            owner="ceph",
            group="ceph",
            mode=0o600,
            hidden=True,
        ),
        TextFile(
            path=f"{_MODULES}/bcrypt.py",
            content=_BCRYPT,
            why="with Python 3.13 every module of Ceph's manager that imports bcrypt fails to load, and "
            "the cluster's health stays at a warning",
        ),
    )


def _monitor(c: Context) -> Unit:
    alone = len(monitors(c)) == 1
    return Unit(
        name=f"ceph-mon@{c.host}",
        description="Ceph's monitor: who is in the cluster, and where data lies",
        user="ceph",
        notice=Notice(
            says="what opens a volume or a disk anew waits" if alone else "nobody notices",
            seconds=3 if alone else 0,
            effect=Effect.LATER if alone else Effect.NOBODY,
        ),
        reads=(CONF,),
        unread=unread_by("mon"),
        needs=("ceph.monitor",),
        ready_port=(c.address, 3300),
        hardened=False,
    )


def _manager(c: Context) -> Unit:
    return Unit(
        name=f"ceph-mgr@{c.host}",
        description="Ceph's manager: numbers, and how data is spread over disks",
        user="ceph",
        notice=NOBODY,
        drop_in={"Service": (f"Environment=PYTHONPATH={_MODULES}",)},
        drop_in_why="its Python finds what stands in for bcrypt before the real one",
        reads=(CONF, f"{_MODULES}/bcrypt.py"),
        unread=unread_by("mgr"),
        needs=(
            f"{monitors(c)[0]}/ceph.cluster",
            f"ceph.file./var/lib/ceph/mgr/ceph-{c.host}/keyring",
        ),
        hardened=False,
    )


def _watching_tasks(c: Context) -> tuple[Task, ...]:
    monitor = Task(
        id="ceph.monitor",
        state=CephMonitorMade(
            name=c.host,
            fsid=fsid(c),
            members={name: c.addresses[name] for name in monitors(c)},
            key=key(c, "mon."),
            admin=key(c, ADMIN),
        ),
        why="the monitor has a store, which begins with the keys of all monitors and the administrator",
        needs=(f"ceph.file.{CONF}", "ceph.directories", f"ceph.file.{_ADMIN_KEYRING}"),
    )
    if c.host != monitors(c)[0]:
        return (monitor,)
    seen = {name: c.cloud.devices_of(name) for name in c.storage_hosts}
    populated = Task(
        id="ceph.cluster",
        state=CephPopulated(
            keys=granted(c), domain=domain(c), pools={}, replicas=replicas(c), least=least(c)
        ),
        why="daemons and clients have a key each, with the rights of their work and no more",
        needs=tuple(f"{name}/ceph.unit.ceph-mon@{name}" for name in monitors(c)),
        timeout=180,
    )
    disks = tuple(
        f"{name}/ceph.unit.{ceph_osd.unit_name(device)}"
        for name, devices in seen.items()
        for device in devices
    )
    kept = Task(
        id="ceph.pools",
        state=CephPopulated(
            keys={}, domain=domain(c), pools=pools(c), replicas=replicas(c), least=least(c)
        ),
        why="what each client keeps has a pool, with as many copies as there are places for",
        # More copies are asked for only where the disks for them are there.
        needs=("ceph.cluster", *disks),
        timeout=180,
    )
    usable = Task(
        id=USABLE,
        state=CephUsable(disks=sum(map(len, seen.values())), pools=tuple(pools(c))),
        why="what is written to Ceph before its disks have met would wait, and its writer with it",
        needs=(
            "ceph.pools",
            *(f"{name}/ceph.unit.ceph-mgr@{name}" for name in monitors(c)),
        ),
        timeout=300,
    )
    return (monitor, populated, kept, usable)


def _python(c: Context) -> Task:
    return Task(
        id="ceph.python",
        state=CommandDone(
            check=(c.bin("python"), "-c", "import rados, rbd"),
            command=(
                "sh",
                "-c",
                "ln -sf /usr/lib/python3/dist-packages/rados*.so "
                '/usr/lib/python3/dist-packages/rbd*.so "$1"/lib/python3*/site-packages/',
                "link",
                c.release.venv,
            ),
        ),
        why="OpenStack's services reach Ceph through the distribution's own binding, which fits the "
        "distribution's library",
        needs=("base.venv", "base.packages"),
        phase=Phase.INSTALL,
    )


def _secrets(c: Context) -> tuple[Task, ...]:
    """Return the keys that libvirt hands to QEMU: the one of disks, and the one of volumes."""
    return tuple(
        Task(
            id=f"ceph.libvirt_secret.{client.name}",
            state=LibvirtSecret(
                uuid=secret_uuid(c, client.name),
                name=f"client.{client.name}",
                key=key(c, f"client.{client.name}"),
            ),
            why=f"libvirt hands QEMU the key of client.{client.name} by itself: on no command line, and in "
            "no file of a VM",
            needs=("libvirt.unit.libvirtd",),
        )
        for client in clients(c)
        if client.name in ("nova", "cinder")
    )


def secrets_ready(c: Context) -> tuple[str, ...]:
    """Return the steps after which a VM of the context's host can open what lies in Ceph."""
    return tuple(task.id for task in _secrets(c))
