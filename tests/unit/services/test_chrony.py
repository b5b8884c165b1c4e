"""R-PREP-6: who asks whom for the time, and when."""

from __future__ import annotations

import dataclasses

from gureum.model.cloud import Cloud, Host, Role
from gureum.services import chrony
from gureum.services.context import Context
from gureum.services.declaration import Declaration, TextFile

ROLES = {"one": Role.CONTROLLER, "two": Role.CONTROLLER, "three": Role.COMPUTE}


def declared(context: Context, host: str) -> Declaration:
    cloud = Cloud(hosts={name: Host(roles=(role,)) for name, role in ROLES.items()})
    addresses = {name: f"192.0.2.{n}" for n, name in enumerate(ROLES, 1)}
    return chrony.declare(dataclasses.replace(context, cloud=cloud, host=host, addresses=addresses))


def conf(d: Declaration) -> list[str]:
    [found] = [file for file in d.files if file.path == "/etc/chrony/chrony.conf"]
    assert isinstance(found, TextFile)
    return found.content.splitlines()


def test_a_follower_asks_every_controller_and_often_at_first(context: Context) -> None:
    lines = conf(declared(context, "three"))
    assert "server 192.0.2.1 iburst minpoll 2 maxpoll 6" in lines
    assert "server 192.0.2.2 iburst minpoll 2 maxpoll 6" in lines
    assert "port 0" in lines


def test_a_follower_begins_when_there_is_somebody_to_answer(context: Context) -> None:
    assert declared(context, "three").units[0].needs == (
        "one/chrony.unit.chrony",
        "two/chrony.unit.chrony",
    )
    assert declared(context, "one").units[0].needs == ()


def test_controllers_keep_time_among_each_other(context: Context) -> None:
    lines = conf(declared(context, "one"))
    assert "peer 192.0.2.2" in lines
    assert "local stratum 8 orphan" in lines
    assert not [line for line in lines if line.startswith("server")]
