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
        if not unit.drop_in:
            return None
        text = "\n".join(
            f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in unit.drop_in.items()
        )
        return TextFile(
            path=f"/etc/systemd/system/{name}.d/gureum.conf",
            content=text,
            why=unit.drop_in_why,
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


def _whole(unit: Unit) -> str:
    guard = _HARDENING if unit.hardened else ()
    if unit.escalates:
        guard = (*_ESCALATING, *(_FILTERS if unit.filtered else ()))
    lines = [
        "[Unit]",
        f"Description={unit.description}",
        f"After={' '.join(('network-online.target', *unit.after))}",
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
        "Restart=on-failure",
        "RestartSec=2",
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
