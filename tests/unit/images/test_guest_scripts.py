"""The guest's scripts are valid, and use only programs that the guest has."""

from __future__ import annotations

import re
import subprocess

import pytest

from gureum.images.initramfs import scripts

SHELL = {name: text for name, text in scripts().items() if text.startswith("#!/bin/sh\n")}
PROGRAMS = (
    "mount",
    "mkdir",
    "dmesg",
    "insmod",
    "httpd",
    "acpid",
    "poweroff",
    "dropbear",
    "dropbearkey",
    "sleep",
    "cat",
    "ip",
    "udhcpc",
    "wget",
    "timeout",
    "sed",
    "grep",
    "tee",
    "hostname",
    "chmod",
    "pidof",
    "usleep",
    "touch",
    "rm",
)


@pytest.mark.parametrize("name", sorted(SHELL))
def test_script_is_valid(name: str) -> None:
    subprocess.run(("sh", "-n"), input=SHELL[name], text=True, check=True)


def test_every_program_that_scripts_call_is_in_the_guest() -> None:
    """R-LAB-3: no script of the guest calls a program that was left out of it."""
    present = {*scripts()["applets"].split(), "dropbear", "dropbearkey"}
    used = {word for word in PROGRAMS for text in SHELL.values() if re.search(rf"\b{word}\b", text)}
    assert used == set(PROGRAMS)
    assert used <= present


def test_the_bulk_and_network_tools_are_in_the_guest() -> None:
    """R-VERIFY-2: what a check of the network runs inside the VM is there."""
    wanted = {"nc", "wget", "httpd", "dd", "md5sum", "ping", "ip", "arping", "poweroff"}
    assert wanted <= set(scripts()["applets"].split())
