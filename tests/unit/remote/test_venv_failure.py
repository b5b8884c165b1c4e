"""Why an environment could not be filled, in one line that a reader can act on."""

from __future__ import annotations

import pytest

from gureum.remote import venv
from gureum.remote.failure import Failure
from gureum.remote.process import Done

PIP = (
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('<pip object "
    "at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name "
    "resolution')': /simple/uv/\nERROR: No matching distribution found for uv==0.13.9"
)
UV = "error: Failed to fetch: `https://index/simple/`\n  Caused by: dns error: no such host"
FULL = "error: Failed to unpack\n  Caused by: No space left on device (os error 28)"
BROKEN = "error: Hash mismatch for `nova==34.0.0`"


@pytest.mark.parametrize(
    ("output", "said", "hint"),
    [
        (PIP, "no way to the packages: failure in name resolution", "cat /etc/pip.conf"),
        (UV, "no way to the packages: dns error", "cat /etc/pip.conf"),
        (FULL, "the disk is full", "df -h /opt"),
        (BROKEN, "error: Hash mismatch for `nova==34.0.0`", ""),
    ],
)
def test_the_cause_is_named(output: str, said: str, hint: str) -> None:
    """A broken mirror and a full disk are told as such, with a way out."""
    with pytest.raises(Failure) as caught:
        venv._check(Done(("pip", "install"), 1, output, 0.1), [], "cannot install")
    assert caught.value.message == f"cannot install: {said}"
    assert caught.value.hint.startswith(hint)
    assert caught.value.log_lines[-1] == output.splitlines()[-1]
