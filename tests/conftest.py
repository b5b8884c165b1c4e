"""What all tests share: lab tests need root and the lab's tools, and say so."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

LAB = Path(__file__).with_name("lab")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts in the background without Ctrl-C; what tests start must know it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put lab tests in order, and skip them without root, with what to type."""
    lab = [item for item in items if item.path.is_relative_to(LAB)]
    for item in lab:
        item.add_marker(pytest.mark.lab)
    items.sort(key=turn)
    if os.geteuid() != 0:
        reason = "makes hosts on this machine, which needs root: sudo ./run test"
        for item in lab:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install the lab's tools, and what tests look at its work with, where lab tests will run."""
    if session.config.option.collectonly or os.geteuid() != 0:
        return
    if any(item.get_closest_marker("lab") for item in session.items):
        from gureum.lab import tools
        from gureum.remote import apt_run

        wanted = {"qemu-img": "qemu-utils"}
        if any(uses(item, "chromium") for item in session.items):
            wanted["chromium"] = "chromium"
        tools.install(print)
        for program, package in wanted.items():
            if not shutil.which(program):
                print(f"installing from the distribution: {package}")
                apt_run.install([package])


def turn(item: pytest.Item) -> int:
    """Return when a test's turn comes.

    Shared clouds stand until the last test is done. They are built after those of single tests, the
    largest last, so that as few as possible stand side by side: each takes 4 to 8 GB.
    """
    return 2 * uses(item, "three") + uses(item, "cloud")


def uses(item: pytest.Item, fixture: str) -> bool:
    """Tell whether a test wants a fixture, itself or through another."""
    return fixture in getattr(item, "fixturenames", ())
