"""The dashboard's static files, made by a Python that only pretends to be Django's."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from gureum.remote import static_files
from gureum.remote.failure import Failure
from gureum.steps.static_files import StaticFilesMade

DJANGO = """
def setup():
    pass
"""
COMMANDS = """
import os
from local import local_settings as s

def call_command(name, **options):
    if name == "compress":
        assert s.COMPRESS_OFFLINE and "dummy" in s.CACHES["default"]["BACKEND"]
        return
    os.makedirs(s.STATIC_ROOT + "/js")
    for path, text in {"js/a.1.js": "x" * 2000, "js/a.spec.js": "t", "b.scss": "s", "c.css": "y"}.items():
        with open(os.path.join(s.STATIC_ROOT, path), "w") as out:
            out.write(text)
"""


@pytest.fixture
def state(tmp_path: Path) -> StaticFilesMade:
    packages = tmp_path / "packages"
    for name, text in (
        ("django/__init__.py", DJANGO),
        ("django/core/__init__.py", ""),
        ("django/core/management.py", COMMANDS),
    ):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text(text)
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    # The settings' folder stands first on the path, as it does on a host.
    python = f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{packages}" exec {sys.executable} "$@"\n'
    (venv / "bin/python").write_text(python)
    (venv / "bin/python").chmod(0o755)
    return StaticFilesMade(
        folder=str(tmp_path / "static/2026.2"),
        venv=str(venv),
        lock="a==1",
        settings="COMPRESS_OFFLINE = True\n",
    )


def make(state: StaticFilesMade) -> dict[str, Any]:
    spec = state.spec()
    static_files.change(spec, static_files.read(spec))
    return static_files.read(spec)


def test_files_are_made_compressed_and_stamped(state: StaticFilesMade) -> None:
    """R-SVC-8: a large text has a compressed copy beside it, sources and tests are gone."""
    assert static_files.read(state.spec()) != state.expected()
    assert make(state) == state.expected()
    folder = Path(state.folder)
    left = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert left == [".gureum-stamp", "c.css", "js/a.1.js", "js/a.1.js.gz"]
    assert gzip.decompress((folder / "js/a.1.js.gz").read_bytes()) == b"x" * 2000


def test_another_lock_or_setting_makes_them_anew(state: StaticFilesMade) -> None:
    make(state)
    for changed in ({"lock": "a==2"}, {"settings": "COMPRESS_OFFLINE = True\nX = 1\n"}):
        other = StaticFilesMade(**{**vars(state), **changed})
        assert static_files.read(other.spec()) != other.expected()
        (Path(state.folder) / "old").touch()
        assert make(other) == other.expected()
        assert not (Path(state.folder) / "old").exists()


def test_what_fails_leaves_the_old_files_in_place(state: StaticFilesMade) -> None:
    make(state)
    broken = StaticFilesMade(**{**vars(state), "settings": "COMPRESS_OFFLINE = False\n"})
    with pytest.raises(Failure, match="static files"):
        make(broken)
    assert static_files.read(state.spec()) == state.expected()
    assert os.path.exists(f"{state.folder}/js/a.1.js")
