"""Runs one command on this host: no shell, a time limit, and evidence of what it did."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gureum.remote.failure import Evidence, Failure

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KEPT_LINES = 30
KEPT_CHARACTERS = 6000

_job = threading.local()


@dataclass(frozen=True)
class Done:
    """A command that ended; exit 127 says that there is no such program, 124 that time ran out."""

    command: tuple[str, ...]
    exit: int
    output: str
    seconds: float

    def evidence(self) -> Evidence:
        """Return what a journal keeps of the command: the end of its output."""
        return {
            "command": list(self.command),
            "exit": self.exit,
            "output": tail(self.output),
            "seconds": round(self.seconds, 3),
        }


def set_time_limit(seconds: float | None) -> None:
    """Limit all commands of this thread together to `seconds` from now."""
    _job.deadline = None if seconds is None else time.monotonic() + seconds


def time_left(at_most: float = 3600.0) -> float:
    """Return the seconds that this thread's job still has, `at_most` where nothing limits it."""
    deadline: float | None = getattr(_job, "deadline", None)
    return at_most if deadline is None else max(0.0, min(at_most, deadline - time.monotonic()))


def run(
    command: Sequence[str],
    *,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
    user: str = "root",
    timeout: float = 3600.0,
    dies_with_us: bool = False,
) -> Done:
    """Run `command` to its end and return exit status and output (stderr mixed in).

    It runs in a session of its own, so that a command out of time is killed with its children.
    `dies_with_us` ends it when the connection does; without it the command outlives a lost one.
    """
    argv = list(command)
    limit = time_left(timeout)
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *argv] if dies_with_us else argv,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(user, environment or {}),
            cwd="/",
            start_new_session=True,
            **_identity(user),
        )
    except (FileNotFoundError, PermissionError, KeyError) as error:
        return Done(tuple(command), 127, str(error), time.monotonic() - began)
    try:
        output, _ = process.communicate(stdin.encode() or None, timeout=limit)
    except subprocess.TimeoutExpired:
        kill_group(process)
        output, _ = process.communicate()
        output += f"\nkilled after {limit:.0f} s\n".encode()
        seconds = time.monotonic() - began
        return Done(tuple(command), 124, output.decode(errors="replace"), seconds)
    text = output.decode(errors="replace")
    return Done(tuple(command), process.returncode, text, time.monotonic() - began)


def evidence_of(
    command: Sequence[str], user: str = "root", timeout: float = 60.0, stdin: str = ""
) -> Evidence:
    """Run `command` and return its evidence: plain data, which can be sent over a connection."""
    return run(command, user=user, timeout=timeout, stdin=stdin).evidence()


def must(command: Sequence[str], evidence: list[Evidence], what: str, **options: Any) -> Done:
    """Run `command`, add it to `evidence`, and raise Failure named `what` if it did not exit 0."""
    done = run(command, **options)
    evidence.append(done.evidence())
    if done.exit:
        raise Failure(f"{what}: {last_line(done.output) or f'exit {done.exit}'}", evidence)
    return done


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and whatever it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def tail(text: str) -> str:
    """Return the last lines of a text, as much as evidence keeps."""
    return "\n".join(text[-KEPT_CHARACTERS:].strip().splitlines()[-KEPT_LINES:])


def last_line(text: str) -> str:
    """Return the last line that is not blank."""
    lines = text.strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""


def _environment(user: str, extra: Mapping[str, str]) -> dict[str, str]:
    environment = dict(os.environ)
    environment.update(PATH=SEARCH_PATH, LC_ALL="C.UTF-8", **extra)
    if user != "root":
        environment.update(HOME=pwd.getpwnam(user).pw_dir, USER=user, LOGNAME=user)
    return environment


def _identity(user: str) -> dict[str, Any]:
    entry = pwd.getpwnam(user)
    if os.geteuid() != 0 or entry.pw_uid == 0:
        return {}
    groups = os.getgrouplist(user, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
