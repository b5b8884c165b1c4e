"""`gureum host add`: a host is reached first, and then written into the cloud's input."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import GureumError, InputError
from gureum.model import reading
from gureum.model.cloud import Role
from gureum.model.edit import edited
from gureum.model.load import LoadedCloud, load_begun
from gureum.operate.host_check import Finding, Scene, findings
from gureum.operate.host_check.asking import ask, scene
from gureum.operate.hosts import target as target_of
from gureum.state.folder import CloudFolder

if TYPE_CHECKING:
    from gureum.hosts import Target

THIS_MACHINE = "local"
PLACE = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>[^@:\s]+)(?::(?P<port>\d+))?")
_BEGIN = """\
# What gureum is to build. `gureum init` writes a file with every key; hosts came by `gureum host add`.
name: {name}
"""


@dataclass(frozen=True)
class Wanted:
    """A host as somebody typed it: `place` is `[USER@]ADDRESS[:PORT]`, or `local`."""

    name: str
    place: str
    roles: Sequence[str]
    identity: str | None = None
    jump: str | None = None
    address: str | None = None
    nics: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """The input with the new host in it, not written yet."""

    file: Path
    before: str
    loaded: LoadedCloud
    lacks: Sequence[Diagnostic]
    wanted: Wanted
    new_file: bool

    @property
    def target(self) -> Target:
        """How the new host is reached."""
        return target_of(self.folder, self.wanted.name, self.loaded.cloud.hosts[self.wanted.name])

    @property
    def folder(self) -> CloudFolder:
        """The folder of the cloud."""
        return CloudFolder(self.loaded.cloud.name)


def draft(file: Path, cloud: str | None, wanted: Wanted) -> Draft:
    """Return the input with the host in it; nothing is written and no host asked.

    A file that is not there is begun. Raises InputError with every mistake of what was typed, and
    of the file.
    """
    new = not file.exists()
    before = _BEGIN.format(name=cloud or "cloud") if new else file.read_text()
    known = reading.read(before, str(file)).data or {}
    hosts = known.get("hosts") or {}
    mistakes = list(_mistakes(wanted, hosts))
    if mistakes:
        raise InputError("this host cannot be added; nothing was changed", mistakes)
    loaded, lacks = _edited(file, before, wanted.name, _values(wanted))
    return Draft(file, before, loaded, lacks, wanted, new)


def _mistakes(wanted: Wanted, hosts: Mapping[str, Any]) -> list[Diagnostic]:
    known = [role.value for role in Role]
    found = [
        Diagnostic(
            f"there is no role {role!r}",
            detail=f"roles are {', '.join(known)}",
            hint=did_you_mean(role, known) or "--role compute",
        )
        for role in wanted.roles
        if role not in known
    ]
    if not wanted.roles:
        found.append(Diagnostic("it has no role", hint="say what it is for: --role compute"))
    if wanted.name in hosts:
        found.append(
            Diagnostic(
                f"there is a host {wanted.name!r} already",
                hint="choose another name, or edit the one that is there",
            )
        )
    if not PLACE.fullmatch(wanted.place):
        found.append(
            Diagnostic(
                f"{wanted.place!r} is no place that ssh could go to",
                hint="write it as [USER@]ADDRESS[:PORT], e.g. root@192.0.2.11",
            )
        )
    for network in wanted.nics:
        if network not in ("management", "tunnel", "provider"):
            near = did_you_mean(network, ("management", "tunnel", "provider"))
            found.append(
                Diagnostic(
                    f"there is no network {network!r}",
                    hint=near or "networks are management, tunnel and provider",
                )
            )
    return found


def _values(wanted: Wanted, address: str | None = None) -> dict[str, Any]:
    """Return the keys of the new host."""
    match = PLACE.fullmatch(wanted.place)
    assert match is not None
    values: dict[str, Any] = {"roles": list(wanted.roles)}
    given = address or wanted.address
    if wanted.place == THIS_MACHINE:
        return values | {"connection": "local", "address": given or "192.0.2.254", **_nics(wanted)}
    at = match["host"]
    values["connection"] = "ssh"
    own = at if _is_address(at) else ""
    values["address"] = given or own or "192.0.2.254"
    if values["address"] != at:
        values["ssh_host"] = at
    optional = {
        "user": match["user"],
        "port": int(match["port"]) if match["port"] else None,
        "identity": wanted.identity,
        "jump": wanted.jump,
    }
    values |= {key: value for key, value in optional.items() if value is not None}
    return values | _nics(wanted)


def _nics(wanted: Wanted) -> dict[str, Any]:
    return {"nics": dict(wanted.nics)} if wanted.nics else {}


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _edited(
    file: Path, before: str, name: str, values: Mapping[str, Any]
) -> tuple[LoadedCloud, list[Diagnostic]]:
    """Return the input with the host's keys put in where the hosts stand."""
    paths: dict[tuple[str | int, ...], Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            paths |= {("hosts", name, key, below): v for below, v in value.items()}
        else:
            paths["hosts", name, key] = value
    try:
        text = edited(before, paths)
    except ValueError as error:
        raise GureumError(
            f"{file} is written in a way that gureum cannot add to: {error}",
            hint="add the host by hand; see docs/how-to/servers.md",
        ) from None
    return load_begun(file, text)


@dataclass(frozen=True)
class Reached:
    """The new host as it answered: the scene with it alone, and what was found."""

    draft: Draft
    scene: Scene
    findings: Sequence[Finding]


def reach(begun: Draft) -> Reached:
    """Ask the host what it is and return the input with its own management address in it.

    Raises HostError where it cannot be reached or used.
    """
    from gureum.hosts import Connections
    from gureum.operate.deployment import Deployment

    name = begun.wanted.name
    with Connections() as connections:
        _, looks = ask(connections, [begun.target])
    look = looks[name]
    if look.refused is not None:
        raise look.refused
    address = begun.wanted.address or _own_address(begun, look.facts)
    settled = begun
    if address != str(begun.loaded.cloud.hosts[name].address):
        values = _values(begun.wanted, address)
        loaded, lacks = _edited(begun.file, begun.before, name, values)
        settled = replace(begun, loaded=loaded, lacks=lacks)
    deployment = Deployment(settled.loaded, settled.folder)
    addresses = {n: str(h.address or "") for n, h in settled.loaded.cloud.hosts.items()}
    found = scene(deployment, looks, addresses, {})
    return Reached(settled, found, findings(found))


def _own_address(begun: Draft, said: Mapping[str, Any]) -> str:
    """Return the address that the cloud will know the host by.

    That is the one it was reached at, if it is its own; behind a translation, or by a name, the one
    on its default route.
    """
    given = str(begun.loaded.cloud.hosts[begun.wanted.name].address)
    nics = {n["name"]: [a.split("/")[0] for a in n["ipv4"]] for n in said["nics"]}
    if any(given in held for held in nics.values()):
        return given
    device = (said["default_route"] or {}).get("device", "")
    own = nics.get(device, [])
    if not own:
        raise GureumError(
            f"{begun.wanted.name} has no address that the cloud could know it by",
            detail="it has " + ", ".join(f"{n} ({', '.join(a) or '-'})" for n, a in nics.items()),
            hint="say which: --address 192.0.2.11",
        )
    return str(own[0])


def write(reached: Reached) -> None:
    """Write the input; what stood in the file stays as it was, comments included."""
    file = reached.draft.file
    new = file.with_name(file.name + ".new")
    try:
        new.write_text(reached.draft.loaded.text)
        if file.exists():
            new.chmod(file.stat().st_mode & 0o777)
        new.replace(file)
    except OSError as error:
        raise GureumError(
            f"{file} cannot be written: {error.strerror}", hint=f"ls -ld {file.parent}"
        ) from None
