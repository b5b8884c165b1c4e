"""Which cloud a command is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.cli.context import context
from gureum.errors import InputError

TEXT = "name: {}\nhosts: {{one: {{roles: [controller, network, compute]}}}}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUREUM_HOME", str(tmp_path / "home"))


def test_without_an_input_it_is_the_built_in_cloud() -> None:
    c = context(None, None)
    assert c.loaded.cloud.name == c.folder.name == "cloud"


def test_the_input_in_the_current_folder_is_taken_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("cloud.yaml").write_text(TEXT.format("here"))
    assert context(None, None).loaded.cloud.name == "here"
    assert capsys.readouterr() == ("", "input: ./cloud.yaml\n")


def test_a_named_input_goes_first() -> None:
    Path("cloud.yaml").write_text(TEXT.format("here"))
    Path("other.yaml").write_text(TEXT.format("other"))
    assert context(None, Path("other.yaml")).folder.name == "other"


def test_a_name_goes_before_the_inputs_own() -> None:
    Path("cloud.yaml").write_text(TEXT.format("here"))
    c = context("second", None)
    assert c.loaded.cloud.name == c.folder.name == "second"
    assert c.loaded.locate(("hosts",)).line == 2


@pytest.mark.parametrize("name", ["../up", "A", "-x", ""])
def test_a_name_that_cannot_be_a_folders_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        context(name, None)


def test_each_cloud_has_its_own_folder() -> None:
    assert context("one", None).folder.path != context("two", None).folder.path
