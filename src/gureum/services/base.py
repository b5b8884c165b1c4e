"""What every host carries: its name, the names of the others, the authority, log rotation, Python."""

from __future__ import annotations

from gureum.model.cloud import Role
from gureum.services.context import CA_FILE, Context
from gureum.services.declaration import Declaration, Task, TextFile
from gureum.steps.names import NamesKnown
from gureum.steps.states import CommandDone

_CLOUD_INIT = "/etc/cloud/cloud.cfg.d/99-gureum.cfg"
_SYSCTL = "/etc/sysctl.d/60-gureum.conf"
_LOGROTATE = """\
/var/log/keystone/*.log /var/log/glance/*.log /var/log/placement/*.log
/var/log/nova/*.log /var/log/neutron/*.log /var/log/cinder/*.log /var/log/horizon/*.log {
    daily
    maxsize 50M
    rotate 7
    compress
    delaycompress
    missingok
    notifempty
    nocreate
}
"""


def declare(c: Context) -> Declaration:
    """Declare what a host of any role carries."""
    return Declaration(
        service="base",
        packages=("ca-certificates", "logrotate", "python3", "python3-venv", "sudo"),
        directories={
            "/etc/gureum": ("root", "root", 0o755),
            "/var/lib/gureum": ("root", "root", 0o755),
        },
        files=(
            TextFile(
                path="/etc/hostname",
                content=f"{c.host}\n",
                why="nova, neutron and OVN file a host under its name, so it has to outlast a reboot",
            ),
            *(
                (
                    TextFile(
                        path=_CLOUD_INIT,
                        content="# By gureum, which keeps both itself.\n"
                        "preserve_hostname: true\nmanage_etc_hosts: false\n",
                        why="cloud-init would write the name of the host and its /etc/hosts "
                        "anew at every boot",
                    ),
                )
                if c.facts.cloud_init
                else ()
            ),
            *(
                (
                    TextFile(
                        path=_SYSCTL,
                        content="net.ipv4.ip_nonlocal_bind = 1\n",
                        why="at boot a server may start before the address that it listens on is there, "
                        "and would end for good",
                    ),
                )
                if c.has(Role.CONTROLLER)
                else ()
            ),
            TextFile(
                path=CA_FILE,
                content=c.ca,
                why="clients on this host verify the API's certificate against the cloud's own CA",
            ),
            TextFile(
                path="/etc/logrotate.d/gureum",
                content=_LOGROTATE,
                why="log files of services must not fill the disk; services notice by themselves that "
                "theirs was moved away, so no line is lost as it would be in a cut",
            ),
        ),
        tasks=(
            Task(
                id="base.names",
                state=NamesKnown(names={**_known(c), **c.api_names}),
                why="a host resolves the controllers, and a controller every host, without a name server; "
                "and its own name, without which sudo stumbles; lines of others in /etc/hosts stay",
            ),
            Task(
                id="base.hostname",
                state=CommandDone(
                    check=("sh", "-c", '[ "$(hostname)" = "$1" ]', "sh", c.host),
                    command=("hostname", c.host),
                ),
                why="the running name agrees with /etc/hostname before a service records it",
                needs=("base.file./etc/hostname", "base.names"),
            ),
            *(
                (
                    Task(
                        id="base.sysctl",
                        state=CommandDone(
                            check=("cat", "/proc/sys/net/ipv4/ip_nonlocal_bind"),
                            want="1",
                            command=("sysctl", "--quiet", "--load", _SYSCTL),
                        ),
                        why="the kernel does as this host's file for it says before the next boot too",
                        needs=(f"base.file.{_SYSCTL}",),
                    ),
                )
                if c.has(Role.CONTROLLER)
                else ()
            ),
        ),
    )


def _known(c: Context) -> dict[str, str]:
    """Return the hosts that this one knows by name, and their addresses.

    What a host does not need does not change on it: one more compute host is none of its business,
    while administrators on a controller want to reach every host by name.
    """
    names = c.cloud.hosts if c.has(Role.CONTROLLER) else {*c.controllers, c.host}
    return {name: c.addresses[name] for name in sorted(names) if name in c.addresses}
