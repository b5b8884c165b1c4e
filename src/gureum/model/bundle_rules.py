"""What `packages` of a cloud must fulfil: rules of `gureum.model.validate`, in a file of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gureum.model.cloud import Cloud
from gureum.model.problem import Problem


def bundle_is_an_address_or_a_folder(cloud: Cloud) -> Iterator[Problem]:
    place, path = cloud.packages.bundle, ("packages", "bundle")
    digest = cloud.packages.sha256
    if digest and not re.fullmatch("[0-9a-f]{64}", digest):
        yield Problem(
            ("packages", "sha256"),
            f"packages.sha256 is {digest!r}, which is no SHA-256",
            "it has 64 digits, 0 to 9 and a to f",
            "gureum bundle show FOLDER tells it",
        )
    if place is None:
        if cloud.packages.sha256:
            yield Problem(
                ("packages", "sha256"),
                "packages.sha256 is given, packages.bundle is not",
                hint="add the bundle that it is the digest of, or leave it out",
            )
        return
    scheme, _, rest = place.partition("://")
    if scheme in ("http", "https") and rest.strip("/"):
        return
    if "://" in place:
        yield Problem(
            path,
            f"packages.bundle is {place!r}, which is no address of a web server",
            "apt, pip and uv take a bundle from http:// or https://",
            "e.g. packages.bundle: http://192.0.2.5:8480",
        )
    elif not place.startswith("/"):
        yield Problem(
            path,
            f"packages.bundle is {place!r}, neither an address nor a whole path",
            "an address begins with http:// or https://, a folder's path with /",
            f"e.g. packages.bundle: /srv/{place.strip('./~') or 'bundle'}",
        )


def closed_lab_has_a_bundle(cloud: Cloud) -> Iterator[Problem]:
    if not cloud.lab.internet and cloud.packages.bundle is None:
        yield Problem(
            ("lab", "internet"),
            "the lab's hosts reach nothing outside, and there is no bundle to install from",
            "lab.internet is false, packages.bundle is not given",
            "gureum bundle create /srv/bundle, then packages.bundle: /srv/bundle",
        )
