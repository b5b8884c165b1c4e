"""swift: objects (R-SVC-7, R-TOPO-5). Proxies on controllers, objects on the disks of storage hosts."""

from __future__ import annotations

from collections.abc import Mapping

from gureum.model.device_name import short
from gureum.model.objects import SwiftAuth
from gureum.services import swift_config, swift_disks, swift_proxy
from gureum.services.context import CA_FILE, Context
from gureum.services.credentials import identity_user
from gureum.services.declaration import (
    Declaration,
    Endpoint,
    OpenTo,
    Port,
    Proxied,
    Task,
    TextFile,
    Unit,
)
from gureum.services.swift_config import DAEMONS, SWIFT, path
from gureum.services.swift_layout import (
    CACHE,
    ETC,
    FOLDER,
    NODES,
    PORTS,
    PROXY_PORT,
    RSYNC_PORT,
    STATE,
    devices,
    members,
    place,
    proxies,
    replicas,
    rsync_url,
    stores,
)
from gureum.steps.notice import NOBODY, Effect, Notice
from gureum.steps.swift import SwiftRingsBuilt, SwiftRingsTaken

RINGS = "swift.rings"
_RSYNC = f"{ETC}/rsyncd.conf"


def declare(c: Context) -> Declaration | None:
    """Declare Swift for a controller, a storage host, or both."""
    store, proxy = stores(c), proxies(c)
    if not (store or proxy) or c.cloud.swift is None:
        return None
    disks = c.cloud.swift_devices_of(c.host)
    keystone = c.cloud.swift.auth is SwiftAuth.KEYSTONE
    return Declaration(
        service="swift",
        packages=("rsync", *(("xfsprogs",) if store else ())),
        users={"swift": (STATE, ())},
        directories={
            ETC: ("root", "swift", 0o750),
            FOLDER: ("root", "swift", 0o750),
            STATE: ("swift", "swift", 0o750),
            CACHE: ("swift", "swift", 0o750),
            **(
                {
                    NODES: ("root", "root", 0o755),
                    "/usr/local/lib/gureum": ("root", "root", 0o755),
                    "/usr/local/lib/gureum/bin": ("root", "root", 0o755),
                }
                if store
                else {}
            ),
        },
        config_files=(
            swift_config.cluster_file(),
            *(swift_config.storage_files() if store else ()),
            *(swift_proxy.files() if proxy else ()),
        ),
        options=(
            *swift_config.cluster_options(c),
            *(swift_config.storage_options(c) if store else ()),
            *(swift_proxy.options(c) if proxy else ()),
        ),
        files=(_rsyncd(c), *((swift_disks.mounter(),) if store else ())),
        units=(
            _rsync(c),
            *(swift_disks.unit(device) for device in disks),
            *(_storage_units(c) if store else ()),
            *(_proxy_units(c) if proxy else ()),
        ),
        identity_users=(identity_user(c, "swift", admin=True),) if proxy and keystone else (),
        endpoints=(
            (
                Endpoint(
                    name="swift",
                    type="object-store",
                    description="Objects",
                    url=c.api(PROXY_PORT, "/v1/AUTH_%(project_id)s"),
                ),
            )
            if proxy and keystone
            else ()
        ),
        ports=(
            _port(c, RSYNC_PORT, "swift-rsync", "copies of objects, and the rings"),
            *(
                _port(c, number, f"swift-{kind}-server", f"Swift's {kind} server")
                for kind, number in PORTS.items()
                if store
            ),
            *(
                (
                    Port(
                        number=PROXY_PORT,
                        address="127.0.0.1",
                        unit="swift-proxy-server",
                        purpose="backend",
                    ),
                )
                if proxy
                else ()
            ),
        ),
        proxied=(
            (Proxied(name="swift-proxy", port=PROXY_PORT, backend=("127.0.0.1", PROXY_PORT)),)
            if proxy
            else ()
        ),
        tasks=(_rings(c), *(swift_disks.mounted(c, device) for device in disks)),
    )


def _port(c: Context, number: int, unit: str, purpose: str) -> Port:
    return Port(number=number, address=c.address, unit=unit, purpose=purpose, open_to=OpenTo.STORES)


def _rings(c: Context) -> Task:
    """Return the task that builds the rings, or on any other host the one that fetches them."""
    assert c.cloud.swift is not None
    first = c.controllers[0]
    if c.host == first:
        others = [name for name in members(c) if name != c.host and name not in c.absent]
        return Task(
            id=RINGS,
            state=SwiftRingsBuilt(
                python=c.bin("python"),
                folder=FOLDER,
                part_power=c.cloud.swift.part_power,
                replicas=replicas(c),
                min_part_hours=c.cloud.swift.min_part_hours,
                devices=devices(c),
                ports=PORTS,
                peers=tuple(rsync_url(c.addresses[name], "rings") for name in others),
            ),
            why="one set of rings says for the whole cloud on which disks the copies of an object lie",
            needs=("base.venv", "base.packages", "swift.directories", f"swift.file.{path(SWIFT)}"),
        )
    return Task(
        id=RINGS,
        state=SwiftRingsTaken(folder=FOLDER, source=rsync_url(c.addresses[first], "rings")),
        why="every host looks for objects where the rings of all others say that they are",
        needs=("base.packages", "swift.directories", f"{first}/{RINGS}", f"{first}/{_RSYNC_UNIT}"),
        watches=(f"{first}/{RINGS}",),
    )


