"""cinder's options and why each is set; those of its backends are in `cinder_backends`."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services.ceph_layout import CONF as CEPH_CONF
from gureum.services.cinder_places import served, shared
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import auth_options, database_url, token_options
from gureum.services.log_lines import log_options
from gureum.services.policy import policy_option
from gureum.services.privsep import helper
from gureum.services.rabbitmq import messaging_options

CONF = "/etc/cinder/cinder.conf"
FILE = "cinder.conf"
STATE = "/var/lib/cinder"
LOCKS = f"{STATE}/locks"
ROOTWRAP = "/etc/cinder/rootwrap.conf"
BACKUP_MOUNTS = f"{STATE}/backup_mount"
CONTEXTS = {
    "cinder_sys_admin": "cinder.privsep.sys_admin_pctxt",
    "privsep_osbrick": "os_brick.privileged.default",
}
_PRIVILEGED = {
    "cinder_sys_admin": "making targets and file systems of volumes",
    "privsep_osbrick": "attaching a volume to this host to copy it",
}


def options(c: Context) -> Iterator[Option]:
    """Yield cinder's options of a host: of all its units there."""
    conf = options_in(FILE, "cinder")
    yield from log_options(c, FILE, "cinder")
    yield from messaging_options(c, FILE, "cinder")
    yield conf(
        "database",
        "connection",
        database_url(c, "cinder", "cinder"),
        "what is known of volumes, snapshots and backups lies in MariaDB; their data lies in backends",
    )
    yield conf(
        "DEFAULT",
        "my_ip",
        c.address,
        "targets of volumes and other units are reached over the management network",
    )
    yield conf(
        "DEFAULT",
        "host",
        c.host,
        "cinder files its units and the volumes they look after under the name of their host",
    )
    yield conf(
        "DEFAULT",
        "state_path",
        STATE,
        "images under conversion and locks outlive a release: the default lies in its environment",
    )
    yield conf(
        "DEFAULT",
        "glance_ca_certificates_file",
        CA_FILE,
        "images come over TLS, and glance's certificate is one of the cloud's own authority",
    )
    yield conf(
        "oslo_concurrency",
        "lock_path",
        LOCKS,
        "cinder's processes on one host keep each other off a volume that one of them works on",
    )
    yield from auth_options(
        c, FILE, "cinder", "nova", "cinder tells nova that a volume in use has grown"
    )
    yield from auth_options(
        c,
        FILE,
        "cinder",
        "service_user",
        "cinder adds its own token to a user's, so that work outlives the user's token",
        region=False,
    )
    yield conf(
        "service_user",
        "send_service_user_token",
        True,
        "nova and glance see that cinder asks for a user: a long backup does not fail when the token ends",
    )
    if served(c) or c.cloud.backup_target != "none":
        for section, what in _PRIVILEGED.items():
            yield conf(
                section,
                "helper_command",
                helper(c, CONF),
                f"{what} takes root: sudo lets cinder start this helper with rights for that, nothing else",
            )
    if c.has(Role.CONTROLLER):
        yield from _controller_options(c)
    if shared(c):
        yield from _cluster_options(c)


def _controller_options(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    yield policy_option(FILE, "cinder")
    yield from token_options(c, FILE, "cinder")
    yield conf(
        "DEFAULT",
        "default_volume_type",
        next(iter(c.cloud.backends)),
        "a volume of no type comes to the first backend (cloud.yaml: storage.volumes), not to any",
    )
    yield conf(
        "DEFAULT",
        "resource_query_filters_file",
        f"{c.release.venv}/etc/cinder/resource_filters.json",
        "by what users may filter their lists is the release's own, unchanged, and follows an upgrade",
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )
    if c.cloud.backup_target == "ceph":
        yield from _ceph_backups(c)
    if c.cloud.backup_target == "nfs":
        yield from _nfs_backups(c)


def _cluster_options(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    yield conf(
        "DEFAULT",
        "cluster",
        c.cloud.name,
        "every controller looks after every volume, so that none waits for one that is down; set from "
        "the first one on, for it is written into each volume",
    )
    yield conf(
        "coordination",
        "backend_url",
        f"file://{STATE}/coordination",
        "units that look after the same volumes take turns by locks; with one controller files will do",
    )


def _ceph_backups(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    assert c.cloud.ceph is not None
    yield conf(
        "DEFAULT",
        "backup_driver",
        "cinder.backup.drivers.ceph.CephBackupDriver",
        "backups go to Ceph, where only what changed since the last one is copied",
    )
    yield conf(
        "DEFAULT",
        "backup_ceph_conf",
        CEPH_CONF,
        "where the monitors are, the same for every client of this host",
    )
    yield conf(
        "DEFAULT",
        "backup_ceph_user",
        "cinder-backup",
        "a key for backups alone: the one for volumes cannot destroy them, nor theirs a volume",
    )
    yield conf(
        "DEFAULT",
        "backup_ceph_pool",
        c.cloud.ceph.pools.backups,
        "a pool of their own, which an operator may keep on other disks than what it is a copy of",
    )


def _nfs_backups(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "cinder")
    yield conf(
        "DEFAULT",
        "backup_driver",
        "cinder.backup.drivers.nfs.NFSBackupDriver",
        "backups are files on an export, outside of what volumes lie on",
    )
    yield conf(
        "DEFAULT",
        "backup_share",
        str(c.cloud.storage.backup_share),
        "the export that the operator names for them (cloud.yaml: storage.backup_share)",
    )
    yield conf(
        "DEFAULT",
        "backup_mount_point_base",
        BACKUP_MOUNTS,
        "mounted in cinder's own folder, which no other service may enter",
    )
