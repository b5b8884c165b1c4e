"""What a host's files and units are to be, gathered from its blueprint, with who reads what."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from gureum.config.setting import ConfigFile, Setting
from gureum.plan.build import HostBlueprint
from gureum.releases import Release, Schema
from gureum.steps.states import FileWritten, UnitActive
from gureum.steps.step import Step


@dataclass(frozen=True)
class WantedFile:
    """A file as it is wanted: its step, and for a config file the settings that it is made of."""

    step: Step
    state: FileWritten
    file: ConfigFile | None
    settings: Mapping[str, Mapping[str, Setting]]
    schema: Schema | None
    readers: tuple[str, ...]

    @property
    def host(self) -> str:
        """The host that it lies on."""
        return self.step.host

    @property
    def path(self) -> str:
        """Where it lies."""
        return self.state.path

    @property
    def name(self) -> str:
        """What a person calls it: a config file's own name, else its path."""
        return self.file.name if self.file else self.path

    @property
    def sha256(self) -> str:
        """The digest of its text."""
        return hashlib.sha256(self.state.content.encode()).hexdigest()

    @property
    def ownership(self) -> tuple[str, str, int]:
        """Its owner, group and mode."""
        return self.state.owner, self.state.group, self.state.mode

    def setting(self, section: str, name: str) -> Setting | None:
        """Return what gureum sets an option to, or None."""
        return self.settings.get(section, {}).get(name)


def wanted_files(host: HostBlueprint, release: Release) -> tuple[WantedFile, ...]:
    """Return every file of a host, in the order of its steps."""
    by_path = {file.path: file for file in host.files.values()}
    units = [step.state for step in host.steps if isinstance(step.state, UnitActive)]
    found = []
    for step in host.steps:
        if not isinstance(step.state, FileWritten):
            continue
        path = step.state.path
        file = by_path.get(path)
        settings = host.tree.files.get(file.name, {}) if file else {}
        schema = release.schema(file.schema) if file and file.schema else None
        readers = tuple(unit.name for unit in units if path in unit.inputs)
        found.append(WantedFile(step, step.state, file, settings, schema, readers))
    return tuple(found)


def wanted_units(host: HostBlueprint) -> tuple[Step, ...]:
    """Return the steps of a host that want a unit to run."""
    return tuple(step for step in host.steps if isinstance(step.state, UnitActive))
