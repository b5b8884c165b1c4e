"""RabbitMQ: the message queue, a user and a virtual host for each service (R-INFRA-2)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services.context import Context, options_in
from gureum.services.declaration import (
    Declaration,
    Opening,
    OpenTo,
    Port,
    Proxied,
    QueueUser,
    Task,
    TextFile,
    Unit,
    WebPage,
)
from gureum.state.secrets import Secret
from gureum.steps.notice import Effect, Notice
from gureum.steps.openstack import QueueUsersPresent

ADMIN = "gureum"
"""The user of the management page."""
ADMIN_SECRET = "rabbitmq.admin"  # noqa: S105 - its name
PAGE_PORT = 15671
_BETWEEN_MEMBERS = {4369: "Erlang's port mapper", 25672: "the members of RabbitMQ's cluster"}
"""Where the management page answers with TLS: RabbitMQ's own number for that."""
_PLAIN_PAGE = 15672
_LOOPBACK = "127.0.0.1"
MANAGEMENT = (_LOOPBACK, _PLAIN_PAGE)
"""Where the management API answers on a controller itself."""
_CONF = "/etc/rabbitmq/rabbitmq.conf"
_ENV = "/etc/rabbitmq/rabbitmq-env.conf"
_PLUGINS = "/etc/rabbitmq/enabled_plugins"
_DEFINITIONS = "/etc/rabbitmq/definitions.json"
_ADMINISTRATOR = "administrator"
_COOKIE = "/var/lib/rabbitmq/.erlang.cookie"
_LOG = "/var/log/rabbitmq/rabbitmq.log"
# Why it does not start stands there and not in the journal.
_PRINTED = "/var/log/rabbitmq/rabbitmq-server.log"


def declare(c: Context) -> Declaration | None:
    """Declare RabbitMQ for a controller."""
    if not c.has(Role.CONTROLLER):
        return None
    cookie = c.secrets.password("rabbitmq.erlang_cookie").reveal()
    return Declaration(
        service="rabbitmq",
        packages=("rabbitmq-server",),
        config_files=(
            ConfigFile(
                name="rabbitmq.conf",
                path=_CONF,
                group="rabbitmq",
                format="properties",
                why="where the queue listens, and what it does when memory or a partner is short",
            ),
        ),
        options=tuple(_options(c)),
        files=(
            TextFile(
                path=_ENV,
                content=f"NODENAME=rabbit@{c.host}\n"
                'SERVER_ADDITIONAL_ERL_ARGS="'
                "+sbwt none +sbwtdcpu none +sbwtdio none"
                f'{" +S 1:1" if c.facts.cpus <= 4 else ""}"\n',
                why="schedulers that busy-wait eat the processor time that a small machine's "
                "services need",
            ),
            TextFile(
                path=_PLUGINS,
                content="[rabbitmq_management].\n",
                why="the management page and its API show queues, consumers and partitions",
            ),
            TextFile(
                path=_DEFINITIONS,
                content=_definitions(c),
                why="users, virtual hosts and rights are loaded at start: no default guest, and no "
                "password on a command line",
                group="rabbitmq",
                mode=0o640,
                hidden=True,
            ),
            TextFile(
                path=_COOKIE,
                content=cookie,
                why="members of one cluster know each other by this cookie",
                owner="rabbitmq",
                group="rabbitmq",
                mode=0o400,
                hidden=True,
            ),
        ),
        units=(
            Unit(
                name="rabbitmq-server",
                description="message queue between the units of one service",
                user="rabbitmq",
                notice=Notice(
                    says="work on VMs and networks waits for the queue",
                    seconds=8,
                    effect=Effect.LATER,
                ),
                # Not the definitions: the users are put right while it runs.
                reads=(_CONF, _ENV, _PLUGINS, _COOKIE),
                needs=(f"rabbitmq.file.{_DEFINITIONS}",),
                log_file=_LOG,
                printed=_PRINTED,
                ready_port=(c.address, 5672),
                hardened=False,
            ),
        ),
        pages=(WebPage(name="rabbitmq", url=c.api(PAGE_PORT, "/")),),
        ports=(
            Port(number=5672, address=c.address, unit="rabbitmq-server", purpose="AMQP"),
            Port(number=_PLAIN_PAGE, address=_LOOPBACK, unit="rabbitmq-server", purpose="backend"),
        ),
        openings=tuple(
            Opening(first=port, last=port, purpose=what, open_to=OpenTo.CONTROLLERS)
            for port, what in _BETWEEN_MEMBERS.items()
            if len(c.controllers) > 1
        ),
        proxied=(
            Proxied(
                name="rabbitmq-page",
                port=PAGE_PORT,
                backend=(_LOOPBACK, _PLAIN_PAGE),
                page=True,
            ),
        ),
        tasks=(_users_present(c),) if c.host == c.controllers[0] else (),
    )


def queue_users(c: Context) -> tuple[QueueUser, ...]:
    """Return every user of the message queue; a service finds its own by name."""
    services = tuple(
        QueueUser(name=name, password=c.secrets.password(f"{name}.queue"), vhost=name)
        for name in ("nova", "neutron", *(("cinder",) if c.cloud.backends else ()))
    )
    admin = QueueUser(
        name=ADMIN,
        password=c.secrets.password(ADMIN_SECRET),
        vhost="/",
        tags=_ADMINISTRATOR,
    )
    return (*services, admin)


def transport_url(c: Context, user: str) -> Secret:
    """Return the oslo.messaging URL of a service's user, all controllers listed."""
    password = c.secrets.password(f"{user}.queue").reveal()
    hosts = ",".join(f"{user}:{password}@{c.reach(n)}:5672" for n in c.controllers)
    return Secret(f"rabbit://{hosts}/{user}")


