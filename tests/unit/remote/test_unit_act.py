"""What goes along when a unit is stopped."""

from __future__ import annotations

from gureum.remote.unit_act import tied_to

SHOWN = {
    "switch.service": {"Requires": "vswitchd.service db.service", "PartOf": ""},
    "vswitchd.service": {"Requires": "db.service", "PartOf": "switch.service"},
    "knock.socket": {"Triggers": "daemon.service"},
    "other.service": {"Requires": "system.slice sysinit.target"},
}


def test_what_needs_the_unit_goes_along_however_far_away() -> None:
    assert tied_to("db.service", SHOWN) == {"switch.service", "vswitchd.service"}


def test_a_socket_goes_with_the_unit_that_it_would_wake() -> None:
    assert tied_to("daemon.service", SHOWN) == {"knock.socket"}


def test_strangers_stay() -> None:
    assert tied_to("alone.service", SHOWN) == set()
