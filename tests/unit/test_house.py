"""The rules of this repository that a machine can check."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "gureum"

LONG_FILES: dict[str, str] = {
    "tests/lab/test_engine.py": "one fixture, a host, serves every state; a second would cost more",
}
"""Python files of more than 400 lines, each with the reason for its length."""

FORBIDDEN_NAMES = re.compile(r"(^|_)(util|utils|common|manager|helper|helpers|misc)($|_)")

SHELL = {"__init__", "main", "lazy", "bug", "commands", "context", "options"}
"""Files of the command line that are no command."""

MADE = re.compile(r"(^|/)(\.(?!ci(/|$)|gitignore$)|__pycache__|[^/]*\.egg-info)")
"""Paths of what was made here and is no part of the repository."""

LINKED_HOSTS = {
    "bugs.launchpad.net",
    "cwiki.apache.org",
    "docs.openstack.org",
    "json-schema.org",
    "man7.org",
    "review.opendev.org",
    "specs.openstack.org",
    "systemd.io",
    "wiki.openstack.org",
    "www.apache.org",
    "www.freedesktop.org",
    "www.rfc-editor.org",
}
"""Hosts that texts and comments may point to. Nothing is fetched from them: where packages come
from is the machine's own setting, read from it when needed."""

IMAGE_HOSTS = {"cloud-images.ubuntu.com", "cloud.debian.org", "download.cirros-cloud.net"}
"""Where distributions publish their cloud images: nowhere else is `gureum image add NAME` told to look."""


def _files() -> list[Path]:
    try:
        names = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        found = [ROOT / name for name in names]
    except (OSError, subprocess.CalledProcessError):
        # A copy without its history, or a machine without git.
        found = [p for p in ROOT.rglob("*") if not MADE.search(str(p.relative_to(ROOT)))]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


FILES = _files()
PYTHON = [path for path in FILES if path.suffix == ".py"]
MARKDOWN = [path for path in FILES if path.suffix == ".md"]


def test_no_file_is_longer_than_400_lines_without_a_reason() -> None:
    lengths = {str(p.relative_to(ROOT)): _text(p).count("\n") for p in PYTHON}
    long = {name for name, lines in lengths.items() if lines > 400}
    assert long == set(LONG_FILES)


def test_no_file_is_named_for_leftovers() -> None:
    assert not [p for p in PYTHON if FORBIDDEN_NAMES.search(p.stem)]


def test_every_service_is_in_the_catalogue() -> None:
    from gureum.services import CATALOGUE

    declaring = {
        path.stem
        for path in (SOURCE / "services").glob("*.py")
        if re.search(r"^def declare\(", _text(path), re.MULTILINE) and path.stem != "__init__"
    }
    # These are declared last, by hand: one serves what the others ask for, one gathers what they log,
    # one opens what all serve.
    assert declaring == set(CATALOGUE) | {"haproxy", "rsyslog", "firewall"}


def test_every_check_is_listed() -> None:
    from gureum.checks import CHECKS, Check

    modules = [p.stem for p in (SOURCE / "checks").glob("*.py") if p.stem != "__init__"]
    found = {
        value.id
        for name in modules
        for value in vars(importlib.import_module(f"gureum.checks.{name}")).values()
        if isinstance(value, Check)
    }
    assert found == {check.id for check in CHECKS}


def test_every_command_file_is_listed() -> None:
    from gureum.cli.commands import COMMANDS

    modules = {entry.module for entry in COMMANDS}
    files = {f"gureum.cli.{p.stem}" for p in (SOURCE / "cli").glob("*.py") if p.stem not in SHELL}
    groups = {f"gureum.cli.{p.parent.name}" for p in (SOURCE / "cli").glob("*/__init__.py")}
    assert files | groups == modules


def test_every_command_of_a_group_in_several_files_is_registered() -> None:
    for folder in (p.parent for p in (SOURCE / "cli").glob("*/__init__.py")):
        group = importlib.import_module(f"gureum.cli.{folder.name}").app
        registered = {c.callback.__module__.rsplit(".", 1)[-1] for c in group.registered_commands}
        assert registered == {p.stem for p in folder.glob("*.py") if p.stem != "__init__"}


def test_every_requirement_that_is_named_exists() -> None:
    pattern = re.compile(r"\bR-[A-Z]+-[0-9]+\b")
    listed = re.findall(
        r"^\| (R-[A-Z]+-[0-9]+) \|", _text(ROOT / "docs/reference/requirements.md"), re.M
    )
    assert len(listed) == len(set(listed))
    named = {name for path in PYTHON for name in pattern.findall(_text(path))}
    assert named, "no test names a requirement"
    assert named <= set(listed)


def test_no_file_names_a_package_index_or_the_place_of_its_checkout() -> None:
    # Spelt in pieces, for this file is looked at as well.
    indexes = ("pypi" + ".org", "python" + "hosted.org")
    mirrors = ("deb." + "debian.org", "security." + "debian.org", "archive." + "ubuntu.com")
    words = (*indexes, *mirrors, f"{ROOT}/")
    found = [(str(p.relative_to(ROOT)), word) for p in FILES for word in words if word in _text(p)]
    assert not found


def test_links_lead_only_to_known_hosts() -> None:
    pattern = re.compile(r"https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[a-z]{2,})\b")
    reserved = (".example", ".test", ".invalid", "example.org", "example.com", ".localdomain")
    hosts = {
        (host, str(path.relative_to(ROOT)))
        for path in FILES
        for host in pattern.findall(_text(path))
        if host not in LINKED_HOSTS | IMAGE_HOSTS and not host.endswith(reserved)
    }
    assert not hosts


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_links_of_a_page_resolve(path: Path) -> None:
    text = re.sub(r"```.*?```", "", _text(path), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = unquote(target).partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in _anchors(there), f"{target}: no such heading"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower().replace("`", "")).replace(" ", "-") for h in headings}
