"""Checks one host's merged options against the release, before the host is touched (R-CONF-3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gureum.config.setting import ConfigFile, ConfigTree, Setting
from gureum.config.text import plain, shown
from gureum.config.values import article, complaint, references
from gureum.diagnostics import Diagnostic, Severity, nearest
from gureum.releases import OptionSchema, Release, Schema

_Sections = Mapping[str, Mapping[str, Setting]]


def check(tree: ConfigTree, files: Mapping[str, ConfigFile], release: Release) -> list[Diagnostic]:
    """Return everything that is wrong with the options of a host, in the tree's order.

    Errors are unknown files, sections and options, deprecated names, values that do not fit and
    options set twice under two names or in two files of one process. Options that upstream wants
    to remove are warnings.
    """
    found: list[Diagnostic] = []
    for name, sections in tree.files.items():
        if name not in files:
            found.append(_unknown_file(name, sections, files))
            continue
        found += _File(name, sections, tree, files, release).problems()
    return found


def _unknown_file(name: str, sections: _Sections, known: Iterable[str]) -> Diagnostic:
    known = sorted(known)
    first = next((s for options in sections.values() for s in options.values()), None)
    return Diagnostic(
        summary=f"no service on this host has a config file {name!r}",
        source=first.source if first else None,
        hint=_did_you_mean(name, known) or f"the files are {', '.join(known)}",
    )


@dataclass(frozen=True)
class _File:
    """One file under check, and what stands beside it."""

    name: str
    sections: _Sections
    tree: ConfigTree
    files: Mapping[str, ConfigFile]
    release: Release

    def problems(self) -> Iterator[Diagnostic]:
        schema_name = self.files[self.name].schema
        if schema_name is None:
            yield from self._line_breaks()
            return
        schema = self.release.schema(schema_name).extended(self._values)
        for section, settings in self.sections.items():
            if not schema.names(section) and not any(schema.option(section, n) for n in settings):
                yield self._unknown_section(schema, section, settings)
                continue
            for name, setting in settings.items():
                yield from self._option(schema, section, name, setting)

    def _values(self, section: str, name: str) -> list[str]:
        """Return what an option of this file is set to, one item after another."""
        setting = self.sections.get(section, {}).get(name)
        items = plain(setting.value).split(",") if setting else []
        return [item.strip() for item in items if item.strip()]

    def _line_breaks(self) -> Iterator[Diagnostic]:
        for section, settings in self.sections.items():
            for name, setting in settings.items():
                if any(character in plain(setting.value) for character in "\r\n"):
                    where = self._at(section, name)
                    yield Diagnostic(
                        f"{where}: the value holds a line break", source=setting.source
                    )

    def _option(
        self, schema: Schema, section: str, name: str, setting: Setting
    ) -> Iterator[Diagnostic]:
        option = schema.option(section, name)
        where = self._at(section, name)
        if option is None:
            yield self._unknown_option(schema, section, name, setting)
            return
        if option.renamed_from:
            yield self._deprecated(option, where, setting)
        if wrong := complaint(option, setting.value):
            yield Diagnostic(
                summary=f"{where}: {shown(setting.value)} {wrong}",
                detail=_first_sentence(option.help),
                source=setting.source,
                hint=f"the option takes {article(option.type)}"
                + ("" if option.default is None else f"; its default is {option.default!r}"),
            )
        if option.removal:
            yield _removal(option, where, setting)
        if self.files[self.name].format == "ini":
            yield from self._references(schema, section, where, setting)
        yield from self._twice(section, name, where, setting)

    def _at(self, section: str, name: str) -> str:
        return f"{self.name} [{section}] {name}" if section else f"{self.name} {name}"

    def _unknown_section(
        self, schema: Schema, section: str, settings: Mapping[str, Setting]
    ) -> Diagnostic:
        hint = _did_you_mean(f"[{section}]", [f"[{known}]" for known in schema.sections])
        places = [self._places(schema, name, section) for name in settings]
        return Diagnostic(
            summary=f"{self.name} has no section [{section}] in release {self.release.name}",
            source=next(iter(settings.values())).source,
            hint=hint or next((place for place in places if place), ""),
        )

    def _unknown_option(
        self, schema: Schema, section: str, name: str, setting: Setting
    ) -> Diagnostic:
        hint = self._places(schema, name, section) or _did_you_mean(name, schema.names(section))
        if not hint:
            everywhere = {n: s for s in reversed(schema.sections) for n in schema.names(s)}
            near = nearest(name, everywhere, limit=1)
            hint = f"did you mean [{everywhere[near[0]]}] {near[0]}?" if near else ""
        return Diagnostic(
            summary=f"{self._at(section, name)}: release {self.release.name} has no such option",
            source=setting.source,
            hint=hint,
        )

    def _places(self, schema: Schema, name: str, section: str) -> str:
        """Return where an option of this very name does exist, as a hint."""
        others = [other for other in schema.sections_with(name) if other != section]
        if others:
            return f"it exists as {_or(f'[{other}] {name}' for other in others[:4])}"
        for file in self.files.values():
            if file.schema and file.name != self.name:
                there = self.release.schema(file.schema)
                if name in there.names(section):
                    return f"it belongs into {file.name}"
        return ""

    def _deprecated(self, option: OptionSchema, where: str, setting: Setting) -> Diagnostic:
        new = f"[{option.section}] {option.name}"
        twin = self.sections.get(option.section, {}).get(option.name)
        if twin is not None:
            return Diagnostic(
                summary=f"{where} is the deprecated name of {new}, which is set too",
                detail=f"{twin.source} sets {new} to {shown(twin.value)}: {twin.why}",
                source=setting.source,
                hint=f"remove it from {setting.source}",
            )
        return Diagnostic(
            summary=f"{where} is a deprecated name",
            source=setting.source,
            hint=f"write it as {new}",
        )

    def _references(
        self, schema: Schema, section: str, where: str, setting: Setting
    ) -> Iterator[Diagnostic]:
        for reference in references(setting.value):
            group, _, name = reference.rpartition(".")
            if schema.option(group or section, name) or schema.option("DEFAULT", reference):
                continue
            known = {*schema.names(section), *schema.names("DEFAULT")}
            yield Diagnostic(
                summary=f"{where} refers to ${reference}, but no option is called so",
                source=setting.source,
                hint=_did_you_mean(reference, known) or "write $$ for a dollar sign",
            )

    def _twice(self, section: str, name: str, where: str, setting: Setting) -> Iterator[Diagnostic]:
        """Find the option in the other files that the same process reads."""
        schema_name = self.files[self.name].schema
        assert schema_name is not None
        beside = self.release.schema(schema_name).beside
        for file in self.files.values():
            twin = self.tree.files.get(file.name, {}).get(section, {}).get(name)
            if file.schema in beside and twin is not None:
                yield Diagnostic(
                    summary=f"{where} is set in {file.name} too, and one process reads both",
                    detail=f"{twin.source} sets {shown(twin.value)} there: {twin.why}\n"
                    f"{setting.source} sets {shown(setting.value)} here: {setting.why}",
                    source=setting.source,
                    hint=f"set it in {file.name} alone",
                )


def _removal(option: OptionSchema, where: str, setting: Setting) -> Diagnostic:
    since = f" since {option.removal_since}" if option.removal_since else ""
    return Diagnostic(
        summary=f"{where} is deprecated for removal{since}",
        severity=Severity.WARNING,
        detail=" ".join(option.removal_reason.split()),
        source=setting.source,
    )


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint of the nearest names; upper and lower case make no distance."""
    by_lower = {one.lower(): one for one in sorted(known)}
    near = [by_lower[one] for one in nearest(name.lower(), by_lower)]
    return f"did you mean {_or(repr(one) for one in near)}?" if near else ""


def _or(names: Iterable[str]) -> str:
    return " or ".join(names)


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0]
