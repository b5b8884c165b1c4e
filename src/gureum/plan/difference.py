"""Shows how a file would change, without ever showing a secret."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

IN_URL = re.compile(r"(?<=[/,])([^:/@\s,]*):([^@/\s,]+)(?=@)")
NAMES = "password|passwd|secret|secret_key|private_key|auth_key|encryption_key|token|cookie"
_NAMED = re.compile(rf"(?:{NAMES})\s*[=:]", re.IGNORECASE)
BY_NAME = re.compile(
    rf"^([ +-]?\s*[\w.-]*(?:{NAMES})\s*[=:]\s*)\S.*$", re.IGNORECASE | re.MULTILINE
)


def unified(path: str, actual: str, wanted: str, redact: Callable[[str], str]) -> str:
    """Return the unified diff from what a file holds to what it will hold, secrets hidden.

    What is on the host may hold secrets that this cloud does not know, an old password for one:
    passwords in URLs and options that are named like secrets are hidden as well.
    """
    lines = difflib.unified_diff(
        actual.splitlines(),
        wanted.splitlines(),
        f"{path} (now)",
        f"{path} (planned)",
        "",
        "",
        2,
        "",
    )
    return mask(redact("\n".join(lines)))


def mask(text: str) -> str:
    """Hide passwords in URLs, and values of options whose names say that they are secret."""
    # Most texts hold neither, and to look for what each needs is quick.
    if "@" in text:
        text = IN_URL.sub(r"\1:***", text)
    return BY_NAME.sub(r"\1***", text) if _NAMED.search(text) else text


def clean(value: Any, redact: Callable[[str], str]) -> Any:
    """Return plain data with every known secret, and what looks like one, hidden."""
    if isinstance(value, str):
        return mask(redact(value))
    if isinstance(value, Mapping):
        return {str(key): clean(item, redact) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item, redact) for item in value]
    return value
