"""What all tests share: lab tests need root and the lab's tools, and say so."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts in the background without Ctrl-C; what tests start must know it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip lab tests without root, with what to type; else install what the lab needs, once."""
    lab = [item for item in items if item.get_closest_marker("lab")]
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

        tools.install(print)
        wanted = {"qemu-img": "qemu-utils"}
        if any("chromium" in getattr(item, "fixturenames", ()) for item in session.items):
            wanted["chromium"] = "chromium"
        for program, package in wanted.items():
            if not shutil.which(program):
                print(f"installing from the distribution: {package}")
                apt_run.install([package])
