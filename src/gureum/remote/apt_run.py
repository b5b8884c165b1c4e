"""Runs apt and dpkg: no questions, no units started by packages, and never left half done."""

from __future__ import annotations

import contextlib

from gureum.remote.process import Done, run

POLICY = "/usr/sbin/policy-rc.d"
LOG = "/run/gureum/apt.log"
GUARD = f"""
policy={POLICY}
log={LOG}
mark='made by gureum while it installs packages'
if [ -e $policy ] && ! grep -q "$mark" $policy; then mv -f $policy $policy.gureum-saved; fi
printf '#!/bin/sh\\n# %s\\nexit 101\\n' "$mark" > $policy
chmod 755 $policy
undo() {{
    rm -f $policy
    if [ -e $policy.gureum-saved ]; then mv -f $policy.gureum-saved $policy; fi
}}
trap undo EXIT
trap '' HUP
mkdir -p -m 700 ${{log%/*}}
exec > $log 2>&1
if [ -d /run/systemd/system ] && unshare --mount true 2>/dev/null; then
    unshare --mount sh -c 'mount -t tmpfs none /run/systemd && exec "$@"' hidden "$@"
    status=$?
    systemctl daemon-reload
    exit $status
fi
"$@"
"""
"""A shell script that keeps units from being started while its arguments run as a command.

It is a process of its own and writes to a file, so that it puts things back even where the
connection is lost and apt goes on alone: a policy-rc.d that stays would keep every later package
from starting its units.
The scripts of packages do not see systemd, else each of them makes it reload all its units, which
costs a host with twenty daemons seconds; one reload afterwards does.
"""
OPTIONS = (
    "-o=Dpkg::Options::=--force-confdef",
    "-o=Dpkg::Options::=--force-confold",
    "-o=Dpkg::Options::=--force-unsafe-io",
    "-o=Dpkg::Use-Pty=0",
    "-o=DPkg::Lock::Timeout=120",
    "-o=APT::Keep-Downloaded-Packages=false",
)
NETWORK = ("-o=Acquire::Retries=2", "-o=Acquire::http::Timeout=20", "-o=Acquire::https::Timeout=20")
ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}


def update(source: tuple[str, ...] = ()) -> Done:
    """Fetch the package lists; `source` are options that show apt other sources than its own."""
    return run(("apt-get", "update", *NETWORK, *source), environment=ENVIRONMENT)


def install(names: list[str], source: tuple[str, ...] = ()) -> Done:
    """Install packages, without what they only recommend."""
    options = ("--yes", "--no-install-recommends", *OPTIONS, *NETWORK, *source)
    command = ("apt-get", "install", *options, *names)
    return _guarded(command)


def dpkg(*arguments: str) -> Done:
    """Run dpkg."""
    return _guarded(("dpkg", "--force-confdef", "--force-confold", *arguments))


def _guarded(command: tuple[str, ...]) -> Done:
    done = run(("sh", "-c", GUARD, "guard", *command), environment=ENVIRONMENT)
    with contextlib.suppress(OSError), open(LOG, errors="replace") as source:
        return Done(command, done.exit, source.read() + done.output, done.seconds)
    return Done(command, done.exit, done.output, done.seconds)
