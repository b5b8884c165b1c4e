"""Gathers Debian packages into a bundle, as a repository that apt takes as it is."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

from gureum.bundle.apt_root import ESSENTIAL, AptRoot, Offer, no_space
from gureum.bundle.manifest import INDEX, BundleFile, Kind, digest_of
from gureum.bundle.needs import Needs
from gureum.bundle.systems import ARCHITECTURE, System
from gureum.errors import BundleError
from gureum.lab import apt_settings

POOL = "debian/pool"
RELEASE = "debian/Release"
SPARE = 2**28
"""Bytes that stay free on the disk beside what is fetched."""

Say = Callable[[str], None]


def gather(folder: Path, work: Path, system: System, needs: Needs, say: Say) -> list[BundleFile]:
    """Bring every package that `needs` calls for into the bundle and return its files.

    What is there with the right checksum is not fetched again, and what apt had fetched before it
    was cut off is used.
    """
    sources = apt_settings.sources(system.codename)
    if not sources:
        raise BundleError(
            f"this machine has no mirror of Debian to take {system.codename} from",
            detail="the mirrors of apt's own sources are used, under the codename of the other system",
            hint="make the bundle on a machine that runs Debian",
        )
    apt = AptRoot(work / f"apt-{system.name}", system, sources)
    apt.prepare()
    say(f"fetching the package lists of {system.name}")
    apt.update()
    # Essential packages are resolved along with each list, for only so is a list complete.
    wanted = [(*names, *ESSENTIAL) for names in needs.lists]
    say(f"resolving {len(needs.packages)} packages on a bare {system.name}")
    offers = _resolved(apt, wanted)
    files = {offer: f"{POOL}/{offer.file_name}" for offer in offers}
    lacking = _lacking(folder, files)
    if lacking:
        size = sum(offer.size for offer in lacking)
        say(f"fetching {len(lacking)} of {len(files)} packages, {size / 1e6:.0f} MB")
        _check_space(folder, size)
        _fetch(apt, folder, files, lacking, wanted)
    return [
        BundleFile(path, offer.sha256, offer.size, Kind.DEBIAN, offer.name, offer.version)
        for offer, path in files.items()
    ]


def index(work: Path, system: System, files: Iterable[BundleFile]) -> dict[str, str]:
    """Return path -> text of the repository's index and its Release file.

    The paragraphs are the mirror's own, with the place of the file in this repository.
    """
    apt = AptRoot(work / f"apt-{system.name}", system, apt_settings.sources(system.codename))
    listed = sorted(files)
    offers = [Offer("", f"{f.name}_{f.version}_", f.size, f.sha256) for f in listed]
    stanzas = apt.stanzas(offers)
    text = "".join(f"{_stanza(stanzas, file)}\n\n" for file in listed)
    digest = hashlib.sha256(text.encode()).hexdigest()
    release = (
        f"Origin: gureum\nLabel: gureum bundle\nSuite: {system.codename}\n"
        f"Codename: {system.codename}\nArchitectures: {ARCHITECTURE}\n"
        f"Date: {formatdate(usegmt=True)}\n"
        f"SHA256:\n {digest} {len(text.encode())} Packages\n"
    )
    return {INDEX: text, RELEASE: release}


def _stanza(stanzas: Mapping[tuple[str, str], str], file: BundleFile) -> str:
    try:
        found = stanzas[file.name, file.version]
    except KeyError:
        raise BundleError(
            f"apt does not describe {file.name} {file.version}, which it offers",
            hint="run the same command again: the package lists are fetched anew",
        ) from None
    place = f"Filename: ./{file.path.removeprefix('debian/')}"
    text = re.sub(r"^Filename: .+$", lambda _: place, found, flags=re.MULTILINE)
    return re.sub(r"^SHA256: .+$", f"SHA256: {file.sha256}", text, flags=re.MULTILINE)


def _resolved(apt: AptRoot, wanted: list[tuple[str, ...]]) -> list[Offer]:
    # The first run of apt makes the cache that the others read.
    first = apt.resolve(wanted[0])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        others = list(pool.map(apt.resolve, wanted[1:]))
    return sorted(
        {offer: None for group in (first, *others) for offer in group}, key=lambda o: o.file_name
    )


def _lacking(folder: Path, files: Mapping[Offer, str]) -> list[Offer]:
    """Return what is not there whole; a file that is not what it should be is removed."""

    def there(offer: Offer) -> bool:
        path = folder / files[offer]
        if not path.is_file():
            return False
        if path.stat().st_size == offer.size and digest_of(path) == offer.sha256:
            return True
        path.unlink()
        return False

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [
            offer for offer, good in zip(files, pool.map(there, files), strict=True) if not good
        ]


def _fetch(
    apt: AptRoot,
    folder: Path,
    files: Mapping[Offer, str],
    lacking: Iterable[Offer],
    wanted: list[tuple[str, ...]],
) -> None:
    """Let apt fetch what is lacking: what the bundle has is laid before it under apt's own names."""
    wrong = set(lacking)
    for offer, path in files.items():
        kept = apt.archives / offer.cached_as
        if offer not in wrong and not kept.exists():
            _link(folder / path, kept)
        elif offer in wrong and kept.exists() and kept.stat().st_size != offer.size:
            kept.unlink()
    try:
        for names in wanted:
            apt.download(names)
    finally:
        _take(apt, folder, files, wrong)
    absent = [offer.name for offer in wrong if not (folder / files[offer]).exists()]
    if absent:
        raise BundleError(
            f"{len(absent)} packages did not arrive whole: {', '.join(sorted(absent)[:5])}",
            detail="their checksums are not those of the package lists",
            hint="run the same command again: only these are fetched anew",
        )
    shutil.rmtree(apt.archives, ignore_errors=True)


def _take(apt: AptRoot, folder: Path, files: Mapping[Offer, str], lacking: Iterable[Offer]) -> None:
    """Move what has arrived into the bundle, each file judged by its checksum."""
    (folder / POOL).mkdir(parents=True, exist_ok=True)
    for offer in lacking:
        kept = apt.archives / offer.cached_as
        if not kept.is_file():
            continue
        if digest_of(kept) == offer.sha256:
            _link(kept, folder / files[offer])
        kept.unlink()


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; where that is another disk, copy it, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    try:
        os.link(source, new)
    except OSError:
        try:
            shutil.copyfile(source, new)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise no_space(target.parent) if error.errno == 28 else error from None
    new.chmod(0o644)
    new.replace(target)


def _check_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise BundleError(
            f"too little free disk space in {folder}: {free / 1e6:.0f} MB",
            detail=f"the packages that are lacking take {size / 1e6:.0f} MB",
            hint=f"df -h {folder}",
        )
