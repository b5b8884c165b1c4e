"""glance: images of VMs (R-SVC-2)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import ConfigFile, Option
from gureum.model.cloud import Role
from gureum.services import ceph
from gureum.services.ceph_layout import CONF as CEPH_CONF
from gureum.services.ceph_layout import unread_by
from gureum.services.context import Context, options_in
from gureum.services.credentials import (
    database,
    database_url,
    identity_user,
    schema,
    token_options,
)
from gureum.services.dashboard_address import browsed_as
from gureum.services.declaration import Declaration, Endpoint, Port, Task
from gureum.services.glance_import import import_options
from gureum.services.log_lines import log_options
from gureum.services.policy import policy_file, policy_option, policy_path
from gureum.services.wsgi import api_unit
from gureum.steps.states import CommandDone

_CONF = "/etc/glance/glance-api.conf"
_PASTE = "/etc/glance/glance-api-paste.ini"
# One process does both, for glance-manage spends most of its time on imports. The definitions tell
# which properties images and flavors may have and what they mean.
_MAKE_DATABASE = """\
import sys
from glance.cmd import manage
definitions = sys.argv[1]
sys.argv = ["glance-manage", "db_sync"]
try:
    failed = manage.main()
except SystemExit as end:
    # With tables that are up to date it ends the process, and well.
    failed = end.code
sys.exit(failed or manage.DbCommands().load_metadefs(definitions))
"""


def declare(c: Context) -> Declaration | None:
    """Declare glance for a controller."""
    if not c.has(Role.CONTROLLER):
        return None
    in_ceph = c.cloud.image_store == "ceph"
    unit, wsgi_files, proxied = api_unit(
        c,
        name="glance-api",
        service="glance",
        module="glance.wsgi.api:application",
        port=9292,
        description="OpenStack image API: what VMs start from",
        says="requests about images wait, and uploads break off",
        seconds=2,
        # glance takes up what comes into its policy file, but what is taken out of it stays in force
        # until a restart (its enforcer has overwrite=False).
        reads=(
            _CONF,
            policy_path("glance"),
            *((CEPH_CONF, ceph.keyring_of(c, "glance")) if in_ceph else ()),
        ),
        unread=unread_by() if in_ceph else {},
        needs=("glance.schema", "glance.paste", *(ceph.ready(c) if in_ceph else ())),
        chunked=True,
    )
    return Declaration(
        service="glance",
        # qemu-img converts what users import.
        packages=("qemu-utils",) if in_ceph else (),
        users={"glance": ("/var/lib/glance", ())},
        directories={
            "/etc/glance": ("root", "glance", 0o750),
            "/var/lib/glance": ("glance", "glance", 0o750),
            "/var/lib/glance/images": ("glance", "glance", 0o750),
            "/var/lib/glance/tasks": ("glance", "glance", 0o750),
            "/var/lib/glance/staging": ("glance", "glance", 0o750),
            "/var/log/glance": ("glance", "glance", 0o750),
        },
        config_files=(
            ConfigFile(
                name="glance-api.conf",
                path=_CONF,
                group="glance",
                schema="glance-api",
                why="which stores glance has, and whose tokens it believes",
            ),
        ),
        options=tuple(_options(c)),
        files=(*wsgi_files, policy_file(c, "glance")),
        units=(unit,),
        databases=(database(c, "glance", "glance"),),
        schema=schema(
            c,
            (c.bin("python"), "-c", _MAKE_DATABASE, f"{c.release.venv}/etc/glance/metadefs"),
            {"OS_DATABASE__CONNECTION": "glance"},
        ),
        identity_users=(identity_user(c, "glance"),),
        endpoints=(Endpoint(name="glance", type="image", description="Images", url=c.api(9292)),),
        ports=(Port(number=9292, address="127.0.0.1", unit="glance-api", purpose="backend"),),
        proxied=(proxied,),
        tasks=(paste_file(c, "glance", _PASTE),),
    )


def paste_file(c: Context, service: str, path: str) -> Task:
    """Return the task that links the release's own paste file to where the service looks for it."""
    source = f"{c.release.venv}/etc/{service}/{path.rsplit('/', 1)[1]}"
    return Task(
        id=f"{service}.paste",
        state=CommandDone(
            check=("readlink", path),
            want=f"{source}\n",
            command=("ln", "-sfn", source, path),
        ),
        why="the pipeline of WSGI filters is the release's own, unchanged, and follows an upgrade",
        needs=(f"{service}.directories", "base.venv"),
    )


