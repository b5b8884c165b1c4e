"""Waits for apt's and dpkg's locks, and tells who holds one."""

from __future__ import annotations

import fcntl
import os
import struct
import time

from gureum.remote.failure import Failure
from gureum.remote.process import time_left

LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock")
WAIT = 240.0


def wait() -> None:
    """Return when no other process holds a lock; Failure after WAIT seconds names the holder."""
    until = time.monotonic() + min(WAIT, time_left())
    while True:
        held = [(path, pid) for path in LOCKS for pid in [holder(path)] if pid]
        if not held:
            return
        if time.monotonic() >= until:
            path, pid = held[0]
            who = command_of(pid)
            raise Failure(
                f"apt is in use by process {pid} ({who}), which holds {path}",
                hint=f"ps -fp {pid}   (wait for its end, or stop it)",
            )
        time.sleep(0.3)


def holder(path: str) -> int:
    """Return the process that holds the fcntl lock on `path`, or 0."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return 0
    try:
        question = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = struct.unpack("hhqqi4x", fcntl.fcntl(handle, fcntl.F_GETLK, question))
        return 0 if answer[0] == fcntl.F_UNLCK else int(answer[4])
    finally:
        os.close(handle)


def command_of(pid: int) -> str:
    """Return the command line of a process, or a question mark."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as source:
            return source.read().replace(b"\0", b" ").decode(errors="replace").strip()[:120] or "?"
    except OSError:
        return "?"
