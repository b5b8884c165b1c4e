"""How nova's daemons are started, so that they can be stopped: gureum's own entries to them.

An idle daemon looks at its queues every five seconds only, one queue after another when it ends: a
stop takes up to ten seconds in which nothing happens. Told to look twice a second, it ends at once.
Its first report comes five seconds after a start, and with gureum's entry at once.

nova-compute also waits at its end for all its threads. One of them watches the connection to libvirt
and never ends, so a stop takes the whole of manager_shutdown_timeout (160 s) although nothing is in
progress; a shorter one would take the time from work that is. With the thread told to end, an idle
stop takes seconds, and a VM that is being built still has its minutes.
"""

from __future__ import annotations

from gureum.services.context import Context
from gureum.services.declaration import TextFile

STOP_SECONDS = 200
"""A little more than nova's own graceful_shutdown_timeout of 180 seconds, after which it ends itself."""
_ENTRIES = "/usr/local/lib/gureum/bin"
_QUEUES = """\
# A listener that has nothing to do waits up to five seconds for a message before it looks whether it
# is to end. The other module takes bounds of its options from the value and so comes first.
from oslo_messaging._drivers import impl_rabbit  # noqa: F401
from oslo_messaging._drivers import amqpdriver

amqpdriver.ACK_REQUEUE_EVERY_SECONDS_MAX = 0.5
"""
_REPORT = """\
# Its first report, by which the scheduler knows that it is there, would come five seconds after all is
# ready. It is the next thing that a start waits for.
from nova.servicegroup import api as servicegroup

servicegroup.INITIAL_REPORTING_DELAY = 0.1
"""
_LIBVIRT = """\
# nova waits at its end for the thread that watches the connection to libvirt, which never ends by
# itself (the TODO in nova's Host.cleanup says so). This asks it to, and changes nothing else.
from nova.virt.libvirt.host import Host


def end():
    raise SystemExit


def cleanup(self, cleanup=Host.cleanup):
    self._conn_event_handler_queue.put(end)
    cleanup(self)


Host.cleanup = cleanup
"""


def entry(program: str) -> TextFile:
    """Return the file that starts a daemon of nova, as `nova-compute`."""
    compute = program == "nova-compute"
    module = program.removeprefix("nova-")
    return TextFile(
        path=f"{_ENTRIES}/{program}",
        content="import sys\n\n"
        f"from nova.cmd.{module} import main\n\n"
        f"{_QUEUES}{_REPORT}{_LIBVIRT if compute else ''}\nsys.exit(main())\n",
        why="a nova-compute with nothing in progress stops within seconds, not after 160"
        if compute
        else f"an idle {program} stops at once when it is told to, not after up to ten seconds",
    )


def command(c: Context, program: str) -> tuple[str, ...]:
    """Return the command that starts a daemon, without its arguments."""
    return (c.bin("python"), f"{_ENTRIES}/{program}")
