"""What images of a cloud must fulfil: rules of `gureum.model.validate`, in a file of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from gureum.model.cloud import Cloud
from gureum.model.images import split
from gureum.model.problem import KeyPath, Problem

_KEY: KeyPath = ("images", "download_from")
_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


def servers_of_images_can_be_asked(cloud: Cloud) -> Iterator[Problem]:
    for number, entry in enumerate(cloud.images.download_from):
        host, port = split(entry)
        key = (*_KEY, number)
        example = "e.g. cloud.debian.org, or 192.0.2.5:8080"
        if "/" in entry:
            yield Problem(
                key,
                f"{entry!r} is an address of a page, not a server",
                "glance tells servers apart, not what lies on them",
                f"e.g. {re.sub(r'^[a-z]+://', '', entry).partition('/')[0] or 'cloud.debian.org'}",
            )
            continue
        if not 0 <= port <= 65535:
            yield Problem(key, f"{entry!r} names no port", "ports go from 1 to 65535", example)
            continue
        if "*" in host:
            yield Problem(
                key,
                f"{entry!r} has a *",
                "glance compares whole names: each server is named by itself",
                example,
            )
            continue
        yield from _of_host(key, entry, host, example)


def _of_host(key: KeyPath, entry: str, host: str, example: str) -> Iterator[Problem]:
    try:
        address = ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host) or host.replace(".", "").isdigit():
            yield Problem(key, f"{entry!r} is no name of a server and no address", "", example)
        elif host.lower() in ("localhost", "localhost.localdomain", "metadata.google.internal"):
            yield _own(key, entry)
        return
    if address.is_loopback or address.is_link_local or address.is_unspecified:
        yield _own(key, entry)
    elif address.is_multicast:
        yield Problem(key, f"{entry!r} is the address of many, not of a server", "", example)


def _own(key: KeyPath, entry: str) -> Problem:
    return Problem(
        key,
        f"{entry!r} is the controller itself, or what it is told as a VM of somebody's",
        "any user could read through glance what listens there for the host alone",
        "name the server by an address that others reach it by too",
    )


IMAGE_RULES = (servers_of_images_can_be_asked,)
