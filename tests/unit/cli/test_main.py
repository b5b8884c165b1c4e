"""However a command ends, the user reads words and the shell gets the right code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer

from gureum.cli import commands, lazy
from gureum.cli.commands import Entry
from gureum.cli.main import run
from gureum.errors import GureumError, InternalError


def works() -> None:
    print("data")


def answers_three() -> int:
    return 3


def refuses() -> None:
    raise GureumError("no room", detail="3 GB are free", hint="df -h")


def breaks_inside() -> None:
    raise InternalError("two and two made five")


def breaks() -> None:
    raise ZeroDivisionError("division by zero")


def is_stopped() -> None:
    raise KeyboardInterrupt


def may_not() -> None:
    raise PermissionError(13, "Permission denied", "/var/lib/gureum/clouds/cloud")


def leaves() -> None:
    sys.exit(7)


def forwards(ctx: typer.Context) -> None:
    print(ctx.args)


ENDINGS = (
    works,
    answers_three,
    refuses,
    breaks_inside,
    breaks,
    is_stopped,
    may_not,
    leaves,
    forwards,
)


@pytest.fixture(autouse=True)
def _commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = ModuleType("gureum_test_commands")
    for function in ENDINGS:
        setattr(module, function.__name__, function)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    entries = tuple(
        Entry(f.__name__, module.__name__, f.__name__, "A test.", f is forwards) for f in ENDINGS
    )
    monkeypatch.setattr(lazy, "COMMANDS", entries)
    monkeypatch.setenv("GUREUM_HOME", str(tmp_path))


def test_data_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["works"]) == 0
    assert capsys.readouterr() == ("data\n", "")


@pytest.mark.parametrize(("command", "code"), [("answers_three", 3), ("leaves", 7)])
def test_a_command_chooses_its_exit_code(command: str, code: int) -> None:
    assert run([command]) == code


def test_what_the_user_can_put_right_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["refuses"]) == 1
    assert capsys.readouterr().err == "error: no room\n  3 GB are free\nhint: df -h\n"


def test_a_fault_of_gureum_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["breaks_inside"]) == 2
    assert "two and two made five" in capsys.readouterr().err


def test_a_bug_is_named_and_its_traceback_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["breaks"]) == 2
    shown = capsys.readouterr().err
    assert "gureum has a bug here: ZeroDivisionError: division by zero" in shown
    assert "Traceback" not in shown
    named = re.search(r"the traceback is in (\S+)", shown)
    assert named is not None
    kept = Path(named[1])
    assert kept.parent == tmp_path / "bugs"
    assert kept.stat().st_mode & 0o077 == 0
    text = kept.read_text()
    assert "Traceback" in text
    assert "command: gureum breaks" in text


def test_a_bug_is_told_even_where_its_traceback_cannot_be_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUREUM_HOME", "/proc/nowhere")
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/proc/nowhere")
    assert run(["breaks"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_after_ctrl_c_the_same_command_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    """R-VERIFY-3: a run that is cut off goes on with the command that began it."""
    assert run(["is_stopped"]) == 130
    assert capsys.readouterr().err.endswith("  gureum is_stopped\n")


def test_a_forwarding_command_keeps_its_hands_off_anothers_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["forwards", "server", "list", "-f", "json", "--help"]) == 0
    assert capsys.readouterr().out == "['server', 'list', '-f', 'json', '--help']\n"


def test_commands_are_listed_without_being_imported() -> None:
    """Every command's module together would cost the help a second."""
    code = (
        "import sys; from gureum.cli.main import run; run(['--help']);"
        "heavy = {'openstack', 'mitogen', 'cryptography', 'rich', 'pydantic', 'ruamel.yaml'};"
        "loaded = sorted(heavy & set(sys.modules));"
        "loaded += [m for m in sys.modules if m.startswith('gureum.cli.') and"
        " m.split('.')[2] not in ('main', 'lazy', 'commands')];"
        "sys.exit(' '.join(loaded) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(entry.name in done.stdout for entry in commands.COMMANDS)


def test_the_help_comes_at_once() -> None:
    """It takes under 0.3 s: of processor time, for a busy machine says nothing about gureum."""

    def seconds() -> float:
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "gureum", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        after = os.times()
        spent = after.children_user - before.children_user
        return spent + after.children_system - before.children_system

    assert min(seconds() for _ in range(3)) < 0.3


def test_a_reader_that_has_seen_enough_is_no_mistake() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "gureum", "schema"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_user_without_rights_is_told_what_to_type(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What root made is for root: that is no fault of gureum."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run(["may_not"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: this user has no right to /var/lib/gureum/clouds/cloud\n")
    assert said.endswith("hint: sudo gureum may_not\n")
