"""Units and what became of them, as a person reads it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gureum.operate.health import UnitHealth
from gureum.operate.services.acting import UnitResult
from gureum.operate.services.states import LastError, ServiceStates, UnitState
from gureum.steps.notice import Effect, Notice
from gureum.views import service_text
from gureum.views.anatomy_text import many, size

NOW = 1795273548.0
API = UnitHealth(
    service="nova", name="nova-api", host="one", state="active", good=True, since=NOW - 60,
    pss_mb=140.4,
)  # fmt: skip
DEAD = UnitHealth(
    service="nova", name="nova-compute", host="two", state="failed (failed)", good=False,
    since=NOW - 90, restarts=3,
)  # fmt: skip
FOUND = ServiceStates(
    time=NOW,
    units=(
        UnitState(
            health=API, enabled=True, error=LastError(time=NOW - 3600, line="x" * 300, path="a")
        ),
        UnitState(
            health=DEAD,
            enabled=False,
            error=LastError(time=NOW - 95, line="OSError: no room", path="b"),
            hint="gureum logs --host two nova-compute",
        ),
    ),
    unreachable={"three": "three does not run"},
)


@pytest.fixture(autouse=True)
def _seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_states_are_told_in_the_operators_zone() -> None:
    """R-OPS-1, R-OPS-11: state, start, restarts, memory, boot, last error; the zone is named."""
    shown = "\n".join(text for text, _ in service_text.states(FOUND))
    assert max(map(len, shown.splitlines())) <= 110
    for words in (
        "since (KST)", "00:04:48", "140", "failed (failed)", "down: three does not run",
        "hint: gureum logs --host two nova-compute", "OSError: no room", "over",
    ):  # fmt: skip
        assert words in shown
    assert "boot" in shown.splitlines()[0]


def test_as_json_times_are_unix_times() -> None:
    found = service_text.document(FOUND)
    assert found["well"] is False
    assert found["units"][0]["since"] == NOW - 60
    assert found["units"][1]["enabled"] is False


def result(outcome: str, said: str = "stopped", **rest: object) -> UnitResult:
    return UnitResult(
        host="one", service="nova", unit="nova-api", outcome=outcome, said=said, **rest  # type: ignore[arg-type]
    )  # fmt: skip


def told(one: UnitResult) -> list[str]:
    return [text for text, _ in service_text.result(one)]


def test_a_stop_tells_who_misses_the_unit_and_what_went_along() -> None:
    notice = Notice(says="requests about VMs wait", seconds=4, effect=Effect.WAITS)
    first, missed, also = told(result("done", seconds=2.0, notice=notice, also=("x.socket",)))
    assert first == "stopped    nova-api of one  2.0 s"
    assert missed.strip() == "until it runs again: requests about VMs wait"
    assert also.strip() == "along with it: x.socket"


def test_a_failure_comes_with_its_lines_and_a_way_out() -> None:
    shown = told(
        result(
            "failed", "nova-api failed", seconds=1.0, log_lines=("KeyError",), hint="gureum apply"
        )
    )
    assert shown[0].startswith("failed     nova-api of one  1.0 s: nova-api failed")
    assert shown[1:] == ["    KeyError", "  hint: gureum apply"]


def test_the_last_line_counts() -> None:
    results = [result("unchanged"), result("done"), result("skipped"), result("failed")]
    words = service_text.summary("restart", results, 3.0)
    assert words == "1 restarted, 1 unchanged, 1 failed, 1 skipped in 3.0 s"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (4500, "4.5 kB"), (123_456, "123 kB"), (2e12, "2.0 TB"), (5e15, "5000 TB")],
)  # fmt: skip
def test_sizes_are_told_in_a_readable_unit(count: float, shown: str) -> None:
    assert size(count) == shown


def test_nouns_agree_with_their_count() -> None:
    assert (many(0, "table"), many(1, "process", "processes")) == ("no tables", "1 process")
