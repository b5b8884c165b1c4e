"""Readers of states that are not there yet, and the pure parts of readers."""

from __future__ import annotations

import grp
import os
import pwd
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gureum.remote import durable, file, packages, perform, unit, unit_log, users, venv, venv_trim
from gureum.remote.compare import drift
from gureum.remote.failure import Failure
from gureum.steps.states import (
    CommandDone,
    DirectoriesPresent,
    FileWritten,
    HttpAnswers,
    PackagesInstalled,
    SystemUsersPresent,
    UnitActive,
    VenvInstalled,
)
from gureum.steps.step import State

ABSENT: list[State] = [
    FileWritten(path="/no/such/file", content="x"),
    DirectoriesPresent(directories={"/no/such/dir": ("root", "root", 0o755)}),
    PackagesInstalled(names=("no-such-package",)),
    VenvInstalled(path="/no/such/venv", lock="", uv_lock=""),
    SystemUsersPresent(users={"no-such-user": ("/nonexistent", ("no-such-group",))}),
    UnitActive(name="no-such-unit.service", inputs=("/no/such/file",)),
    CommandDone(check=("/no/such/program",), command=("true",), user="no-such-user"),
    HttpAnswers(url="http://127.0.0.1:9/"),
]


@pytest.mark.parametrize("state", ABSENT, ids=lambda state: state.kind)
def test_what_is_not_there_reads_as_drift(state: State) -> None:
    """No reader raises; each tells what is absent, so that a plan can be made of a bare host."""
    reading = perform.read_many([("key", state.kind, state.spec())])["key"]
    assert "_error" not in reading
    assert drift(state.expected(), reading)
    assert not reading["_exists"]


def test_one_broken_reading_does_not_hide_the_others(tmp_path: Path) -> None:
    """A reader that raises gives an error reading, which differs from whatever is wanted."""
    good = FileWritten(path=str(tmp_path), content="")
    readings = perform.read_many([("good", "file", good.spec()), ("bad", "file", {})])
    assert readings["good"]["sha256"] == "not a file"
    assert "KeyError" in readings["bad"]["_error"]


class TestFile:
    def spec(self, path: Path, **fields: Any) -> dict[str, Any]:
        owner, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        return FileWritten(
            path=str(path), content="new\n", owner=owner, group=group, **fields
        ).spec()

    def test_a_link_is_replaced_by_the_file(self, tmp_path: Path) -> None:
        """What a link points to stays as it is: it may belong to somebody else."""
        target, link = tmp_path / "target", tmp_path / "link"
        target.write_text("old\n")
        link.symlink_to(target)
        spec = self.spec(link)
        file.change(spec, file.read(spec))
        assert not link.is_symlink()
        assert (link.read_text(), target.read_text()) == ("new\n", "old\n")

    def test_hidden_text_is_not_read_out(self, tmp_path: Path) -> None:
        """A reading of a hidden file carries its digest only."""
        path = tmp_path / "key"
        path.write_text("secret")
        assert "_content" not in file.read(self.spec(path, hidden=True))
        assert file.read(self.spec(path))["_content"] == "secret"

    def test_an_unknown_owner_is_a_failure(self, tmp_path: Path) -> None:
        """It is named, and nothing is left behind."""
        spec = {**self.spec(tmp_path / "a"), "owner": "no-such-user"}
        with pytest.raises(Failure, match="there is no user 'no-such-user'"):
            file.change(spec, file.read(spec))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk_is_told_plainly(self) -> None:
        """R-PREP-8: no space left is said as such, with the command that shows it."""
        failure = file._failure("/var/x/y", OSError(28, "No space left on device"))
        assert "no space left for /var/x/y" in failure.message
        assert failure.hint == "df -h /var"


class TestUsers:
    def test_only_wanted_groups_count(self) -> None:
        """A package may have put the user into more groups."""
        name = pwd.getpwuid(0).pw_name
        home = pwd.getpwuid(0).pw_dir
        reading = users.read({"users": {name: [home, []]}})
        assert reading[name] == [home, []]


