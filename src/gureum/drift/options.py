"""Compares a config file with what it is to hold, option by option."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gureum.config.parse import ReadFile, read_file
from gureum.config.setting import Setting
from gureum.config.values import complaint
from gureum.diagnostics import did_you_mean
from gureum.drift.intent import WantedFile
from gureum.drift.memory import Memory, Written
from gureum.drift.origin import Origin, origin
from gureum.plan.difference import NAMES, mask
from gureum.releases import OptionSchema, Schema
from gureum.state.secrets import Secret

SECRET_NAME = re.compile(rf"(?:{NAMES})$", re.IGNORECASE)
OPEN = ("bool", "int", "float")
"""Types of options that hold no secret, whatever their names end with."""
HIDDEN = "***"


class Kind(enum.Enum):
    """How an option on a host differs from the wanted one."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class OptionDrift:
    """One option that is not as it is wanted; `wanted` and `found` may be shown.

    `why` and `source` are gureum's reason for its value, `wrong` what the release says against the
    found one. `values` is what stands in the file, empty for a secret.
    """

    section: str
    name: str
    kind: Kind
    wanted: str | None
    found: str | None
    origin: Origin
    why: str = ""
    source: str = ""
    fixed: bool = False
    secret: bool = False
    line: int | None = None
    default: str | None = None
    wrong: str = ""
    values: tuple[str, ...] = field(default=(), repr=False)

    @property
    def adoptable(self) -> bool:
        """Tell whether cloud.yaml can and may hold the found value."""
        return not (self.secret or self.fixed or self.wrong or self.kind is Kind.REMOVED)

    @property
    def address(self) -> str:
        """The option as a person names it: `[DEFAULT] debug`."""
        return f"[{self.section}] {self.name}" if self.section else self.name


@dataclass(frozen=True)
class Comparison:
    """A config file as it was found beside what it is to hold, and what gureum remembers of it."""

    wanted: WantedFile
    found: ReadFile
    last: Written | None
    memory: Memory
    redact: Callable[[str], str]

    def options(self) -> Iterator[OptionDrift]:
        """Yield every option that is not as wanted, by section and name."""
        assert self.wanted.file is not None
        schema = self.wanted.schema
        intended = read_file(self.wanted.state.content, self.wanted.file, schema).parsed
        sections = {*intended, *self.found.parsed}
        for section in sorted(sections, key=lambda name: (name != "DEFAULT", name)):
            ours, theirs = intended.get(section, {}), self.found.parsed.get(section, {})
            for name in sorted({*ours, *theirs}):
                option = schema.option(section, name) if schema else None
                want = ours.get(name, [])
                have = _effective(theirs.get(name, []), option)
                if want != have:
                    yield self._drift(section, name, want, have)

    def _drift(self, section: str, name: str, want: list[str], have: list[str]) -> OptionDrift:
        schema = self.wanted.schema
        option = schema.option(section, name) if schema else None
        setting = self.wanted.setting(section, name)
        secret = is_secret(name, (*want, *have), option, setting, redact=self.redact)
        return OptionDrift(
            section=section,
            name=name,
            kind=Kind.ADDED if not want else Kind.REMOVED if not have else Kind.CHANGED,
            wanted=_shown(want, secret),
            found=_shown(have, secret),
            origin=self._origin(section, name, want, have),
            why=reasons(setting) if setting else "",
            source=str(setting.source) if setting else "",
            fixed=bool(setting and (setting.fixed or isinstance(setting.value, Secret))),
            secret=secret,
            line=self.found.lines.get((section, name)),
            default=_default(option),
            wrong=_wrong(schema, section, name, have) if have and not secret else "",
            values=() if secret else tuple(have),
        )

    def _origin(self, section: str, name: str, want: list[str], have: list[str]) -> Origin:
        found, wanted = (
            self.memory.digest(section, name, one) if one else "" for one in (have, want)
        )
        before = None if self.last is None else self.last.options.get(f"{section}/{name}", "")
        return origin(found, wanted, before)


def is_secret(
    name: str,
    values: Iterable[str],
    option: OptionSchema | None,
    setting: Setting | None,
    *,
    redact: Callable[[str], str],
) -> bool:
    """Tell whether a value must not be shown: by its maker, the release, its name or its look."""
    if (setting and isinstance(setting.value, Secret)) or (option and option.secret):
        return True
    if option and option.type.kind in OPEN:
        return False
    text = "\n".join(values)
    return bool(SECRET_NAME.search(name)) or mask(redact(text)) != text


def _effective(values: list[str], option: OptionSchema | None) -> list[str]:
    """Return what counts of an option that stands several times: the last, if it may not."""
    return values if option and option.multi else values[-1:]


def _shown(values: list[str], secret: bool) -> str | None:
    if not values:
        return None
    return HIDDEN if secret else ", ".join(values)


def _default(option: OptionSchema | None) -> str | None:
    if option is None or option.default is None or option.secret:
        return None
    value = option.default
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _wrong(schema: Schema | None, section: str, name: str, have: list[str]) -> str:
    """Return what the release says against an option and its value, or an empty text."""
    if schema is None:
        return ""
    option = schema.option(section, name)
    if option is None:
        if not schema.names(section):
            # Sections that other options name (a store, a backend) are not all known here.
            return ""
        near = did_you_mean(name, schema.names(section))
        return "the release has no such option" + (f"; {near}" if near else "")
    if option.renamed_from:
        return f"a deprecated name of [{option.section}] {option.name}"
    value = tuple(have) if option.multi else have[0]
    said = complaint(option, value)
    return f"{', '.join(have)!r} {said}" if said else ""


def reasons(setting: Setting) -> str:
    """Return every reason for a setting, in one line."""
    return "; ".join(" ".join(one.why.split()) for one in (setting, *setting.also))
