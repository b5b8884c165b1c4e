"""Hand edits on a real cloud: told, taken back or adopted; units that run with older files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

# The unit that starts again in the shortest time reads this file.
NAME, FILE, UNIT = "placement.conf", "/etc/placement/placement.conf", "placement-api"


def diff(cloud: Any, *arguments: str) -> dict[str, Any]:
    done = cloud.gureum("config", "diff", *arguments, "--json", check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if found["in_order"] else 1)
    return found


def pid(cloud: Any) -> str:
    return str(cloud.ssh("one", f"systemctl show --value -p MainPID {UNIT}"))


def test_a_cloud_as_it_was_built_is_in_order(cloud: Any) -> None:
    """R-CONF-2: every file and unit was looked at, and a second apply has nothing to tell."""
    found = diff(cloud)
    assert found["in_order"], found
    files, units = found["looked"]
    assert files > 50
    assert units > 25


def test_a_look_costs_less_than_two_seconds(cloud: Any) -> None:
    """Of processor time here, for a machine that is busy with other tests says nothing of gureum."""
    before = os.times()
    took = diff(cloud)["seconds"]
    after = os.times()
    print(f"{took} s")
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 2


def test_edits_are_told_kept_and_taken_back(cloud: Any) -> None:
    """R-PREP-8: option by option, broken lines by number, who was there; apply keeps a copy."""
    before = cloud.ssh("one", f"sha256sum {FILE}")
    cloud.ssh(
        "one",
        f"sed -i 's/^memcached_servers.*/memcached_servers = 192.0.2.9:1/; "
        f"s/^password = .*/password = hunter2/; s/^region_name/  region_name/' {FILE}; "
        f"printf '[DEFAULT]\\r\\ndebug = true\\ndebug = true\\n' >>{FILE}; chmod 666 {FILE}",
    )
    found = diff(cloud)
    (file,) = found["files"]
    assert (file["path"], file["origin"]) == (FILE, "edited by hand")
    options = {one["name"]: one for one in file["options"]}
    assert set(options) == {"memcached_servers", "password", "debug"}
    assert options["memcached_servers"]["found"] == "192.0.2.9:1"
    assert options["memcached_servers"]["why"]
    assert "hunter2" not in json.dumps(found)
    said = " ".join(one["summary"] for one in file["broken"])
    assert "white space stands before region_name" in said
    assert "Windows line ends (1 lines)" in said
    assert "[DEFAULT] debug stands twice" in said
    assert file["ownership"] == {"mode": ["0640", "0666"]}
    (login, *_) = file["traces"]["logins"]
    assert (login["user"], login["how"], login["ours"]) == ("root", "ssh", True)
    (unit,) = found["units"]
    assert (unit["name"], unit["what"]) == (f"{UNIT}.service", ["stale"])
    assert "[DEFAULT] debug" in unit["stale"][0]["options"]

    kept = cloud.gureum("apply", "--keep-edits", check=False)
    assert kept.returncode == 1
    assert "config adopt" in kept.stderr
    assert diff(cloud, NAME)["files"][0]["sha256"] == file["sha256"]

    planned = cloud.gureum("plan").stdout
    assert "edited by hand since 20" in planned
    applied = cloud.gureum("apply").stderr
    assert "1 file was edited by hand; what gureum wants is put back:" in applied
    assert "[DEFAULT] debug: true -> not set" in applied
    assert "hunter2" not in planned + applied
    assert cloud.ssh("one", f"sha256sum {FILE}") == before
    found = diff(cloud)
    assert found["in_order"]
    copy = Path(found["copies"][0]["copy"])
    assert copy.stat().st_mode & 0o777 == 0o600
    assert b"[DEFAULT]\r\ndebug = true" in copy.read_bytes()


def test_an_adopted_edit_stays_and_restarts_nothing(cloud: Any, tmp_path: Path) -> None:
    """The operator edits, restarts the unit, adopts: nothing is left to do, not even a restart."""
    file = tmp_path / "cloud.yaml"
    text = "# mine\nname: t\nhosts:\n  one: {roles: [controller, network, compute]}   # all\n"
    file.write_text(text)
    cloud.ssh(
        "one",
        f"printf '\\n# mine\\n[placement]\\nrandomize_allocation_candidates = true\\n' >>{FILE}; "
        f"systemctl restart {UNIT}",
    )
    (drift,) = diff(cloud)["files"]
    assert [one["knows"] for one in drift["readers"]] == [True]
    running = pid(cloud)
    try:
        cloud.gureum("config", "adopt", NAME, "--file", str(file))
        assert file.read_text() == text + (
            "config:\n  placement.conf:\n    placement:\n"
            "      randomize_allocation_candidates: true\n"
        )
        assert "nothing to change" in cloud.gureum("plan", "--file", str(file)).stdout
        assert "nothing to change" in cloud.gureum("apply", "--file", str(file)).stderr
        assert cloud.ssh("one", f"grep -c '# mine' {FILE}") == "1\n"
        assert diff(cloud, "--file", str(file))["in_order"]
    finally:
        assert pid(cloud) == running
        # Without the input the option is no longer wanted: that is nobody's edit.
        back = cloud.back().stderr
    assert "edited by hand" not in back
    assert diff(cloud)["in_order"]


def test_units_that_were_stopped_or_run_with_older_files_are_told(cloud: Any) -> None:
    """R-PREP-8: what runs against what is on disk, with the units started before it changed."""
    cloud.ssh("one", f"systemctl disable --quiet memcached; systemctl stop chrony; touch {FILE}")
    found = diff(cloud)
    units = {one["name"]: one for one in found["units"]}
    assert units["chrony.service"]["what"] == ["down"]
    assert units["memcached.service"]["what"] == ["disabled"]
    (stale,) = units[f"{UNIT}.service"]["stale"]
    assert stale["same"]
    assert not found["files"]
    cloud.gureum("apply")
    assert diff(cloud)["in_order"]
