"""ceph.conf of a cloud's own Ceph, and why each option is set."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services.ceph_layout import domain, fsid, least, monitors, replicas
from gureum.services.context import Context, options_in

FILE = "ceph.conf"
_LEAST_MEMORY = 939524096
"""Bytes; Ceph lets an OSD aim at no less than this."""
_USUAL_MEMORY = 4 * 2**30


def options(c: Context) -> Iterator[Option]:
    """Yield the options of every host that has to do with Ceph, then those of storage hosts."""
    conf = options_in(FILE, "ceph")
    yield conf(
        "global",
        "fsid",
        fsid(c),
        "daemons and clients of this cloud refuse monitors of any other Ceph on the network",
    )
    yield conf(
        "global",
        "mon_host",
        ",".join(c.addresses[name] for name in monitors(c)),
        "the monitors are whom everyone asks first; any one of them leads to the rest",
    )
    for name, what in {
        "auth_cluster_required": "daemons prove to each other by a key that they are of this cluster",
        "auth_service_required": "clients prove who they are, and are held to the rights of their key",
        "auth_client_required": "clients talk only to daemons that prove themselves as well",
    }.items():
        yield conf("global", name, "cephx", what)
    if c.has(Role.STORAGE):
        yield from _storage_options(c)


def _storage_options(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "ceph")
    yield conf(
        "global",
        "mon_initial_members",
        ",".join(monitors(c)),
        "a majority of these has to meet before the first map of the cluster is made, else two halves "
        "could each begin one",
    )
    yield conf(
        "global",
        "public_addr",
        c.address,
        "daemons listen on the management network, whatever other addresses their host has",
    )
    yield conf(
        "global",
        "osd_pool_default_size",
        replicas(c),
        f"copies of everything, each on another {_PLACES[domain(c)]}"
        if replicas(c) > 1
        else "one disk has room for one copy of everything: what it loses is lost",
    )
    yield conf(
        "global",
        "osd_pool_default_min_size",
        least(c),
        "data is written only while two copies of it are there, so that no single disk ever holds the "
        "only new state"
        if least(c) > 1
        else "with so few copies writing has to go on while there is one, else each reboot would stop VMs",
    )
    if domain(c) == "osd":
        yield conf(
            "global",
            "osd_crush_chooseleaf_type",
            0,
            "on a single storage host copies lie on different disks, for other hosts there are none",
        )
    if replicas(c) == 1:
        yield conf(
            "mon",
            "mon_allow_pool_size_one",
            True,
            "with a single disk a pool of one copy is all there can be, which monitors refuse by default",
        )
        yield conf(
            "mon",
            "mon_warn_on_pool_no_redundancy",
            False,
            "that there is no second copy follows from cloud.yaml; said for ever it would hide what is new",
        )
    yield conf(
        "mon",
        "auth_allow_insecure_global_id_reclaim",
        False,
        "every client is new enough to prove that it is the one it was before (CVE-2021-20288)",
    )
    yield conf(
        "mon",
        "mgr_initial_modules",
        "iostat",
        "modules that serve a web page or an API of their own stay off: nothing here uses them",
    )
    yield conf(
        "osd",
        "osd_memory_target",
        memory_target(c),
        "an OSD lets go of its cache before it takes the memory of VMs and services on its host"
        if c.has(Role.CONTROLLER, Role.COMPUTE)
        else "storage is what this host is for: its OSDs share most of its memory for their caches",
    )
    yield conf(
        "global",
        "log_to_file",
        False,
        "lines of all daemons are gathered from the journal, and none is written twice",
    )
    # Ceph of Debian 12 does not know the journal yet; what it prints comes there as well.
    old = (c.facts.os, c.facts.os_version) == ("debian", "12")
    yield conf(
        "global",
        "log_to_stderr" if old else "log_to_journald",
        True,
        "a daemon's lines stand in the journal under its unit"
        + ("" if old else ", with their levels"),
    )
    if not c.debug("ceph"):
        yield conf(
            "mon",
            "debug_mon",
            "0/5",
            "monitors tell of their caches every five seconds; it is kept for a crash, and not written",
        )
    if c.debug("ceph"):
        yield conf(
            "global",
            "debug_ms",
            1,
            "the operator wants debug messages (cloud.yaml: logging.debug, logging.services): every "
            "message between daemons",
        )


_PLACES = {"host": "host, so that a host may be lost", "osd": "disk, so that a disk may be lost"}


def memory_target(c: Context) -> int:
    """Return how many bytes an OSD of the context's host aims at."""
    count = max(1, len(c.cloud.devices_of(c.host)))
    share = 0.1 if c.has(Role.CONTROLLER, Role.COMPUTE) else 0.6
    room = int(c.facts.memory_mb * 2**20 * share / count)
    return max(_LEAST_MEMORY, min(_USUAL_MEMORY, room))
