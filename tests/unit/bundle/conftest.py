"""A maker of small bundles: the real apt and pip, with packages made on the spot."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.made.packages import mirror, wheel

from gureum.bundle import wheels
from gureum.bundle.create import Created, create
from gureum.bundle.needs import Needs
from gureum.bundle.systems import system
from gureum.images.guest_image import GuestImage, digest
from gureum.lab import apt_settings
from gureum.releases import Release


@dataclass
class Maker:
    """Makes a bundle out of a mirror and wheels that a test changes as it likes."""

    root: Path
    sources: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / "bundle"

    @property
    def needs(self) -> Needs:
        return Needs(Release("2026.2", self.root / "release"), (("outer",), ("other", "inner")))

    def offer(self, **versions: str) -> None:
        self.sources = mirror(self.root / "mirror", **versions)

    def lock(self, *entries: str) -> None:
        (self.root / "release").mkdir(exist_ok=True)
        (self.root / "release/requirements.lock").write_text("".join(entries))
        (self.root / "release/uv.lock").write_text(wheel(self.root / "index", "uv", "0.1"))

    def wheel(self, name: str, version: str = "1.0") -> str:
        return wheel(self.root / "index", name, version)

    def guest(self) -> GuestImage:
        path = self.root / "guest.qcow2"
        path.write_bytes(b"a disk")
        return GuestImage(path=path, sha256=digest(path), size=6, properties={"os_type": "linux"})

    def create(self) -> Created:
        self.said.clear()
        return create(
            self.folder,
            self.root / "work",
            system("debian-13"),
            self.needs,
            guest=self.guest,
            say=self.said.append,
        )


def _prepared(root: Path, patch: pytest.MonkeyPatch) -> Maker:
    made = Maker(root)
    made.offer(outer="1.0", inner="1:2.0", other="1.0")
    made.lock(made.wheel("thing"), made.wheel("part"))
    patch.setattr(apt_settings, "sources", lambda _: made.sources)
    patch.setattr(wheels, "REQUIREMENTS", root / "no-locks")
    for name in ("PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        patch.delenv(name, raising=False)
    patch.setenv("PIP_CONFIG_FILE", "/dev/null")
    patch.setenv("PIP_NO_INDEX", "1")
    patch.setenv("PIP_FIND_LINKS", str(root / "index"))
    return made


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Return a maker that has not made anything yet."""
    return _prepared(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def first_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bundle that every maker makes first."""
    with pytest.MonkeyPatch.context() as patch:
        made = _prepared(tmp_path_factory.mktemp("first"), patch)
        made.create()
        return made.folder


@pytest.fixture
def made(maker: Maker, first_bundle: Path) -> Maker:
    """Return a maker whose first bundle is there, as another run left it."""
    shutil.copytree(first_bundle, maker.folder)
    return maker
