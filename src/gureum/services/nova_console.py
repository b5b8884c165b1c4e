"""The consoles of VMs in a browser: noVNC, its proxy behind HAProxy, and tokens that end soon (R-OPS-7)."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.model.cloud import Role
from gureum.services.context import Context, options_in
from gureum.services.dashboard_address import browsed_as
from gureum.services.declaration import Opening, OpenTo, Port, Proxied
from gureum.services.nova_config import FILE

PORT = 6080
TOKEN_SECONDS = 180
"""How long the address of a console opens it; one that is open stays open."""
_LOOPBACK = "127.0.0.1"
_SCREENS = (5900, 6899)
"""Where QEMU offers the screens of up to a thousand VMs, one port each."""


def console_options(c: Context) -> Iterator[Option]:
    """Yield the options of the proxy on a controller, and of the VMs' screens on a compute host."""
    conf = options_in(FILE, "nova")
    if c.has(Role.CONTROLLER):
        yield conf(
            "vnc",
            "novncproxy_host",
            _LOOPBACK,
            "the proxy speaks no TLS: HAProxy alone may reach it, and does that for it",
        )
    if c.has(Role.COMPUTE):
        screens = _screens(c)
        yield conf(
            "vnc",
            "server_listen",
            screens,
            "QEMU asks nobody for a password: where the proxy runs on the same host, no other host "
            "gets at the screens of its VMs"
            if screens == _LOOPBACK
            else "the proxies on the controllers reach the screens of VMs over the management network",
        )
        yield conf(
            "vnc",
            "server_proxyclient_address",
            screens,
            "where the proxy finds the screen of a VM of this host",
        )
        yield conf(
            "vnc",
            "novncproxy_base_url",
            c.api(PORT, "/vnc_lite.html"),
            "the page that the address of a console leads to, by TLS, at the API's own address; the "
            "plain one of noVNC's two, which fits into the dashboard",
        )
        yield conf(
            "consoleauth",
            "token_ttl",
            TOKEN_SECONDS,
            "who holds the address of a console holds the machine, so an address that got into a "
            "chat or a log is of no use minutes later",
        )


def console_proxied(c: Context) -> Proxied:
    """Return the proxy's place behind HAProxy; only the dashboard may show it in a frame."""
    pages = " ".join(f"https://{name}" for name in browsed_as(c))
    return Proxied(
        name="nova-novncproxy",
        port=PORT,
        backend=(_LOOPBACK, PORT),
        headers={"Content-Security-Policy": f"frame-ancestors 'self' {pages}"},
        page=True,
    )


def console_port() -> Port:
    """Return the port that the proxy itself listens on."""
    return Port(number=PORT, address=_LOOPBACK, unit="nova-novncproxy", purpose="backend")


def screens_opening(c: Context) -> tuple[Opening, ...]:
    """Return the ports of the VMs' screens on a compute host, where another host shows them."""
    if _screens(c) == _LOOPBACK:
        return ()
    first, last = _SCREENS
    purpose = "screens of VMs, for the console proxy"
    return (Opening(first=first, last=last, purpose=purpose, open_to=OpenTo.CONTROLLERS),)


def _screens(c: Context) -> str:
    return _LOOPBACK if c.controllers == (c.host,) else c.address
