"""The cloud that is explained, with the look-ups that several kinds of things need."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from gureum.config.setting import ConfigFile, Setting
from gureum.config.text import plain
from gureum.model.cloud import Cloud
from gureum.operate.explain.answer import Reader
from gureum.operate.explain.causes import Trials
from gureum.operate.known import Known
from gureum.operate.typed import typed
from gureum.plan.build import HostBlueprint
from gureum.releases import Release, Schema
from gureum.services.context import Context
from gureum.services.declaration import Declaration, Unit
from gureum.services.systemd import unit_file
from gureum.state.folder import CloudFolder
from gureum.state.secrets import Secret


@dataclass(frozen=True)
class Filed:
    """A config file, the service that owns it and the hosts that carry it."""

    file: ConfigFile
    service: str
    hosts: tuple[str, ...]


class Scene:
    """One known cloud; what is looked up twice is kept."""

    def __init__(self, known: Known, folder: CloudFolder) -> None:
        self.known = known
        self.folder = folder

    @property
    def cloud(self) -> Cloud:
        """The cloud as its operator describes it."""
        return self.known.deployment.cloud

    @property
    def hosts(self) -> dict[str, HostBlueprint]:
        """What each host is to become."""
        return dict(self.known.blueprint.hosts)

    @property
    def contexts(self) -> dict[str, Context]:
        """What each host's declarations were given."""
        return dict(self.known.blueprint.contexts)

    @functools.cached_property
    def release(self) -> Release:
        """The cloud's release."""
        return next(iter(self.known.blueprint.contexts.values())).release

    def typed(self, command: str, *arguments: str) -> str:
        """Return a command for this cloud as it is typed."""
        return typed(self.known.deployment.loaded, command, *arguments)

    def declared(self, service: str = "") -> Iterator[tuple[str, Declaration]]:
        """Yield host and declaration of every service, or of one."""
        for host, blueprint in self.known.blueprint.hosts.items():
            for d in blueprint.declarations:
                if service in ("", d.service):
                    yield host, d

    @functools.cached_property
    def services(self) -> tuple[str, ...]:
        """The names of all services, in the catalogue's order."""
        return tuple(dict.fromkeys(d.service for _, d in self.declared()))

    @functools.cached_property
    def files(self) -> dict[str, Filed]:
        """Every config file by its name."""
        found: dict[str, Filed] = {}
        for host, d in self.declared():
            for file in d.config_files:
                hosts = found[file.name].hosts if file.name in found else ()
                found[file.name] = Filed(file, d.service, (*hosts, host))
        return found

    def units(self) -> Iterator[tuple[str, str, Unit]]:
        """Yield host, service and unit of every unit."""
        for host, d in self.declared():
            for unit in d.units:
                yield host, d.service, unit

    def readers(self, path: str, host: str = "") -> tuple[Reader, ...]:
        """Return the units that read a file and restart when it changes."""
        return tuple(
            Reader(host=on, unit=unit.name, description=unit.description)
            for on, _, unit in self.units()
            if host in ("", on) and path in paths_read(unit)
        )

    def option_readers(self, path: str, section: str, name: str) -> tuple[Reader, ...]:
        """Return the units that read an option of a file and restart when it changes."""
        return tuple(
            Reader(host=on, unit=unit.name, description=unit.description)
            for on, _, unit in self.units()
            if unit.reads_option(path, section, name)
        )

    def noticing(self, path: str) -> tuple[str, ...]:
        """Return the names of the units that notice by themselves when a file changes."""
        return tuple(dict.fromkeys(u.name for _, _, u in self.units() if path in u.rereads))

    def settings(self, file: str, section: str, name: str) -> dict[str, Setting]:
        """Return the setting at an address by host."""
        found = {
            host: blueprint.tree.files.get(file, {}).get(section, {}).get(name)
            for host, blueprint in self.known.blueprint.hosts.items()
        }
        return {host: setting for host, setting in found.items() if setting is not None}

    def settings_in(self, file: str, section: str) -> bool:
        """Tell whether anything is set in a section of a file on any host."""
        trees = (blueprint.tree.files for blueprint in self.known.blueprint.hosts.values())
        return any(files.get(file, {}).get(section) for files in trees)

    def all_settings(self) -> Iterator[tuple[str, str, str, str, Setting]]:
        """Yield host, file, section, option name and setting of everything that is set."""
        for host, blueprint in self.known.blueprint.hosts.items():
            for file, sections in blueprint.tree.files.items():
                for section, options in sections.items():
                    for name, setting in options.items():
                        yield host, file, section, name, setting

    def hidden(self, file: str, section: str, name: str, setting: Setting) -> bool:
        """Tell whether a value is a secret: one of gureum's, or what upstream calls one."""
        schema = self.schema(file)
        option = schema.option(section, name) if schema else None
        return isinstance(setting.value, Secret) or bool(option and option.secret)

    @functools.cache  # noqa: B019 - a scene lives as long as somebody asks about its cloud
    def trials(self, service: str, host: str) -> Trials:
        """Return what the options of a service on a host follow."""
        return Trials(self.known, service, host)

    @functools.cache  # noqa: B019
    def schema(self, file: str) -> Schema | None:
        """Return the option schema of a file with the sections that its own values name."""
        filed = self.files[file]
        if filed.file.schema is None:
            return None
        sections = self.known.blueprint.hosts[filed.hosts[0]].tree.files.get(file, {})

        def named(section: str, name: str) -> list[str]:
            setting = sections.get(section, {}).get(name)
            items = plain(setting.value).split(",") if setting else []
            return [item.strip() for item in items if item.strip()]

        return self.release.schema(filed.file.schema).extended(named)


def paths_read(unit: Unit) -> tuple[str, ...]:
    """Return the paths whose change restarts a unit, its own file first."""
    own = unit_file(unit)
    return (*((own.path,) if own else ()), *unit.reads)


def on(hosts: tuple[str, ...] | list[str], all_hosts: tuple[str, ...] | list[str]) -> str:
    """Return the hosts in words, or nothing where it goes without saying."""
    return "" if len(all_hosts) == 1 else f" on {', '.join(hosts)}"
