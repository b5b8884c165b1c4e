"""Sessions: results, failures and lost connections."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gureum.errors import HostError, InternalError
from gureum.hosts import Connections, Session, Target
from gureum.hosts.refusal import refusal
from gureum.remote import file, perform, process
from gureum.remote.failure import Failure


@pytest.fixture
def session() -> Iterator[Session]:
    with Connections() as connections:
        yield connections.open([Target("one", connection="local")])["one"]


def test_calls_run_side_by_side(session: Session) -> None:
    """A long step does not hold up a short one on the same host."""
    slow = session.submit(process.time_left, 1.0)
    limits = [session.submit(time.sleep, 0.3) for _ in range(20)]
    began = time.monotonic()
    for future in limits:
        future.result()
    assert time.monotonic() - began < 1.5
    assert slow.result() == 1.0


def test_failures_come_back_whole(session: Session) -> None:
    """Message, evidence, log lines and hint cross the connection."""
    spec = {"path": "/proc/version", "content": "", "owner": "root", "group": "no-such", "mode": 0}
    with pytest.raises(Failure, match="there is no group 'no-such'"):
        session.call(file.change, spec, {})
    with pytest.raises(InternalError, match="KeyError") as caught:
        session.call(perform.perform, "file", {}, {}, False, 1.0)
    assert "Traceback" in caught.value.detail


def test_a_lost_connection_is_noticed_within_a_second(session: Session) -> None:
    """The waiting call and every later one raise HostError that names the host."""
    waiting = session.submit(time.sleep, 30)
    pid = session.call(os.getpid)
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    with pytest.raises(HostError, match="one went away"):
        waiting.result(timeout=5)
    assert time.monotonic() - began < 1.0
    with pytest.raises(HostError, match="one went away"):
        session.call(os.getpid)


def test_a_host_that_is_gone_is_opened_anew() -> None:
    """After a reboot the same connections serve again."""
    with Connections() as connections:
        target = Target("one", connection="local")
        first = connections.open([target])["one"]
        assert connections.open([target])["one"] is first
        os.kill(first.call(os.getpid), signal.SIGKILL)
        until = time.monotonic() + 2
        while first.gone is None and time.monotonic() < until:
            time.sleep(0.01)
        assert connections.open([target])["one"].call(os.getpid) > 0


@pytest.mark.skipif(not shutil.which("ssh"), reason="needs ssh: apt-get install openssh-client")
def test_an_unreachable_host_is_named_with_what_was_refused() -> None:
    """R-PREP-1: which host, which user, what was refused, and what to run."""
    with Connections() as connections:
        targets = [Target("web1", address="127.0.0.1", port=9), Target("me", connection="local")]
        with pytest.raises(HostError) as caught:
            connections.open(targets)
        assert caught.value.summary.endswith("nothing answers at port 9")
        assert "web1 (root@127.0.0.1:9)" in caught.value.summary
        assert "Connection refused" in caught.value.detail
        sessions, errors = connections.try_open(targets)
        assert (set(sessions), set(errors)) == ({"me"}, {"web1"})


@pytest.mark.parametrize(
    ("said", "summary", "hint"),
    [
        ("root@h: Permission denied (publickey).", "refuses the login of root", "ssh-copy-id"),
        ("Host key checking is enabled, and SSH reported an unrecognized or mismatching host key.",
         "host key is not known yet", "gureum host trust one"),
        ("ssh: connect to host 192.0.2.1 port 22: No route to host", "there is no way to", "ping -c 3"),
        ("sh: 1: /usr/bin/python3: not found", "it has no python3", "apt-get install --yes python3"),
        ("something new", "cannot be reached", "ssh"),
    ],
)  # fmt: skip
def test_refusals_are_told_in_plain_words(said: str, summary: str, hint: str) -> None:
    """R-PREP-1: each way to be refused has its meaning and its way out."""
    error = refusal(Target("one", address="192.0.2.1"), said)
    assert summary in error.summary
    assert hint in error.hint


def test_ssh_commands_carry_identity_and_known_hosts() -> None:
    """What gureum prints for a person to run is what it uses itself."""
    target = Target("one", address="192.0.2.1", port=2222, identity=Path("/k"))
    assert target.ssh_command("uptime", "-p") == [
        "ssh", "-i", "/k", "-o", "IdentitiesOnly=yes", "-p", "2222", "root@192.0.2.1", "uptime -p",
    ]  # fmt: skip