def messaging_options(c: Context, file: str, service: str) -> Iterator[Option]:
    """Yield the options by which a service talks to the queue."""
    conf = options_in(file, service)
    rabbit = "oslo_messaging_rabbit"
    yield conf(
        "DEFAULT",
        "transport_url",
        transport_url(c, service),
        f"{service} has a user and a virtual host of its own: no other service's messages are "
        "within its reach",
    )
    yield conf(
        rabbit,
        "rabbit_quorum_queue",
        True,
        "queues that outlive the loss of a controller; set from the first host on, for the type of "
        "a queue cannot be changed later",
    )
    yield conf(
        rabbit,
        "heartbeat_timeout_threshold",
        30,
        "a connection whose other end died without a word is given up after half a minute, not after one",
    )
    yield conf(
        rabbit,
        "kombu_reconnect_delay",
        0.5,
        "a service is back on the queue half a second after the queue is",
    )
    yield conf(
        rabbit,
        "rabbit_interval_max",
        5,
        "a host that was cut off for minutes is back some seconds after the network is; by default the "
        "pauses between its attempts grow to half a minute",
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in("rabbitmq.conf", "rabbitmq")
    yield conf(
        "",
        "listeners.tcp.1",
        f"{c.address}:5672",
        "AMQP is offered on the management network alone; by default it is on every address",
    )
    yield conf(
        "",
        "management.tcp.ip",
        _LOOPBACK,
        "the management page takes a password and speaks no TLS: HAProxy alone may reach it, and does "
        "that for it",
    )
    yield conf(
        "",
        "management.tcp.port",
        str(_PLAIN_PAGE),
        "a listener with an address needs its port said; tools look for the page on this one",
    )
    yield conf(
        "", "load_definitions", _DEFINITIONS, "users and rights stand in one file, loaded at start"
    )
    yield conf(
        "",
        "cluster_partition_handling",
        "pause_minority",
        "of a cluster that fell apart only the larger part may go on, else messages diverge",
    )
    yield conf(
        "",
        "vm_memory_high_watermark.relative",
        "0.2",
        "publishers are slowed down before the queue takes the memory of its neighbours",
    )
    yield from _log_options(c)


def _log_options(c: Context) -> Iterator[Option]:
    conf = options_in("rabbitmq.conf", "rabbitmq")
    yield conf(
        "",
        "log.file",
        _LOG,
        "a name that is the same on every controller and in every version; it is begun anew when the "
        "rotation has moved it away",
    )
    yield conf(
        "",
        "log.file.level",
        "debug" if c.debug("rabbitmq") else "info",
        "the operator wants debug messages (cloud.yaml: logging.debug, logging.services)"
        if c.debug("rabbitmq")
        else "who came and went, and what went wrong, without every single step",
    )
    yield conf(
        "",
        "log.file.formatter.time_format",
        "rfc3339_T",
        "times as OpenStack's services write them, so that the lines of both can be sorted together",
    )
    yield conf(
        "",
        "log.file.formatter.plaintext.format",
        "$time $pid $level $msg",
        "process, level and text stand where they stand in the lines of the other services",
    )
    yield conf(
        "",
        "log.file.formatter.level_format",
        "uc",
        "levels are spelt as OpenStack spells them, INFO and WARNING",
    )


def _users_present(c: Context) -> Task:
    admin = next(u for u in queue_users(c) if u.tags == _ADMINISTRATOR)
    return Task(
        id="rabbitmq.users",
        state=QueueUsersPresent(
            address=_LOOPBACK,
            port=_PLAIN_PAGE,
            admin=admin.name,
            password=admin.password,
            users={
                u.name: (Secret(_hashed(c, u)), (u.tags,) if u.tags else (), _reach(c, u))
                for u in queue_users(c)
            },
            definitions=_DEFINITIONS,
        ),
        why="a user that was changed or removed by hand would lock its service out at the next "
        "connection; it is put right without a restart",
        needs=("rabbitmq.unit.rabbitmq-server", f"rabbitmq.file.{_DEFINITIONS}"),
    )


def _vhosts(c: Context) -> tuple[str, ...]:
    return tuple(sorted({u.vhost for u in queue_users(c)}))


def _reach(c: Context, user: QueueUser) -> tuple[str, ...]:
    """Return the virtual hosts that a user has rights in: its own, the administrator all."""
    return _vhosts(c) if user.tags == _ADMINISTRATOR else (user.vhost,)


def _definitions(c: Context) -> str:
    users = queue_users(c)
    return json.dumps(
        {
            "users": [
                {
                    "name": u.name,
                    "password_hash": _hashed(c, u),
                    "hashing_algorithm": "rabbit_password_hashing_sha256",
                    "tags": u.tags,
                }
                for u in users
            ],
            # A queue made by hand outlives a controller as well. rabbitmq.conf has a word for it
            # too, but RabbitMQ 3.10 does not start over one that it does not know.
            "vhosts": [{"name": v, "default_queue_type": "quorum"} for v in _vhosts(c)],
            "permissions": [
                {"user": u.name, "vhost": v, "configure": ".*", "write": ".*", "read": ".*"}
                for u in users
                for v in _reach(c, u)
            ],
        },
        indent=1,
    )


def _hashed(c: Context, user: QueueUser) -> str:
    """Return RabbitMQ's salted SHA-256 of a user's password.

    The salt is derived from the password and the user, so that the same input gives the same file
    and a second apply changes nothing.
    """
    password = user.password.reveal()
    salt = hashlib.sha256(f"{c.cloud.name}/{user.name}\0{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
