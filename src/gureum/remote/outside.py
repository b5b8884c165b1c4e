"""Asks a VM from outside of the cloud: by ICMP echo, SSH's greeting and a web page.

It runs on the machine that gureum runs on, or on the one host from which floating IPs can be reached.
ICMP is sent by hand: `ping` is not on every machine, and a process each is slow.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import time

_REQUEST, _REPLY = 8, 0
_IP_MTU_DISCOVER, _DO_NOT_FRAGMENT = 10, 2
_HEADERS = 28
"""Bytes of the IPv4 and ICMP headers."""


def answers(
    address: str,
    timeout: float = 1.0,
    packet: int = 84,
    whole: bool = False,
) -> bool:
    """Tell whether `address` answers an echo request of `packet` bytes (headers included).

    `whole` forbids fragments: a packet larger than a link on the way then gets no answer. Raises
    PermissionError where this user may not send ICMP.
    """
    connection, raw = _open()
    with connection:
        if whole:
            connection.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _DO_NOT_FRAGMENT)
        # A new identifier every time: a firewall's memory of an earlier exchange then does not count.
        identifier = struct.unpack("!H", os.urandom(2))[0]
        request = echo_request(identifier, 1, max(0, packet - _HEADERS))
        deadline = time.monotonic() + timeout
        try:
            connection.sendto(request, (address, 0))
        except OSError as error:
            if error.errno in (
                *(errno.EMSGSIZE, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN),
            ):
                return False
            raise
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([connection], [], [], left)[0]:
                break
            try:
                data, (source, *_) = connection.recvfrom(65535)
            except OSError:
                continue
            if source == address and is_reply(data, identifier, raw=raw):
                return True
    return False


def echo_request(identifier: int, sequence: int, size: int) -> bytes:
    """Return an ICMP echo request that carries `size` bytes."""
    payload = bytes(i & 0xFF for i in range(size))
    head = struct.pack("!BBHHH", _REQUEST, 0, 0, identifier, sequence)
    return (
        struct.pack("!BBHHH", _REQUEST, 0, checksum(head + payload), identifier, sequence) + payload
    )


def is_reply(data: bytes, identifier: int, *, raw: bool) -> bool:
    """Tell whether received bytes are the answer to our request.

    A raw socket hands over the IP header too and sees everybody's packets; a datagram socket sees
    its own only, under an identifier that the kernel chose.
    """
    if raw:
        data = data[(data[0] & 0x0F) * 4 :]
    if len(data) < 8 or data[0] != _REPLY:
        return False
    return not raw or bool(struct.unpack("!H", data[4:6])[0] == identifier)


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    padded = data + bytes(len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def greets(address: str, timeout: float = 1.0) -> bool:
    """Tell whether an SSH server answers at port 22."""
    try:
        with socket.create_connection((address, 22), timeout=timeout) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def page(address: str, timeout: float = 1.0) -> str | None:
    """Return what the VM's web server says, None where it cannot be reached."""
    try:
        with socket.create_connection((address, 80), timeout=timeout) as connection:
            connection.settimeout(5.0)
            connection.sendall(f"GET / HTTP/1.0\r\nHost: {address}\r\n\r\n".encode())
            text = b"".join(iter(lambda: connection.recv(4096), b"")).decode(errors="replace")
    except OSError:
        return None
    return text.partition("\r\n\r\n")[2].strip()


def _open() -> tuple[socket.socket, bool]:
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), True
    except PermissionError:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP), False
