"""R-OPS-2: a request is told as a story: who did what when, and where it went wrong first."""

from __future__ import annotations

from pathlib import Path

from gureum.operate.logs.record import LogRecord, clean, record
from gureum.operate.logs.story import Story, story
from gureum.remote import log_requests
from gureum.state.secrets import Redactor
from gureum.views import log_text, story_text

GATHERED = Path(__file__).parents[2] / "remote"
CREATE = "req-037bcf93-c3cb-437c-818e-aea1e464d965"
SERVICES = {"nova-api": "nova", "nova-compute": "nova", "neutron-api": "neutron"}


def told(tmp_path: Path) -> Story:
    for host, name in (("c1", "gathered.log"), ("k1", "gathered_compute.log")):
        (tmp_path / "hosts" / host).mkdir(parents=True)
        (tmp_path / "hosts" / host / "openstack.log").write_bytes((GATHERED / name).read_bytes())
    found = log_requests.trace({"folder": str(tmp_path), "kinds": ["openstack"]}, CREATE)
    return story(CREATE[:12], found["ids"], [one(row) for row in found["rows"]])


def one(row: list[object]) -> LogRecord:
    return record(row, SERVICES, Redactor(["a-secret-of-ours"]))


def test_the_story_begins_when_haproxy_took_the_request(tmp_path: Path) -> None:
    found = told(tmp_path)
    first = found.events[0]
    assert (found.id, first.call, first.status, first.lasted) == (
        CREATE,
        "POST /v2.1/servers",
        202,
        420,
    )
    assert (first.api, first.client, first.ms) == ("nova-api", "10.0.0.5", 0)
    assert [e.record.unit for e in found.events] == [
        "haproxy", "nova-api", "haproxy", "neutron-api", "nova-compute",
    ]  # fmt: skip
    # HAProxy wrote at the end, 420 ms after it had begun.
    assert [round(e.ms) for e in found.events] == [0, 416, 980, 1130, 1630]


def test_the_first_error_and_everybody_s_part_are_named(tmp_path: Path) -> None:
    found = told(tmp_path)
    assert found.error is not None
    assert found.error.record.unit == "nova-compute"
    assert found.error.record.first.endswith("Instance failed to spawn: OSError: no room")
    parts = {(p.host, p.unit): (p.records, p.errors) for p in found.parts}
    assert parts["k1", "nova-compute"] == (1, 1)
    assert parts["c1", "haproxy"] == (2, 0)


def test_the_story_reads_without_colour(tmp_path: Path) -> None:
    text = "\n".join(line for line, _ in story_text.lines(told(tmp_path)))
    assert "POST /v2.1/servers: 420 ms, for 10.0.0.5" in text
    assert "+1.630 s" in text
    # What HAProxy noted is not told again by the API itself.
    assert "requestlog" not in text
    assert "the first error: +1.630 s, nova-compute on k1" in text
    assert "      OSError: no room" in text


def test_a_record_is_a_line_and_its_further_lines_are_indented() -> None:
    made = one(
        [1795290245.25, "c1", "nova-api", "1", "WARN", f"nova.api [- {CREATE} u p - -] a\nb"]
    )
    assert made.request_id == CREATE
    assert (made.level, made.service, made.module, made.text) == (
        "WARNING",
        "nova",
        "nova.api",
        "a\nb",
    )
    lines = [line for line, _ in log_text.lines(made, several=True)]
    assert lines[0].endswith("c1  nova-api                WARNING   req-037bcf93  nova.api: a")
    assert lines[1] == "      b"


def test_no_secret_and_no_command_to_a_terminal_is_shown() -> None:
    """Logs are written by whoever can make a service log something."""
    hide = Redactor(["a-secret-of-ours"])
    assert clean("x a-secret-of-ours y", hide) == "x *** y"
    assert clean("password=hunter2secret, token: 'abcdefgh'", hide) == "password=***, token: '***'"
    assert clean("'adminPass': 'h0zPq8sX'", hide) == "'adminPass': '***'"
    assert clean("\x1b[31mred\x1b[0m \x1b]0;title\x07", hide) == "red \ufffd]0;title\ufffd"
    assert clean("[38;5;214mplain", hide) == "[38;5;214mplain"
    assert clean("the token was not found", hide) == "the token was not found"
