"""An option as text, or a list of several."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gureum.operate.explain.answer import HostValue, OptionAnswer, OptionsAnswer, Reader, Upstream
from gureum.program import runnable
from gureum.views.data import Line
from gureum.views.paragraph import WIDTH, labelled, wrapped

_HELP_LINES = 12


def one(answer: OptionAnswer, *, full: bool) -> Iterator[Line]:
    """Yield all of one option: value, why, by whom, upstream, readers, relations, how to set it."""
    yield _title(answer.file, answer.section, answer.name), "bold"
    if answer.asked_as:
        yield from wrapped(f"(called {answer.asked_as} in older releases)", "  ")
    for value in answer.values:
        yield from _value(value)
    for cause in answer.follows:
        said = f"{cause.name}: {cause.value}" if cause.value else f"{cause.name} (not given)"
        where = f" ({cause.place})" if cause.kind == "cloud.yaml" else ""
        yield from labelled("follows", f"{said}{where}" if where else f"{said} (asked of the host)")
    if answer.upstream:
        yield from _upstream(answer, answer.upstream, full)
    yield from _readers(answer.read_by)
    yield from _related(answer)
    yield from _change(answer)


def many(answer: OptionsAnswer) -> Iterator[Line]:
    """Yield several options that a word could mean, with what to type for one of them."""
    yield f"options called {answer.name}", "bold"
    for option in answer.options:
        state = option.value if option.is_set else f"not set (default {option.value or 'none'})"
        title = _title(option.file, option.section, option.name)
        yield from wrapped(f"{title} = {state}", "  ", hanging="      ")
        if option.why:
            yield from wrapped(option.why, "      ")
    if answer.more:
        yield f"  and {answer.more} more", ""
    yield runnable(f"  all of one: {answer.ask}"), ""


def _title(file: str, section: str, name: str) -> str:
    return f"{file} [{section}] {name}" if section else f"{file} {name}"


def _value(value: HostValue) -> Iterator[Line]:
    where = f" on {', '.join(value.hosts)}"
    if not value.reasons:
        text = f"not set{where}: upstream's default holds ({value.value or 'none'})"
        yield from labelled("value", text)
        yield from labelled(
            "why", "gureum has no reason to differ from upstream, nor has cloud.yaml"
        )
        return
    yield from labelled("value", f"{value.value or '(empty)'}{where}")
    if value.read_with:
        yield f"  {'read it':<13} {runnable(value.read_with)}", ""
    for number, reason in enumerate(value.reasons):
        yield from labelled("why" if number == 0 else "and", reason.why)
        who = "the operator, in" if reason.by_operator else "gureum's declaration, in"
        yield from labelled("set by", f"{who} {reason.set_by}")
    if value.instead_of:
        said = f"{value.instead_of_value}, which {value.instead_of.set_by} wants: "
        yield from labelled("in place of", said + value.instead_of.why)


def _upstream(answer: OptionAnswer, upstream: Upstream, full: bool) -> Iterator[Line]:
    default = "none" if upstream.default in (None, "", [], {}) else _spelt(upstream.default)
    same = any(v.reasons and v.value == default and not v.secret for v in answer.values)
    note = " (the same: written down so that no later release changes it unseen)" if same else ""
    if default.startswith("<"):
        note = " (worked out on the host)"
    yield from labelled("default", f"{default}{note}")
    yield from labelled("takes", upstream.takes)
    if upstream.old_names:
        yield from labelled("once called", ", ".join(upstream.old_names))
    if upstream.deprecated:
        since = f" since {upstream.deprecated_since}" if upstream.deprecated_since else ""
        text = f"yes{since}, for removal: {upstream.deprecated_because}".rstrip(": ")
        yield from labelled("deprecated", text, "yellow")
    else:
        yield from labelled("deprecated", "no")
    if upstream.help:
        yield "  upstream says", ""
        yield from _help(upstream.help, full)


def _help(text: str, full: bool) -> Iterator[Line]:
    found: list[str] = []
    for paragraph in textwrap.dedent(text).strip().split("\n\n"):
        if found:
            found.append("")
        kept = [line.rstrip() for line in paragraph.split("\n")]
        if any(line.startswith((" ", "*", "-", "+", "|")) for line in kept):
            # A list or an example: its lines mean something as they stand.
            found += [piece for line in kept for piece in _piece(line)]
        else:
            found += _piece(" ".join(kept))
    shown = found if full or len(found) <= _HELP_LINES + 2 else found[:_HELP_LINES]
    for line in shown:
        yield f"    {line}".rstrip(), "dim"
    if len(shown) < len(found):
        yield f"    … {len(found) - len(shown)} more lines with --full", "dim"


def _piece(line: str) -> list[str]:
    lead = line[: len(line) - len(line.lstrip(" *-+"))]
    found = textwrap.wrap(
        line,
        WIDTH - 4,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return found or [""]


def _spelt(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(str, value))
    return str(value)


def _readers(readers: tuple[Reader, ...]) -> Iterator[Line]:
    if not readers:
        yield from labelled("restarts", "nothing: no unit reads the file")
        return
    hosts = dict.fromkeys(reader.host for reader in readers)
    parts = [
        ", ".join(reader.unit for reader in readers if reader.host == host) + f" on {host}"
        for host in hosts
    ]
    yield from labelled("restarts", f"{'; '.join(parts)}: they read the file as they start")


def _related(answer: OptionAnswer) -> Iterator[Line]:
    if not answer.related:
        return
    yield "  what belongs to it", ""
    for one_of_them in answer.related:
        yield from wrapped(f"{one_of_them.how}: {one_of_them.what}", "    ", hanging="      ")
        if one_of_them.note:
            yield from wrapped(one_of_them.note, "        ")


def _change(answer: OptionAnswer) -> Iterator[Line]:
    if answer.change.keys:
        yield from labelled("by key", f"cloud.yaml has {', '.join(answer.change.keys)} for it")
    if answer.change.refused:
        yield from labelled("to change it", f"not in cloud.yaml: {answer.change.refused}")
        return
    yield f"  to change it, in {answer.change.file}:", ""
    for line in answer.change.lines:
        yield f"    {line}", ""
    yield runnable(f"  then: {answer.change.then}"), ""
