"""`gureum image` as it is typed: what is wrong is told before anything is fetched (R-LAB-3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gureum = Callable[..., Any]


def test_the_catalogue_is_told_without_a_cloud(gureum: Gureum) -> None:
    ended = gureum("image", "list")
    assert ended.code == 0
    for words in (
        "ubuntu-24.04",
        "debian-13",
        "cirros",
        "published SHA-256, signed",
        "pinned here",
    ):
        assert words in ended.out
    assert "No cloud stands here yet." in ended.out


def test_the_catalogue_as_data(gureum: Gureum) -> None:
    found = json.loads(gureum("image", "list", "--json").out)
    assert found["images"] is None
    by_name = {image["name"]: image for image in found["catalogue"]}
    assert len(by_name["cirros"]["sha256"]) == 64
    assert by_name["ubuntu-24.04"]["properties"]["os_distro"] == "ubuntu"


def test_without_a_cloud_nothing_is_fetched(gureum: Gureum) -> None:
    ended = gureum("image", "add", "cirros")
    assert ended.code == 1
    assert "there is no cloud 'cloud' yet" in ended.err
    assert "gureum up" in ended.err


def test_every_wrong_property_is_named(gureum: Gureum) -> None:
    wrong = ("--property", "a", "--property", "size=1", "--property", "-x=1")
    ended = gureum("image", "add", "cirros", *wrong)
    assert ended.code == 1
    for words in ("'a' has no =", "size is glance's own", "'-x' is no name"):
        assert words in ended.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("build", "fedora"), "fedora"),
        (("add", "cirros", "--visibility", "everyone"), "everyone"),
        (("add",), "NAME|FILE|URL"),
    ],
)
def test_what_cannot_be_is_refused(gureum: Gureum, words: tuple[str, ...], says: str) -> None:
    ended = gureum("image", *words)
    assert ended.code != 0
    assert says in ended.err


def test_check_refuses_what_is_no_image(gureum: Gureum, tmp_path: Path) -> None:
    (tmp_path / "page.img").write_text("<!DOCTYPE html>")
    ended = gureum("image", "check", "page.img")
    assert ended.code == 1
    assert "no disk image that VMs start from" in ended.err
    assert "a web page" in ended.err
