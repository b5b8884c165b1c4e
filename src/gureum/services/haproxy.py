"""HAProxy: every API to the outside, with TLS, on its usual port (R-INFRA-4, D8)."""

from __future__ import annotations

from collections.abc import Sequence

from gureum.model.cloud import Role
from gureum.services.context import Context
from gureum.services.declaration import Declaration, Port, Proxied, TextFile, Unit
from gureum.steps.notice import EVERY, Effect, Notice

_CONF = "/etc/haproxy/haproxy.cfg"
_BUNDLE = "/etc/haproxy/gureum.pem"

_GLOBAL = """\
global
    log /dev/log local0
    user haproxy
    group haproxy
    maxconn 8192
    stats socket /run/haproxy/admin.sock mode 660 level admin
    ssl-default-bind-options ssl-min-ver TLSv1.2
    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256

defaults
    mode http
    log global
    # The form of OpenStack's own lines: first the id that the caller sent along, then the request's.
    log-format "[%[capture.req.hdr(0)] %[capture.res.hdr(0)]] %HM %HU %ST %ts %Ta ms %B bytes %ft %ci"
    option log-separate-errors
    option dontlognull
    option forwardfor
    # uWSGI ends a connection after each answer without saying so: one kept for the next request
    # would be found dead, and the client's PUT lost with it.
    option http-server-close
    option redispatch
    retry-on conn-failure empty-response
    retries 5
    timeout connect 2s
    timeout client 5m
    timeout server 5m
    timeout http-request 30s
    # A console is a connection that may be silent for as long as nobody types.
    timeout tunnel 1h
    timeout check 5s
"""


def declare(c: Context, proxied: Sequence[Proxied]) -> Declaration | None:
    """Declare HAProxy for a controller, in front of every service that asks to be `proxied`."""
    if not c.has(Role.CONTROLLER):
        return None
    return Declaration(
        service="haproxy",
        packages=("haproxy",),
        files=(
            TextFile(
                path=_CONF,
                content=_GLOBAL + "".join(_section(c, p) for p in proxied),
                why="one place ends TLS for every API and spreads requests over the controllers",
            ),
            TextFile(
                path=_BUNDLE,
                content=c.certificate_bundle.reveal(),
                why="the API's certificate, issued by the cloud's own authority",
                group="haproxy",
                mode=0o640,
                hidden=True,
            ),
        ),
        units=(
            Unit(
                name="haproxy",
                description="ends TLS for every API and spreads its load",
                user="haproxy",
                notice=Notice(
                    says="connections to every API are refused",
                    seconds=0.5,
                    effect=Effect.ERRORS,
                    apis=(EVERY,),
                ),
                reads=(_CONF, _BUNDLE),
                hardened=False,
            ),
        ),
        ports=tuple(
            Port(
                number=p.port,
                address=c.address,
                unit="haproxy",
                purpose=f"{p.name} with TLS",
                open_to=p.open_to,
            )
            for p in proxied
        ),
    )


def _section(c: Context, p: Proxied) -> str:
    # Where one server is all there is, a health check could only refuse what waiting would serve:
    # without it a request that comes while the service restarts is held until it can be answered.
    check = " check inter 2s fastinter 500ms downinter 500ms fall 3 rise 1"
    servers = "".join(
        f"    server {name} {p.backend[0]}:{p.backend[1]}{check if len(c.controllers) > 1 else ''}\n"
        for name in c.controllers
    )
    headers = "".join(
        f'    http-response set-header {name} "{value}"\n' for name, value in p.headers.items()
    )
    if p.lasting:
        headers += (
            f"    http-request set-var(txn.lasting) bool(true) if {{ path_reg {p.lasting} }}\n"
            '    http-response set-header Cache-Control "public, max-age=31536000, immutable" '
            "if { var(txn.lasting) -m bool } { status 200 }\n"
        )
    compression = (
        f"    compression algo gzip\n    compression type {' '.join(p.compressed)}\n"
        if p.compressed
        else ""
    )
    # A request that makes something and whose answer was cut off may have made it: asked again, there
    # would be two. It is repeated only where no connection came about.
    once = "    http-request disable-l7-retry if { method POST PATCH }\n"
    return (
        f"\nfrontend {p.name}\n"
        f"    bind {c.address}:{p.port} ssl crt {_BUNDLE} alpn http/1.1\n"
        f"    http-request set-header X-Forwarded-Proto https\n"
        f"    capture request header X-Openstack-Request-Id len 48\n"
        f"    capture response header X-Openstack-Request-Id len 48\n"
        f"{once}"
        f"{headers}"
        f"    default_backend {p.name}\n"
        f"\nbackend {p.name}\n"
        f"    balance leastconn\n"
        f"{compression}"
        f"{servers}"
    )
