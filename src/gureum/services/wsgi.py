"""How a Python API runs: one uWSGI unit behind HAProxy, sized to the machine (D8)."""

from __future__ import annotations

from collections.abc import Mapping

from gureum.services.context import Context
from gureum.services.declaration import Proxied, TextFile, Unit
from gureum.steps.notice import Effect, Notice

_ENTRIES = "/usr/local/lib/gureum/wsgi"
_CHUNKS = (
    # Left to itself, uWSGI gives an upload up where nothing comes for four seconds, or where a chunk
    # is larger than 1 MiB: a busy client pauses for longer, and some send several MiB at a time.
    "chunked-input-limit = 8388608\nchunked-input-timeout = 60\nsocket-timeout = 60\n"
)


def api_unit(
    c: Context,
    *,
    name: str,
    service: str,
    module: str,
    port: int,
    description: str,
    reads: tuple[str, ...],
    rereads: tuple[str, ...] = (),
    needs: tuple[str, ...],
    says: str,
    seconds: float,
    apis: tuple[str, ...] = (),
    unread: Mapping[str, tuple[str, ...]] | None = None,
    environment: Mapping[str, str] | None = None,
    chunked: bool = False,
    threads: int = 8,
    warm_up: str = "",
    lines: tuple[str, ...] = (),
) -> tuple[Unit, tuple[TextFile, ...], Proxied]:
    """Return the unit of a WSGI application, its uWSGI file and its place behind HAProxy.

    A restart of it is noticed by those whom `says` names, for `seconds`: HAProxy holds their requests.
    `apis` are further APIs that cannot answer without it.
    `chunked` lets uploads come in chunks without a length, which only uWSGI's HTTP router takes.
    An application with one of the `threads` only gets twice the processes, so that a slow request
    never holds up all others.
    `warm_up` is Python that a worker runs before its first request, for an application that would
    do it during the first, unprotected from the second, or slowly. `lines` are more of uWSGI's.
    """
    path = f"/etc/{service}/{name}-uwsgi.ini"
    log = f"/var/log/{service}/{name}.log"
    backend = ("127.0.0.1", port)
    listen = (
        f"http = {backend[0]}:{port}\nhttp-chunked-input = true\nhttp-raw-body = true\n{_CHUNKS}"
        if chunked
        else f"http-socket = {backend[0]}:{port}\n"
    )
    entry = f"gureum_{name.replace('-', '_')}"
    loads = (
        f"pythonpath = {_ENTRIES}\nmodule = {entry}:application\n"
        if warm_up
        else (f"module = {module}\n")
    )
    content = (
        "[uwsgi]\n"
        f"{loads}"
        f"{listen}"
        "master = true\n"
        f"processes = {c.workers if threads > 1 else 2 * c.workers}\n"
        f"threads = {threads}\n"
        "enable-threads = true\n"
        # Processes without threads are forked from one that has the application loaded already: it
        # is imported once and its memory shared. Threads do not survive a fork, so an application
        # with threads is loaded in its worker.
        f"lazy-apps = {'true' if threads > 1 else 'false'}\n"
        "need-app = true\n"
        "die-on-term = true\n"
        "thunder-lock = true\n"
        "buffer-size = 65535\n"
        "disable-logging = true\n"
        "start-time = %t\n"
    ) + "".join(f"{line}\n" for line in lines)
    unit = Unit(
        name=name,
        description=description,
        user=service,
        notice=Notice(says=says, seconds=seconds, effect=Effect.WAITS, apis=(name, *apis)),
        command=(c.bin("uwsgi"), "--ini", path),
        environment={"OS_DEFAULT__LOG_FILE": log, **(environment or {})},
        reads=(path, *((f"{_ENTRIES}/{entry}.py",) if warm_up else ()), *reads),
        rereads=rereads,
        unread=unread or {},
        needs=needs,
        notify=True,
        kill_mode="mixed",
        writes=(f"/var/log/{service}", f"/var/lib/{service}"),
        log_file=log,
        ready_url=f"http://{backend[0]}:{port}/",
    )
    package, _, attribute = module.partition(":")
    files = (
        [
            TextFile(
                path=f"{_ENTRIES}/{entry}.py",
                content=f"from {package} import {attribute}  # noqa: F401\n{warm_up}",
                why="what the application sets up at its first request is set up before it, for a second "
                "request at the same moment would find it half made and be refused",
            )
        ]
        if warm_up
        else []
    )
    files.append(
        TextFile(
            path=path,
            content=content,
            why=(
                "one process with threads for each four processors; the application is loaded in "
                "the worker, so that a reload takes a fresh one"
                if threads > 1
                else "two processes for each four processors, forked from one that has loaded the "
                "application, and no threads, which it cannot bear"
            ),
            group=service,
            mode=0o640,
        )
    )
    return unit, tuple(files), Proxied(name=name, port=port, backend=backend)
