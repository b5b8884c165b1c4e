"""Every unit says who notices that it restarts, in words that a sentence can be made of."""

from __future__ import annotations

import re

from gureum.services import declarations
from gureum.services.context import Context
from gureum.steps.notice import EVERY, Effect


def test_every_unit_tells_who_notices(context: Context) -> None:
    """A clause without a time, a time wherever something is noticed, and APIs that exist."""
    declared = declarations(context)
    apis = {p.name for d in declared for p in d.proxied} | {EVERY}
    units = {u.name: u.notice for d in declared for u in d.units}
    for name, notice in units.items():
        assert re.fullmatch(r"[A-Za-z][^.]+[^.;, ]", notice.says), name
        assert not re.search(r"\bsecond|[0-9]", notice.says), name
        assert (notice.seconds > 0) == (notice.effect is not Effect.NOBODY), name
        assert bool(notice.apis) == notice.stops_api, name
        assert set(notice.apis) <= apis, name
        assert 0 <= notice.traffic <= 30, name


def test_every_api_says_so_of_its_own_unit(context: Context) -> None:
    """What HAProxy serves is noticed by those who ask it, and no restart of it is an error."""
    declared = declarations(context)
    units = {u.name: u.notice for d in declared for u in d.units}
    for name in (p.name for d in declared for p in d.proxied if not p.page):
        assert name in units[name].apis
        assert units[name].effect is Effect.WAITS


def test_steps_carry_what_their_units_declare(context: Context) -> None:
    """A plan tells who notices from the same fact that the declaration gives."""
    from gureum.plan.build import build

    blueprint = build(context)
    units = {f"{d.service}.unit.{u.name}": u for d in blueprint.declarations for u in d.units}
    noticed = {step.id: step.notice for step in blueprint.steps if step.notice is not None}
    assert noticed == {id: unit.notice for id, unit in units.items()}
