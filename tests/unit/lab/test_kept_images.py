"""Which images the lab's cache keeps, on folders as a lab makes them (R-LAB-1)."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from gureum.lab import Image, Limits, building, kept_images, locks
from gureum.lab.record import HostRecord, Record
from gureum.lab.subnets import Subnets

DAY = 86400.0
GB = 10**9


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    return folder


def made(images: Path, name: str, *below: Image, days: float = 0, size: int = GB) -> Image:
    """Make an image that was used last so many days ago; its size is as if it had been counted."""
    folder = images / name
    (folder / "upper").mkdir(parents=True)
    layers = tuple(layer for image in below for layer in image.layers)
    image = Image(name, "debian-13", (folder / "upper", *layers))
    image.save(folder)
    (folder / "size").write_text(f"{size}\n")
    used = time.time() - days * DAY
    os.utime(folder / "image.json", (used, used))
    return image


def lab_on(image: Image, images: Path, home: Path) -> Path:
    """Let a lab stand on an image."""
    home.mkdir()
    (home / "lab.json").write_text("{}")
    kept_images.mark(image, images, home.name, home)
    return home


def names(images: Path) -> set[str]:
    return {one.folder.name for one in kept_images.kept(images)}


def removed(images: Path, **limits: int) -> list[str]:
    said: list[str] = []
    gone = kept_images.prune(images, Limits(**limits), said.append)
    assert [one.folder.name in line for one, line in zip(gone, said, strict=True)] == [
        True for _ in gone
    ]
    assert not [entry for entry in images.glob(".*") if not entry.name.endswith(".lock")]
    return [one.folder.name for one in gone]


def test_what_nobody_used_for_long_goes(images: Path) -> None:
    """The oldest first; an hour is left to whoever was given an image a moment ago."""
    for name, days in (("old", 31), ("older", 40), ("young", 29), ("fresh", 0)):
        made(images, name, days=days)
    assert removed(images) == ["older", "old"]
    assert removed(images, days=0, gb=0) == ["young"]
    assert names(images) == {"fresh"}


def test_beyond_the_size_the_oldest_go_until_all_fit(images: Path) -> None:
    for days in range(1, 6):
        made(images, f"used-{days}", days=days, size=2 * GB)
    assert removed(images, gb=6) == ["used-5", "used-4"]
    assert removed(images, gb=6) == []


def test_what_lies_below_another_goes_after_it(images: Path) -> None:
    """A root file system is needed by every frozen layer above it."""
    base = made(images, "base", days=50)
    made(images, "above", base, days=1)
    assert removed(images) == []
    assert removed(images, days=60, gb=1) == ["above"]
    assert removed(images, days=60, gb=1) == []
    assert removed(images) == ["base"]


def test_what_a_lab_stands_on_stays_until_the_lab_is_gone(images: Path, tmp_path: Path) -> None:
    """Whether its hosts run or not, and wherever the lab's folder is."""
    base = made(images, "base", days=50)
    above = made(images, "above", base, days=50)
    home = lab_on(above, images, tmp_path / "g12345")
    assert [one.labs for one in kept_images.kept(images)] == [(str(home),)] * 2
    assert removed(images, days=1, gb=1) == []
    (home / "lab.json").unlink()
    assert removed(images, days=1, gb=1) == ["above", "base"]


def test_a_lab_that_an_earlier_gureum_made_leaves_its_mark(images: Path, tmp_path: Path) -> None:
    """Its hosts are off, so nothing but its record says what they were made from."""
    image = made(images, "old", days=50)
    home = tmp_path / "lab" / "mine"
    home.mkdir(parents=True)
    nets = Subnets(*(IPv4Network(f"10.{n}.0.0/24") for n in range(3)))
    Record("mine", "g12345", nets, {"one": HostRecord(1, image)}).save(home / "lab.json")
    assert kept_images.prune(images, Limits(), print, home.parent) == []
    assert [one.labs for one in kept_images.kept(images)] == [(str(home),)]


def test_use_makes_an_image_and_what_is_below_it_young(images: Path) -> None:
    base = made(images, "base", days=50)
    made(images, "above", base, days=50)
    assert kept_images.use(images / "above") is not None
    assert removed(images, days=1, gb=1) == []
    assert kept_images.use(images / "never") is None


def test_an_image_without_its_layers_goes(images: Path) -> None:
    """It serves nobody: a root file system that was deleted by hand takes all above it along."""
    base = made(images, "base", days=1)
    made(images, "above", base, days=1)
    (images / "base" / "upper").rmdir()
    assert set(removed(images)) == {"above", "base"}


def test_an_image_that_is_being_made_anew_is_let_alone(images: Path) -> None:
    made(images, "old", days=50)
    with locks.held(building.lock_of(images / "old")):
        assert kept_images.prune(images, Limits(), print) == []
    assert removed(images) == ["old"]


def test_runs_at_once_remove_each_image_once(images: Path) -> None:
    for number in range(12):
        made(images, f"old-{number}", days=40 + number)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(kept_images.prune, images, Limits(), print) for _ in range(4)]
        gone = [one.folder.name for run in runs for one in run.result()]
    assert sorted(gone) == sorted({f"old-{number}" for number in range(12)})
    assert names(images) == set()


def test_a_size_is_counted_once(images: Path) -> None:
    made(images, "counted")
    (images / "counted/size").unlink()
    (images / "counted/upper/data").write_bytes(b"x" * 100_000)
    [one] = kept_images.kept(images)
    assert 100_000 <= one.size < 130_000
    (images / "counted/upper/data").unlink()
    assert kept_images.kept(images)[0].size == one.size


def test_nothing_is_there_at_first(tmp_path: Path) -> None:
    assert kept_images.prune(tmp_path / "none", Limits(), print) == []
    assert kept_images.kept(tmp_path / "none") == []
