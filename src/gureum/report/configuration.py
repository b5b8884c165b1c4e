"""Every file that gureum writes for services: its options with reasons, hosts that share it together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gureum.config.setting import Setting, Value
from gureum.operate.deployment import Blueprint
from gureum.plan.build import HostBlueprint
from gureum.state.secrets import Secret


@dataclass(frozen=True, kw_only=True)
class OptionSet:
    """An option as it is set. `value` is None for a secret; `also` are further reasons."""

    section: str
    name: str
    value: str | None
    why: str
    source: str
    also: tuple[str, ...] = ()
    operator: bool = False


@dataclass(frozen=True, kw_only=True)
class FileSet:
    """A file on some hosts: with options, or written whole (`content`, None where it is secret)."""

    service: str
    name: str
    path: str
    hosts: tuple[str, ...]
    options: tuple[OptionSet, ...] = ()
    why: str = ""
    content: str | None = None


def configuration(blueprint: Blueprint) -> tuple[FileSet, ...]:
    """Return all files, services in the order of their declaration."""
    redact = blueprint.secrets.redactor()
    alike: dict[FileSet, list[str]] = {}
    for name, host in blueprint.hosts.items():
        for file in _files(host, redact):
            alike.setdefault(file, []).append(name)
    order = {
        d.service: i
        for i, d in enumerate(d for h in blueprint.hosts.values() for d in h.declarations)
    }
    found = [FileSet(**{**vars(file), "hosts": tuple(hosts)}) for file, hosts in alike.items()]
    return tuple(sorted(found, key=lambda f: (order[f.service], f.path, f.hosts)))


def _files(host: HostBlueprint, redact: object) -> Iterator[FileSet]:
    assert callable(redact)
    for declared in host.declarations:
        for file in declared.config_files:
            options = [
                _option(section, name, setting)
                for section, settings in host.tree.files.get(file.name, {}).items()
                for name, setting in settings.items()
            ]
            options.sort(key=lambda o: (o.section != "DEFAULT", o.section, o.name))
            yield FileSet(
                service=declared.service,
                name=file.name,
                path=file.path,
                hosts=(),
                options=tuple(options),
                why=file.why,
            )
        for text in declared.files:
            yield FileSet(
                service=declared.service,
                name=text.path.rpartition("/")[2],
                path=text.path,
                hosts=(),
                why=text.why,
                content=None if text.hidden else redact(text.content),
            )


def _option(section: str, name: str, setting: Setting) -> OptionSet:
    return OptionSet(
        section=section,
        name=name,
        value=_said(setting.value),
        why=setting.why,
        source=str(setting.source),
        also=tuple(one.why for one in setting.also),
        operator=setting.instead_of is not None or not setting.source.file.startswith("services/"),
    )


def _said(value: Value) -> str | None:
    if isinstance(value, Secret):
        return None
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
