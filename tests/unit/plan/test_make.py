"""Plans: actions, diffs without secrets, restarts with their causes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gureum.plan import Action, Plan, make_plan
from gureum.plan.difference import mask
from gureum.state.secrets import Redactor, Secret
from gureum.steps.states import CommandDone, FileWritten, UnitActive
from gureum.steps.step import State, Step

PATH = "/etc/nova/nova.conf"


def step(name: str, state: State, watches: tuple[str, ...] = ()) -> Step:
    keys = frozenset(f"one/{key}" for key in watches)
    return Step(id=name, host="one", state=state, why=f"why {name}", watches=keys)


def of_file(content: str, mode: int = 0o644) -> dict[str, Any]:
    digest = hashlib.sha256(content.encode()).hexdigest()
    owned = {"owner": "root", "group": "root", "mode": mode}
    return {"sha256": digest, **owned, "_exists": True, "_content": content}


RUNNING = {"active": "active", "enabled": True, "stale_inputs": [], "_exists": True}


def config(content: str, **fields: Any) -> Step:
    return step("nova.conf", FileWritten(path=PATH, content=content, **fields))


def test_what_is_as_wanted_is_left_alone() -> None:
    """R-CONF: a second plan is empty."""
    unit = step("unit", UnitActive(name="nova-api", inputs=(PATH,)), watches=("nova.conf",))
    readings = {"one/nova.conf": of_file("a\n"), "one/unit": RUNNING}
    plan = make_plan([config("a\n"), unit], readings)
    assert plan.changes == ()
    assert plan.counts()[Action.NOTHING] == 2


def test_what_nobody_could_read_is_created() -> None:
    """A host that does not exist yet has a plan too."""
    plan = make_plan([config("a\n")], {})
    assert [s.action for s in plan.changes] == [Action.CREATE]


def test_a_changed_file_has_a_diff_and_restarts_its_unit() -> None:
    """The unit's cause is the file's step, by its inputs alone."""
    unit = step("unit", UnitActive(name="nova-api", inputs=(PATH,)))
    readings = {"one/nova.conf": of_file("[DEFAULT]\na = 1\n"), "one/unit": RUNNING}
    plan = make_plan([config("[DEFAULT]\na = 2\n"), unit], readings)
    assert "-a = 1\n+a = 2" in plan.by_key["one/nova.conf"].diff
    assert plan.by_key["one/nova.conf"].action is Action.CHANGE
    assert [(s.key, s.causes) for s in plan.restarts] == [("one/unit", ("one/nova.conf",))]


def test_a_new_mode_restarts_nothing() -> None:
    """Only the text of a file is what its unit reads."""
    unit = step("unit", UnitActive(name="nova-api", inputs=(PATH,)))
    readings = {"one/nova.conf": of_file("a\n", 0o600), "one/unit": RUNNING}
    plan = make_plan([config("a\n"), unit], readings)
    assert [s.key for s in plan.changes] == ["one/nova.conf"]


def test_a_stale_input_restarts_and_is_named() -> None:
    """A file that somebody else wrote after the unit started."""
    unit = step("unit", UnitActive(name="nova-api", inputs=("/etc/x",)))
    plan = make_plan([unit], {"one/unit": {**RUNNING, "stale_inputs": ["/etc/x"]}})
    assert [(s.action, s.causes) for s in plan.changes] == [(Action.RESTART, ("/etc/x",))]


def test_what_an_earlier_run_owes_is_planned() -> None:
    """A killed run changed what the unit watches: the next plan says that the unit restarts."""
    unit = step("unit", UnitActive(name="nova-api"))
    plan = make_plan([unit], {"one/unit": RUNNING}, owed={"one/unit"})
    assert plan.restarts[0].causes == ("a change of an earlier run",)


def test_a_watched_command_that_is_due_makes_its_watcher_due() -> None:
    """Actions spread along watches."""
    command = CommandDone(check=("true",), command=("true",))
    steps = [step("a", command), step("b", command, watches=("a",))]
    plan = make_plan(
        steps,
        {"one/a": {"done": False, "_exists": False}, "one/b": {"done": True, "_exists": True}},
    )
    assert [s.action for s in plan.steps] == [Action.CREATE, Action.CHANGE]


def test_no_secret_is_in_a_plan() -> None:
    """R-CRED-1: neither the new password, nor an old one that this cloud does not know."""
    new, old = Secret("brand-new-password"), "0ld-passw0rd-of-before"
    actual = f"[database]\nconnection = mysql://nova:{old}@h/nova\nadmin_password = {old}\n"
    wanted = actual.replace(old, new.reveal()) + "a = 1\n"
    plan = make_plan(
        [config(wanted)], {"one/nova.conf": of_file(actual)}, redact=Redactor([new.reveal()])
    )
    text = json.dumps(plan.to_json())
    assert new.reveal() not in text
    assert old not in text
    assert "+a = 1" in plan.steps[0].diff


def test_hidden_files_have_no_diff() -> None:
    """Keys are not shown, whatever they look like."""
    reading = {**of_file("old key\n"), "_content": "old key\n"}
    plan = make_plan([config("new key\n", hidden=True)], {"one/nova.conf": reading})
    assert plan.steps[0].diff == ""
    assert "old key" not in json.dumps(plan.to_json())


def test_a_plan_is_saved_and_read_back() -> None:
    """The plan is a value: equal after JSON."""
    plan = make_plan([config("a\n")], {"one/nova.conf": of_file("b\n")})
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_masks_by_name_and_in_urls() -> None:
    """Options named like secrets are hidden; names that only resemble one are not."""
    assert mask("memcache_secret_key = abc") == "memcache_secret_key = ***"
    assert (
        mask("url = rabbit://u:pw@a:5672,u:pw@b:5672/")
        == "url = rabbit://u:***@a:5672,u:***@b:5672/"
    )
    assert mask("token_expiration = 3600") == "token_expiration = 3600"
    assert mask("http://a:80/x") == "http://a:80/x"
