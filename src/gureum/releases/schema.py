"""The options that a config file may hold, as the release's own services declare them."""

from __future__ import annotations

import functools
import json
import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Named = Callable[[str, str], Sequence[str]]
"""Returns the values that the option (section, name) is set to, or nothing where it is not set."""


_AS_IT_IS = (
    *("default", "help", "multi", "secret", "mutable", "required", "advanced"),
    *("removal", "removal_since", "removal_reason"),
)


@dataclass(frozen=True)
class ValueType:
    """What values an option takes.

    `kind` is bool, int, float, str, list, dict, host, hostname, ip, uri or range; `of` is the type
    of a list's items or a dict's values.
    """

    kind: str
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    regex: str | None = None
    ignore_case: bool = False
    bounds: bool = False
    separator: str = ":"
    schemes: tuple[str, ...] = ()
    version: int | None = None
    underscores: bool = False
    of: ValueType | None = None


@dataclass(frozen=True, kw_only=True)
class OptionSchema:
    """One option as upstream declares it.

    `renamed_from` is the section and name that it was asked for by, where those are deprecated.
    `removal` means that it works still, but that upstream wants to remove it.
    """

    name: str
    section: str
    type: ValueType
    default: Any = None
    help: str = ""
    multi: bool = False
    secret: bool = False
    mutable: bool = False
    required: bool = False
    advanced: bool = False
    removal: bool = False
    removal_since: str = ""
    removal_reason: str = ""
    deprecated: tuple[tuple[str, str], ...] = ()
    renamed_from: tuple[str, str] | None = None

    @property
    def choices(self) -> tuple[Any, ...]:
        """The only values allowed, or nothing where others are too."""
        return self.type.choices

    @property
    def minimum(self) -> float | None:
        """The least value allowed."""
        return self.type.minimum

    @property
    def maximum(self) -> float | None:
        """The greatest value allowed."""
        return self.type.maximum


