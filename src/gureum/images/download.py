"""Downloads files that take long: what is there is kept, proven to be of the same file, and gone on with.

A part lies beside its target as `.NAME.part`, with a note of where it came from. A server that has
another file by now is noticed by its ETag or Last-Modified (If-Range, RFC 9110), and the download
begins anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gureum import __version__
from gureum.errors import ImageError
from gureum.images.progress import Progress

ATTEMPTS = 5
"""How often a connection that breaks is taken up again before the command gives up."""
WAIT = 2.0
"""Seconds before the second attempt; each further one waits twice as long."""
_TIMEOUT = 60.0
_CHUNK = 1024 * 1024
_LATER = (408, 425, 429, 500, 502, 503, 504)
"""Answers of a server that is busy or being restarted."""
_ROOM = 64 * 1024 * 1024
"""Bytes that a disk keeps free beside the download."""

Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Expected:
    """What proves a download: an algorithm of hashlib and the digest in hexadecimal."""

    algorithm: str
    digest: str


@dataclass(frozen=True)
class _Part:
    """What a server said of the file that a part is of."""

    url: str
    size: int
    etag: str
    modified: str

    @property
    def validator(self) -> str:
        """What If-Range may hold: a strong ETag, else the date; "" where neither can be relied on."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified


class _Broken(Exception):
    """The connection broke, or the server asked to come back; what came so far is kept."""


