"""Time: controllers follow the given servers, every other host follows the controllers (R-PREP-6)."""

from __future__ import annotations

from gureum.model.cloud import Role
from gureum.services.context import Context
from gureum.services.declaration import Declaration, Port, TextFile, Unit
from gureum.steps.notice import NOBODY

_CONF = "/etc/chrony/chrony.conf"
_DEFAULTS = "/etc/default/chrony"


def declare(c: Context) -> Declaration:
    """Declare chronyd for a host of any role."""
    controller = c.has(Role.CONTROLLER)
    if controller:
        upstream = [f"server {name} iburst" for name in c.cloud.time.servers]
        upstream += [f"peer {c.addresses[n]}" for n in c.controllers if n != c.host]
        upstream += ["local stratum 8 orphan", "allow"]
    else:
        # Between hosts of one cloud a question costs nothing, and a host whose controller was away
        # is to follow it again in seconds; by default it asks but once a minute or less.
        upstream = [f"server {c.addresses[n]} iburst minpoll 2 maxpoll 6" for n in c.controllers]
    lines = [
        *upstream,
        "driftfile /var/lib/chrony/chrony.drift",
        "makestep 1 3",
        # Not bound to the address: at boot it may come after chronyd, which does not try twice.
        *(() if controller else ("port 0",)),
        "bindcmdaddress /run/chrony/chronyd.sock",
    ]
    # A container shares its machine's clock: chronyd measures it there (-x) but leaves it alone.
    flags = "-F 1 -x" if c.facts.container else "-F 1"
    return Declaration(
        service="chrony",
        packages=("chrony",),
        files=(
            TextFile(
                path=_CONF,
                content="\n".join(lines) + "\n",
                why="hosts whose clocks differ reject each other's tokens and mix up agent heartbeats",
            ),
            TextFile(
                path=_DEFAULTS,
                content=f'DAEMON_OPTS="{flags}"\n',
                why="a container may measure the clock but must not step the one it shares",
            ),
        ),
        units=(
            Unit(
                name="chrony",
                description="time synchronisation: tokens and heartbeats need equal clocks",
                user="_chrony",
                notice=NOBODY,
                reads=(_CONF, _DEFAULTS),
                # The questions that it begins with are lost on a controller which does not answer yet.
                needs=() if controller else tuple(f"{n}/chrony.unit.chrony" for n in c.controllers),
                hardened=False,
            ),
        ),
        ports=(
            (Port(number=123, address=c.address, unit="chrony", purpose="NTP", protocol="udp"),)
            if controller
            else ()
        ),
    )