def _options(c: Context) -> Iterator[Option]:
    conf = options_in("glance-api.conf", "glance")
    yield from log_options(c, "glance-api.conf", "glance")
    yield policy_option("glance-api.conf", "glance")
    yield from token_options(c, "glance-api.conf", "glance")
    yield conf(
        "database",
        "connection",
        database_url(c, "glance", "glance"),
        "what is known of images lies in MariaDB; their data lies in the store",
    )
    in_ceph = c.cloud.image_store == "ceph"
    yield conf(
        "DEFAULT",
        "enabled_backends",
        ("ceph:rbd", "fs:file") if in_ceph else ("fs:file",),
        "new images lie in Ceph; those that were put into the folder fs before can be read on "
        "(cloud.yaml: storage.images)"
        if in_ceph
        else "images lie in one store, a folder that is called fs here (cloud.yaml: storage.images)",
    )
    yield conf(
        "glance_store",
        "default_backend",
        "ceph" if in_ceph else "fs",
        "of the stores it takes an image whose maker names none, and glance wants that said",
    )
    if in_ceph:
        yield from _ceph_options(c)
    yield conf(
        "fs",
        "filesystem_store_datadir",
        "/var/lib/glance/images",
        "data of images lies in a folder that no other service may read",
    )
    yield conf(
        "os_glance_staging_store",
        "filesystem_store_datadir",
        "/var/lib/glance/staging",
        "an image that is imported lies there until it is whole, so that the store holds no half ones",
    )
    yield conf(
        "os_glance_tasks_store",
        "filesystem_store_datadir",
        "/var/lib/glance/tasks",
        "tasks keep what they work on there; an image that a task unpacks or converts is large",
    )
    yield from import_options(c)
    yield conf(
        "paste_deploy",
        "flavor",
        "keystone",
        "of the ways through glance's filters the one on which every call needs a token of keystone",
    )
    yield conf(
        "oslo_middleware",
        "enable_proxy_headers_parsing",
        True,
        "HAProxy ends TLS and says so in a header; without it links in answers would begin with http",
    )
    if c.cloud.dashboard.enabled and c.cloud.dashboard.image_upload == "direct":
        yield conf(
            "cors",
            "allowed_origin",
            tuple(f"https://{name}" for name in browsed_as(c)),
            "a page of the dashboard may send an image here itself, and no page of anybody else's "
            "(cloud.yaml: dashboard.image_upload)",
        )


def _ceph_options(c: Context) -> Iterator[Option]:
    conf = options_in("glance-api.conf", "glance")
    assert c.cloud.ceph is not None
    yield conf(
        "ceph",
        "rbd_store_pool",
        c.cloud.ceph.pools.images,
        "the pool that the key of glance opens, and other keys of the cloud for reading alone",
    )
    yield conf(
        "ceph",
        "rbd_store_user",
        "glance",
        "glance's own client of Ceph, with the rights that it needs and no others",
    )
    yield conf(
        "ceph",
        "rbd_store_ceph_conf",
        CEPH_CONF,
        "where the monitors are, written once for every client of this host",
    )
    yield conf(
        "ceph",
        "rados_connect_timeout",
        10,
        "while Ceph is away an upload fails and says so, where by default it would wait for ever",
    )
    yield conf(
        "DEFAULT",
        "show_image_direct_url",
        True,
        "nova and cinder learn by it where an image lies in Ceph, and make a copy there in no time; users "
        "see the same words, which open nothing without a key of Ceph",
    )
