"""R-SVC-5: what Tempest told of each test is read, and of a traceback the line that tells."""

from __future__ import annotations

import json

import pytest

from gureum.operate.tempest.results import cause, counts, read, why_skipped

TIMEOUT = """\
Traceback (most recent call last):
  File "tempest/api/compute/servers/test_attach_interfaces.py", line 110, in wait_for_port_detach
    raise lib_exc.TimeoutException(message)
tempest.lib.exceptions.TimeoutException: Request timed out
Details: Port 6c6d failed to detach (device_id ) within the required time (420 s).
"""
MISMATCH = """\
Traceback (most recent call last):
  File "tempest/api/network/test_ports.py", line 12, in test_x
    self.assertEqual('ACTIVE', port['status'])
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
testtools.matchers._impl.MismatchError: 'ACTIVE' != 'DOWN'
Traceback (most recent call last):
  File "tempest/test.py", line 1, in tearDown
tempest.lib.exceptions.NotFound: Object not found
"""


@pytest.mark.parametrize(
    ("traceback", "told"),
    [
        (
            TIMEOUT,
            "TimeoutException: Request timed out Details: Port 6c6d failed to detach (device_id ) "
            "within the required time (420 s).",
        ),
        (MISMATCH, "MismatchError: 'ACTIVE' != 'DOWN'"),
        ("Traceback (most recent call last):\n  File x\nKeyError", "KeyError"),
        ("it did not end: what ran it went away", "it did not end: what ran it went away"),
        ("", "it said nothing"),
    ],
)
def test_the_cause_is_the_first_thing_raised(traceback: str, told: str) -> None:
    """R-SVC-5: what a cleaning met afterwards follows from the failure."""
    assert cause(traceback) == told


def _line(test: str, status: str, said: str = "", log: str = "") -> str:
    return json.dumps({"test": test, "status": status, "seconds": 1.5, "said": said, "log": log})


def test_tests_are_read_and_a_torn_line_is_none() -> None:
    """R-SVC-5: a run that is ended in the middle still tells of what ended before."""
    told = list(
        read(
            [
                _line("a.b.C.test_d", "passed"),
                _line("a.b.C.test_e", "failed", MISMATCH, "DEBUG a request"),
                _line("setUpClass (a.b.F)", "skipped", "F skipped as cinder is not available."),
                _line("setUpClass (a.b.G)", "skipped", "G skipped as cinder is not available."),
                '{"test": "a.b.C.te',
            ]
        )
    )
    assert counts(told) == {"passed": 1, "failed": 1, "skipped": 2}
    assert told[1].reason == "MismatchError: 'ACTIVE' != 'DOWN'"
    assert told[1].story == f"{MISMATCH}\nDEBUG a request"
    assert told[0].story == ""
    assert why_skipped(told) == {"cinder is not available": 2}
