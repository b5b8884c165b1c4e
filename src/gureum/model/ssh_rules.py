"""Rules of how hosts are reached by SSH: where it goes, as whom, and through what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gureum.model.cloud import Cloud, Connection
from gureum.model.problem import Problem

KEYS = ("ssh_host", "user", "port", "identity", "jump")
"""Keys of a host that say something to ssh alone."""
_WORD = re.compile(r"[^\s@,/'\"\\%-][^\s@,'\"\\%]*")
"""What ssh takes for a user's or a host's name, and for no option of its own."""
_JUMP = re.compile(
    rf"(?P<user>{_WORD.pattern}@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s@,/'\"\\%:-][^\s@,'\"\\%:]*)(:(?P<port>\d+))?"
)


def ssh_hosts_have_addresses(cloud: Cloud) -> Iterator[Problem]:
    for name, host in cloud.hosts.items():
        if host.connection is not Connection.LAB and host.address is None:
            yield Problem(
                ("hosts", name),
                f"{name} has no address",
                f"a host with connection: {host.connection} keeps the address it has; it must "
                "be told",
                f"add its management address, e.g. hosts.{name}.address: 192.0.2.11",
            )


def ssh_keys_belong_to_ssh_hosts(cloud: Cloud) -> Iterator[Problem]:
    for name, host in cloud.hosts.items():
        if host.connection is Connection.SSH:
            continue
        for key in KEYS:
            if key in host.model_fields_set and getattr(host, key) is not None:
                yield Problem(
                    ("hosts", name, key),
                    f"{name} has {key}, and is not reached by SSH",
                    f"it has connection: {host.connection}"
                    + ("" if "connection" in host.model_fields_set else ", the default"),
                    f"add connection: ssh to hosts.{name}, or leave {key} out",
                )


def ssh_words_are_words(cloud: Cloud) -> Iterator[Problem]:
    for name, host in cloud.hosts.items():
        for key, value in (("ssh_host", host.ssh_host), ("user", host.user)):
            if value is not None and not _WORD.fullmatch(value):
                yield Problem(
                    ("hosts", name, key),
                    f"hosts.{name}.{key} cannot be {value!r}",
                    "it is one word that does not begin with a hyphen",
                    "user and port have keys of their own" if "@" in value else "correct it",
                )
        if host.jump is not None and not all(map(_JUMP.fullmatch, host.jump.split(","))):
            yield Problem(
                ("hosts", name, "jump"),
                f"hosts.{name}.jump cannot be {host.jump!r}",
                "it is [USER@]HOST[:PORT], or several of these with commas between them",
                "e.g. jump: ops@192.0.2.1:22",
            )


def jumps(text: str) -> list[tuple[str, str, int | None]]:
    """Return user (empty where none is named), host and port of each jump of `text`."""
    found = []
    for part in text.split(","):
        match = _JUMP.fullmatch(part)
        if match:
            port = match["port"]
            user = (match["user"] or "").removesuffix("@")
            found.append((user, match["host"].strip("[]"), int(port) if port else None))
    return found


SSH_RULES = (ssh_hosts_have_addresses, ssh_keys_belong_to_ssh_hosts, ssh_words_are_words)
