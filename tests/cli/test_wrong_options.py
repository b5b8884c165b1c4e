"""Options that do not hold together stop everything before a host is made (R-CONF-3, R-CONF-6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gureum.config.setting import Option, Setting
from gureum.diagnostics import Source
from gureum.services import declarations as catalogue
from gureum.services.context import Context
from gureum.services.declaration import Declaration

Gureum = Callable[..., Any]

HOSTS = "name: wrong\nhosts:\n  one:\n    roles: [controller, network, compute]\n"
MISTAKES = """\
config:
  nova.conf:
    DEFAULT:
      cpu_alocation_ratio: 4.0
      debug: perhaps
      transport_url: rabbit://guest:hunter2@elsewhere/
    libvirtt:
      virt_type: qemu
  novaa.conf:
    DEFAULT:
      debug: true
  keystone.conf:
    token:
      expiration: -5
"""


@pytest.fixture
def nothing_made(tmp_path: Path) -> Callable[[], bool]:
    """Return a function that tells whether no lab was begun and no credentials were written."""
    home = tmp_path / "home"
    return lambda: not (home / "lab").exists() and not list(home.rglob("openrc"))


@pytest.mark.parametrize("command", ["up", "plan", "apply", "verify"])
def test_every_wrong_option_is_told_at_once(
    gureum: Gureum, nothing_made: Callable[[], bool], command: str
) -> None:
    """Misspelt, ill-typed, unknown and fixed ones in one go, each with its line and a way out."""
    Path("cloud.yaml").write_text(HOSTS + MISTAKES)
    ended = gureum(command)
    assert (ended.code, ended.out) == (1, "")
    for place, words in {
        8: "did you mean 'cpu_allocation_ratio'",
        9: "'perhaps' is not true or false",
        10: "transport_url cannot be overridden: services/nova.py fixes it",
        12: "did you mean '[libvirt]'?",
        15: "did you mean 'nova.conf'",
        18: "'-5' is not a whole number",
    }.items():
        assert f"cloud.yaml:{place}: " in ended.err
        assert words in ended.err
    assert "Traceback" not in ended.err
    assert "building" not in ended.err
    assert nothing_made()


def test_a_value_for_a_secret_option_is_not_shown(gureum: Gureum) -> None:
    """Who sets a password by hand does not find it in a log."""
    Path("cloud.yaml").write_text(HOSTS + MISTAKES)
    assert "hunter2" not in str(gureum("plan"))


def test_two_services_that_disagree_stop_the_plan(
    gureum: Gureum, nothing_made: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-CONF-1: both sources are named with their reasons."""

    def declarations(context: Context) -> tuple[Declaration, ...]:
        setting = Setting("/elsewhere", "placement thinks so", Source("services/placement.py"))
        wrong = Option("nova.conf", "DEFAULT", "state_path", setting)
        return tuple(
            replace(d, options=(*d.options, wrong)) if d.service == "placement" else d
            for d in catalogue(context)
        )

    monkeypatch.setattr("gureum.services.declarations", declarations)
    ended = gureum("up", "--cloud", "torn")
    assert (ended.code, ended.out) == (1, "")
    assert "nova.conf [DEFAULT] state_path is set to different values" in ended.err
    assert "services/placement.py wants '/elsewhere': placement thinks so" in ended.err
    assert "services/nova.py wants " in ended.err
    assert nothing_made()


@pytest.mark.parametrize("command", [("plan",), ("apply",), ("verify",), ("ssh", "one")])
def test_a_cloud_whose_host_is_not_made_yet(gureum: Gureum, command: tuple[str, ...]) -> None:
    ended = gureum(*command)
    assert ended.code == 1
    assert "the lab host 'one' of the cloud 'cloud' is not made yet" in ended.err
    assert ended.err.endswith("hint: gureum up\n")
