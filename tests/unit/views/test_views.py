"""Views: what goes to stdout, what to stderr, and the words of a failure."""

from __future__ import annotations

import io
import json
import os
import re
import sys

import pytest

from gureum.apply.events import (
    Event,
    Message,
    Problem,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)
from gureum.diagnostics import Diagnostic, Source
from gureum.errors import ConfigError, HostError
from gureum.plan import Plan, make_plan
from gureum.steps.states import FileWritten
from gureum.steps.step import Step
from gureum.views import choose
from gureum.views.human import Human
from gureum.views.json_lines import JsonLines
from gureum.views.plain import Plain
from gureum.views.view import View
from gureum.views.wording import seconds

FAILED = StepFinished(
    "one/nova.unit.nova-api",
    "nova-api.service",
    Status.FAILED,
    3.2,
    evidence=({"command": ["systemctl", "start", "nova-api"], "exit": 1, "seconds": 3.1},),
    error=Problem(
        "nova-api did not start",
        log_lines=("/var/log/nova/nova-api.log:", "ERROR access denied"),
        hint="journalctl -u nova-api -n 100",
    ),
)
EVENTS: tuple[Event, ...] = (
    Message("hosts"),
    Message("hosts", "one is connected"),
    RunStarted("run", 4, ("one",), 12.0),
    StepStarted("one/nova.conf", "/etc/nova/nova.conf", 0.1),
    StepFinished("one/nova.conf", "/etc/nova/nova.conf", Status.CHANGED, 0.1),
    StepFinished("one/a", "", Status.UNCHANGED),
    FAILED,
    StepFinished("one/b", "", Status.SKIPPED, needs="one/nova.unit.nova-api"),
    RunFinished("run", {Status.CHANGED: 1, Status.FAILED: 1, Status.SKIPPED: 1}, 3.4),
)


def a_plan() -> Plan:
    state = FileWritten(path="/etc/a", content="new\n")
    steps = [Step(id="a", host="one", state=state, why="it has to be new")]
    reading = {"sha256": "x", "owner": "root", "group": "root", "mode": 0o600}
    return make_plan(steps, {"one/a": {**reading, "_exists": True, "_content": "old\n"}})


def shown(make: type[Plain] | type[Human]) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    view: View = make(out, err)
    for event in EVENTS:
        view.event(event)
    view.plan(a_plan())
    view.close()
    return out.getvalue(), err.getvalue()


def test_plain_lines_tell_the_root_cause_and_what_it_kept_back() -> None:
    """R-VERIFY: step, evidence, log lines, hint; dependents say what they need."""
    out, err = shown(Plain)
    assert err == (
        "== hosts\n"
        "hosts: one is connected\n"
        "4 steps, usually 12 s\n"
        "changed: one/nova.conf (/etc/nova/nova.conf) 0.1 s\n"
        "failed: one/nova.unit.nova-api (nova-api.service) after 3.2 s\n"
        "  nova-api did not start\n"
        "  ran: systemctl start nova-api\n"
        "  exit 1 after 3.1 s\n"
        "  the lines that matter:\n"
        "    /var/log/nova/nova-api.log:\n"
        "    ERROR access denied\n"
        "  hint: journalctl -u nova-api -n 100\n"
        "skipped: needs one/nova.unit.nova-api: one/b\n"
        "1 changed, 1 failed, 1 skipped in 3.4 s\n"
    )
    assert "~ a /etc/a" in out
    assert "-old\n        +new" in out
    assert "1 to change" in out


def test_the_terminal_tells_the_same_and_obeys_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colour never carries meaning alone; NO_COLOR takes it away."""
    monkeypatch.setenv("NO_COLOR", "1")
    out, err = shown(Human)
    assert "failed: one/nova.unit.nova-api (nova-api.service) after 3.2 s" in err
    assert "    ERROR access denied" in err
    assert "skipped: needs one/nova.unit.nova-api: one/b" in err
    assert "~ a /etc/a" in out
    assert not re.search(r"\x1b\[\d+m", out + err)


def test_json_lines_are_data_only() -> None:
    """One object a line, with its type; enums by their values."""
    out = io.StringIO()
    view = JsonLines(out)
    for event in EVENTS:
        view.event(event)
    view.plan(a_plan())
    view.error(HostError("gone", detail="d", hint="h"))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[2]["type"] == "run_started"
    assert lines[6]["status"] == "failed"
    assert lines[6]["error"]["log_lines"][1] == "ERROR access denied"
    assert lines[8]["counts"] == {"changed": 1, "failed": 1, "skipped": 1}
    assert lines[9]["steps"][0]["action"] == "change"
    assert lines[10] == {
        "type": "error", "error": "HostError", "summary": "gone", "detail": "d", "hint": "h",
        "exit_code": 1,
    }  # fmt: skip


def test_errors_carry_every_diagnostic_with_its_place() -> None:
    """R-CONF-3: all mistakes at once, each with file, line and a way out."""
    err = io.StringIO()
    found = [
        Diagnostic("unknown option 'debgu'", source=Source("cloud.yaml", 7), hint="use 'debug'"),
        Diagnostic("not a number", detail="got 'x'", source=Source("cloud.yaml", 9)),
    ]
    Plain(io.StringIO(), err).error(ConfigError("2 mistakes", found, hint="put them right"))
    assert err.getvalue() == (
        "error: 2 mistakes\n"
        "  cloud.yaml:7: unknown option 'debgu'\n"
        "    hint: use 'debug'\n"
        "  cloud.yaml:9: not a number\n"
        "    got 'x'\n"
        "hint: put them right\n"
    )


def test_a_pipe_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The live view is for terminals alone."""
    assert isinstance(choose(), Plain)
    assert isinstance(choose(json=True), JsonLines)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(os.environ, "TERM", "xterm")
    assert isinstance(choose(), Human)
    monkeypatch.setitem(os.environ, "TERM", "dumb")
    assert isinstance(choose(), Plain)


@pytest.mark.parametrize(
    ("value", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (61, "61 s"), (125, "2 min 05 s")]
)
def test_times_are_told_as_people_say_them(value: float, text: str) -> None:
    """Seconds with a tenth, then whole ones, then minutes."""
    assert seconds(value) == text
