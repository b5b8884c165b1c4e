"""What every host carries: its name, the names of the others, the authority, log rotation, Python."""

from __future__ import annotations

from gureum.services.context import CA_FILE, Context
from gureum.services.declaration import Declaration, Task, TextFile
from gureum.steps.states import CommandDone

_LOGROTATE = """\
/var/log/keystone/*.log /var/log/glance/*.log /var/log/placement/*.log
/var/log/nova/*.log /var/log/neutron/*.log /var/log/horizon/*.log {
    daily
    maxsize 100M
    rotate 14
    compress
    delaycompress
    missingok
    notifempty
    copytruncate
}
"""


def declare(c: Context) -> Declaration:
    """Declare what a host of any role carries."""
    known = [*sorted(c.addresses.items()), *c.api_names.items()]
    names = "".join(f"{address} {name}\n" for name, address in dict.fromkeys(known))
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
            TextFile(
                path="/etc/hosts",
                content=f"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{names}",
                why="every host resolves every other without a name server, and its own name as "
                "/etc/hostname has it, without which sudo cannot resolve the host",
            ),
            TextFile(
                path=CA_FILE,
                content=c.ca,
                why="clients on this host verify the API's certificate against the cloud's own CA",
            ),
            TextFile(
                path="/etc/logrotate.d/gureum",
                content=_LOGROTATE,
                why="log files of services must not fill the disk; they are cut in place, for the services "
                "keep them open",
            ),
        ),
        tasks=(
            Task(
                id="base.hostname",
                state=CommandDone(
                    check=("hostname",), want=f"{c.host}\n", command=("hostname", c.host)
                ),
                why="the running name agrees with /etc/hostname before a service records it",
                needs=("base.file./etc/hostname", "base.file./etc/hosts"),
            ),
        ),
    )