@dataclass(frozen=True)
class Schema:
    """The options of one kind of config file, by section.

    Objects are made for the options asked for alone: nova has 1,500.
    """

    name: str
    beside: tuple[str, ...]
    _sections: Mapping[str, Mapping[str, dict[str, Any]]]
    _plugin: Mapping[str, dict[str, Any]]
    _dynamic: Sequence[Mapping[str, Any]] = field(default=())

    @classmethod
    def read(cls, name: str, path: Path) -> Schema:
        """Return the schema that `gureum release refresh` wrote to `path`."""
        data = json.loads(lzma.decompress(path.read_bytes()))
        return cls(
            name, tuple(data["beside"]), data["sections"], data["plugin"], tuple(data["dynamic"])
        )

    @property
    def sections(self) -> tuple[str, ...]:
        """The names of all sections."""
        return tuple(self._sections)

    def names(self, section: str) -> tuple[str, ...]:
        """Return the names of the options of a section; an unknown section has none."""
        return tuple(self._sections.get(section, ()))

    def sections_with(self, name: str) -> tuple[str, ...]:
        """Return the sections that have an option of this name."""
        return tuple(section for section, options in self._sections.items() if name in options)

    def option(self, section: str, name: str) -> OptionSchema | None:
        """Return the option at this address, or None.

        A deprecated address gives the option that took its place; its `renamed_from` says so.
        """
        if (section, name) not in self._made:
            # The options of a file are the same on hundreds of hosts.
            self._made[section, name] = self._find(section, name)
        return self._made[section, name]

    def _find(self, section: str, name: str) -> OptionSchema | None:
        if name in self._sections.get(section, ()):
            return self._make(section, name, None)
        if (section, name) in self._deprecated:
            return self._make(*self._deprecated[section, name], (section, name))
        # `user_*` stands for as many options as there are users.
        patterns = (one for one in self.names(section) if "*" in one)
        match = next((one for one in patterns if fnmatchcase(name, one)), None)
        return replace(self._make(section, match, None), name=name) if match else None

    @functools.cached_property
    def _made(self) -> dict[tuple[str, str], OptionSchema | None]:
        return {}

    def renamed(self, name: str) -> tuple[tuple[str, str, str], ...]:
        """Return where a deprecated name stood: its section then, section and name of today."""
        return tuple(
            (section, *today) for (section, old), today in self._deprecated.items() if old == name
        )

    def extended(self, named: Named) -> Schema:
        """Return the schema with the sections and options that the values of other options name.

        glance's `enabled_backends` names stores, each with a section of its driver's options.
        """
        if not self._dynamic:
            return self
        given = tuple(
            tuple(named(*rule["named_by"].split("/", 1)))
            for rule in self._dynamic
            if "named_by" in rule
        )
        if given not in self._extended:
            # Hundreds of hosts name the same.
            self._extended[given] = self._extend(named)
        return self._extended[given]

    @functools.cached_property
    def _extended(self) -> dict[tuple[tuple[str, ...], ...], Schema]:
        return {}

    def _extend(self, named: Named) -> Schema:
        sections = {section: dict(options) for section, options in self._sections.items()}
        for rule in self._dynamic:
            for section, options in self._named(rule, named):
                known = sections.setdefault(section, {})
                for name, facts in options.items():
                    known.setdefault(name, facts)
        return Schema(self.name, self.beside, sections, self._plugin)

    def _named(
        self, rule: Mapping[str, Any], named: Named
    ) -> Iterator[tuple[str, Mapping[str, dict[str, Any]]]]:
        if "named" in rule:
            own = rule.get("defaults", {})
            for section in rule["named"]:
                yield (
                    section,
                    {
                        name: facts | {"default": own[name].format(section)}
                        if name in own
                        else facts
                        for name, facts in rule["drivers"][rule["driver"]].items()
                    },
                )
            return
        section, _, name = rule["named_by"].partition("/")
        for value in named(section, name):
            if "drivers" in rule:
                key, _, driver = (part.strip() for part in value.partition(":"))
                yield key, rule["drivers"].get(driver, {})
            elif "whole" in rule:
                yield rule["section"].format(value), self._sections[rule["whole"]]
            elif rule.get("plugin"):
                yield value, {option: {"plugin": 1} for option in self._plugin}
            else:
                options = {k.format(value): facts for k, facts in rule["options"].items()}
                yield rule["section"].format(value), options

    def _make(self, section: str, name: str, renamed_from: tuple[str, str] | None) -> OptionSchema:
        facts = self._facts(section, name)
        return OptionSchema(
            name=name,
            section=section,
            type=_value_type(facts),
            deprecated=tuple((old or section, n) for old, n in facts.get("deprecated", ())),
            renamed_from=renamed_from,
            **{key: facts[key] for key in _AS_IT_IS if key in facts},
        )

    def _facts(self, section: str, name: str) -> dict[str, Any]:
        facts = self._sections[section][name]
        return self._plugin[name] if "plugin" in facts else facts

    @functools.cached_property
    def _deprecated(self) -> dict[tuple[str, str], tuple[str, str]]:
        return {
            (old_section or section, old): (section, name)
            for section, options in self._sections.items()
            for name in options
            for old_section, old in self._facts(section, name).get("deprecated", ())
        }


def _value_type(facts: Mapping[str, Any]) -> ValueType:
    return ValueType(
        kind=facts["type"],
        choices=tuple(facts.get("choices", ())),
        minimum=facts.get("min"),
        maximum=facts.get("max"),
        max_length=facts.get("max_length"),
        regex=facts.get("regex"),
        ignore_case=facts.get("ignore_case", False),
        bounds=facts.get("bounds", False),
        separator=facts.get("separator", ":"),
        schemes=tuple(facts.get("schemes", ())),
        version=facts.get("version"),
        underscores=facts.get("underscores", False),
        of=_value_type(facts["of"]) if "of" in facts else None,
    )
