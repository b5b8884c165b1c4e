"""A host's own records, read as they are written by sshd, sudo, su, login, apt and dpkg."""

from __future__ import annotations

import os
import time
from typing import Any

from gureum.remote import traces

BEGAN = 1_790_000_000.0


def entry(after: float, name: str, pid: str, text: str) -> dict[str, Any]:
    stamp = str(int((BEGAN + after) * 1e6))
    return {
        "SYSLOG_IDENTIFIER": name,
        "_PID": pid,
        "MESSAGE": text,
        "__REALTIME_TIMESTAMP": stamp,
    }


JOURNAL = [
    entry(
        0,
        "sshd-session",
        "10",
        "Accepted publickey for root from 192.0.2.7 port 51106 ssh2: ED25519 SHA256:H5fA",
    ),
    entry(0, "sshd-session", "10", "pam_unix(sshd:session): session opened for user root(uid=0)"),
    entry(5, "sshd", "11", "Accepted password for bob from 2001:db8::1 port 1 ssh2"),
    entry(9, "sshd", "11", "pam_unix(sshd:session): session closed for user bob"),
    entry(
        20,
        "sudo",
        "12",
        "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/vi /etc/a.conf",
    ),
    entry(20, "sudo", "12", "pam_unix(sudo:session): session opened for user root(uid=0)"),
    entry(40, "sudo", "12", "pam_unix(sudo:session): session closed for user root"),
    entry(50, "sudo", "13", "carol : PWD=/ ; USER=root ; COMMAND=/usr/bin/true"),
    entry(60, "su", "14", "(to root) dave on pts/3"),
    entry(70, "su", "14", "pam_unix(su:session): session closed for user root"),
    entry(80, "login", "15", "pam_unix(login:session): session opened for user root(uid=0)"),
    {"__REALTIME_TIMESTAMP": "1", "MESSAGE": [1, 2], "SYSLOG_IDENTIFIER": "sshd"},
]


def users_at(after: float) -> list[str]:
    found = traces.sessions(JOURNAL, lambda pid: pid in ("10", "15"))
    return [one["user"] for one in traces.at(BEGAN + after, found)]


def test_who_was_there_when() -> None:
    assert users_at(-10) == []
    assert users_at(2.5) == ["root"]
    assert users_at(7) == ["root", "bob"]
    assert users_at(30) == ["root", "alice"]
    assert users_at(45) == ["root"]
    assert users_at(50.05) == ["root", "carol"]
    assert users_at(65) == ["root", "dave"]
    assert users_at(500) == ["root", "root"]


def test_what_is_known_of_a_login() -> None:
    root, bob, alice, *_ = traces.sessions(JOURNAL, lambda _: True)
    assert (root["address"], root["key"], root["open"]) == ("192.0.2.7", "SHA256:H5fA", True)
    assert (bob["method"], bob["key"], bob["ended"]) == ("password", "", BEGAN + 9)
    assert (alice["as"], alice["terminal"]) == ("root", "pts/0")
    assert alice["command"] == "/usr/bin/vi /etc/a.conf"


def test_stretches_of_time_are_joined_and_few() -> None:
    day = traces.DAY
    (one,) = traces.periods([BEGAN, BEGAN + day / 2])
    assert one == (BEGAN - day, BEGAN + day / 2 + 2 * traces.SLACK)
    assert len(traces.periods([BEGAN + 10 * day * n for n in range(9)])) == traces.PERIODS


def _record(kind: int, line: str, user: str, host: str, when: int) -> bytes:
    return traces.WTMP_RECORD.pack(
        kind, 1, line.encode(), b"", user.encode(), host.encode(), 0, 0, 0, when, 0, b"", b""
    )


def test_a_wtmp_file_tells_logins_where_there_is_no_journal() -> None:
    data = b"torn" + b"".join(
        [
            _record(7, "pts/0", "alice", "192.0.2.9", 1000),
            _record(8, "pts/0", "", "", 1100),
            _record(7, "tty1", "root", "", 1200),
            _record(2, "~", "reboot", "", 1300),
            _record(7, "pts/1", "bob", "", 1400),
        ]
    )
    found = traces.wtmp(data)
    assert [(one["user"], one["ended"]) for one in found] == [
        ("alice", 1100.0),
        ("root", 1300.0),
        ("bob", None),
    ]
    assert [one["user"] for one in traces.at(1050, found)] == ["alice"]
    assert traces.wtmp(b"") == []


def test_packages_that_were_installed_then() -> None:
    stamp = time.mktime((2026, 11, 21, 14, 7, 11, 0, 0, -1))
    history = (
        "\nStart-Date: 2026-11-21  14:07:10\nCommandline: apt-get install nova\n"
        "Requested-By: alice (1000)\nInstall: nova:amd64 (1)\nEnd-Date: 2026-11-21  14:07:12\n"
        "\nStart-Date: never\n"
    )
    (one,) = traces.at(stamp, traces.apt_history(history))
    assert (one["command"], one["user"]) == ("apt-get install nova", "alice (1000)")
    log = "2026-11-21 14:07:11 upgrade base-files:amd64 12 13\n2026-11-21 14:07:11 status x\ntorn"
    (two,) = traces.at(stamp, traces.dpkg_log(log))
    assert two["command"] == "upgrade base-files:amd64"


def test_a_host_without_any_record_answers_too() -> None:
    """On this machine, whatever it keeps: the shape is always the same."""
    found = traces.traces({"/etc/x": time.time() - 5})
    assert set(found["/etc/x"]) == {"moment", "sessions", "packages", "journal", "audited"}
    assert found["/etc/x"]["audited"] is os.path.exists(traces.AUDIT_LOG)
