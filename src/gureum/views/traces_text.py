"""When a thing happened and who was there, in words."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.drift.who import Login, Package, Traces
from gureum.views.moments import ago, clock, stamp, zone

SHOWN = 4
"""Logins that are named; the more there are, the less each of them says."""


def when(moment: float, now: float | None = None) -> str:
    """Return a moment with how long it is ago: `2026-11-21 16:40:03 UTC (2 min ago)`."""
    return stamp(moment) if now is None else f"{stamp(moment)} ({ago(now, moment)} ago)"


def lines(traces: Traces) -> Iterator[str]:
    """Yield who was there, what packages did, or why that is not known."""
    for login in traces.logins[:SHOWN]:
        yield f"there then: {_login(login)}"
    if len(traces.logins) > SHOWN:
        yield f"there then: {len(traces.logins) - SHOWN} more"
    for package in traces.packages:
        yield f"then: {_package(package)}"
    if traces.unknown:
        yield f"not known who: {traces.unknown}"


def short(traces: Traces) -> str:
    """Return the same in a few words, for a list."""
    if traces.packages and not any(one.names_file for one in traces.logins):
        return _package(traces.packages[0])
    if not traces.logins:
        return "nobody known to be there"
    people = list(dict.fromkeys(_person(one) for one in traces.logins))
    more = f" and {len(people) - 2} more" if len(people) > 2 else ""
    return f"there: {', '.join(people[:2])}{more}"


def _person(login: Login) -> str:
    if login.command:
        return (
            f"{login.user} by sudo: {login.command}"
            if login.names_file
            else f"{login.user} by sudo"
        )
    key = " with gureum's own key" if login.ours else ""
    return f"{login.user} from {login.address}{key}" if login.address else login.user


def _login(login: Login) -> str:
    span = f"since {clock(login.began, login.began)} {zone(login.began)}"
    if login.how == "sudo":
        target = f" as {login.as_user}" if login.as_user else ""
        return f"{login.user} by sudo{target}: {login.command}"
    if login.how == "su":
        return f"{login.user} by su as {login.as_user}, {span}"
    if login.how == "ssh":
        key = f", key {login.key}" if login.key else f", by {login.method}"
        own = " (gureum's own: `gureum ssh`, or a run of gureum)" if login.ours else ""
        return f"{login.user} from {login.address}, {span}{key}{own}"
    place = " ".join(word for word in (login.terminal, login.address) if word)
    return f"{login.user} at {place or 'a console'}, {span}"


def _package(package: Package) -> str:
    asked = f", asked for by {package.user}" if package.user else ""
    return f"{package.how}: {package.command}{asked}"
