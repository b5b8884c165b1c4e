"""A whole all-in-one's files as they are wanted, a memory of them, and what a host would answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gureum.config.parse import read_file
from gureum.drift.intent import WantedFile, wanted_files
from gureum.drift.judge import FileDrift, judge_file
from gureum.drift.memory import Memory, Written
from gureum.model.cloud import Cloud, Host, Role
from gureum.plan.build import build
from gureum.releases import load_release
from gureum.services.context import Context, HostFacts
from gureum.state.folder import CloudFolder
from gureum.state.secrets import Secret, Secrets

ROLES = (Role.CONTROLLER, Role.NETWORK, Role.COMPUTE)


@dataclass(frozen=True)
class Bench:
    """Files by name, and a memory that knows each of them as written at the time 1000."""

    files: dict[str, WantedFile]
    memory: Memory
    folder: CloudFolder

    def judge(self, name: str, text: str | bytes, **found: Any) -> FileDrift | None:
        """Judge a file of this text, by default with the owner and mode that it is to have."""
        wanted = self.files[name]
        content = text.encode() if isinstance(text, str) else text
        digest = hashlib.sha256(content).hexdigest()
        owner, group, mode = wanted.ownership
        reading = {"exists": True, "owner": owner, "group": group, "mode": mode}
        reading |= {"sha256": digest, "modified": 2000.0, "changed": 2000.0, "moment": 2000.0}
        if digest != wanted.sha256:
            reading["content"] = content
        return judge_file(wanted, reading | found, self.memory, str)

    def text(self, name: str) -> str:
        """Return a file's wanted text."""
        return self.files[name].state.content

    def remember(self, name: str, text: str, time: float = 1000.0) -> None:
        """Make the memory know a text as what gureum wrote last."""
        wanted = self.files[name]
        options = {}
        if wanted.file:
            options = self.memory.options(read_file(text, wanted.file, wanted.schema).parsed)
        digest = hashlib.sha256(text.encode()).hexdigest()
        written = Written(digest, time, wanted.ownership, options)
        self.memory.done("one", wanted.path, written, changed=True)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    release = load_release("2026.2")
    context = Context(
        cloud=Cloud(hosts={"one": Host(roles=ROLES)}),
        host="one",
        facts=HostFacts(cpus=2, memory_mb=16000, provider_nic="eth1", management_nic="host0"),
        secrets=Secrets(tmp_path / "secrets.json"),
        release=release,
        addresses={"one": "10.0.0.10"},
        ca="-----BEGIN CERTIFICATE-----\n",
        certificate_bundle=Secret("bundle"),
    )
    folder = CloudFolder("cloud", tmp_path)
    files = {one.name: one for one in wanted_files(build(context), release)}
    found = Bench(files, Memory(folder, Secret("key")), folder)
    for name in files:
        found.remember(name, found.text(name))
    return found


@pytest.fixture
def edited(bench: Bench) -> Callable[[str, str, str], FileDrift]:
    """Return a function that judges a file in which one text stands for another."""

    def judge(name: str, old: str, new: str) -> FileDrift:
        text = bench.text(name)
        assert old in text
        found = bench.judge(name, text.replace(old, new, 1))
        assert found is not None
        return found

    return judge
