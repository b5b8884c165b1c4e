"""Opens a websocket by TLS and reads the first that is said: enough to know who is at its other end."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TIMEOUT = 15.0
_CLOSE = 8
_LONGEST = 65536


@dataclass(frozen=True)
class Opened:
    """How the opening went: the HTTP status, the first message, and the code of a refusal."""

    status: int
    message: bytes = b""
    closed: int = 0


def websocket_of(page: str) -> str:
    """Return the websocket that noVNC's page at this address connects to."""
    parts = urlsplit(page)
    path = parse_qs(parts.query).get("path", ["websockify"])[0]
    return f"wss://{parts.netloc}/{path}"


def open_websocket(url: str, ca: Path, *, timeout: float = TIMEOUT) -> Opened:
    """Return what the other end of a websocket says first; `timeout` is in seconds.

    Raises OSError where nothing answers, or TLS does not lead to `ca`.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {parts.path or '/'}{f'?{parts.query}' if parts.query else ''} HTTP/1.1",
        f"Host: {host}:{port}",
        f"Origin: https://{host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: binary",
    )
    tls = ssl.create_default_context(cafile=str(ca))
    plain = socket.create_connection((host, port), timeout)
    with plain, tls.wrap_socket(plain, server_hostname=host) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        with connection.makefile("rb") as answer:
            words = answer.readline().split()
            status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
            while answer.readline().strip():
                pass
            if status != 101:
                return Opened(status)
            kind, message = _frame(answer.read)
    if kind == _CLOSE:
        return Opened(status, closed=int.from_bytes(message[:2], "big") or 1005)
    return Opened(status, message)


def _frame(read: Callable[[int], bytes]) -> tuple[int, bytes]:
    """Return opcode and content of a frame; one that never came counts as a refusal."""
    head = read(2)
    if len(head) < 2:
        return _CLOSE, b""
    length = head[1] & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", read(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", read(8))
    return head[0] & 0x0F, read(min(length, _LONGEST))
