"""Swift's word about its disks and rings, and an object that is put and read back."""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gureum.checks.check import Check, Evidence, Status, Verdict, verdict
from gureum.checks.context import CheckContext
from gureum.remote import swift_look
from gureum.services.radosgw import UNIT as GATEWAY
from gureum.services.swift_layout import PORTS

_SIZE = 2**20
_TIMEOUT = 30.0
NONE = "the cloud has no Swift"
NO_OBJECTS = "the cloud keeps no objects"


def run_swift(context: CheckContext) -> Verdict:
    """Ask every object server for its disks, its rings and its replication."""
    proxies = context.expected.hosts_of("swift-proxy-server")
    stores = context.expected.hosts_of("swift-object-server")
    if not proxies:
        return Verdict(status=Status.SKIP, summary=NONE)
    addresses = {name: context.addresses[name] for name in stores}
    found, looked = context.ask(proxies[0], swift_look.health, addresses, PORTS["object"])
    rings, also = context.ask(proxies[0], swift_look.rings)
    wrong, doubtful = judge(found)
    if rings["due"]:
        doubtful.append("copies that had to wait may move on: gureum apply")
    disks = sum(unit.name.startswith("swift-disk-") for unit in context.expected.units)
    waiting = "; copies wait for their turn to move" if not rings["settled"] else ""
    return verdict(
        wrong,
        f"{disks} disks mounted, one set of rings on {len(stores)} host"
        f"{'s' if len(stores) != 1 else ''}{waiting}",
        doubtful=doubtful,
        evidence=(looked, also),
        hint=context.there(
            [*wrong, *doubtful], "journalctl", "-u", "swift-object-server", "-n", "50"
        ),
        value=disks,
        unit="disks",
    )


def judge(found: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return what keeps Swift from being whole: silent hosts, other rings; and disks that are missing.

    A missing disk loses nothing as long as copies are elsewhere, so it is a warning.
    """
    wrong = [f"{host}: {said['error']}" for host, said in found.items() if said["error"]]
    answered = {host: said for host, said in found.items() if not said["error"]}
    wrong += [f"{host} has other rings" for host, said in answered.items() if not said["ring"]]
    missing = [
        f"{host}: {disk} is not mounted"
        for host, said in answered.items()
        for disk in said["unmounted"]
    ]
    return wrong, missing


def run_object(context: CheckContext) -> Verdict:
    """Put an object, read it back, compare, and remove it and its container."""
    if not context.objects:
        return Verdict(status=Status.SKIP, summary=NO_OBJECTS)
    began = time.monotonic()
    url, token = _account(context)
    store = _Store(url, token, context)
    container = f"gureum-verify-{os.urandom(4).hex()}"
    data = os.urandom(_SIZE)
    wrong: list[str] = []
    try:
        store.do("PUT", f"/{container}", wrong)
        headers = store.do("PUT", f"/{container}/object", wrong, data)[0]
        digest = hashlib.md5(data).hexdigest()  # noqa: S324 - as Swift counts
        if not wrong and headers.get("etag", "").strip('"') != digest:
            wrong.append(f"another checksum was taken than {digest}")
        if not wrong and store.do("GET", f"/{container}/object", wrong)[1] != data:
            wrong.append("what was read is not what was written")
    finally:
        store.do("DELETE", f"/{container}/object", [])
        store.do("DELETE", f"/{container}", [])
    seconds = time.monotonic() - began
    return verdict(
        wrong,
        f"{_SIZE // 2**20} MiB put and read back in {seconds:.1f} s, checksums agree",
        evidence=tuple(store.evidence),
        hint=context.logs(GATEWAY if context.expected.hosts_of(GATEWAY) else "swift-proxy-server"),
        value=seconds,
        unit="s",
    )


def _account(context: CheckContext) -> tuple[str, str]:
    """Return the URL of the administrator's account and a token for it."""
    if context.objects_key is None:
        session = context.api.session
        return str(context.api.object_store.get_endpoint()), str(session.get_token())
    store = _Store(context.objects, "", context)
    login = {"X-Auth-User": "admin:admin", "X-Auth-Key": context.objects_key.reveal()}
    wrong: list[str] = []
    headers = store.do("GET", "/auth/v1.0", wrong, headers=login)[0]
    if wrong:
        raise ConnectionError(wrong[0])
    return headers["x-storage-url"], headers["x-auth-token"]


class _Store:
    """Requests to Swift, each remembered as evidence."""

    def __init__(self, url: str, token: str, context: CheckContext) -> None:
        self._parts = urlsplit(url)
        self._token = token
        self._trust = ssl.create_default_context(cafile=str(context.ca))
        self.evidence: list[Evidence] = []

    def do(
        self,
        verb: str,
        path: str,
        wrong: list[str],
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of an answer; one that is no success is added to `wrong`."""
        began = time.monotonic()
        connection = http.client.HTTPSConnection(
            self._parts.hostname or "", self._parts.port, timeout=_TIMEOUT, context=self._trust
        )
        try:
            sent = {"X-Auth-Token": self._token, **(headers or {})} if self._token else headers
            connection.request(verb, self._parts.path.rstrip("/") + path, body or None, sent or {})
            answer = connection.getresponse()
            said, status = answer.read(), answer.status
            found = {name.lower(): value for name, value in answer.getheaders()}
        except (OSError, http.client.HTTPException) as error:
            said, status, found = f"{type(error).__name__}: {error}".encode(), 0, {}
        finally:
            connection.close()
        if not 200 <= status < 300:
            words = said[:200].decode(errors="replace")
            wrong.append(f"{verb} {path}: {status or words}")
        self.evidence.append(
            Evidence(
                command=f"{verb} {path}",
                output=f"{status}, {len(said)} bytes",
                seconds=time.monotonic() - began,
            )
        )
        return found, said


SWIFT = Check(
    id="swift.healthy",
    title="Swift is healthy",
    proves="Every storage host of Swift answers, has the cloud's rings, and has its disks mounted.",
    run=run_swift,
    requirement="R-SVC-7",
)
OBJECT = Check(
    id="swift.keeps_objects",
    title="an object is kept",
    proves="An object that is put into the object store, Swift's or Ceph's, is read back with the same "
    "checksum, and can be deleted.",
    run=run_object,
    requirement="R-SVC-7",
)
