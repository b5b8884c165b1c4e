"""Where a bundle is taken from: a folder of this machine, or a server that hosts reach."""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlparse

from gureum.bundle import manifest as manifests
from gureum.bundle.manifest import CHUNK, BundleFile, Manifest, digest_of
from gureum.errors import BundleError

TIMEOUT = 20.0


@dataclass(frozen=True)
class Source:
    """A bundle that is there: its place as cloud.yaml names it, and what it holds."""

    place: str
    manifest: Manifest

    @property
    def folder(self) -> Path | None:
        """The bundle's folder, None where a server has it."""
        return None if is_url(self.place) else Path(self.place)

    @property
    def url(self) -> str:
        """The address of a bundle that a server has."""
        return self.place.rstrip("/")

    def take(self, file: BundleFile, cache: Path) -> Path:
        """Return a file of the bundle on this machine, proven by its checksum.

        A server's file is kept in `cache`; raises BundleError where it is not what it should be.
        """
        path = self._fetched(file, cache) if self.folder is None else self.folder / file.path
        if not path.is_file() or digest_of(path) != file.sha256:
            raise BundleError(
                f"{file.path} of the bundle is {'altered' if path.is_file() else 'missing'}",
                detail=f"the bundle: {self.place}",
                hint=f"gureum bundle verify {self.folder or 'FOLDER, where the bundle lies'}",
            )
        return path

    def _fetched(self, file: BundleFile, cache: Path) -> Path:
        kept = cache / "bundle-files" / f"{file.sha256[:16]}-{Path(file.path).name}"
        if kept.is_file() and kept.stat().st_size == file.size:
            return kept
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = kept.with_name(f".{kept.name}.{os.getpid()}")
        try:
            with _open(f"{self.url}/{quote(file.path)}") as answer, new.open("wb") as out:
                shutil.copyfileobj(answer, out, CHUNK)
            new.replace(kept)
        except OSError as error:
            raise _unreachable(self.place, error) from None
        finally:
            new.unlink(missing_ok=True)
        return kept


def is_url(place: str) -> bool:
    """Tell whether a bundle's place is a server's address."""
    return urlparse(place).scheme in ("http", "https")


def open_source(place: str, pin: str | None = None) -> Source:
    """Return the bundle at a place, its manifest held against the digest `pin` where there is one.

    Raises BundleError where there is none, or another than the pinned one.
    """
    if not is_url(place):
        found = manifests.read(Path(place))
        digest = digest_of(Path(place) / manifests.NAME)
    else:
        try:
            with _open(f"{place.rstrip('/')}/{manifests.NAME}") as answer:
                text = answer.read()
        except OSError as error:
            raise _unreachable(place, error) from None
        found = manifests.parse(text.decode(errors="replace"), place)
        digest = hashlib.sha256(text).hexdigest()
    if pin and pin != digest:
        raise BundleError(
            f"the bundle at {place} is another than cloud.yaml names",
            detail=f"its manifest has the SHA-256 {digest}, packages.sha256 is {pin}",
            hint="gureum bundle show FOLDER, where the bundle lies, tells its digest",
        )
    return Source(place, found)


def _open(url: str) -> urllib.request.http.client.HTTPResponse:  # type: ignore[name-defined]
    # A bundle's server stands beside the hosts: no proxy of this machine is between.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return direct.open(url, timeout=TIMEOUT)


def _unreachable(place: str, error: OSError) -> BundleError:
    if isinstance(error, urllib.error.HTTPError) and error.code == 404:
        return BundleError(
            f"there is no bundle at {place}",
            detail=f"the server answers, and has no {manifests.NAME} there",
            hint="gureum bundle serve FOLDER, where the bundle lies, names its address",
        )
    reason = getattr(error, "reason", None) or error
    return BundleError(
        f"the bundle at {place} cannot be reached: {reason}",
        hint="gureum bundle serve FOLDER, on the machine where the bundle lies",
    )
