"""State `http`: a URL answers with a wanted status."""

from __future__ import annotations

import functools
import http.client
import os
import ssl
import time
import urllib.parse
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

PAUSE = 0.08
TRY_FOR = 5.0


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return whether the URL answers as wanted, with its status or the error as evidence."""
    status, said = ask(spec["url"], cafile=spec.get("cafile"))
    return {
        "answers": status in spec["statuses"],
        "_exists": False,
        "_status": status,
        "_output": said,
    }


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Wait until the URL answers as wanted; Failure tells the last answer."""
    began = time.monotonic()
    until = began + min(spec["within"], time_left())
    while True:
        reading = read(spec)
        evidence = {
            "command": ["GET", spec["url"]],
            "exit": 0 if reading["answers"] else 1,
            "output": f"{reading['_status']} {reading['_output']}",
            "seconds": round(time.monotonic() - began, 3),
        }
        if reading["answers"]:
            return [evidence, {"reading": reading}]
        if time.monotonic() >= until:
            waited = f"after {time.monotonic() - began:.0f} s"
            said = reading["_status"] or reading["_output"]
            raise Failure(f"{spec['url']} does not answer {waited}: {said}", [evidence])
        time.sleep(PAUSE)


def ask(url: str, *, cafile: str | None = None, timeout: float = TRY_FOR) -> tuple[int, str]:
    """Return status and the first of the body of a GET; status 0 and the error if none came.

    Without `cafile` a certificate is not verified: the question is whether the service is there.
    """
    parts = urllib.parse.urlsplit(url)
    address = parts.hostname or ""
    connection: http.client.HTTPConnection
    try:
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                address, parts.port, timeout=timeout, context=_context(cafile, _written(cafile))
            )
        else:
            connection = http.client.HTTPConnection(address, parts.port, timeout=timeout)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers={"User-Agent": "gureum"})
            answer = connection.getresponse()
            return answer.status, answer.read(2000).decode(errors="replace")
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, f"{type(error).__name__}: {error}"


@functools.lru_cache(maxsize=8)
def _context(cafile: str | None, written: float) -> ssl.SSLContext:
    """Return what to verify with, kept until the file is `written` anew.

    Loading certificates takes longer than asking does.
    """
    if cafile is not None:
        return ssl.create_default_context(cafile=cafile)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _written(path: str | None) -> float:
    return 0.0 if path is None else os.stat(path).st_mtime