_RSYNC_UNIT = "swift.unit.swift-rsync"


def _rsyncd(c: Context) -> TextFile:
    modules = "".join(
        f"\n[{kind}]\npath = {NODES}\nread only = no\nmax connections = 25\n"
        f"lock file = {CACHE}/rsync-{kind}.lock\n"
        for kind in PORTS
        if stores(c)
    )
    return TextFile(
        path=_RSYNC,
        content=f"# By gureum: how copies of objects come to this host, and rings to others.\n"
        f"address = {c.address}\nport = {RSYNC_PORT}\nuse chroot = no\nlist = no\n"
        f"hosts allow = {' '.join(c.addresses[name] for name in members(c))}\nhosts deny = *\n"
        f"{modules}\n[rings]\npath = {FOLDER}\nread only = yes\n",
        why="which folders other hosts of this Swift write copies into, and nobody else; where a disk is "
        "not mounted its folder is root's",
        group="swift",
        mode=0o640,
    )


def _rsync(c: Context) -> Unit:
    return Unit(
        name="swift-rsync",
        description="takes copies of objects in, and gives the rings to other hosts",
        user="swift",
        command=("/usr/bin/rsync", "--daemon", "--no-detach", f"--config={_RSYNC}"),
        notice=Notice(says="copies are made later", seconds=1, effect=Effect.LATER),
        reads=(_RSYNC,),
        needs=("swift.directories",),
        ready_port=(c.address, RSYNC_PORT),
        writes=(CACHE, *((NODES,) if stores(c) else ())),
    )


def _storage_units(c: Context) -> tuple[Unit, ...]:
    disks = tuple(swift_disks.step(device) for device in c.cloud.swift_devices_of(c.host))
    alone = len(c.storage_hosts) == 1
    units = []
    for kind, number in PORTS.items():
        name = f"swift-{kind}-server"
        units.append(
            _program(
                c,
                name,
                f"Swift: keeps {kind}s on this host's disks",
                f"{kind}-server.conf",
                notice=Notice(
                    says="requests about objects fail"
                    if alone
                    else "Swift asks other hosts for their copies",
                    seconds=4 if alone else 0,
                    effect=Effect.ERRORS if alone else Effect.LATER,
                    apis=("swift-proxy-server",) if alone else (),
                ),
                needs=disks,
                port=(c.address, number),
            )
        )
        units += [
            _program(
                c,
                f"swift-{kind}-{daemon}",
                f"Swift: {_WORK[daemon].format(kind)}",
                f"{kind}-server.conf",
                notice=NOBODY,
                needs=(*disks, RINGS),
            )
            for daemon in DAEMONS[kind]
        ]
    return tuple(units)


_WORK = {
    "replicator": "brings copies of {}s to where they are missing",
    "auditor": "reads {}s again and again, and sets broken ones aside",
    "updater": "brings numbers of {}s to the lists that could not be reached before",
    "reaper": "deletes what belongs to a deleted {}",
}


def _proxy_units(c: Context) -> tuple[Unit, ...]:
    ground = (RINGS, "memcached.unit.memcached")
    return (
        _program(
            c,
            "swift-proxy-server",
            "OpenStack objects: takes requests and finds the copies",
            swift_proxy.PROXY,
            notice=Notice(
                says="requests about objects wait, and uploads break off",
                seconds=4,
                effect=Effect.WAITS,
                apis=("swift-proxy-server",),
            ),
            needs=ground,
            # s3token's own login takes no option for whom keystone's certificate leads to.
            environment={"REQUESTS_CA_BUNDLE": CA_FILE},
            url=f"http://127.0.0.1:{PROXY_PORT}/healthcheck",
        ),
        _program(
            c,
            "swift-object-expirer",
            "Swift: deletes objects whose time is over",
            swift_proxy.EXPIRER,
            notice=NOBODY,
            needs=ground,
        ),
        _program(
            c,
            "swift-container-reconciler",
            "Swift: moves objects to the storage policy of their container",
            swift_proxy.RECONCILER,
            notice=NOBODY,
            needs=ground,
        ),
    )


def _program(
    c: Context,
    name: str,
    description: str,
    conf: str,
    *,
    notice: Notice,
    needs: tuple[str, ...],
    port: tuple[str, int] | None = None,
    url: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Unit:
    serves = port is not None or url is not None
    return Unit(
        name=name,
        description=description,
        user="swift",
        command=(c.bin(name), path(conf)),
        environment=environment or {},
        notice=notice,
        after=tuple(
            f"{swift_disks.unit_name(device)}.service"
            for device in c.cloud.swift_devices_of(c.host)
        ),
        reads=(path(conf), path(SWIFT)),
        needs=needs,
        # Who waits for an answer comes before those that only keep things tidy.
        service_lines=("LimitNOFILE=65536",) if serves else ("Nice=10",),
        kill_mode="mixed",
        writes=(CACHE, STATE, *((NODES,) if stores(c) else ())),
        ready_port=port,
        ready_url=url,
    )


def places(c: Context) -> tuple[str, ...]:
    """Return where the disks of the context's host are mounted."""
    return tuple(place(device) for device in c.cloud.swift_devices_of(c.host))


def ring_names(c: Context) -> tuple[str, ...]:
    """Return what the disks of the context's host are called in the rings."""
    return tuple(short(device) for device in c.cloud.swift_devices_of(c.host))
