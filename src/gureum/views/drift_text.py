"""How a cloud drifted from its intent, as text: files and options first, then what runs."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.drift.judge import FileDrift, Reader
from gureum.drift.options import HIDDEN, Kind, OptionDrift
from gureum.drift.origin import Origin
from gureum.drift.running import STAMP, StaleInput, UnitDrift
from gureum.model.load import LoadedCloud
from gureum.operate.drift import CloudDrift
from gureum.operate.typed import typed
from gureum.program import runnable
from gureum.views import traces_text
from gureum.views.data import Line

COPIES = 5
"""Copies of earlier applies that are named, the latest."""


def lines(found: CloudDrift, loaded: LoadedCloud) -> Iterator[Line]:
    """Yield every host that could not be asked, every file and unit that differs, and what to do."""
    for host, error in found.errors.items():
        yield f"{host} was not asked: {error}", "bold red"
    files, units = found.looked
    if found.in_order:
        yield f"in order: {files} files and {units} units of {', '.join(found.hosts)}", "bold green"
    for host in found.hosts:
        of_host = [one for one in found.files if one.host == host]
        down = [one for one in found.units if one.host == host]
        if of_host or down:
            yield f"{host}:", "bold"
        said: list[list[str]] = []
        for drift in of_host:
            yield from _indented(_file(drift, found.time, said))
        if any(one.traces and not one.traces.audited for one in of_host):
            yield "  which process wrote a file is not known: the host runs no audit daemon", ""
        yield from _indented(_units(down, found.time))
    if found.copies:
        yield "", ""
        yield "copies of what applies replaced:", "bold"
        for copy in found.copies[:COPIES]:
            yield f"  {traces_text.when(copy.time)}  {copy.host} {copy.path}: {copy.copy}", ""
        if len(found.copies) > COPIES:
            yield f"  and {len(found.copies) - COPIES} older", ""
    if not found.in_order:
        yield "", ""
        yield from _ways(found, loaded)


def _indented(told: Iterator[Line]) -> Iterator[Line]:
    for text, style in told:
        yield (f"  {text}" if text else ""), style


def _file(drift: FileDrift, now: float, said: list[list[str]]) -> Iterator[Line]:
    past = (
        f", {traces_text.when(drift.moment, now)}" if drift.origin.by_hand and drift.moment else ""
    )
    yield f"{drift.path}: {_deed(drift)}{past}".replace("than, ", "than "), "yellow"
    if "missing" in drift.what:
        yield f"  it is there because: {drift.why}", ""
    if "kind" in drift.what:
        yield f"  it is {drift.diff}", ""
    for name, (wanted, found) in (drift.ownership or {}).items():
        yield f"  {name}: {found}, wanted {wanted}", ""
    for option in drift.options:
        yield from _option(option, drift.origin)
    for problem in drift.broken:
        line = problem.source.line if problem.source else None
        yield f"  line {line}: {problem.summary}", "red"
    if drift.hidden and "text" in drift.what:
        yield "  its text differs (not shown: it is secret)", ""
    elif drift.form_only or ("text" in drift.what and not drift.options):
        if drift.form_only:
            yield "  every option is right; comments, order or blank lines differ:", ""
        yield from ((f"  {line}", _style(line)) for line in drift.diff.splitlines())
    if drift.traces:
        yield from _traces(list(traces_text.lines(drift.traces)), said)
    if drift.readers and "text" in drift.what:
        yield from _readers(drift.readers)


def _option(one: OptionDrift, whole: Origin) -> Iterator[Line]:
    whose = "" if one.origin is whole else f"  ({one.origin.value})"
    if one.kind is Kind.REMOVED:
        said = f"is removed, wanted {one.wanted or repr('')}"
    elif one.kind is Kind.ADDED:
        default = f"; upstream's default is {one.default}" if one.default is not None else ""
        said = f"= {one.found}, which gureum does not set{default}"
    elif one.found == one.wanted == HIDDEN:
        said = "is another secret than the wanted one"
    else:
        said = f"= {one.found}, wanted {one.wanted or repr('')}"
    line = f"  line {one.line}" if one.line else ""
    yield f"  {one.address} {said}{whose}{line}", ""
    if one.why:
        yield f"      why: {one.why} ({one.source})", ""
    if one.wrong:
        yield f"      {one.wrong}", "red"


def _readers(readers: tuple[Reader, ...]) -> Iterator[Line]:
    for knows, said in ((True, "runs with it"), (False, "has not read it: started before")):
        names = [_bare(one.unit) for one in readers if one.knows is knows]
        if names:
            yield f"  {', '.join(names)}: {said}", ""


def _deed(drift: FileDrift) -> str:
    if "missing" in drift.what:
        return "removed by hand, no later than" if drift.origin.by_hand else "missing"
    if drift.origin is Origin.HAND and not {"text", "kind"} & set(drift.what):
        return f"{' and '.join(drift.what)} changed by hand"
    return drift.origin.value


def _traces(told: list[str], said: list[list[str]]) -> Iterator[Line]:
    """Yield who was there, unless the same was said of a file before."""
    if told in said:
        yield "  there then: the same people as above", ""
        return
    said.append(told)
    yield from ((f"  {line}", "") for line in told)


def _units(units: list[UnitDrift], now: float) -> Iterator[Line]:
    for unit in units:
        if "down" in unit.what:
            since = f", since {traces_text.when(unit.since, now)}" if unit.since else ""
            yield f"{unit.name} is {unit.state}{since}", "red"
        if "disabled" in unit.what:
            yield f"{unit.name} does not start at boot", "yellow"
    older: dict[StaleInput, list[str]] = {}
    for unit in units:
        started = f" (started {traces_text.when(unit.started)})" if unit.started else ""
        for stale in unit.stale:
            older.setdefault(stale, []).append(f"{_bare(unit.name)}{started}")
    if older:
        yield "units that started before what they read was changed:", "yellow"
    for stale, names in older.items():
        yield f"  {_stale(stale)}", ""
        yield from ((f"    {name}", "") for name in names)


def _stale(stale: StaleInput) -> str:
    if stale.path.endswith(STAMP):
        return f"{stale.path.removesuffix(STAMP)}: its packages were renewed"
    at = f" at {traces_text.when(stale.modified)}" if stale.modified else ""
    if stale.same:
        return f"{stale.path}: written anew{at}, and its text is what they started with"
    if stale.options is None:
        return f"{stale.path}: changed{at}; what it held when they started is not known"
    if not stale.options:
        return f"{stale.path}: changed{at}, but none of its options"
    return f"{stale.path}: changed{at}: {', '.join(stale.options)}"


def _ways(found: CloudDrift, loaded: LoadedCloud) -> Iterator[Line]:
    yield "next:", "bold"
    rows = [(typed(loaded, "apply"), "put everything back; what was edited is copied first")]
    if words := _to_adopt(found):
        adopt = typed(loaded, "config adopt", *words)
        rows.append((adopt, "take the edit into cloud.yaml instead"))
    for command, what in rows:
        yield f"  {runnable(command):44} {what}", ""


def _to_adopt(found: CloudDrift) -> list[str]:
    """Return a whole file that can be adopted, or else one option of a file; maybe nothing."""
    for drift in found.files:
        edited = [one for one in drift.options if one.origin.by_hand]
        if edited and all(one.adoptable for one in edited):
            return [drift.name]
    for drift in found.files:
        for one in drift.options:
            if one.origin.by_hand and one.adoptable:
                return [drift.name, f"[{one.section}]", one.name]
    return []


def _bare(unit: str) -> str:
    return unit.removesuffix(".service")


def _style(line: str) -> str:
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
