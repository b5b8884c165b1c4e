"""What all tests share: lab tests need root and the lab's tools, and say so."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip lab tests without root, with what to type; else install what the lab needs, once."""
    lab = [item for item in items if item.get_closest_marker("lab")]
    if os.geteuid() != 0:
        reason = "makes hosts on this machine, which needs root: sudo ./run test"
        for item in lab:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install the lab's tools where a lab test is about to run."""
    if session.config.option.collectonly or os.geteuid() != 0:
        return
    if any(item.get_closest_marker("lab") for item in session.items):
        from gureum.lab import tools

        tools.install(print)
