"""Files that somebody removed from a virtual environment are noticed (R-PREP-9)."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from gureum.remote import venv_whole


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "lib/site-packages"
    for name in ("nova", "oslo_config"):
        for file in (
            f"{name}/__init__.py",
            f"{name}/cmd/api.py",
            f"{name}/cmd/__pycache__/api.pyc",
        ):
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).write_text("")
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        files = [
            f"{name}/__init__.py",
            f"{name}/cmd/api.py",
            f"{name}/tests/removed.py",
            f"../../bin/{name}",
        ]
        (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))
    (tmp_path / "bin").mkdir()
    for name in ("nova", "oslo_config", "python"):
        (tmp_path / "bin" / name).write_text("")
    venv_whole.note(str(tmp_path), str(site))
    return site


def lost(site: Path) -> dict[str, list[str]]:
    return venv_whole.missing(str(site.parents[1]), str(site))


def test_what_was_trimmed_is_not_missed(site: Path) -> None:
    """What was gone when the environment was finished belongs to it, and so do added files."""
    assert lost(site) == {}
    (site / "nova/cmd/__pycache__/more.pyc").write_text("")
    (site / "nova/cmd/more.py").write_text("")
    (site / "libvirt.py").write_text("")
    os.utime(site / "oslo_config", (time.time(), time.time()))
    assert lost(site) == {}


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("nova/cmd/api.py", {"nova": ["nova/cmd/api.py"]}),
        ("nova", {"nova": ["nova/__init__.py", "nova/cmd/api.py"]}),
        ("oslo_config-1.0.dist-info", {"oslo_config": ["oslo_config-1.0.dist-info"]}),
        ("../../bin/nova", {"nova": ["../../bin/nova"]}),
    ],
)
def test_what_is_gone_is_named_with_its_package(
    site: Path, gone: str, found: dict[str, list[str]]
) -> None:
    path = site / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert lost(site) == found


def test_an_environment_of_an_earlier_gureum_is_taken_as_it_is(site: Path) -> None:
    (site.parents[1] / venv_whole.NOTE).unlink()
    shutil.rmtree(site / "nova")
    assert lost(site) == {}
