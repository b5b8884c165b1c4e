"""nova's databases and cells: how they come to be, and what tells that they are."""

from __future__ import annotations

from gureum.services import credentials
from gureum.services.context import Context
from gureum.services.declaration import Schema, Task
from gureum.services.nova_config import DB_CONF
from gureum.steps.openstack import ComputesReporting
from gureum.steps.states import CommandDone

# A cell's row in the database holds no password: nova fills the template from its own nova.conf.
_TEMPLATE = "{scheme}://{username}:{password}@{hostname}/{path}?{query}"
_QUEUE_TEMPLATE = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"
_CELL0_TEMPLATE = "{scheme}://{username}:{password}@{hostname}/nova_cell0?{query}"
DATABASES = ("nova_api", "nova_cell0", "nova")
# create_cell answers 2 where the cell exists already, which is as good.
# nova-manage spends most of its time on imports: one process does the work of three in half the time.
_MAKE_DATABASES = f"""\
import sys
from nova.cmd import manage
sys.argv = ["nova-manage", "api_db", "sync"]
failed = manage.main()
if manage.CONF.transport_url == "rabbit://":
    # A rehearsal has no queue; the cell's template only has to be filled in to be looked at.
    manage.CONF.set_override("transport_url", "rabbit://user:none@localhost:5672/nova")
cells = manage.CellV2Commands()
sys.exit(
    failed
    or cells.map_cell0({_CELL0_TEMPLATE!r})
    or manage.DbCommands().sync()
    or cells.create_cell("cell1", {_TEMPLATE!r}, {_QUEUE_TEMPLATE!r}) == 1
)
"""


def schema(c: Context) -> Schema:
    """Return nova's tables and its first cells, which one process makes."""
    return credentials.schema(
        c,
        (c.bin("python"), "-c", _MAKE_DATABASES),
        {"OS_API_DATABASE__CONNECTION": "nova_api", "OS_DATABASE__CONNECTION": "nova"},
        others=("nova_cell0",),
        needs=("nova.manage_config",),
    )


def manage_config() -> Task:
    """Return the link by which nova-manage finds the databases."""
    link = "/etc/nova/nova-manage.conf.d/database.conf"
    return Task(
        id="nova.manage_config",
        state=CommandDone(
            check=("readlink", link), want=f"{DB_CONF}\n", command=("ln", "-sfn", DB_CONF, link)
        ),
        why="nova-manage finds the databases by itself when a person types it",
        needs=("nova.directories",),
    )


def cells(c: Context) -> Task:
    """Return the cell that VMs live in."""
    return Task(
        id="nova.cells",
        state=CommandDone(
            check=_sql("SELECT name FROM nova_api.cell_mappings"),
            want="cell1",
            command=(
                *(c.bin("nova-manage"), "cell_v2", "create_cell", "--name", "cell1"),
                *("--database_connection", _TEMPLATE, "--transport-url", _QUEUE_TEMPLATE),
            ),
            user="nova",
        ),
        why="VMs live in a cell; one is enough for hundreds of hosts",
        needs=("nova.schema", "nova.manage_config"),
    )


def _sql(query: str) -> tuple[str, ...]:
    return ("mariadb", "--batch", "--skip-column-names", "--execute", query)


# The search begins while nova-compute still starts, so that the imports of both go on at once.
_DISCOVER = """\
import sys, time
from nova import context, exception, objects
from nova.cmd import manage
missing = sys.argv[1:]
sys.argv = ["nova-manage", "cell_v2", "discover_hosts"]
until = time.monotonic() + 120
failed = manage.main()
while not failed:
    try:
        while missing:
            objects.HostMapping.get_by_host(context.get_admin_context(), missing[0])
            del missing[0]
        break
    except exception.HostMappingNotFound:
        if time.monotonic() > until:
            sys.exit(f"{', '.join(missing)} did not register within two minutes")
        time.sleep(0.2)
        failed = manage.CellV2Commands().discover_hosts()
sys.exit(failed or 0)
"""


def conductor_registered() -> Task:
    """Return the wait for a conductor's record."""
    return Task(
        id="nova.conductor_registered",
        state=CommandDone(
            check=_sql(
                "SELECT CONCAT('conductors ', COUNT(*) > 0) FROM nova.services "
                "WHERE topic = 'conductor' AND deleted = 0"
            ),
            want="conductors 1",
            command=("true",),
            retry_for=60,
        ),
        why="a nova-compute that comes before the conductor's queue loses a minute for each try",
        needs=("nova.unit.nova-conductor",),
    )


def computes_report(c: Context) -> Task:
    """Return the wait for a report of every nova-compute that was started or restarted."""
    hosts = tuple(name for name in c.computes if name not in c.absent)
    units = tuple(f"{host}/nova.unit.nova-compute" for host in hosts)
    return Task(
        id="nova.computes_report",
        state=ComputesReporting(hosts=hosts),
        why="until a nova-compute has reported the scheduler may find no valid host for a VM",
        needs=("nova.schema", *units),
        watches=units,
    )


_MAPPED = (
    "SELECT CONCAT('unmapped ', COUNT(*)) FROM nova.compute_nodes n WHERE n.deleted = 0 "
    "AND n.host NOT IN (SELECT host FROM nova_api.host_mappings) UNION "
    "SELECT CONCAT('mapped ', host) FROM nova_api.host_mappings WHERE host IN (%s) ORDER BY 1"
)


def discovery(c: Context) -> Task:
    """Return the mapping of every compute host to its cell, which the first controller does."""
    hosts = [name for name in c.computes if name not in c.absent]
    mapped = "".join(f"mapped {name}\n" for name in sorted(hosts))
    listed = ", ".join(f"'{name}'" for name in hosts)
    return Task(
        id="nova.discovery",
        state=CommandDone(
            check=_sql(_MAPPED % listed),
            want=f"{mapped}unmapped 0\n",
            command=(c.bin("python"), "-c", _DISCOVER, *hosts),
            user="nova",
        ),
        why="the scheduler takes a new compute host at once instead of at the next periodic search",
        needs=tuple(f"{name}/nova.unit.nova-compute" for name in hosts),
    )
