"""Reads a config file that somebody wrote, and finds what would hurt in it (R-PREP-8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gureum.config import python_reader
from gureum.config.setting import ConfigFile
from gureum.diagnostics import Diagnostic, Severity, Source
from gureum.releases import Schema

Parsed = dict[str, dict[str, list[str]]]
"""Section -> option -> its values, in the file's order; only a repeated option has several."""

_INDENTED_OPTION = re.compile(r"[ \t]+([A-Za-z0-9_.-]+)[ \t]*[=:]")


def parse_ini(
    text: str, source: Source, schema: Schema | None = None
) -> tuple[Parsed, list[Diagnostic]]:
    """Return what oslo.config would read from `text`, and everything that is wrong with it.

    Found are carriage returns, indented options (oslo.config would append them to the option
    above), duplicate options and sections, and lines that are no option at all. With a schema,
    options that may be repeated are not called duplicates.
    """
    found = read_ini(text, source, schema)
    return found.parsed, found.found


@dataclass
class ReadFile:
    """What a config file holds, what is wrong with it, and the line where each option stands."""

    file: str
    parsed: Parsed = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    lines: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def report(
        self, line: int, summary: str, *, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Add what is wrong with a line."""
        source = Source(self.file, line)
        self.found.append(Diagnostic(summary, severity=severity, source=source, hint=hint))

    def duplicate(self, number: int, section: str, name: str | None, what: str) -> None:
        """Note where an option or a section stands, and report it if it stood before."""
        first = self.lines.setdefault((section, name), number)
        if first != number:
            self.report(
                number,
                f"{what} stands twice, first in line {first}",
                hint="keep one of them" if name else "put their options into one section",
            )


def read_file(text: str, file: ConfigFile, schema: Schema | None = None) -> ReadFile:
    """Return what the reader of this kind of file takes from its text."""
    source = Source(file.path)
    if file.format == "properties":
        return _read_properties(text, source)
    if file.format == "python":
        return _read_python(text, source)
    return read_ini(text, source, schema, lenient=file.schema is None)


def read_ini(
    text: str, source: Source, schema: Schema | None = None, *, lenient: bool = False
) -> ReadFile:
    """Do as `parse_ini`, and tell lines as well.

    `lenient` is for MariaDB's files, which may be indented and hold options without a value.
    """
    reader = _Reader(source.file, schema=schema, lenient=lenient)
    lines = text.split("\n")
    _windows(reader, lines)
    for number, line in enumerate(lines, 1):
        reader.read(number, line.strip() if lenient else line.rstrip())
    return reader


def _read_properties(text: str, source: Source) -> ReadFile:
    """Read `name = value` lines without sections, as rabbitmq.conf has them."""
    reader = ReadFile(source.file, {"": {}})
    lines = text.split("\n")
    _windows(reader, lines)
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name:
            reader.report(number, f"{stripped!r} is no option", hint="write it as name = value")
            continue
        if len(value) > 1 and value[0] == value[-1] == "'":
            value = value[1:-1]
        reader.duplicate(number, "", name, name)
        reader.parsed[""].setdefault(name, []).append(value)
    return reader


def _read_python(text: str, source: Source) -> ReadFile:
    """Read assignments; a name that is assigned twice has its last value."""
    reader = ReadFile(source.file, {"": {}})
    try:
        found = list(python_reader.settings(text))
    except SyntaxError as error:
        hint = f"run: python3 -m py_compile {source.file}"
        reader.report(error.lineno or 1, f"{source.file} is no Python: {error.msg}", hint=hint)
        return reader
    for one in found:
        reader.duplicate(one.line, one.section, one.name, one.name)
        reader.parsed.setdefault(one.section, {}).setdefault(one.name, []).append(one.value)
    return reader


def _windows(reader: ReadFile, lines: list[str]) -> None:
    returns = [number for number, line in enumerate(lines, 1) if line.endswith("\r")]
    if returns:
        reader.report(
            returns[0],
            f"{reader.file} has Windows line ends ({len(returns)} lines)",
            hint=f"run: sed -i 's/\\r$//' {reader.file}",
        )


@dataclass(kw_only=True)
class _Reader(ReadFile):
    file: str = field(kw_only=False)
    schema: Schema | None
    lenient: bool = False
    section: str | None = None
    values: list[str] | None = None

    def read(self, number: int, line: str) -> None:
        if not line or line.startswith(("#", ";")):
            self.values = None
        elif line[0] in " \t":
            self._indented(number, line)
        elif line.startswith("["):
            self._begin(number, line)
        else:
            self._option(number, line)

    def _indented(self, number: int, line: str) -> None:
        option = _INDENTED_OPTION.match(line)
        if option:
            self.report(
                number,
                f"white space stands before {option[1]}: it is read as part of the line above",
                hint="remove the white space at the line's start",
            )
            self._option(number, line.strip())
        elif self.values is None:
            self.report(
                number,
                f"{line.strip()!r} continues no option",
                hint="remove the line, or write it as name = value",
            )
        else:
            self.values[-1] += "\n" + line.lstrip()

    def _begin(self, number: int, line: str) -> None:
        name = line[1:-1]
        self.values = None
        if not line.endswith("]") or not name:
            self.report(number, f"{line!r} is no section", hint="write it as [name]")
            return
        self.duplicate(number, name, None, f"section [{name}]")
        self.section = name
        self.parsed.setdefault(name, {})

    def _option(self, number: int, line: str) -> None:
        name, value = _split(line)
        if not name and self.lenient:
            name = line
        self.values = None
        if not name:
            self.report(number, f"{line!r} is no option", hint="write it as name = value")
            return
        if self.section is None:
            self.report(
                number, f"{name} stands before the first section", hint="put [DEFAULT] above it"
            )
            self.section = "DEFAULT"
            self.parsed.setdefault("DEFAULT", {})
        option = self.schema.option(self.section, name) if self.schema else None
        if option is None or not option.multi:
            self.duplicate(number, self.section, name, f"[{self.section}] {name}")
        self.lines.setdefault((self.section, name), number)
        self.values = self.parsed[self.section].setdefault(name, [])
        self.values.append(value)


def _split(line: str) -> tuple[str, str]:
    """Split an option as oslo.config does: at the first = or :, without quotes around the value."""
    match = re.match(r"([^=:]*)[=:](.*)", line, re.DOTALL)
    if not match:
        return "", ""
    value = match[2].strip()
    if value and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return match[1].strip(), value
