"""`gureum image add`, from a wish to an image in the cloud that was read back: `add` tells the way."""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from gureum.errors import ImageError
from gureum.images.fitting import Fitting, fit
from gureum.images.progress import Progress
from gureum.model.load import LoadedCloud
from gureum.operate.api import as_admin
from gureum.operate.images.source import Obtained, Say, Tell, Wish, obtain
from gureum.operate.typed import typed
from gureum.state.folder import CloudFolder, cache

MARK = "gureum_sha256"
"""The property that says of which content an image was made, before any conversion."""
_CHUNK = 1024 * 1024
_HALF = ("queued", "saving", "uploading", "importing")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How an image is to stand in the cloud; `name` "" takes the one that it comes with."""

    name: str = ""
    visibility: str = "public"
    properties: Mapping[str, str] | None = None
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Added:
    """What came of it: `outcome` is `added`, `there` already, `updated`, or `elsewhere` by name."""

    outcome: str
    id: str
    name: str
    status: str
    disk_format: str
    size: int
    sha256: str
    proof: str
    user: str
    replaced: tuple[str, ...] = ()


def add(
    loaded: LoadedCloud,
    folder: CloudFolder,
    wish: Wish,
    choice: Choice,
    *,
    say: Say,
    tell: Tell,
) -> Added:
    """Bring an image into the cloud, unless the very same is there; return what came of it.

    A run that was cut off goes on: the download where it stopped; a half upload, which glance cannot
    go on with, is removed and begun anew. Raises ImageError where the image is not what it should be.
    """
    with as_admin(loaded, folder, "glance does not take the image") as api:
        image = obtain(wish, cache(), say, tell)
        name = choice.name or image.name
        with _alone(folder, say):
            found = _there(api, image, name, choice=choice, loaded=loaded, say=say)
            if isinstance(found, Added):
                return found
            raw = loaded.cloud.image_store == "ceph"
            fitting = fit(image.path, raw=raw, folder=cache() / "downloads", say=say)
            try:
                return _uploaded(api, image, fitting, name, choice=choice, old=found, tell=tell)
            finally:
                fitting.clear()


def _there(
    api: Any, image: Obtained, name: str, *, choice: Choice, loaded: LoadedCloud, say: Say
) -> Added | list[Any]:
    """Return the image where it is there already, else those of the same name that it comes in place of."""
    in_the_way: list[Any] = []
    elsewhere = None
    for found in api.image.images():
        same = (found.properties or {}).get(MARK) == image.sha256
        if same and found.status in _HALF and found.name == name:
            say("an upload of it was cut off: what there is of it is removed")
            api.image.delete_image(found)
        elif same and found.status == "active":
            if found.name == name:
                return _told(found, image, _brought_up(api, found, image, choice))
            elsewhere = elsewhere or found
        elif found.name == name and found.status == "active":
            in_the_way.append(found)
    if elsewhere is not None and not choice.name:
        return _told(elsewhere, image, "elsewhere")
    if in_the_way and not choice.replace:
        raise ImageError(
            f"the cloud has another image called {name!r}",
            detail=f"{in_the_way[0].id}, made {in_the_way[0].created_at}, with other content",
            hint=f"{typed(loaded, 'image add', '--replace')} and the same again hides the old one, "
            "which VMs made of it keep; or --name gives this one another name",
        )
    return in_the_way


def _brought_up(api: Any, found: Any, image: Obtained, choice: Choice) -> str:
    """Set properties that are not as they should be; return the outcome."""
    wanted = {**image.properties, **(choice.properties or {})}
    there = {**(found.properties or {}), **{k: getattr(found, k, None) for k in wanted}}
    there = {k: v for k, v in there.items() if v is not None} | {
        k: v for k, v in (found.properties or {}).items() if k in wanted
    }
    wrong = {key: value for key, value in wanted.items() if str(there.get(key, "")) != value}
    if found.visibility != choice.visibility:
        wrong["visibility"] = choice.visibility
    if not wrong:
        return "there"
    answer = api.image.patch(
        f"/images/{found.id}",
        json=[{"op": "add", "path": f"/{key}", "value": value} for key, value in wrong.items()],
        headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
    )
    _raise_for(answer, "its properties")
    return "updated"


def _uploaded(
    api: Any,
    image: Obtained,
    fitting: Fitting,
    name: str,
    *,
    choice: Choice,
    old: list[Any],
    tell: Tell,
) -> Added:
    """Upload an image, read back that it came whole, and hide those that it comes in place of."""
    body = {
        "name": name,
        "disk_format": fitting.disk_format,
        "container_format": "bare",
        "visibility": choice.visibility,
        "min_disk": max(image.min_disk, math.ceil(fitting.virtual_size / 1024**3)),
        "min_ram": image.min_ram,
        **image.properties,
        **(choice.properties or {}),
        MARK: image.sha256,
    }
    answer = api.image.post("/images", json=body)
    _raise_for(answer, "it")
    identifier = answer.json()["id"]
    try:
        with fitting.path.open("rb") as source:
            data = _Reader(source, fitting.path.stat().st_size, tell)
            answer = api.image.put(
                f"/images/{identifier}/file",
                data=data,
                headers={"Content-Type": "application/octet-stream", "Accept": ""},
            )
            _raise_for(answer, "its data")
        _came_whole(api, identifier, data)
    except BaseException:
        api.image.delete_image(identifier, ignore_missing=True)
        raise
    for other in old:
        api.image.update_image(other, is_hidden=True)
    replaced = tuple(other.id for other in old)
    return _told(api.image.get_image(identifier), image, "added", replaced)


def _came_whole(api: Any, identifier: str, data: _Reader) -> None:
    """Hold what glance says of an image against what was sent."""
    there = api.image.get_image(identifier)
    said = (there.status, there.size, there.hash_algo, there.hash_value)
    sent = ("active", data.size, "sha512", data.sha512.hexdigest())
    if said != sent and (there.hash_algo == "sha512" or there.status != "active"):
        raise ImageError(
            "what glance keeps is not what was sent; it was removed",
            detail=f"glance: {said}\nsent: {sent}",
            hint="gureum logs glance-api",
        )


def _told(found: Any, image: Obtained, outcome: str, replaced: tuple[str, ...] = ()) -> Added:
    return Added(
        outcome=outcome,
        id=found.id,
        name=found.name,
        status=found.status,
        disk_format=found.disk_format,
        size=found.size or 0,
        sha256=image.sha256,
        proof=image.proof,
        user=image.user,
        replaced=replaced,
    )


def _raise_for(answer: Any, what: str) -> None:
    if answer.status_code < 400:
        return
    if answer.status_code == 413:
        hint = "gureum explain glance-api.conf DEFAULT user_storage_quota"
    else:
        hint = "gureum logs glance-api"
    said = " ".join(str(answer.text).split())[:300]
    raise ImageError(
        f"glance does not take {what}: {answer.status_code} {answer.reason}", detail=said, hint=hint
    )


class _Reader:
    """Reads a file for an upload, tells how far it is, and reckons its SHA-512 on the way."""

    def __init__(self, source: IO[bytes], size: int, tell: Callable[[Progress], None]) -> None:
        self.size = size
        self.sha512 = hashlib.sha512()
        self._source = source
        self._tell = tell
        self._done = 0

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(_CHUNK):
            yield chunk

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(max(size, _CHUNK) if size >= 0 else size)
        self.sha512.update(chunk)
        self._done += len(chunk)
        self._tell(Progress("upload", self._done, self.size))
        return chunk


@contextmanager
def _alone(folder: CloudFolder, say: Say) -> Iterator[None]:
    """Let one upload at a time go to a cloud: two of the same image would remove each other's half."""
    path = Path(folder.path) / "images.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another upload to this cloud")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
