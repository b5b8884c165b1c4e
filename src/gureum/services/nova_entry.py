"""How nova-compute is started, so that it can be stopped: gureum's own entry to it.

At its end nova-compute waits for all its threads. One of them watches the connection to libvirt and
never ends, so a stop takes the whole of manager_shutdown_timeout (160 s) although nothing is in
progress; a shorter one would take the time from work that is. With the thread told to end, an idle
stop takes seconds, and a VM that is being built still has its minutes.
"""

from __future__ import annotations

from gureum.services.context import Context
from gureum.services.declaration import TextFile

ENTRY = "/usr/local/lib/gureum/bin/nova-compute"
STOP_SECONDS = 200
"""A little more than nova's own graceful_shutdown_timeout of 180 seconds, after which it ends itself."""

_TEXT = """\
# nova waits at its end for the thread that watches the connection to libvirt, which never ends by
# itself (the TODO in nova's Host.cleanup says so). This asks it to, and changes nothing else.
import sys

from nova.cmd.compute import main
from nova.virt.libvirt.host import Host


def end():
    raise SystemExit


def cleanup(self, cleanup=Host.cleanup):
    self._conn_event_handler_queue.put(end)
    cleanup(self)


Host.cleanup = cleanup
sys.exit(main())
"""


def entry() -> TextFile:
    """Return the file that starts nova-compute."""
    return TextFile(
        path=ENTRY,
        content=_TEXT,
        why="a nova-compute with nothing in progress stops within seconds, not after 160",
    )


def command(c: Context) -> tuple[str, ...]:
    """Return the command that starts nova-compute, without its arguments."""
    return (c.bin("python"), ENTRY)
