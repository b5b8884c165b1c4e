"""A cloud keeps in mind what it was built from, wherever the next command is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.cli.context import context, of_shape
from gureum.cli.options import Shape
from gureum.errors import GureumError
from gureum.model.default import SHAPES
from gureum.model.load import default_cloud, load
from gureum.operate.kept_input import keep_input, kept_input
from gureum.operate.typed import typed
from gureum.state.folder import CloudFolder

TEXT = "name: t\nregion: {}\nhosts:\n  one:\n    roles: [controller, network, compute]\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder than the input's, and a home of its own."""
    monkeypatch.setenv("GUREUM_HOME", str(tmp_path / "home"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path


def _built(elsewhere: Path) -> Path:
    path = elsewhere / "t.yaml"
    path.write_text(TEXT.format("Busan"))
    keep_input(CloudFolder("t").make(), load(path))
    return path


def test_a_cloud_is_found_by_its_name(elsewhere: Path) -> None:
    path = _built(elsewhere)
    assert context("t", None).loaded.cloud.region == "Busan"
    path.write_text(TEXT.format("Seoul"))
    assert context("t", None).loaded.cloud.region == "Seoul", "the file is the input, not a copy"
    path.unlink()
    assert context("t", None).loaded.cloud.region == "Busan"


def test_another_input_that_lies_here_does_not_take_its_place(elsewhere: Path) -> None:
    _built(elsewhere)
    Path("cloud.yaml").write_text(TEXT.format("Jeju").replace("name: t", "name: other"))
    assert context("t", None).loaded.cloud.region == "Busan"
    assert context(None, None).loaded.cloud.name == "other"
    assert context("new", None).loaded.cloud.region == "Jeju"
    assert context("t", Path("cloud.yaml")).loaded.cloud.region == "Jeju"


def test_the_built_in_cloud_needs_no_keeping(elsewhere: Path) -> None:
    _built(elsewhere)
    keep_input(CloudFolder("t"), default_cloud("t"))
    assert kept_input(CloudFolder("t")) is None
    assert context("t", None).loaded.cloud == default_cloud("t").cloud


def test_a_torn_record_is_none(elsewhere: Path) -> None:
    _built(elsewhere)
    CloudFolder("t").input.write_text('{"file":')
    assert kept_input(CloudFolder("t")) is None


def test_every_shape_can_be_asked_for() -> None:
    assert [shape.value for shape in Shape] == list(SHAPES)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_becomes_the_clouds_own_input(shape: str) -> None:
    """R-TOPO-6: the same input format for all shapes, written for whoever goes on from there."""
    made = of_shape("n", shape)
    assert made.loaded.cloud.hosts == SHAPES[shape]("n").hosts
    assert Path(made.loaded.file) == CloudFolder("n").path / "cloud.yaml"
    keep_input(made.folder, made.loaded)
    assert context("n", None).loaded.cloud == made.loaded.cloud
    assert of_shape("n", shape).loaded.cloud == made.loaded.cloud


def test_a_shape_is_no_way_to_change_a_cloud(elsewhere: Path) -> None:
    _built(elsewhere)
    with pytest.raises(GureumError, match="has an input already"):
        of_shape("t", "three-node")
    of_shape("n", "three-node")
    with pytest.raises(GureumError, match="is no all-in-one any more"):
        of_shape("n", "all-in-one")


def test_a_hint_leads_by_the_name_of_the_cloud(elsewhere: Path) -> None:
    _built(elsewhere)
    assert typed(context("t", None).loaded, "ssh", "one") == "gureum ssh --cloud t one"
    assert typed(of_shape("n", "three-node").loaded, "apply") == "gureum apply --cloud n"
