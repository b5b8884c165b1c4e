"""The words in which a plan is told, shared by the text and the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gureum.plan.action import Action
from gureum.plan.impact import Impact
from gureum.plan.plan import PlannedStep
from gureum.steps.notice import Effect, Notice

WORDS = {
    Action.CREATE: "to create",
    Action.CHANGE: "to change",
    Action.RESTART: "to restart",
    Action.NOTHING: "in order",
}


def about(seconds: float) -> str:
    """Return a time as roughly as it is known: `about 3 s`, `less than 1 s`."""
    return f"about {seconds:.0f} s" if seconds >= 1 else "less than 1 s"


def lasting(notice: Notice) -> str:
    """Return who would notice a restart, and for how long."""
    if notice.effect is Effect.NOBODY:
        return notice.says
    return f"{notice.says} for {about(notice.seconds)}"


def noticed(notice: Notice) -> str:
    """Return who would notice a restart, for how long, and that running VMs do not."""
    return lasting(notice) + ("" if notice.traffic else "; running VMs untouched")


def unit(step: PlannedStep) -> str:
    """Return the name of a step's unit as people say it."""
    return step.title.removesuffix(".service")


def sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop; `nova-api` and paths stay as they are."""
    word = text.split(" ", 1)[0]
    first = word if not word.isalpha() else word[:1].upper() + word[1:]
    return f"{first}{text[len(word) :]}."


def summary(found: Impact) -> str:
    """Return the sentence that ends a plan."""
    parts = [counted(found.files, "file")]
    if found.packages:
        parts.append(counted(found.packages, "package"))
    if found.starts:
        parts.append(counted(len(found.starts), "unit starts", "units start"))
    parts.append(counted(len(found.restarts), "unit restarts", "units restart"))
    return f"{', '.join(parts)}; {pauses(found)}; {vms(found)}"


def pauses(found: Impact) -> str:
    """Return what users of the APIs notice."""
    if not found.api_seconds:
        return "no API pauses"
    kind = "APIs pause, and some requests fail," if found.errors else "API requests wait"
    seconds = found.api_seconds
    return f"{kind} {'for less than 1 s' if seconds < 1 else f'{about(seconds)} in all'}"


def vms(found: Impact) -> str:
    """Return what running VMs notice."""
    if found.untouched:
        return "running VMs are untouched"
    hosts = ", ".join(f"{about(s)} on {host}" for host, s in found.silent.items())
    return f"running VMs are cut off from their networks for {hosts}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 file`, `2 files`, `no files`."""
    if number == 1:
        return f"1 {one}"
    return f"{number or 'no'} {many or one + 's'}"


def differing(drift: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each key that is not as it is wanted."""
    for key, value in drift.items():
        if key == "sha256":
            yield "its text changes (not shown)"
        elif key == "mode":
            yield f"mode: {_mode(value['actual'])} -> {_mode(value['wanted'])}"
        elif key == "missing":
            yield f"missing: {', '.join(value['actual'] or ())}"
        elif key == "stale_inputs":
            continue
        else:
            yield f"{key}: {_value(value['actual'])} -> {_value(value['wanted'])}"


def versions(step: PlannedStep) -> Iterator[str]:
    """Yield a line for each package that the step would install."""
    for found in step.versions:
        yield (
            f"{found.package} {found.now} -> {found.then}"
            if found.now
            else (f"{found.package} {found.then}, new")
        )


def kinds(steps: Sequence[PlannedStep]) -> str:
    """Return how many of which kind steps are: `12 files, 3 units, 1 schema`."""
    names = [NAMES.get(step.kind, ("step", "steps")) for step in steps]
    return ", ".join(counted(names.count(n), *n) for n in dict.fromkeys(names))


NAMES = {
    "file": ("file", "files"),
    "directory": ("set of directories", "sets of directories"),
    "packages": ("set of packages", "sets of packages"),
    "venv": ("Python environment", "Python environments"),
    "users": ("set of users", "sets of users"),
    "unit": ("unit", "units"),
    "databases": ("set of databases", "sets of databases"),
    "schema": ("set of tables", "sets of tables"),
    "rehearsal": ("set of empty tables", "sets of empty tables"),
    "identity": ("catalogue", "catalogues"),
    "command": ("command", "commands"),
    "ovs": ("switch", "switches"),
    "retired_units": ("set of retired units", "sets of retired units"),
}


def _value(value: Any) -> str:
    return "none" if value is None else str(value)


def _mode(value: Any) -> str:
    return f"{value:04o}" if isinstance(value, int) else "none"
