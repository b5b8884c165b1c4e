"""Where an image comes from: the catalogue, an address, a file, or built here; and what proves it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gureum.errors import ImageError
from gureum.images import catalogue, download, published
from gureum.images.catalogue import Known
from gureum.images.download import Expected
from gureum.images.guest_image import GuestImage, digest
from gureum.images.progress import Progress

Say = Callable[[str], None]
Tell = Callable[[Progress], None]
TINY = "tiny"
BUILT = {TINY: "gureum-guest", "debian-13": "debian-13"}
"""What `gureum image build` makes, and what it is called in a cloud."""
_SUMS = {"SHA512SUMS": "sha512", "SHA256SUMS": "sha256"}


@dataclass(frozen=True)
class Wish:
    """What was asked for: a name of the catalogue, a file or an address, and what else was said."""

    what: str
    origin: str = ""
    sha256: str = ""
    build: bool = False


@dataclass(frozen=True, kw_only=True)
class Obtained:
    """An image that lies here: its file, SHA-256, what proves it, and what a cloud is to know of it."""

    path: Path
    name: str
    sha256: str
    proof: str
    properties: Mapping[str, str] = field(default_factory=dict)
    min_disk: int = 0
    min_ram: int = 0
    user: str = ""


def obtain(wish: Wish, cache: Path, say: Say, tell: Tell) -> Obtained:
    """Bring an image here and return it, proven as far as anything proves it.

    Raises ImageError where there is none, it cannot be reached, or it is not what its checksum says.
    """
    _sound(wish)
    if wish.build or wish.what == TINY:
        return _built(wish, cache, say)
    image = catalogue.known(wish.what)
    if image is None:
        return _named(wish, cache, say, tell)
    where = wish.origin or image.url
    if not _is_address(where):
        return _of(image, _there(Path(where)), _proof_beside(image, Path(where), wish))
    expected, proof = _expected(image, where, wish, say)
    path = _fetched(where, expected, cache, say, tell)
    return _of(image, path, proof)


def _sound(wish: Wish) -> None:
    if wish.sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", wish.sha256):
        raise ImageError(
            f"--sha256 {wish.sha256}: no SHA-256",
            detail="it has 64 hexadecimal digits",
            hint="sha256sum FILE",
        )
    if wish.build and wish.what not in BUILT:
        raise ImageError(
            f"gureum cannot build {wish.what!r}",
            detail=f"it builds {' and '.join(BUILT)}",
            hint=f"gureum image add {wish.what}, which downloads it",
        )
    if wish.origin and catalogue.known(wish.what) is None:
        raise ImageError(
            "--from is for an image of the catalogue, which knows its properties",
            detail=f"{wish.what!r} is none of them",
            hint=f"gureum image add {wish.origin}",
        )


def _built(wish: Wish, cache: Path, say: Say) -> Obtained:
    from gureum.images import debian_guest, tiny

    if wish.what == TINY:
        guest, min_ram = tiny.build(cache, say), 128
    else:
        guest, min_ram = debian_guest.build(cache, say), debian_guest.MIN_RAM
    return _of_guest(guest, min_ram)


def _of_guest(guest: GuestImage, min_ram: int) -> Obtained:
    return Obtained(
        path=guest.path,
        name=guest.name,
        sha256=guest.sha256,
        proof="built on this machine of signed packages",
        properties=guest.properties,
        min_ram=min_ram,
        user=guest.user,
    )


def _named(wish: Wish, cache: Path, say: Say, tell: Tell) -> Obtained:
    """Return what an address or a path names."""
    if _is_address(wish.what):
        expected = Expected("sha256", wish.sha256.lower()) if wish.sha256 else None
        path = _fetched(wish.what, expected, cache, say, tell)
        file = unquote(urlsplit(wish.what).path).rpartition("/")[2]
        secured = "HTTPS" if urlsplit(wish.what).scheme == "https" else "nothing: neither HTTPS"
        proof = "the checksum that was given" if expected else f"{secured}{_alone(wish.what)}"
        return Obtained(path=path, name=_stem(file), sha256=digest(path), proof=proof)
    path = Path(wish.what)
    if not path.exists() and "/" not in wish.what and "." not in wish.what.removeprefix("."):
        raise catalogue.unknown(wish.what)
    path = _there(path, wish.what)
    return Obtained(
        path=path,
        name=_stem(path.name),
        sha256=_compared(path, wish),
        proof="the checksum that was given" if wish.sha256 else "nothing: a file of yours",
    )


def _alone(address: str) -> str:
    return " alone" if address.startswith("https:") else " nor a checksum"


def _of(image: Known, path: Path, proof: str) -> Obtained:
    return Obtained(
        path=path,
        name=image.name,
        sha256=digest(path),
        proof=proof,
        properties=image.properties,
        min_disk=image.min_disk,
        min_ram=image.min_ram,
        user=image.user,
    )


def _expected(image: Known, where: str, wish: Wish, say: Say) -> tuple[Expected, str]:
    """Return the checksum that a download has to have, and what stands behind it."""
    if wish.sha256:
        return Expected("sha256", wish.sha256.lower()), "the checksum that was given"
    if image.pinned:
        return Expected("sha256", image.pinned), "the checksum that gureum carries"
    listing, algorithm = image.checksums
    folder = where.rpartition("/")[0]
    say(f"reading {folder}/{listing}")
    text = download.text(f"{folder}/{listing}")
    proof = f"the {algorithm} published at {urlsplit(where).netloc}"
    if image.signed:
        said = _signature(image, text, f"{folder}/{listing}")
        say(said)
        proof += f", {said.partition(';')[0]}"
    file = where.rpartition("/")[2]
    found = published.checksum_of(
        text.decode(errors="replace"), file, algorithm, f"{folder}/{listing}"
    )
    return Expected(algorithm, found), proof


def _signature(image: Known, text: bytes, listing: str) -> str:
    assert image.signed is not None
    return published.signature(text, download.text(f"{listing}{image.signed.suffix}"), image.signed)


def _fetched(url: str, expected: Expected | None, cache: Path, say: Say, tell: Tell) -> Path:
    """Return the file at an address, downloaded unless the very same is here."""
    file = unquote(urlsplit(url).path).rpartition("/")[2] or "image"
    mark = hashlib.sha256(url.encode()).hexdigest()[:8]
    path = cache / "downloads" / f"{mark}-{re.sub(r'[^A-Za-z0-9._+-]', '_', file)[-120:]}"
    if expected and path.exists() and _digest(path, expected.algorithm) == expected.digest:
        say(f"it is here already: {path}")
        return path
    download.fetch(url, path, expected, tell)
    return path


def _proof_beside(image: Known, path: Path, wish: Wish) -> str:
    """Prove a file that was carried here, by a checksum that came along; return by which."""
    if wish.sha256:
        _compared(path, wish)
        return "the checksum that was given"
    if image.pinned:
        _compared(path, Wish(wish.what, sha256=image.pinned))
        return "the checksum that gureum carries"
    for name, algorithm in _SUMS.items():
        listing = path.parent / name
        if listing.is_file():
            text = listing.read_text(errors="replace")
            wanted = published.checksum_of(text, path.name, algorithm, str(listing))
            found = _digest(path, algorithm)
            if found != wanted:
                raise _differs(path, algorithm, found, wanted)
            return f"{listing}, as far as that can be trusted"
    return f"nothing: no {' or '.join(_SUMS)} lies beside {path.name}"


def _compared(path: Path, wish: Wish) -> str:
    found = digest(path)
    if wish.sha256 and found != wish.sha256.lower():
        raise _differs(path, "sha256", found, wish.sha256.lower())
    return found


def _differs(path: Path, algorithm: str, found: str, wanted: str) -> ImageError:
    return ImageError(
        f"{path} is not what its checksum promises",
        detail=f"{algorithm} {found}\nexpected {wanted}",
        hint="bring it here anew",
    )


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, algorithm).hexdigest()


def _there(path: Path, said: str = "") -> Path:
    if path.is_dir():
        raise ImageError(f"{path} is a folder, not an image", hint=f"ls {path}")
    if not path.exists():
        raise ImageError(
            f"there is no file {said or path}",
            detail="what is added is a name of the catalogue, a file or an address",
            hint="gureum image list",
        )
    return path


def _is_address(text: str) -> bool:
    scheme, separator, _ = text.partition("://")
    if not separator:
        return False
    if scheme not in ("http", "https"):
        raise ImageError(
            f"gureum does not fetch by {scheme}",
            detail="images come by https or http, or are files here",
            hint="download it by other means, then gureum image add FILE",
        )
    return True


def _stem(file: str) -> str:
    """Return the name of an image whose file is called so, without what says its format."""
    return re.sub(r"\.(qcow2|img|raw|iso|bin)$", "", file) or "image"
