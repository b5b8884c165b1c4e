"""Who was on this host at a moment in the past, as far as its own records tell.

Nobody writes down who edits a file, unless an audit daemon does. What a host does keep is who was
logged in, which commands went through sudo, and when packages were installed.
"""

from __future__ import annotations

import json
import os
import re
import struct
import time
from typing import Any

from gureum.remote.process import run

DAY = 86_400.0
SLACK = 2.0
"""Seconds around a moment within which a login counts: its end is noted a little late."""
SHORT = 0.1
"""The same for commands, which come in quick rows: what ran a second before did something else."""
PERIODS = 4
"""Stretches of the journal that are read at most, the latest first; each costs about 50 ms."""
WTMP_RECORD = struct.Struct("hi32s4s32s256shhiii16s20s")
WTMP, DPKG_LOG, APT_LOG, AUDIT_LOG = (
    "/var/log/wtmp",
    "/var/log/dpkg.log",
    "/var/log/apt/history.log",
    "/var/log/audit/audit.log",
)
TAIL = 400_000
"""Bytes of a log's end that are read."""
NAMES = ("sshd", "sshd-session", "sudo", "su", "login")

ACCEPTED = re.compile(r"Accepted (\S+) for (\S+) from (\S+) port \d+(?: ssh2)?(?:: \S+ (\S+))?")
OPENED = re.compile(r"pam_unix\((\w+)(?:-l)?:session\): session opened for user ([^\s(]+)")
CLOSED = re.compile(r"pam_unix\(\w+(?:-l)?:session\): session closed")
COMMAND = re.compile(r"\s*(\S+) : (?:TTY=(\S+) ; )?(?:PWD=(.*?) ; )?USER=(\S+) ; .*?COMMAND=(.*)")
SU = re.compile(r"\(to (\S+)\) (\S+) on (\S+)")


def traces(moments: dict[str, float]) -> dict[str, Any]:
    """Return for each path who was there at its moment: sessions, sudo commands, packages, gaps."""
    found: list[dict[str, Any]] = []
    begins: dict[float, bool] = {}
    for since, until in periods(sorted(set(moments.values()))):
        found += sessions(_journal(since, until), _alive)
        begins[until] = _journal_reaches(until)
    logins = wtmp(_tail(WTMP, binary=True))
    packages = [*apt_history(_text(APT_LOG)), *dpkg_log(_text(DPKG_LOG))]
    audited = os.path.exists(AUDIT_LOG)
    answer = {}
    for path, moment in moments.items():
        reached = any(moment <= until and reaches for until, reaches in begins.items())
        answer[path] = {
            "moment": moment,
            "sessions": at(moment, found) or at(moment, logins),
            "packages": at(moment, packages),
            "journal": reached,
            "audited": audited,
        }
    return answer


def periods(moments: list[float]) -> list[tuple[float, float]]:
    """Return the stretches of time to read: each from a day before a moment to just after it."""
    found: list[tuple[float, float]] = []
    for moment in moments:
        since, until = moment - DAY, moment + 2 * SLACK
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], until)
        else:
            found.append((since, until))
    return found[-PERIODS:]


