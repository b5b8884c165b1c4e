"""The part of the report that tells why: every option of every file with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.report.cloud_report import CloudReport
from gureum.report.configuration import FileSet, OptionSet
from gureum.views.markup import Child, Markup, tag
from gureum.views.page import Section, code, details, table
from gureum.views.service_words import PURPOSE


def reasons(report: CloudReport) -> Section:
    """Return all files by service, folded; an option says its value, its reason and who set it."""
    count = sum(len(file.options) for file in report.files)
    lead = (
        f"{len(report.files)} files with {count} options, each with its reason. What is not named "
        "here is left at upstream's default. Secrets are never shown."
    )
    services: dict[str, list[FileSet]] = {}
    for file in report.files:
        services.setdefault(file.service, []).append(file)
    several = len(report.topology.hosts) > 1
    return Section(
        "configuration", "Configuration and why", list(_services(services, several)), lead
    )


def _services(services: dict[str, list[FileSet]], several: bool) -> Iterator[Markup]:
    for name, files in services.items():
        purpose = PURPOSE.get(name, "")
        yield tag("h3", name, tag("span", f" {purpose}", class_="soft") if purpose else None)
        for file in files:
            yield _file(file, several)


def _file(file: FileSet, several: bool) -> Markup:
    count = len(file.options)
    size = f" {count} option{'' if count == 1 else 's'}{': ' if file.why else ''}" if count else " "
    where = f" (on {', '.join(file.hosts)})" if several else None
    summary = [tag("code", file.path), tag("span", size, file.why, where, class_="soft")]
    if file.options:
        return details(summary, _options(file.options))
    if file.content is None:
        return details(summary, tag("p", "This file is a secret, and is not shown."))
    return details(summary, code(file.content or "(empty)", file.path))


def _options(options: Sequence[OptionSet]) -> Markup:
    rows: list[list[Child]] = []
    for one in options:
        value: Child = tag("code", one.value) if one.value else "(empty)"
        if one.value is None:
            value = tag("em", "secret")
        section = tag("span", f"[{one.section}] ", class_="soft") if one.section else None
        why: list[Child] = [one.why, *(tag("div", more) for more in one.also)]
        rows.append([tag("code", section, one.name), value, why, one.source])
    return table(["option", "value", "why", "set by"], rows)
