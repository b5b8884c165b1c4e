"""Passwords and keys of one cloud: made once, kept in one file, never shown by accident."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets as random_source
from collections.abc import Iterable
from pathlib import Path


class Secret:
    """A value that prints as `***`; `reveal()` is the only way to read it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself; call it only where it leaves for a host or a 0600 file."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Secrets:
    """The secrets of one cloud by dotted name (`nova.database`), made on first use.

    The values are URL-safe, so they fit into connection URLs as they are. `save` writes the file
    with mode 0600 and replaces it in one move; call it before anything is applied, else a run that
    is cut off would forget a password that a host already has.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, str] = {}
        self._dirty = False
        if path.exists():
            self._values = json.loads(path.read_text())

    def password(self, name: str) -> Secret:
        """Return the secret `name`: 32 URL-safe characters, 192 random bits."""
        return self.keep(name, lambda: random_source.token_urlsafe(24))

    def keep(self, name: str, make: object) -> Secret:
        """Return the secret `name`, calling `make()` for its value where there is none yet."""
        if name not in self._values:
            assert callable(make)
            self._values[name] = str(make())
            self._dirty = True
        return Secret(self._values[name])

    def names_in(self, text: str) -> list[str]:
        """Return the names of the secrets whose values stand in `text`."""
        return [name for name, value in self._values.items() if len(value) >= 8 and value in text]

    def save(self) -> None:
        """Write the file (0600) if a secret was made since it was read."""
        if not self._dirty:
            return
        new = self._path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(self._values, out, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self._path)
        self._dirty = False

    def fingerprint(self, *, without: str = "") -> str:
        """Return a digest that differs where any secret but `without` does."""
        kept = {name: value for name, value in self._values.items() if name != without}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()

    def redactor(self) -> Redactor:
        """Return a function object that hides every known secret in a text."""
        return Redactor(self._values.values())


class Redactor:
    """Replaces every known secret in a text by `***`; all text for journal and views passes it."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = sorted({v for v in values if len(v) >= 8}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        return self._pattern.sub("***", text) if self._pattern else text
