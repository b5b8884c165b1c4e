"""Locks between processes: files under /run that a killed holder frees by dying."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDER = Path("/run/gureum-lab")


@contextlib.contextmanager
def held(
    path: Path, waiting: Callable[[], None] | None = None, *, wait: bool = True
) -> Iterator[int]:
    """Hold the lock `path` within the block, calling `waiting` once if it must wait for it.

    With `wait` false a lock that another holds raises BlockingIOError at once.

    The file is removed afterwards by its last user; one who opened it before that sees a file that
    has no name any more and tries again.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = False
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            if not wait:
                raise
            if waiting and not told:
                waiting()
                told = True
            time.sleep(0.05)
            continue
        if _named(handle, path):
            break
        os.close(handle)
    try:
        yield handle
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def machine() -> contextlib.AbstractContextManager[int]:
    """Hold the lock for what all labs of the machine share: subnets, forwarding, the disk."""
    return held(FOLDER / "machine.lock")


def _named(handle: int, path: Path) -> bool:
    try:
        return os.stat(path).st_ino == os.fstat(handle).st_ino
    except OSError:
        return False
