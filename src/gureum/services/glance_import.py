"""Imports of images: by which ways, from where, and what glance makes of them (R-SVC-2)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.services.context import Context, options_in


def methods(c: Context) -> tuple[str, ...]:
    """Return the ways in which users may import an image."""
    found = ["glance-direct"]
    if c.cloud.images.download_from:
        found.append("web-download")
    if c.cloud.image_store == "ceph":
        # The folder of before is a second store, from which an administrator copies to Ceph.
        found.append("copy-image")
    return tuple(found)


def plugins(c: Context) -> tuple[str, ...]:
    """Return what is done with an imported image before it is stored, in its order."""
    found = []
    if c.cloud.images.unpack:
        found.append("image_decompression")
    if c.cloud.image_store == "ceph":
        found.append("image_conversion")
    if c.cloud.images.properties:
        found.append("inject_image_metadata")
    return tuple(found)


def import_options(c: Context) -> Iterator[Option]:
    """Yield the options of imports, and of how much a project may keep."""
    conf = options_in("glance-api.conf", "glance")
    yield conf(
        "DEFAULT",
        "enabled_import_methods",
        _bracketed(methods(c)),
        "users send an image in two steps, of which the second can look at it and convert it; glance "
        "fetches none from the web unless cloud.yaml says from where (images.download_from), for it "
        "would fetch from hosts that only controllers reach",
    )
    if c.cloud.images.download_from:
        yield from _downloads(c)
    if found := plugins(c):
        yield conf(
            "image_import_opts",
            "image_import_plugins",
            _bracketed(found),
            "one after another, these make of what a user imports what this cloud keeps",
        )
    if c.cloud.image_store == "ceph":
        yield conf(
            "image_conversion",
            "output_format",
            "raw",
            "Ceph makes disks of a raw image without copying it, and of no other; what is imported is "
            "converted once, where otherwise each VM would wait for it",
        )
        yield conf(
            "wsgi",
            "python_interpreter",
            c.bin("python"),
            "what looks at an image before it is converted runs by this Python under limits; of itself "
            "glance would take the program that it runs in, which is uWSGI's and no Python",
        )
    if c.cloud.images.properties:
        yield conf(
            "inject_metadata_properties",
            "inject",
            ",".join(f"{key}:{value}" for key, value in c.cloud.images.properties.items()),
            "every image that a user imports gets these (cloud.yaml: images.properties)",
        )
        yield conf(
            "inject_metadata_properties",
            "ignore_user_roles",
            ("admin",),
            "administrators say themselves what their images need",
        )
    yield conf(
        "DEFAULT",
        "worker_self_reference_url",
        f"https://{c.reach(c.host)}:9292",
        "what is sent in the first step of an import lies on the controller that took it; another one "
        "that is asked for the second step finds it there",
    )
    if c.cloud.images.project_gigabytes:
        yield conf(
            "DEFAULT",
            "user_storage_quota",
            f"{c.cloud.images.project_gigabytes}GB",
            "the images of one project may take this much (cloud.yaml: images.project_gigabytes); it is "
            "glance's own limit, for limits kept in keystone would cost a question at every upload",
        )


def _downloads(c: Context) -> Iterator[Option]:
    conf = options_in("glance-api.conf", "glance")
    yield conf(
        "import_filtering_opts",
        "allowed_hosts",
        _bracketed(c.cloud.images.servers),
        "glance fetches from these servers and from no other, where a redirection leads as well "
        "(cloud.yaml: images.download_from)",
    )
    yield conf(
        "import_filtering_opts",
        "allowed_ports",
        _bracketed(tuple(str(port) for port in c.cloud.images.ports)),
        "those of HTTP and HTTPS, and what cloud.yaml names beside a server; the list holds for all of them",
    )
    yield conf(
        "import_filtering_opts",
        "allowed_schemes",
        _bracketed(("http", "https")),
        "no file of the controller is read in the place of a web page",
    )


def _bracketed(words: tuple[str, ...]) -> str:
    """Return a list as glance reads those of imports: with brackets around it."""
    return f"[{','.join(words)}]"
