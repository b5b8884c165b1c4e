"""The OpenStack client comes whole, whoever asks for it first."""

from __future__ import annotations

import subprocess
import sys

AT_ONCE = """
import threading
from gureum.checks.client import client, refusals

start = threading.Barrier(4)
got = []

def ask(what):
    start.wait()
    got.append(what())

threads = [threading.Thread(target=ask, args=(what,)) for what in (client, refusals) * 2]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(got) == 4, got
assert client().exceptions.SDKException in refusals()
"""


def test_threads_that_ask_at_once_get_it_whole() -> None:
    """Imported from two sides by two threads, its packages would meet each other half made."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
