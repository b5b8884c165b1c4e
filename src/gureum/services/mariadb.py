"""MariaDB: the one database server of the cloud; no service falls back to SQLite (R-INFRA-1)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services.cinder_places import elsewhere as cinder_elsewhere
from gureum.services.context import Context, options_in
from gureum.services.declaration import Declaration, OpenTo, Port, Unit
from gureum.steps.notice import EVERY, Effect, Notice

_PATH = "/etc/mysql/mariadb.conf.d/99-gureum.cnf"


def declare(c: Context) -> Declaration | None:
    """Declare MariaDB for a controller."""
    if not c.has(Role.CONTROLLER):
        return None
    return Declaration(
        service="mariadb",
        packages=("mariadb-server",),
        config_files=(
            ConfigFile(
                name="mariadb.cnf",
                path=_PATH,
                mode=0o644,
                why="limits, character set and address of the one database server",
            ),
        ),
        options=tuple(_options(c)),
        units=(
            Unit(
                name="mariadb",
                description="database server of every service",
                user="mysql",
                notice=Notice(
                    says="requests to every API fail or wait",
                    seconds=6,
                    effect=Effect.ERRORS,
                    apis=(EVERY,),
                ),
                reads=(_PATH,),
                ready_port=(c.address, 3306),
                hardened=False,
            ),
        ),
        ports=(
            Port(
                number=3306,
                address=c.address,
                unit="mariadb",
                purpose="SQL",
                # cinder-volume reads and writes the database itself, also on a storage host.
                open_to=OpenTo.STORES if cinder_elsewhere(c) else OpenTo.CONTROLLERS,
            ),
        ),
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in("mariadb.cnf", "mariadb")
    pool = max(128, min(c.facts.memory_mb // 16, 8192))
    yield conf(
        "mariadbd", "bind-address", c.address, "only hosts of the management network may connect"
    )
    yield conf(
        "mariadbd",
        "max_connections",
        max(500, 250 * c.facts.cpus),
        "every worker of every service keeps a pool of connections; the default of 151 runs out "
        "with a few workers more",
    )
    yield conf(
        "mariadbd",
        "group_concat_max_len",
        1048576,
        "long lists of GROUP_CONCAT are cut off without an error; a distribution may set less than "
        "MariaDB's 1 MB",
    )
    yield conf(
        "mariadbd",
        "innodb_buffer_pool_size",
        f"{pool}M",
        "a sixteenth of the memory, for the tables of a cloud are small beside what VMs need",
    )
    # MariaDB touches all of these three when it starts: some 40 MB less with an empty database (11.8).
    yield conf(
        "mariadbd",
        "innodb_log_buffer_size",
        "4M",
        "what a transaction writes before it is committed; those of OpenStack are far smaller than the "
        "16 MB that the server would take when it starts",
    )
    yield conf(
        "mariadbd",
        "key_buffer_size",
        "1M",
        "a cache for tables of MyISAM, of which a cloud has none; it would be 128 MB",
    )
    yield conf(
        "mariadbd",
        "aria_pagecache_buffer_size",
        "8M",
        "a cache for the server's own tables of users and rights and for temporary ones; it would be 128 MB",
    )
    yield conf(
        "mariadbd",
        "innodb_file_per_table",
        True,
        "space of dropped tables goes back to the disk",
    )
    yield conf(
        "mariadbd",
        "skip-name-resolve",
        True,
        "users are known by address: no slow name server delays a new connection",
    )
    yield conf(
        "mariadbd",
        "character-set-server",
        "utf8mb3",
        "migrations of OpenStack make tables for three bytes a character, and connect with utf8",
    )
    yield conf(
        "mariadbd",
        "collation-server",
        "utf8mb3_general_ci",
        "tables of one collation can be joined; MariaDB's own default changes with its releases",
    )
    # On by default since 11.6.2. oslo.db takes error 1020 for a deadlock since 17.4 (bug 2116186),
    # which helps only where a service repeats its transaction; keystone was seen to answer 500 to
    # one of many logins at once. `loose-`: of older releases only the latest updates know the
    # option, and an unknown one would keep the server from starting.
    yield conf(
        "mariadbd",
        "loose-innodb_snapshot_isolation",
        False,
        "OpenStack is written for REPEATABLE READ as it always was: with it, requests that write the "
        "same row at once fail with error 1020 instead of waiting for each other",
    )
