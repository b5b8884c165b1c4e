"""`gureum lab images`, on a cache made by hand."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gureum = Callable[..., Any]


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with one image of today and one that nobody used for 40 days."""
    monkeypatch.setenv("GUREUM_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "images"
    for name, days in (("new", 1), ("old", 40)):
        layer = folder / name / "upper"
        layer.mkdir(parents=True)
        record = {"key": name, "os": "debian-13", "layers": [str(layer)]}
        (folder / name / "image.json").write_text(json.dumps(record))
        (folder / name / "size").write_text("1500000000")
        os.utime(folder / name / "image.json", (time.time() - days * 86400 - 60,) * 2)
    return folder


@pytest.mark.usefixtures("images")
def test_images_are_listed_with_size_and_last_use(gureum: Gureum) -> None:
    assert gureum("lab", "images").out.splitlines() == [
        "image   GB  last used    labs",
        "new    1.5  24 h ago",
        "old    1.5  40 days ago",
        "3.0 GB; 30 GB are kept, and unused ones for 30 days",
        "older ones go when a new one is made, or at once: gureum lab images --prune",
    ]


def test_the_input_says_what_is_kept(gureum: Gureum, images: Path, tmp_path: Path) -> None:
    text = (
        "hosts: {one: {roles: [controller, network, compute]}}\nlab: {images: {days: 50, gb: 2}}\n"
    )
    (tmp_path / "cloud.yaml").write_text(text)
    ended = gureum("lab", "images", "--prune")
    assert ended.code == 0
    assert "removing the image old, unused for 40.0 days" in ended.err
    assert "1 removed, 1.5 GB" in ended.err
    assert [entry.name for entry in images.iterdir()] == ["new"]


def test_all_that_no_lab_stands_on_goes_if_asked_for(gureum: Gureum, images: Path) -> None:
    told = [
        json.loads(line) for line in gureum("lab", "images", "--all", "--json").out.splitlines()
    ]
    assert [(one["name"], one["removed"]) for one in told] == [("old", True), ("new", True)]
    assert list(images.iterdir()) == []
    assert gureum("lab", "images").out == "no image of a lab host is kept\n"
