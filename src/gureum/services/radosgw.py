"""radosgw: objects in Ceph, by its gateway on controllers, for clients of Swift and of S3 (R-SVC-7).

In Swift's place where cloud.yaml says `storage.objects: ceph`. Its options follow the chapter of Ceph's
own guide about the gateway with keystone.
"""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services import ceph
from gureum.services.ceph_conf import FILE
from gureum.services.ceph_keys import gateway
from gureum.services.ceph_layout import CONF, GATEWAY, unread_by
from gureum.services.context import CA_FILE, Context, options_in
from gureum.services.credentials import identity_user
from gureum.services.declaration import Declaration, Endpoint, Port, Proxied, TextFile, Unit
from gureum.services.swift_layout import PROXY_PORT
from gureum.steps.notice import Effect, Notice

UNIT = "ceph-radosgw"
"""Not radosgw: the package has a script of that name for init, which systemd takes for a unit."""
_USER = "radosgw"
_PASSWORD = "/etc/ceph/radosgw.keystone"  # noqa: S105 - where it lies
_SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"
_BACKEND = ("127.0.0.1", 7480)
"""Ceph's usual port for it. Swift's proxy has another: where objects move from one to the other, both
run until HAProxy leads to the new one."""


def declare(c: Context) -> Declaration | None:
    """Declare the gateway for a controller where Ceph keeps the cloud's objects."""
    if c.cloud.object_store != "ceph" or not c.has(Role.CONTROLLER):
        return None
    return Declaration(
        service="radosgw",
        packages=("radosgw",),
        options=tuple(_options(c)),
        files=(
            TextFile(
                path=_PASSWORD,
                content=c.secrets.password(f"{_USER}.user").reveal(),
                why="the gateway's password in keystone lies apart from ceph.conf, which everyone may read",
                group="ceph",
                mode=0o640,
                hidden=True,
            ),
        ),
        units=(_unit(c),),
        identity_users=(identity_user(c, _USER, admin=True),),
        endpoints=(
            Endpoint(
                name="swift",
                type="object-store",
                description="Objects",
                url=c.api(PROXY_PORT, "/swift/v1/AUTH_%(project_id)s"),
            ),
        ),
        ports=(Port(number=_BACKEND[1], address=_BACKEND[0], unit=UNIT, purpose="backend"),),
        proxied=(Proxied(name=UNIT, port=PROXY_PORT, backend=_BACKEND),),
    )


def _unit(c: Context) -> Unit:
    client = gateway(c.host)
    return Unit(
        name=UNIT,
        description="Ceph's gateway: takes requests about objects",
        user="ceph",
        command=(
            *("/usr/bin/radosgw", "-f", "--cluster", "ceph"),
            *("--name", f"client.{client.name}"),
        ),
        notice=Notice(
            says="requests about objects wait, and uploads break off",
            seconds=5,
            effect=Effect.WAITS,
            apis=(UNIT,),
        ),
        reads=(CONF, client.keyring, _PASSWORD, CA_FILE),
        unread=unread_by(GATEWAY),
        needs=(*ceph.ready(c), f"radosgw.file.{_PASSWORD}", "keystone.unit.keystone-api"),
        # The gateway asks keystone by a library that knows no authorities but the system's.
        service_lines=(f"BindReadOnlyPaths={CA_FILE}:{_SYSTEM_CA}", "LimitNOFILE=65536"),
        writes=("/var/lib/ceph", "/var/log/ceph", "/run/ceph"),
        ready_url=f"http://{_BACKEND[0]}:{_BACKEND[1]}/swift/healthcheck",
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in(FILE, "radosgw")
    section = f"client.{gateway(c.host).name}"
    for name, value, why in (
        (
            "keyring",
            gateway(c.host).keyring,
            "keys of all clients lie in one folder; the gateway would look for its own in another",
        ),
        (
            "rgw_frontends",
            f"beast endpoint={_BACKEND[0]}:{_BACKEND[1]}",
            "users come by HAProxy, which ends TLS; nobody comes past it",
        ),
        (
            "rgw_enable_apis",
            "s3, swift",
            "users of the cloud need these two; the gateway's interface for its administrators stays shut",
        ),
        (
            "rgw_keystone_url",
            c.api(5000),
            "who a user is and what they may do is keystone's to say",
        ),
        ("rgw_keystone_api_version", 3, "keystone has had no other version for years"),
        (
            "rgw_keystone_admin_user",
            _USER,
            "the gateway validates its callers' tokens as a user of its own, whose traces are nobody else's",
        ),
        (
            "rgw_keystone_admin_password_path",
            _PASSWORD,
            "its password, out of this file, which everybody on the host may read",
        ),
        (
            "rgw_keystone_admin_project",
            "service",
            "the project in which users of services have their rights",
        ),
        (
            "rgw_keystone_admin_domain",
            "Default",
            "users and the project of services are in keystone's first domain",
        ),
        (
            "rgw_keystone_accepted_roles",
            "admin, member",
            "who has one of these roles in a project may use its objects; for all others there are none",
        ),
        (
            "rgw_keystone_accepted_admin_roles",
            "admin",
            "the cloud's administrators may look after the objects of every project",
        ),
        (
            "rgw_keystone_implicit_tenants",
            True,
            "each project has names of its own: two of them may both have a container called photos",
        ),
        (
            "rgw_s3_auth_use_keystone",
            True,
            "clients of S3 sign with EC2 credentials, which a user makes in keystone by themselves",
        ),
        (
            "rgw_swift_account_in_url",
            True,
            "the address in the catalogue names the project, as clients of Swift expect it to",
        ),
        (
            "rgw_swift_versioning_enabled",
            True,
            "a container may keep what is written over or deleted, if its owner wants that",
        ),
        (
            "rgw_swift_enforce_content_length",
            True,
            "lists of containers tell their length, without which some clients of Swift wait for more",
        ),
    ):
        yield conf(section, name, value, why)
