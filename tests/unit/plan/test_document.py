"""A plan on its way through a file: read back as it was, or refused with what differs named."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from gureum.errors import GureumError
from gureum.plan import make_plan
from gureum.plan.document import Document, differences, marks, read
from gureum.plan.plan import Version
from gureum.state.secrets import Secret
from gureum.steps.notice import Effect, Notice
from gureum.steps.states import FileWritten, UnitActive
from gureum.steps.step import Step

KEY = Secret("the cloud's own key")
PATH = "/etc/nova/nova.conf"
AGAIN = "gureum plan --out p.json"
NOTICE = Notice(says="requests wait", seconds=3, effect=Effect.WAITS, apis=("nova-api",))
FILE: dict[str, Any] = {
    "sha256": "0" * 64, "owner": "root", "group": "root", "mode": 0o644, "_exists": True,
    "_content": "a = 1\n",
}  # fmt: skip
RUNNING: dict[str, Any] = {
    "active": "active", "enabled": True, "stale_inputs": [], "_exists": True, "_pid": 7,
}  # fmt: skip
HOST = {"one/conf": FILE, "one/unit": RUNNING}


def steps(content: str = "a = 2\n") -> list[Step]:
    hidden = "a password that no plan may hold"
    return [
        Step(id="conf", host="one", why="", state=FileWritten(path=PATH, content=content)),
        Step(
            id="unit", host="one", why="", notice=NOTICE, state=UnitActive(name="x", inputs=(PATH,))
        ),
        Step(
            id="key",
            host="one",
            why="",
            state=FileWritten(path="/etc/key", content=hidden, hidden=True),
        ),
    ]


def document(
    content: str = "a = 2\n",
    readings: dict[str, dict[str, Any]] | None = None,
    origin: str = "1",
    owed: tuple[str, ...] = (),
) -> Document:
    wanted = steps(content)
    return Document(
        cloud="c",
        release="2026.2",
        made="today",
        gureum="1",
        origins={"cloud.yaml": origin, "the secrets": "1"},
        wanted=marks(wanted, KEY),
        plan=make_plan(wanted, readings or HOST, owed=owed),
    )


def test_it_comes_back_as_it_was() -> None:
    """Equal after a file, versions and who notices included; and no secret in it."""
    plan = document().plan.with_versions({"one/conf": (Version("x", None, "2"),)})
    given = dataclasses.replace(document(), plan=plan)
    text = given.to_text(KEY)
    assert read(text, "p", AGAIN).open(KEY, "p", AGAIN) == given
    assert "a password that no plan may hold" not in text
    assert KEY.reveal() not in text


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda _: "", "is not a plan"),
        (lambda _: "hosts:\n  one:\n", "is not a plan"),
        (lambda _: "[]", "is not a plan"),
        (lambda _: '{"a": 1}', "is not a plan"),
        (lambda text: text[:900], "is torn"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "of format 2"),
        (lambda text: text.replace("a = 2", "a = 3"), "not as gureum wrote it"),
        (lambda text: text.replace('"seal": "', '"seal": "0'), "not as gureum wrote it"),
    ],
)
def test_what_is_no_sound_plan_is_refused(spoilt: Any, said: str) -> None:
    """Nothing of the kind, torn, of another version, or changed by somebody."""
    text = spoilt(document().to_text(KEY))
    with pytest.raises(GureumError, match=said) as caught:
        read(text, "p.json", AGAIN).open(KEY, "p.json", AGAIN)
    assert caught.value.hint == AGAIN


def test_another_clouds_plan_is_refused_though_the_name_is_the_same() -> None:
    with pytest.raises(GureumError, match="not as gureum wrote it") as caught:
        read(document().to_text(KEY), "p", AGAIN).open(Secret("another key"), "p", AGAIN)
    assert "another cloud that is called 'c'" in caught.value.detail


def test_the_same_cloud_differs_in_nothing() -> None:
    """What comes and goes, a process id for one, is no difference."""
    again = document(readings={**HOST, "one/unit": {**RUNNING, "_pid": 8}})
    assert list(differences(document(), again)) == []


def test_what_changed_on_a_host_is_named() -> None:
    """R-CONF: a file edited, a mode set, a unit stopped, a file that came meanwhile."""
    moved = {
        "one/conf": {**FILE, "sha256": "1" * 64, "mode": 0o600},
        "one/unit": {**RUNNING, "active": "inactive"},
        "one/key": {**FILE, "_exists": True},
    }
    found = list(differences(document(), document(readings=moved)))
    assert "one/conf: mode was 0644 and is 0600" in found
    assert "one/conf: somebody changed its text on the host" in found
    assert 'one/unit: active was "active" and is "inactive"' in found
    assert "one/key: it is on the host by now" in found


def test_what_is_wanted_otherwise_is_named_with_where_it_comes_from() -> None:
    """Of cloud.yaml, or of gureum itself where nothing else changed."""
    found = list(differences(document(), document("a = 3\n", origin="2")))
    assert found == ["one/conf: another state is wanted (cloud.yaml changed)"]
    found = list(differences(document(), document("a = 3\n")))
    assert found == ["one/conf: another state is wanted (gureum itself changed)"]


def test_a_new_and_a_dropped_step_are_named() -> None:
    less = dataclasses.replace(document(), wanted={"one/new": "1"})
    found = list(differences(document(), less))
    assert "one/conf: no longer wanted" in found
    assert "one/new: wanted now, and not when the plan was made" in found


def test_what_an_earlier_run_owes_by_now_is_named() -> None:
    """Hosts and wishes are the same, and yet more would be done."""
    then = document("a = 1\n", readings={**HOST, "one/conf": _as_wanted("a = 1\n")})
    now = document("a = 1\n", {**HOST, "one/conf": _as_wanted("a = 1\n")}, owed=("one/unit",))
    assert list(differences(then, now)) == [
        "one/unit: was to nothing, and is to restart a change of an earlier run now"
    ]


def test_marks_tell_nothing_of_what_they_stand_for() -> None:
    """Another cloud's key makes another mark, so no list of guesses can be held against it."""
    assert marks(steps(), KEY) != marks(steps(), Secret("another"))
    assert all(len(mark) == 20 for mark in marks(steps(), KEY).values())
    json.dumps(marks(steps(), KEY))


def _as_wanted(content: str) -> dict[str, Any]:
    import hashlib

    return {**FILE, "sha256": hashlib.sha256(content.encode()).hexdigest(), "_content": content}
