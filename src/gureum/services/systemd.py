"""Writes a unit's file: its own user, no more rights than it needs, restarted when it fails."""

from __future__ import annotations

from gureum.services.declaration import TextFile, Unit

_HARDENING = (
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "ProtectControlGroups=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelLogs=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "UMask=0027",
)
"""For a unit that only computes, listens and talks to others: it owns nothing but its folders."""

_ESCALATING = ("ProtectHome=yes", "UMask=0022")
"""For a unit whose privsep helpers come to root through sudo: what is left must let them work."""

_FILTERS = (
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectClock=yes",
    "RestrictRealtime=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
)
"""What systemd does to a unit by filtering its system calls."""

_MOUNTING = (
    "ProtectHome=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectClock=yes",
)
"""What systemd gives a unit mounts of its own for; the host sees nothing that it mounts then."""

_NO_DEVICES = ("PrivateDevices=yes", "ProtectClock=yes")
"""What leaves a unit without block devices; the second allows the clock's device, and no other then."""


GROUND = (
    "network-online.target",
    "chrony.service",
    "mariadb.service",
    "memcached.service",
    "openvswitch-switch.service",
    "ovn-ovsdb-server-nb.service",
    "ovn-ovsdb-server-sb.service",
    "ovn-controller.service",
    "libvirtd.service",
    "libvirt-guests.service",
)
"""What gureum's own units stand on, where it is on their host: at boot they come after it, and when
the host goes down they end before it. A service whose database is gone takes half a minute to end.
When gureum itself starts a unit it does not wait for these: it has an order of its own."""
_QUEUE = "rabbitmq-server.service"
"""What daemons stand on besides. An API answers most questions without it, and a queue that waits for
its other members waits for minutes."""

_AGAIN = ("RestartSec=2", "RestartSteps=5", "RestartMaxDelaySec=30")
"""What ends is started again for ever: after 2 s first, then later and later, up to half a minute
(systemd before 254 keeps to the 2 s). Another host that it needs may come up long after it."""


def file_name(unit: Unit) -> str:
    """Return the unit's full name, `nova-api.service`."""
    return unit.name if "." in unit.name else f"{unit.name}.service"


def environment(unit: Unit) -> dict[str, str]:
    """Return the environment of a unit.

    Those of gureum's own run in UTC: OpenStack logs in the zone of its host, and logs of hosts in
    two zones could not be laid side by side.
    """
    return dict(unit.environment) if unit.shipped else {"TZ": "UTC", **unit.environment}


def unit_file(unit: Unit) -> TextFile | None:
    """Return the file of a unit of gureum's own, the drop-in of a shipped one, or None."""
    name = file_name(unit)
    if unit.shipped:
        sections = _drop_in(unit)
        text = "\n".join(
            f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items()
        )
        if not sections:
            return None
        again = f"{unit.name} is never given up: what it needs may come up after it"
        return TextFile(
            path=f"/etc/systemd/system/{name}.d/gureum.conf",
            content=text,
            why="; ".join(filter(None, (unit.drop_in_why, again if unit.lasts else ""))),
        )
    return TextFile(
        path=f"/etc/systemd/system/{name}",
        content=_whole(unit),
        why=f"{unit.description}; runs as {unit.user}",
    )


def _type(unit: Unit) -> str:
    if unit.oneshot:
        return "oneshot"
    return "notify" if unit.notify else "exec"


def _after(unit: Unit) -> tuple[str, ...]:
    """Return what a unit of gureum's own starts after at boot, and ends before."""
    # A deed at boot may be what the ground itself waits for.
    ground = ("network-online.target",) if unit.oneshot else GROUND
    queue = () if unit.oneshot or unit.ready_url else (_QUEUE,)
    return (*ground, *queue, *unit.after)


def _drop_in(unit: Unit) -> dict[str, tuple[str, ...]]:
    """Return the lines for a shipped unit by section: those declared, and that it never gives up."""
    if not unit.lasts:
        return dict(unit.drop_in)
    again = {"Unit": ("StartLimitIntervalSec=0",), "Service": ("Restart=on-failure", *_AGAIN)}
    return {
        section: (*again.get(section, ()), *unit.drop_in.get(section, ()))
        for section in dict.fromkeys((*again, *unit.drop_in))
    }


def _whole(unit: Unit) -> str:
    guard: tuple[str, ...] = _HARDENING if unit.hardened else ()
    if unit.escalates:
        guard = (*_ESCALATING, *(_FILTERS if unit.filtered else ()))
    if unit.shares_mounts:
        guard = tuple(line for line in guard if line not in _MOUNTING)
    if unit.opens_disks:
        guard = tuple(line for line in guard if line not in _NO_DEVICES)
    lines = [
        "[Unit]",
        f"Description={unit.description}",
        f"After={' '.join(_after(unit))}",
        "Wants=network-online.target",
        # A service whose database comes up later must not be given up for good.
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        f"Type={_type(unit)}",
        f"User={unit.user}",
        f"Group={unit.user}",
        *(f"Environment={name}={value}" for name, value in environment(unit).items()),
        f"ExecStart={' '.join(unit.command)}",
        # A daemon that ends without being told to has given up, however well it says that it ended.
        f"Restart={'on-failure' if unit.oneshot else 'always'}",
        *_AGAIN,
        "TimeoutStopSec=30",
        *((f"KillMode={unit.kill_mode}",) if unit.kill_mode else ()),
        *unit.service_lines,
        *guard,
        *((f"ReadWritePaths={' '.join(unit.writes)}",) if unit.hardened and unit.writes else ()),
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"