def fetch(
    url: str, target: Path, expected: Expected | None, tell: Tell, *, wait: float = WAIT
) -> None:
    """Download `url` to `target`, which appears only when it is whole and its checksum is right.

    Raises ImageError where the server cannot be reached or refuses, the disk is full, or the checksum
    is wrong: what came then is removed. After anything else the next call goes on.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    for attempt in range(ATTEMPTS):
        try:
            _go_on(url, part, expected, tell)
            break
        except _Broken as broken:
            if attempt + 1 == ATTEMPTS:
                size = part.stat().st_size if part.exists() else 0
                raise ImageError(
                    f"the download of {url} breaks off again and again",
                    detail=f"{broken}; {size / 1e6:.1f} MB are here and are kept",
                    hint="type the same again: it goes on where it stopped",
                ) from None
            time.sleep(wait * 2**attempt)
    _prove(url, part, expected)
    part.replace(target)
    _note(part).unlink(missing_ok=True)


def text(url: str, *, limit: int = 4 * 1024 * 1024) -> bytes:
    """Return a small file from a server."""
    try:
        with _open(url, {}) as answer:
            found: bytes = answer.read(limit)
    except urllib.error.HTTPError as error:
        raise _refused(url, error) from None
    except _Broken as broken:
        raise _unreachable(url, str(broken)) from None
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, str(error)) from None
    return found


def _go_on(url: str, part: Path, expected: Expected | None, tell: Tell) -> None:
    """Fetch what a part lacks; it is cut to nothing where the server has another file by now."""
    there, known = _there(part, url, expected)
    headers: dict[str, str] = {}
    if there:
        headers["Range"] = f"bytes={there}-"
        if known and known.validator:
            headers["If-Range"] = known.validator
    try:
        with _open(url, headers) as answer:
            resumed = answer.status == 206 and _begins_at(answer) == there
            if not resumed:
                there = 0
            size = _size(answer, there)
            _make_note(part, _Part(url, size, *_marks(answer)))
            _room(part, size - there)
            tell(Progress("download", there, size, resumed=there))
            with part.open("ab" if resumed else "wb") as out:
                done = there
                for chunk in _chunks(answer):
                    out.write(chunk)
                    done += len(chunk)
                    tell(Progress("download", done, size, resumed=there))
    except urllib.error.HTTPError as error:
        if error.code == 416 and there:
            # The server's file is no longer than the part: it is another one.
            part.unlink()
            raise _Broken("the server has another file by now") from None
        raise _refused(url, error) from None
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", None) == 28:
            raise _full(part) from None
        raise _Broken(str(error) or type(error).__name__) from None
    if size and done < size:
        raise _Broken(f"the connection ended after {done} of {size} bytes")


def _there(part: Path, url: str, expected: Expected | None) -> tuple[int, _Part | None]:
    """Return how much of this very file is here, and what the server said of it.

    Without anything to tell two versions of a file apart, only a checksum can prove what is joined.
    """
    try:
        known = _Part(**json.loads(_note(part).read_text()))
        size = part.stat().st_size
    except (OSError, ValueError, TypeError):
        return 0, None
    if known.url != url or not (known.validator or expected) or (known.size and size >= known.size):
        return 0, None
    return size, known


def _open(url: str, headers: dict[str, str]) -> Any:
    """Open an address by this machine's own settings of proxies and certificates.

    Raises HTTPError where the server refuses, _Broken where another attempt may be of use.
    """
    asked = {
        "User-Agent": f"gureum/{__version__}",
        # A server that compresses on the way would make ranges and sizes mean something else.
        "Accept-Encoding": "identity",
        **headers,
    }
    request = urllib.request.Request(url, headers=asked)  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _LATER:
            raise _Broken(f"the server answers {error.code} {error.reason}") from None
        raise
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionResetError | TimeoutError):
            raise _Broken(str(error.reason)) from None
        raise _unreachable(url, str(error.reason)) from None
    if urlsplit(url).scheme == "https" and urlsplit(answer.url).scheme != "https":
        answer.close()
        raise ImageError(
            f"{url} leads to an address without TLS",
            detail=answer.url,
            hint="name another mirror: gureum image add NAME --from URL",
        )
    return answer


def _begins_at(answer: Any) -> int:
    """Return where the part that a server sends begins, -1 where it does not say."""
    words = (answer.headers.get("Content-Range") or "").removeprefix("bytes ").partition("-")
    return int(words[0]) if words[0].strip().isdigit() else -1


def _size(answer: Any, there: int) -> int:
    """Return the size of the whole file, 0 where the server does not say."""
    total = (answer.headers.get("Content-Range") or "").rpartition("/")[2]
    if total.isdigit():
        return int(total)
    length = answer.headers.get("Content-Length") or ""
    return there + int(length) if length.isdigit() else 0


def _marks(answer: Any) -> tuple[str, str]:
    return answer.headers.get("ETag") or "", answer.headers.get("Last-Modified") or ""


def _chunks(answer: Any) -> Iterator[bytes]:
    while chunk := answer.read(_CHUNK):
        yield chunk


def _note(part: Path) -> Path:
    return part.with_suffix(".part.json")


def _make_note(part: Path, known: _Part) -> None:
    _note(part).write_text(json.dumps(asdict(known)))


def _room(part: Path, needed: int) -> None:
    if shutil.disk_usage(part.parent).free < needed + _ROOM:
        raise _full(part)


def _prove(url: str, part: Path, expected: Expected | None) -> None:
    """Remove a download whose checksum is wrong, and say so."""
    if expected is None:
        return
    with part.open("rb") as source:
        found = hashlib.file_digest(source, expected.algorithm).hexdigest()
    if found == expected.digest:
        return
    part.unlink()
    with contextlib.suppress(OSError):
        _note(part).unlink()
    raise ImageError(
        f"what {url} sent is not what its checksum promises, and was removed",
        detail=f"{expected.algorithm} {found}\nexpected {expected.digest}",
        hint="type the same again; if it stays so, the mirror is being renewed, or somebody alters "
        "what comes from it",
    )


def _refused(url: str, error: urllib.error.HTTPError) -> ImageError:
    return ImageError(
        f"the server does not give {url} out",
        detail=f"it answers {error.code} {error.reason}",
        hint="look whether the address is right; a mirror is named by: gureum image add NAME --from URL",
    )


def _unreachable(url: str, reason: str) -> ImageError:
    proxies = [name for name in ("http_proxy", "https_proxy") if os.environ.get(name)]
    through = f" (through {', '.join(proxies)})" if proxies else ""
    return ImageError(
        f"{urlsplit(url).netloc} cannot be reached{through}",
        detail=f"{url}: {reason}",
        hint="without a way there: carry the file here, then gureum image add NAME --from FILE",
    )


def _full(part: Path) -> ImageError:
    return ImageError(
        f"no room for the download in {part.parent}",
        detail=f"{shutil.disk_usage(part.parent).free / 1e9:.1f} GB are free there",
        hint=f"df -h {part.parent}",
    )