class TestPackages:
    def test_names_come_from_dpkgs_own_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Removed and half-installed packages are missing; a held one is installed."""
        status = tmp_path / "status"
        status.write_text(
            "Package: whole\nStatus: install ok installed\n\n"
            "Package: held\nStatus: hold ok installed\n\n"
            "Package: gone\nStatus: deinstall ok config-files\n\n"
            "Package: half\nStatus: install ok half-configured\n"
        )
        monkeypatch.setattr(packages, "STATUS", str(status))
        packages._cache.clear()
        reading = packages.read({"names": ["whole", "held", "gone", "half"]})
        packages._cache.clear()
        assert reading["missing"] == ["gone", "half"]
        assert packages.interrupted()


class TestUnit:
    PROPERTIES: ClassVar[dict[str, str]] = {
        "LoadState": "loaded",
        "ActiveState": "active",
        "SubState": "running",
        "UnitFileState": "enabled",
        "NeedDaemonReload": "no",
        "NRestarts": "0",
    }

    def reading(self, state: UnitActive, **properties: str) -> dict[str, Any]:
        return unit._reading(state.spec(), {**self.PROPERTIES, **properties})

    def test_an_input_newer_than_the_process_is_stale(self, tmp_path: Path) -> None:
        """The start time decides, whatever happened in between."""
        path = tmp_path / "a.conf"
        path.touch()
        state = UnitActive(name="x.service", inputs=(str(path), "/no/such/file"))
        old = time.strftime("%a %Y-%m-%d %H:%M:%S.5 UTC", time.gmtime(time.time() - 60))
        new = time.strftime("%a %Y-%m-%d %H:%M:%S.5 UTC", time.gmtime(time.time() + 60))
        assert self.reading(state, ExecMainStartTimestamp=old)["stale_inputs"] == [str(path)]
        assert self.reading(state, ExecMainStartTimestamp=new)["stale_inputs"] == []

    def test_a_oneshot_that_ended_well_is_active(self) -> None:
        """Its process is gone, which is as it should be."""
        state = UnitActive(name="x.service", oneshot=True)
        ended = {"ActiveState": "inactive", "ExecMainExitTimestamp": "Mon 2026-01-05 10:11:12 UTC"}
        assert self.reading(state, Result="success", **ended)["active"] == "active"
        assert self.reading(state, Result="exit-code", **ended)["active"] == "inactive"

    def test_timestamps_are_read_to_the_microsecond(self) -> None:
        """systemd's own form, always UTC."""
        assert unit._seconds("Thu 1970-01-01 00:01:40.250000 UTC") == 100.25
        assert unit._seconds("") == 0.0


class TestUnitLog:
    def test_the_last_error_with_its_traceback_is_what_matters(self) -> None:
        """Lines before the traceback and old errors are left out."""
        lines = [
            "2026 ERROR nova old error",
            *["2026 INFO nova fine"] * 100,
            "2026 CRITICAL nova Unhandled error",
            "Traceback (most recent call last):",
            '  File "x.py", line 1, in <module>',
            "oslo_db.exception.DBConnectionError: access denied",
        ]
        assert unit_log.worst(lines) == lines[-4:]

    def test_quiet_logs_say_nothing(self) -> None:
        """A log without an error adds no noise."""
        assert unit_log.worst(["INFO a", "INFO b"]) == []

    def test_only_what_came_after_the_mark_counts(self, tmp_path: Path) -> None:
        """An error of last week is not the reason of today's failure; a rotated log is all new."""
        path = tmp_path / "x.log"
        path.write_text("ERROR old\n" * 20)
        marks = unit_log.Marks.now([str(path)])
        with path.open("a") as out:
            out.write("ERROR new\n")
        assert unit_log.lines_that_matter("no-such-unit", marks)[:2] == [f"{path}:", "ERROR new"]
        path.write_text("ERROR rotated\n")
        assert unit_log.lines_that_matter("no-such-unit", marks)[1] == "ERROR rotated"


class TestVenv:
    def test_stamp_is_what_the_state_expects(self) -> None:
        """Both sides digest lock and links the same way."""
        state = VenvInstalled(path="/x", lock="a==1", uv_lock="", links=("libvirt",))
        wanted = {"stamp": venv.stamp(state.spec()), "missing": []}
        assert state.expected() == wanted

    def test_tests_of_openstack_alone_are_removed(self, tmp_path: Path) -> None:
        """Another project's tests stay, and so does a folder that is no package."""
        for name, home in (("nova", "https://docs.openstack.org/nova/"), ("other", "https://x.y/")):
            for folder in (name, f"{name}/tests", f"{name}/db/tests", f"{name}/data/tests"):
                (tmp_path / folder).mkdir(parents=True, exist_ok=True)
                if "data" not in folder:
                    (tmp_path / folder / "__init__.py").touch()
            info = tmp_path / f"{name}-1.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Name: {name}\nHome-page: {home}\n\nopenstack\n")
            (info / "RECORD").write_text(f"{name}/__init__.py,,\n")
        assert venv_trim.remove_tests(str(tmp_path)) == "2 packages"
        assert not (tmp_path / "nova/tests").exists()
        assert not (tmp_path / "nova/db/tests").exists()
        assert (tmp_path / "nova/data/tests").exists()
        assert (tmp_path / "other/tests").exists()


class TestDurable:
    def test_the_unit_is_named_by_command_and_user(self) -> None:
        """The next run finds the unit of a killed one; another command has another name."""
        one = CommandDone(check=("true",), command=("/opt/x/bin/nova-manage", "db", "sync"))
        two = CommandDone(check=("true",), command=("/opt/x/bin/nova-manage", "api_db", "sync"))
        assert durable.unit_name(one.spec()) == durable.unit_name(one.spec())
        assert durable.unit_name(one.spec()).startswith("gureum-nova-manage-")
        assert durable.unit_name(one.spec()) != durable.unit_name(two.spec())

    def test_environment_values_are_quoted_for_systemd(self) -> None:
        """A password may hold what a shell would expand."""
        assert durable._assignment(("A", 'x"y$z\\`')) == 'A="x\\"y\\$z\\\\\\`"\n'
