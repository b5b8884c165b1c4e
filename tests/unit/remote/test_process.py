"""Commands on a host: exit status, time limits, users, and dying with the connection."""

from __future__ import annotations

import os
import time

import pytest

from gureum.remote import process
from gureum.remote.failure import Failure


def test_exit_status_and_mixed_output_are_evidence() -> None:
    """stderr is part of the output; the time is measured."""
    done = process.run(["sh", "-c", "echo out; echo err >&2; exit 4"])
    assert (done.exit, done.output) == (4, "out\nerr\n")
    assert done.evidence()["command"] == ["sh", "-c", "echo out; echo err >&2; exit 4"]


def test_a_missing_program_is_exit_127() -> None:
    """Reads run before packages are installed: no program is an answer, not an exception."""
    assert process.run(["/no/such/program"]).exit == 127
    assert process.run(["true"], user="no-such-user").exit == 127


def test_the_limit_of_a_job_covers_all_its_commands() -> None:
    """Two commands share the seconds that a step has."""
    process.set_time_limit(0.3)
    try:
        assert process.run(["sleep", "0.1"]).exit == 0
        began = time.monotonic()
        assert process.run(["sleep", "5"]).exit == 124
        assert time.monotonic() - began < 0.6
    finally:
        process.set_time_limit(None)


def test_must_names_what_failed() -> None:
    """The failure's message ends with the last thing that the command said."""
    evidence: list[dict[str, object]] = []
    with pytest.raises(Failure, match="cannot do it: because of that") as caught:
        process.must(["sh", "-c", "echo because of that; false"], evidence, "cannot do it")
    assert caught.value.evidence == evidence


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_command_runs_as_another_user_without_a_shell() -> None:
    """User, groups and HOME are the user's own."""
    done = process.run(["sh", "-c", "id -un; echo $HOME"], user="nobody")
    assert done.output.split() == ["nobody", "/nonexistent"]


def test_evidence_keeps_the_end_of_long_output() -> None:
    """The last lines tell why; a journal does not keep megabytes."""
    kept = process.run(["seq", "100000"]).evidence()["output"].splitlines()
    assert kept[-1] == "100000"
    assert len(kept) <= process.KEPT_LINES
