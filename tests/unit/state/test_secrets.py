"""Secrets: made once, kept for their owner, never shown by accident (R-CRED-1)."""

from __future__ import annotations

import stat
from pathlib import Path

from gureum.state.secrets import Redactor, Secret, Secrets


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = Secrets(path)
    password = first.password("nova.database")
    assert len(password.reveal()) == 32
    assert first.password("nova.queue") != password
    first.save()
    assert Secrets(path).password("nova.database") == password


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = Secrets(path)
    secrets.password("a")
    secrets.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_saving_without_a_new_secret_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    Secrets(path).save()
    assert not path.exists()


def test_a_secret_does_not_print() -> None:
    secret = Secret("correct-horse")
    assert "correct" not in f"{secret} {secret!r} {[secret]}"


def test_the_redactor_hides_the_longest_first() -> None:
    hide = Redactor(["password-one", "password-one-and-more", "short"])
    assert hide("x password-one-and-more y password-one short") == "x *** y *** short"
