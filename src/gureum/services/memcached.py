"""memcached: validated tokens and keystone's own cache (R-INFRA-3)."""

from __future__ import annotations

from gureum.model.cloud import Role
from gureum.services.context import Context
from gureum.services.declaration import Declaration, OpenTo, Port, TextFile, Unit
from gureum.steps.notice import EVERY, Effect, Notice

_CONF = "/etc/memcached.conf"


def declare(c: Context) -> Declaration | None:
    """Declare memcached for a controller."""
    if not c.has(Role.CONTROLLER):
        return None
    megabytes = max(64, min(c.facts.memory_mb // 64, 1024))
    return Declaration(
        service="memcached",
        packages=("memcached",),
        files=(
            TextFile(
                path=_CONF,
                content=f"-m {megabytes}\n-p 11211\n-U 0\n-u memcache\n-l {c.address}\n-c 4096\n",
                why="on the management network only, and TCP only: memcached over UDP is a known "
                "amplifier",
            ),
        ),
        units=(
            Unit(
                name="memcached",
                description="cache of validated tokens, and of what keystone looks up most",
                user="memcache",
                notice=Notice(
                    says="every token is checked anew, so requests take a little longer",
                    seconds=2,
                    effect=Effect.WAITS,
                    apis=(EVERY,),
                ),
                reads=(_CONF,),
                ready_port=(c.address, 11211),
                hardened=False,
            ),
        ),
        ports=(
            Port(
                number=11211,
                address=c.address,
                unit="memcached",
                purpose="cache",
                open_to=OpenTo.CONTROLLERS,
            ),
        ),
    )


def servers(c: Context) -> tuple[str, ...]:
    """Return where every memcached of the cloud answers."""
    return tuple(f"{c.reach(n)}:11211" for n in c.controllers)
