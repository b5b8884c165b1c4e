"""Checks run side by side, and one that stumbles fails alone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import gureum.checks
from gureum.checks import CHECKS, Check, CheckContext, CheckResult, Status, Verdict, run_checks
from gureum.checks.reference import reference
from gureum.checks.vm import BACKUP_STAGES, NO_LEFTOVERS, STAGES, VOLUME_STAGES
from gureum.errors import HostError

CONTEXT = CheckContext(cloud="c", clouds_yaml=Path("none"), ca=Path("none"))
FINE = Verdict(status=Status.PASS, summary="fine")


def check(id: str, run: object) -> Check:
    return Check(id=id, title=id, proves="", run=run)  # type: ignore[arg-type]


def test_checks_run_at_the_same_time_and_answer_in_order() -> None:
    """R-VERIFY-1: two checks that wait for each other both end."""
    meeting = threading.Barrier(2, timeout=5)

    def meet(_: CheckContext) -> Verdict:
        meeting.wait()
        return FINE

    results = run_checks([check("a", meet), check("b", meet)], CONTEXT)
    assert [(r.id, r.status) for r in results] == [("a", Status.PASS), ("b", Status.PASS)]


def test_what_a_check_raises_becomes_a_failed_result() -> None:
    """R-VERIFY-1: a host that is gone fails its checks with the way out, and no other check."""

    def gone(_: CheckContext) -> Verdict:
        raise HostError("one went away", detail="at root@one", hint="ssh root@one")

    def bug(_: CheckContext) -> Verdict:
        raise KeyError("x")

    told: list[CheckResult] = []
    results = run_checks(
        [check("gone", gone), check("bug", bug), check("fine", lambda _: FINE)],
        CONTEXT,
        told.append,
    )
    assert [r.status for r in results] == [Status.FAIL, Status.FAIL, Status.PASS]
    assert (results[0].summary, results[0].hint) == ("one went away: at root@one", "ssh root@one")
    assert results[1].summary.startswith("KeyError")
    assert results[1].hint
    assert sorted(r.id for r in told) == ["bug", "fine", "gone"]


def test_every_check_of_the_package_is_listed() -> None:
    """A check that is not in the list would never run, and nobody would miss it."""
    folder = Path(gureum.checks.__file__).parent
    named = set()
    for path in folder.glob("*.py"):
        module = __import__(f"gureum.checks.{path.stem}", fromlist=["*"])
        named |= {value.id for value in vars(module).values() if isinstance(value, Check)}
    assert named == {check.id for check in CHECKS}


def test_ids_are_unique_and_every_check_says_what_it_proves() -> None:
    everything: list[Any] = [*CHECKS, *STAGES, *VOLUME_STAGES, *BACKUP_STAGES, NO_LEFTOVERS]
    ids = [one.id for one in everything]
    assert len(ids) == len(set(ids))
    for one in everything:
        assert one.proves.endswith(".")
        assert one.requirement.startswith("R-")


def test_the_reference_page_is_current() -> None:
    page = Path(__file__).parents[3] / "docs/reference/checks.md"
    assert page.read_text() == reference()
