"""Databases are filled from dumps so that a fill which is cut off never looks like a whole one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gureum.remote import schema

DUMP = """\
CREATE TABLE `alembic_version` (
  `version_num` varchar(32) NOT NULL
);
LOCK TABLES `alembic_version` WRITE;
INSERT INTO `alembic_version` VALUES
('742c857f1dfb'),
('c88cdce8f248');
UNLOCK TABLES;
CREATE TABLE `user` (
  `id` varchar(64) NOT NULL
);
INSERT INTO `user` VALUES
('root');
"""
REVISION = "INSERT INTO `alembic_version` VALUES\n('742c857f1dfb'),\n('c88cdce8f248');\n"


def fill(folder: Path, mariadb: str) -> subprocess.CompletedProcess[str]:
    """Run the fill with a client that is the shell script `mariadb`."""
    client = folder / "mariadb"
    client.write_text(f'#!/bin/sh\nfor name; do :; done\ncd "{folder}"\n{mariadb}\n')
    client.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", schema._FILL, "fill", str(folder), "keystone", "glance"],
        env={"PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("keystone", "glance"):
        (tmp_path / f"{name}.sql").write_text(DUMP)
    return tmp_path


def test_the_revision_comes_last_and_nothing_is_lost(folder: Path) -> None:
    """R-INFRA-1: a host that loses power half way has tables without a revision: they are redone."""
    assert fill(folder, 'cat >"$name.seen"').returncode == 0
    for name in ("keystone", "glance"):
        seen = (folder / f"{name}.seen").read_text()
        assert seen == DUMP.replace(REVISION, "") + REVISION


def test_one_that_fails_fails_the_fill(folder: Path) -> None:
    assert fill(folder, 'cat >/dev/null; test "$name" = glance').returncode == 1


def test_a_dump_that_is_missing_leaves_no_revision(folder: Path) -> None:
    (folder / "glance.sql").unlink()
    fill(folder, 'cat >"$name.seen"')
    assert (folder / "glance.seen").read_text() == ""