def at(moment: float, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries whose time holds the moment; one whose end nobody noted may hold it."""
    found = []
    for entry in entries:
        slack = SHORT if entry["how"] == "sudo" else SLACK
        ended = entry["ended"]
        if entry["began"] - slack <= moment and (ended is None or moment <= ended + slack):
            found.append(entry)
    return found


def sessions(entries: list[dict[str, Any]], alive: Any) -> list[dict[str, Any]]:
    """Return logins over SSH, at a console and by sudo or su, from the journal's entries.

    A login whose end nobody noted (the host lost power) has none; `open` are those that live.
    """
    by_process: dict[tuple[str, str], dict[str, Any]] = {}
    done: list[dict[str, Any]] = []
    for entry in entries:
        name, text = entry.get("SYSLOG_IDENTIFIER", ""), entry.get("MESSAGE", "")
        if not isinstance(text, str):
            continue
        key = ("ssh" if name.startswith("sshd") else name, entry.get("_PID", ""))
        when = int(entry["__REALTIME_TIMESTAMP"]) / 1e6
        began = _began(key[0], text, when, by_process.get(key))
        if began is not None:
            if key in by_process and by_process[key] is not began:
                done.append(by_process.pop(key))
            by_process[key] = began
        elif CLOSED.search(text) and key in by_process:
            done.append({**by_process.pop(key), "ended": when})
    for (how, pid), session in by_process.items():
        session["open"] = alive(pid)
        if how in ("sudo", "su") and not session["open"]:
            session["ended"] = session["began"]
        done.append(session)
    return sorted(done, key=lambda session: float(session["began"]))


def _began(how: str, text: str, when: float, known: dict[str, Any] | None) -> dict[str, Any] | None:
    session: dict[str, Any] = {"how": how, "began": when, "ended": None, "open": False}
    if match := ACCEPTED.search(text):
        method, user, address, key = match.groups()
        return {**session, "user": user, "address": address, "method": method, "key": key or ""}
    if how == "sudo" and (match := COMMAND.match(text)):
        user, tty, folder, target, command = match.groups()
        details = {"terminal": tty or "", "folder": folder or "", "as": target, "command": command}
        return {**session, "user": user, **details}
    if how == "su" and (match := SU.match(text)):
        return {**session, "user": match[2], "as": match[1], "terminal": match[3]}
    if (match := OPENED.search(text)) and known is None and match[1] == "login":
        return {**session, "how": "login", "user": match[2]}
    return None


def wtmp(data: bytes) -> list[dict[str, Any]]:
    """Return the logins of a wtmp file, as `last` would."""
    found: list[dict[str, Any]] = []
    terminals: dict[bytes, dict[str, Any]] = {}
    size = WTMP_RECORD.size
    for start in range(len(data) % size, len(data) - size + 1, size):
        kind, _, line, _, user, host, _, _, _, seconds, micro, _, _ = WTMP_RECORD.unpack(
            data[start : start + size]
        )
        when = (seconds & 0xFFFFFFFF) + micro / 1e6
        if kind == 2:
            # The host was started: nobody who was logged in before still is.
            for session in terminals.values():
                session["ended"] = when
            terminals.clear()
        elif kind in (7, 8) and line in terminals:
            terminals.pop(line)["ended"] = when
        if kind == 7:
            terminals[line] = {
                "how": "terminal",
                "user": _field(user),
                "address": _field(host),
                "terminal": _field(line),
                "began": when,
                "ended": None,
                "open": True,
            }
            found.append(terminals[line])
    return found


def apt_history(text: str) -> list[dict[str, Any]]:
    """Return apt's runs: when, what was typed, and who asked for it."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        began = _local(fields.get("Start-Date", ""))
        if began is None:
            continue
        found.append(
            {
                "how": "apt",
                "began": began,
                "ended": _local(fields.get("End-Date", "")) or began + 60,
                "command": fields.get("Commandline", ""),
                "user": fields.get("Requested-By", ""),
            }
        )
    return found


def dpkg_log(text: str) -> list[dict[str, Any]]:
    """Return what dpkg did to packages, one entry an installation, upgrade or removal."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 3 and words[2] in ("install", "upgrade", "remove", "purge", "configure"):
            when = _local(f"{words[0]} {words[1]}")
            if when is not None:
                command = " ".join(words[2:4])
                found.append(
                    {"how": "dpkg", "began": when, "ended": when, "command": command, "user": ""}
                )
    return found


def _journal(since: float, until: float) -> list[dict[str, Any]]:
    identifiers = [word for name in NAMES for word in ("-t", name)]
    done = run(
        [
            *("journalctl", "--quiet", "--no-pager", "--output=json", "--lines=20000"),
            "--output-fields=MESSAGE,_PID,SYSLOG_IDENTIFIER",
            f"--since=@{since:.0f}",
            f"--until=@{until:.0f}",
            *identifiers,
        ],
        timeout=20,
    )
    found = []
    for line in done.output.splitlines() if done.exit == 0 else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _journal_reaches(moment: float) -> bool:
    """Tell whether the journal holds anything as old as the moment; journals are cut and lost."""
    done = run(
        [
            *("journalctl", "--quiet", "--no-pager", "--output=json", "--lines=1"),
            "--output-fields=_PID",
            f"--until=@{moment - 2 * SLACK:.0f}",
        ],
        timeout=20,
    )
    return done.exit == 0 and done.output.strip().startswith("{")


def _alive(pid: str) -> bool:
    return bool(pid) and os.path.exists(f"/proc/{pid}")


def _local(text: str) -> float | None:
    try:
        return time.mktime(time.strptime(" ".join(text.split()), "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return None


def _field(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode(errors="replace")


def _text(path: str) -> str:
    return _tail(path).decode(errors="replace")


def _tail(path: str, binary: bool = False) -> bytes:
    """Return the end of a log; of a text, from the first whole line on."""
    try:
        with open(path, "rb") as source:
            size = source.seek(0, os.SEEK_END)
            source.seek(max(0, size - TAIL))
            data = source.read()
    except OSError:
        return b""
    return data if binary or size <= TAIL else data.partition(b"\n")[2]
