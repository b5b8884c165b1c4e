"""The one form that log lines have, wherever a program lets its lines be formed.

    2026-11-21T19:44:05.286412+00:00 1329 INFO nova.service [req-… req-… …] Starting

Time in UTC with microseconds, always 32 characters; the process; the level; the text. What the
services write so to their files is gathered as it stands (`services/rsyslog_conf.py`), and
`gureum.remote.log_record` reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gureum.config.setting import Option
from gureum.services.context import Context, options_in

TIME_WIDTH = 32
"""Characters of a time as `2026-11-21T19:44:05.286412+00:00`."""

_HEAD = "%(isotime)s %(process)d %(levelname)s %(name)s"


def log_options(c: Context, file: str, service: str) -> Iterator[Option]:
    """Yield what every service logs, how, and where to (R-CONF-7, R-OPS-2)."""
    conf = options_in(file, service)
    yield conf(
        "DEFAULT",
        "use_stderr",
        False,
        "a line goes one way, by the unit's log file, and is gathered once; in the journal stands what "
        "was said before that file is open, which is why a start failed",
    )
    yield conf(
        "DEFAULT",
        "logging_context_format_string",
        f"{_HEAD} [%(global_request_id)s %(request_id)s %(user_identity)s] %(instance)s%(message)s",
        "microseconds, so that lines of several hosts fall into their order; and beside a request's own "
        "id the one that the caller sent along, by which it is followed through all services",
    )
    yield conf(
        "DEFAULT",
        "logging_default_format_string",
        f"{_HEAD} [-] %(instance)s%(message)s",
        "lines that belong to no request begin as those that do, and are sorted in among them",
    )
    yield conf(
        "DEFAULT",
        "logging_exception_prefix",
        f"{_HEAD} %(instance)s",
        "every line of a traceback bears its record's time to the microsecond, so that it stays whole "
        "however many units write at that moment",
    )
    if c.debug(service):
        yield conf(
            "DEFAULT",
            "debug",
            True,
            "the operator wants debug messages (cloud.yaml: logging.debug, logging.services)",
        )
