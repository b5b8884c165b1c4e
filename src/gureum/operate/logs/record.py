"""A record of a log as its reader wants it: its parts, and of which request it speaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gureum.remote.log_record import rank, word

_BODY = re.compile(
    r"(?P<module>[\w.-]+ )?\[(?:-|(?P<caller>\S+) (?P<own>req-[0-9a-f-]{8,36}|-)(?: [^\]]*)?)\] ?"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m|#033\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x9b]")
_PASSWORDS = re.compile(
    r"((?:password|passwd|secret|token|auth_key|adminpass)['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*)[^\s'\",&}]{6,}",
    re.IGNORECASE,
)
"""What looks like a secret. The services hide theirs; this is for whatever does not."""
_ID = "req-"


@dataclass(frozen=True, kw_only=True)
class LogRecord:
    """One record; `text` has its further lines, `level` is in OpenStack's words.

    `request_id` is the request's own, `global_request_id` the one its caller sent along; empty
    where there is none. `time` is a UNIX time.
    """

    time: float
    host: str
    service: str
    unit: str
    process: str
    level: str
    module: str
    request_id: str
    global_request_id: str
    text: str

    @property
    def first(self) -> str:
        """The first line of the text."""
        return self.text.split("\n", 1)[0]

    @property
    def loud(self) -> bool:
        """Whether it tells of an error."""
        return rank(self.level) >= rank("ERROR")


def record(
    row: Sequence[Any], services: Mapping[str, str], redact: Callable[[str], str]
) -> LogRecord:
    """Return a row of `remote.log_search` as a record; `services` maps units to services."""
    time, host, unit, process, level, text = row
    if unit == "qemu":
        text = f"{process}: {text}"
    body = _BODY.match(text)
    module = caller = own = ""
    if body:
        text = text[body.end() :]
        module = (body["module"] or "").strip()
        caller, own = body["caller"] or "", body["own"] or ""
    return LogRecord(
        time=time,
        host=host,
        service=services.get(unit, ""),
        unit=unit,
        process="" if process == "-" else process,
        level=word(level),
        module=module,
        request_id=own if own.startswith(_ID) else "",
        global_request_id=caller if caller.startswith(_ID) else "",
        text=clean(text, redact),
    )


def clean(text: str, redact: Callable[[str], str]) -> str:
    """Return a text without secrets, and without what would steer the reader's terminal."""
    text = _CONTROL.sub("�", _COLOURS.sub("", text))
    return _PASSWORDS.sub(r"\1***", redact(text))
