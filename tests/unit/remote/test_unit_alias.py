"""A unit that a socket starts by an alias: systemd has to know the alias first (R-OPS-2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.remote import unit

CREATED = """\
Created symlink '/etc/systemd/system/syslog.service' → '/usr/lib/systemd/system/rsyslog.service'.
Created symlink '/etc/systemd/system/multi-user.target.wants/rsyslog.service' → '/usr/lib/x'.
"""


@pytest.mark.parametrize(
    ("socket", "output", "waits"),
    [
        ("syslog", CREATED, True),
        ("syslog", CREATED.replace("'", ""), True),
        ("other", CREATED, False),
        ("rsyslog", CREATED, False),
        ("syslog", "", False),
    ],
)
def test_an_alias_counts_where_a_socket_starts_it(
    socket: str, output: str, waits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{socket}.socket").touch()
    monkeypatch.setattr(unit, "SHIPPED", str(tmp_path))
    assert unit._socket_waits_for(output) is waits
