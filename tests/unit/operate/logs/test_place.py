"""R-OPS-2: without a controller each host is asked for its own logs, and one without an answer is named."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clouds import deployment_of

from gureum.errors import HostError
from gureum.operate.known import known
from gureum.operate.logs import place as places
from gureum.operate.logs.place import Place
from gureum.operate.logs.wish import LogQuery, wish
from gureum.remote import log_direct
from gureum.services.rsyslog_conf import Source

LINE = "2026-11-21T19:44:0{}.000000+00:00 7 {} nova.x [-] {}\n"


class Here:
    """A host whose code runs in this process."""

    def __init__(self, gone: HostError | None = None) -> None:
        self._gone = gone

    def submit(self, function: Any, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self._gone:
            future.set_exception(self._gone)
        else:
            future.set_result(function(*arguments))
        return future


@pytest.fixture
def _logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_direct, "_journal", lambda *_: [])
    path = tmp_path / "nova-compute.log"
    path.write_text(
        LINE.format(5, "INFO", "up") + "  and on\n" + LINE.format(6, "ERROR", "no room")
    )
    source = Source(path=str(path), unit="nova-compute")
    monkeypatch.setattr(places, "sources", lambda _: (source,))


@pytest.mark.usefixtures("_logs")
def test_hosts_tell_of_themselves_in_one_order(tmp_path: Path) -> None:
    cloud = known(deployment_of(3, tmp_path))
    hosts = list(cloud.blueprint.hosts)
    sessions: Any = {hosts[1]: Here(), hosts[2]: Here(HostError("went away"))}
    where = Place(cloud, None, sessions, [])
    query = LogQuery(names=("nova-compute",))
    found = where.search(wish(query, cloud))
    assert [(row[1], row[4], row[5]) for row in found["rows"]] == [
        (hosts[1], "INFO", "nova.x [-] up\n  and on"),
        (hosts[1], "ERROR", "nova.x [-] no room"),
    ]
    assert where.notes == [f"{hosts[2]} is left out: went away"]
    only = where.search(wish(replace(query, level="error", number=1), cloud))
    assert [row[5] for row in only["rows"]] == ["nova.x [-] no room"]


def test_openstack_s_own_files_are_enough_for_openstack_s_names(tmp_path: Path) -> None:
    """What cannot hold the answer is not read."""
    cloud = known(deployment_of(3, tmp_path))
    assert wish(LogQuery(names=("nova",)), cloud)["kinds"] == ["openstack"]
    assert wish(LogQuery(names=("nova", "sshd")), cloud)["kinds"] == ["openstack", "system"]
    assert wish(LogQuery(), cloud)["kinds"] == ["openstack", "system"]
    units = wish(LogQuery(names=("nova",)), cloud)["units"]
    assert {"nova-api", "nova-compute", "nova-scheduler"} <= set(units)
    assert wish(LogQuery(names=("sshd.service",)), cloud)["units"] == ["sshd"]
