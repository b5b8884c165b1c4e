"""What a lab writes down of itself: its subnets, and which hosts it has on which images."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from gureum.diagnostics import did_you_mean
from gureum.errors import LabError
from gureum.lab.host import LabHost
from gureum.lab.image import Image
from gureum.lab.network import Network
from gureum.lab.subnets import Subnets

FIRST_ADDRESS = 10
HOST_NAME = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")


@dataclass
class HostRecord:
    """A host that exists on disk: the number its address and links come from, and its image."""

    number: int
    image: Image


@dataclass
class Record:
    """The content of lab.json."""

    name: str
    id: str
    subnets: Subnets
    hosts: dict[str, HostRecord] = field(default_factory=dict)
    internet: bool = True

    @classmethod
    def load(cls, path: Path) -> Record | None:
        """Read a record, None where there is none."""
        try:
            data = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise LabError(
                f"{path} cannot be read: {error}",
                hint="gureum lab destroy removes the lab without it",
            ) from error
        hosts = {
            name: HostRecord(host["number"], Image.from_record(host["image"]))
            for name, host in data["hosts"].items()
        }
        try:
            found = (IPv4Network(data[name]) for name in ("management", "provider", "tunnel"))
            return cls(data["name"], data["id"], Subnets(*found), hosts, data.get("internet", True))
        except KeyError as error:
            raise LabError(
                f"the lab in {path.parent} was made by an earlier gureum: it has no {error} network",
                hint="gureum down removes it, gureum up makes it anew",
            ) from error

    def save(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        data: dict[str, Any] = {
            "name": self.name,
            "id": self.id,
            "management": str(self.subnets.management),
            "provider": str(self.subnets.provider),
            "tunnel": str(self.subnets.tunnel),
            "internet": self.internet,
            "hosts": {
                name: {"number": host.number, "image": host.image.record()}
                for name, host in self.hosts.items()
            },
        }
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(data, out, indent=1)
            out.write("\n")
        new.rename(path)

    @property
    def network(self) -> Network:
        """The networks of the lab on this machine."""
        return Network(self.id, self.subnets, self.internet)

    def decide(self, internet: bool | None, path: Path) -> None:
        """Keep whether the lab reaches the outside; None leaves that as it was."""
        if internet not in (None, self.internet):
            self.internet = bool(internet)
            self.save(path)

    def check_names(self, hosts: Collection[str]) -> None:
        """Raise LabError that names the lab's hosts where one of `hosts` is none of them."""
        if unknown := [host for host in hosts if host not in self.hosts]:
            raise LabError(
                f"the lab {self.name!r} has no host {unknown[0]!r}",
                detail=f"its hosts: {', '.join(self.hosts) or 'none'}",
                hint=did_you_mean(unknown[0], self.hosts) or "gureum lab list",
            )

    def host(self, name: str) -> LabHost:
        """Return the host of a name."""
        found = self.hosts[name]
        return self.as_host(name, found.number, found.image)

    def as_host(self, name: str, number: int, image: Image) -> LabHost:
        """Return a host, recorded or not, with the addresses and links that follow from its number."""
        return LabHost(
            name=name,
            os=image.os,
            machine=machine_name(self.id, name),
            address=self.subnets.management[FIRST_ADDRESS + number],
            management_link=f"{self.id}{number}m",
            provider_link=f"{self.id}{number}p",
            tunnel_link=f"{self.id}{number}t",
            tunnel_address=self.subnets.tunnel[FIRST_ADDRESS + number],
        )

    def next_number(self) -> int:
        """Return the lowest number that no host has."""
        used = {host.number for host in self.hosts.values()}
        return next(number for number in range(1, 200) if number not in used)


def machine_name(lab: str, host: str) -> str:
    """Return what the machine calls the host of a lab; with "" for the host, how all of them begin."""
    return f"gureum-{lab}-{host}"


def check_new_names(names: Iterable[str]) -> None:
    """Raise LabError where a host cannot bear one of the names."""
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise LabError(
                f"a host cannot be named {name!r}",
                hint="use small letters, digits and dashes, e.g. compute-1",
            )
