"""rsyslog: brings the logs of every host to the controllers, and keeps them within bounds (R-OPS-2)."""

from __future__ import annotations

from collections.abc import Sequence

from gureum.model.cloud import Role
from gureum.services import rsyslog_conf
from gureum.services.context import CA_FILE, Context
from gureum.services.declaration import Declaration, Port, TextFile, Unit
from gureum.services.rsyslog_conf import FOLDER, OPENSTACK, PEM, PORT, SYSTEM, Gathering, Source
from gureum.steps.notice import NOBODY

_CONF = "/etc/rsyslog.conf"
_JOURNAL = "/etc/systemd/journald.conf.d/zz-gureum.conf"
_ROTATION = "/etc/logrotate.d/gureum-gathered"
_MACHINES = "/var/log/libvirt/qemu/*.log"
_FILE_MB = 64
_SHRINKS = 0.2
"""What gzip leaves of a log at most; of most it leaves half of that."""


def declare(c: Context, declared: Sequence[Declaration]) -> Declaration:
    """Declare rsyslog for a host of any role, in the know of the units that are `declared` for it."""
    gathering = _gathering(c, declared)
    controller = gathering.controller
    return Declaration(
        service="rsyslog",
        packages=("rsyslog", "rsyslog-relp"),
        directories={FOLDER: ("root", "adm", 0o750)} if controller else {},
        files=(
            TextFile(
                path=_CONF,
                content=rsyslog_conf.text(gathering),
                why="each line of each log goes one way to the controllers; while one of them is away it "
                "waits on this host's disk",
            ),
            TextFile(
                path=_JOURNAL,
                content="[Journal]\nStorage=persistent\nSystemMaxUse=1G\nRateLimitBurst=100000\n"
                "ForwardToSyslog=no\n",
                why="the journal outlives a reboot within a limit, holds each request of a busy API, and "
                "tells nobody twice: rsyslog reads it by itself",
            ),
            *((_certificate(c),) if gathering.receives or gathering.receivers else ()),
            *((_rotation(c),) if controller else ()),
        ),
        units=(
            Unit(
                name="rsyslog",
                description="brings this host's logs to the controllers",
                user="root",
                notice=NOBODY,
                reads=(
                    _CONF,
                    *((PEM, CA_FILE) if gathering.receives or gathering.receivers else ()),
                ),
                needs=(
                    *(f"{d.service}.directories" for d in declared if _logs(d)),
                    # It stands on journald's socket, and would be taken along by a restart.
                    "rsyslog.unit.systemd-journald",
                ),
                drop_in={"Service": ("Environment=TZ=UTC",)},
                drop_in_why="its times are those of the services, which run in UTC wherever their host is",
                hardened=False,
            ),
            Unit(
                name="systemd-journald",
                hosts_own=True,
                description="keeps what units print and what systemd says of them",
                user="root",
                notice=NOBODY,
                reads=(_JOURNAL,),
                hardened=False,
            ),
            Unit(
                name="logrotate.timer",
                hosts_own=True,
                description="looks every five minutes whether a log has grown too long",
                user="root",
                notice=NOBODY,
                drop_in={
                    "Timer": (
                        "OnCalendar=",
                        "OnCalendar=*:0/5",
                        "RandomizedDelaySec=0",
                        "AccuracySec=30s",
                    )
                },
                drop_in_why="once a day is too late for a log that a fault fills by gigabytes",
                hardened=False,
            ),
        ),
        ports=(
            (Port(number=PORT, address=c.address, unit="rsyslog", purpose="logs of other hosts"),)
            if gathering.receives
            else ()
        ),
    )


def sources(declared: Sequence[Declaration]) -> tuple[Source, ...]:
    """Return every log file of a host: those of its units, and those of the machines of its VMs."""
    files = [
        Source(
            path=unit.log_file,
            unit=unit.name,
            form=unit.log_form,
            kind=SYSTEM if unit.shipped else OPENSTACK,
        )
        for d in declared
        for unit in d.units
        if unit.log_file
    ]
    files += [Source(path=u.printed, unit=u.name) for d in declared for u in d.units if u.printed]
    if any(d.service == "libvirt" for d in declared):
        files.append(Source(path=_MACHINES, unit="qemu"))
    return tuple(files)


def own_units(declared: Sequence[Declaration]) -> tuple[str, ...]:
    """Return the units whose lines are OpenStack's: its own, and HAProxy's, where its requests begin."""
    return tuple(
        u.name for d in declared for u in d.units if not u.shipped or d.service == "haproxy"
    )


def _gathering(c: Context, declared: Sequence[Declaration]) -> Gathering:
    return Gathering(
        host=c.host,
        address=c.address,
        sources=sources(declared),
        own_units=own_units(declared),
        controller=c.has(Role.CONTROLLER),
        alone=len(c.cloud.hosts) == 1,
        receivers={name: c.addresses[name] for name in c.controllers if name != c.host},
        outside=c.cloud.logging.syslog,
    )


def _logs(d: Declaration) -> bool:
    return bool(d.directories) and any(unit.log_file for unit in d.units)


def _certificate(c: Context) -> TextFile:
    return TextFile(
        path=PEM,
        content=c.certificate_bundle.reveal(),
        why="logs travel by TLS, and the hosts know each other by certificates of the cloud's own "
        "authority: nobody else reads along or slips lines in",
        mode=0o600,
        hidden=True,
    )


def _rotation(c: Context) -> TextFile:
    megabytes, kept = bounds(c.cloud.logging.keep * 1024, len(c.cloud.hosts))
    return TextFile(
        path=_ROTATION,
        content=f"{FOLDER}/hosts/*/*.log {FOLDER}/*.log {{\n"
        f"    size {megabytes}M\n    rotate {kept}\n"
        "    compress\n    delaycompress\n    missingok\n    notifempty\n    sharedscripts\n"
        "    postrotate\n        /usr/lib/rsyslog/rsyslog-rotate\n    endscript\n}\n",
        why=f"the gathered logs of all hosts keep within {c.cloud.logging.keep} GB, the oldest go first "
        "(cloud.yaml: logging.keep)",
    )


def bounds(megabytes: int, hosts: int) -> tuple[int, int]:
    """Return the size in MB at which a gathered log is rotated, and how many old ones are kept.

    All files of all hosts at their worst fit into `megabytes`: each with its present file, one that
    is not compressed yet, and the compressed ones. Room is left for hosts to come, so that one more
    seldom changes anything on the controllers.
    """
    files = 2 if hosts == 1 else 2 * max(4, 1 << (hosts - 1).bit_length()) + 2
    share = megabytes / files
    size = max(1, min(_FILE_MB, int(share / 4)))
    return size, max(2, min(60, int((share - 2 * size) / (size * _SHRINKS)) + 1))
