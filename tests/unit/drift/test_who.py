"""Who was there is told from what a host recorded, and passwords that were typed are not."""

from __future__ import annotations

from typing import Any

from gureum.drift.who import outline, traces

SSH: dict[str, Any] = {
    "how": "ssh",
    "user": "root",
    "began": 90.0,
    "ended": None,
    "open": True,
    "address": "192.0.2.1",
    "method": "publickey",
    "key": "SHA256:abc",
}
SUDO: dict[str, Any] = {
    "how": "sudo",
    "user": "alice",
    "began": 99.0,
    "ended": 101.0,
    "as": "root",
    "command": "/usr/bin/sed -i s/password=.*/password=hunter2/ /etc/nova/nova.conf",
}


def raw(**fields: Any) -> dict[str, Any]:
    return {
        "moment": 100.0,
        "sessions": [],
        "packages": [],
        "journal": True,
        "audited": False,
    } | fields


def test_sudo_on_the_file_itself_comes_first() -> None:
    found = traces("/etc/nova/nova.conf", raw(sessions=[SSH, SUDO]), str, "SHA256:abc")
    assert found is not None
    assert [one.user for one in found.logins] == ["alice", "root"]
    assert found.logins[0].names_file
    assert found.logins[1].ours
    assert "hunter2" not in repr(found)


def test_of_a_command_only_program_and_paths_are_shown() -> None:
    assert outline("/usr/bin/mysql -u root --password=hunter2 nova") == "/usr/bin/mysql …"
    assert outline("/usr/bin/vi /etc/nova/nova.conf") == "/usr/bin/vi /etc/nova/nova.conf"
    assert outline("/bin/sh -c 'echo hunter2 > /etc/x'") == "/bin/sh …"
    assert outline("vi 'unclosed hunter2") == "vi …"
    assert outline("") == ""


def test_what_is_not_known_is_said() -> None:
    nobody = traces("/x", raw(), str)
    assert nobody is not None
    assert "nobody was logged in" in nobody.unknown
    lost = traces("/x", raw(journal=False), str)
    assert lost is not None
    assert "does not reach back" in lost.unknown
    assert traces("/x", None, str) is None
