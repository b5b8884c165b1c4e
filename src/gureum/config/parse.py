"""Reads a config file that somebody wrote, and finds what would hurt in it (R-PREP-8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

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
    reader = _Reader(source.file, schema)
    lines = text.split("\n")
    returns = [number for number, line in enumerate(lines, 1) if line.endswith("\r")]
    if returns:
        reader.report(
            returns[0],
            f"{source.file} has Windows line ends ({len(returns)} lines)",
            hint=f"run: sed -i 's/\\r$//' {source.file}",
        )
    for number, line in enumerate(lines, 1):
        reader.read(number, line.rstrip())
    return reader.parsed, reader.found


@dataclass
class _Reader:
    file: str
    schema: Schema | None
    parsed: Parsed = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    section: str | None = None
    values: list[str] | None = None
    lines: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def report(
        self, line: int, summary: str, *, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        source = Source(self.file, line)
        self.found.append(Diagnostic(summary, severity=severity, source=source, hint=hint))

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
        self._duplicate(number, name, None, f"section [{name}]")
        self.section = name
        self.parsed.setdefault(name, {})

    def _option(self, number: int, line: str) -> None:
        name, value = _split(line)
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
            self._duplicate(number, self.section, name, f"[{self.section}] {name}")
        self.values = self.parsed[self.section].setdefault(name, [])
        self.values.append(value)

    def _duplicate(self, number: int, section: str, name: str | None, what: str) -> None:
        first = self.lines.setdefault((section, name), number)
        if first != number:
            self.report(
                number,
                f"{what} stands twice, first in line {first}",
                hint="keep one of them" if name else "put their options into one section",
            )


def _split(line: str) -> tuple[str, str]:
    """Split an option as oslo.config does: at the first = or :, without quotes around the value."""
    match = re.match(r"([^=:]*)[=:](.*)", line, re.DOTALL)
    if not match:
        return "", ""
    value = match[2].strip()
    if value and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return match[1].strip(), value
