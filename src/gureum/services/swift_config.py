"""What Swift's servers on storage hosts are told, and what every host of a Swift has in common."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.services.context import Context, options_in
from gureum.services.swift_layout import CACHE, ETC, NODES, PORTS, RSYNC_PORT

SWIFT = "swift.conf"
DAEMONS = {
    "account": ("replicator", "auditor", "reaper"),
    "container": ("replicator", "auditor", "updater"),
    "object": ("replicator", "auditor", "updater"),
}
"""What runs beside each server. Erasure codes, sharding and synchronisation between clouds would have
daemons of their own; no ring here is made for them."""
_ABOUT = {
    "account": "lists of containers",
    "container": "lists of objects",
    "object": "objects",
}


def path(name: str) -> str:
    """Return where a config file of Swift lies."""
    return f"{ETC}/{name}"


def config_file(name: str, why: str, *, group: str = "swift") -> ConfigFile:
    """Return one of Swift's config files, which is checked against Swift's own sample of it."""
    return ConfigFile(
        name=name,
        path=path(name),
        group=group,
        schema=name.removesuffix(".conf"),
        format="paste",
        why=why,
    )


def cluster_file() -> ConfigFile:
    """Return the file that is the same on all hosts of a Swift."""
    return config_file(
        SWIFT, "what turns the name of an object into its place, the same on every host for ever"
    )


def cluster_options(c: Context) -> Iterator[Option]:
    """Yield what hosts of one Swift have to agree on."""
    conf = options_in(SWIFT, "swift")
    for end, why in (
        (
            "prefix",
            "goes before each name that is hashed, so that nobody can choose names that all",
        ),
        (
            "suffix",
            "goes behind each name that is hashed; with another one no object is found any more",
        ),
    ):
        yield conf(
            "swift-hash",
            f"swift_hash_path_{end}",
            c.secrets.password(f"swift.hash_{end}"),
            f"{why} fall into one partition; it is made once and never changed"
            if end == "prefix"
            else why,
        )
    yield conf(
        "storage-policy:0",
        "name",
        "replicated",
        "containers of no policy have this one: whole copies, as many as cloud.yaml says",
    )
    yield conf(
        "storage-policy:0",
        "default",
        True,
        "new containers of which nobody says anything else take this policy",
    )


def storage_files() -> Iterator[ConfigFile]:
    """Yield the config files of a storage host."""
    for kind, about in _ABOUT.items():
        yield config_file(
            f"{kind}-server.conf", f"where the servers of {about} listen, and how daemons mend them"
        )


def storage_options(c: Context) -> Iterator[Option]:
    """Yield what the servers of a storage host are told."""
    for kind in PORTS:
        yield from _server(c, kind)


def _server(c: Context, kind: str) -> Iterator[Option]:
    file, about = f"{kind}-server.conf", _ABOUT[kind]
    conf = options_in(file, "swift")
    yield from log_options(c, file, "DEFAULT")
    yield conf(
        "DEFAULT",
        "bind_ip",
        c.address,
        f"the server of {about} asks nobody who they are, so it answers on the management network alone",
    )
    yield conf(
        "DEFAULT",
        "bind_port",
        PORTS[kind],
        f"the port that the rings have for {about}, Swift's usual one",
    )
    yield conf(
        "DEFAULT",
        "devices",
        NODES,
        f"disks with {about} are mounted below it, each under its name in the rings",
    )
    yield conf(
        "DEFAULT",
        "mount_check",
        True,
        f"where a disk is missing nothing is written: {about} would fill the host's own disk",
    )
    yield conf(
        "DEFAULT",
        "workers",
        c.workers,
        f"processes for {about}, one for each four processors, where by default there is one for each",
    )
    yield conf(
        "pipeline:main",
        "pipeline",
        f"healthcheck recon {kind}-server",
        f"the server of {about} tells of its health and its disks by itself, without a token",
    )
    yield conf(
        f"app:{kind}-server",
        "use",
        f"egg:swift#{kind}",
        f"Swift's own server of {about}, at the end of the pipeline",
    )
    yield conf(
        f"app:{kind}-server",
        "set log_requests",
        False,
        f"the proxy logs each request; for {about} each host with a copy would tell the same again",
    )
    yield conf(
        "filter:healthcheck",
        "use",
        "egg:swift#healthcheck",
        f"whoever looks after the server of {about} asks it a question that costs nothing",
    )
    yield conf(
        "filter:recon",
        "use",
        "egg:swift#recon",
        f"swift-recon and gureum verify learn from it about disks and replication of {about}",
    )
    yield conf(
        "filter:recon",
        "recon_cache_path",
        CACHE,
        f"the daemons for {about} leave there what they did last, for the server to tell",
    )
    yield conf(
        f"{kind}-replicator",
        "rsync_module",
        f"rsync://{{replication_ip}}:{RSYNC_PORT}/{kind}",
        f"copies of {about} come to other hosts by a server of Swift's own user, not by root's",
    )
    if kind == "account":
        yield conf(
            "account-reaper",
            "log_name",
            "account-reaper",
            "the name is its default; without a section of its own in the file the reaper does not start",
        )
    for daemon in (one for one in DAEMONS[kind] if one != "reaper"):
        yield conf(
            f"{kind}-{daemon}",
            "recon_cache_path",
            CACHE,
            f"where the {daemon} leaves word of {about} that the server beside it passes on",
        )


def log_options(c: Context, file: str, section: str) -> Iterator[Option]:
    """Yield how much Swift logs; its lines go to the journal, where they are gathered from."""
    conf = options_in(file, "swift")
    if c.debug("swift"):
        yield conf(
            section,
            "log_level",
            "DEBUG",
            "the operator wants debug messages (cloud.yaml: logging.debug, logging.services)",
        )
