"""What gureum last wrote or found in order, so that a hand edit is told from its own change.

One file in the cloud's folder. It holds digests alone: of a file's whole text, and of each option
of a config file, the latter made with a key of the cloud, so that nothing can be guessed from them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from gureum.config.parse import Parsed
from gureum.state.folder import CloudFolder
from gureum.state.secrets import Secret

NAME = "written.json"
KEY = "gureum.memory"
"""The name of the secret with which options are digested."""
EARLIER = 5
"""Digests of texts before the last that are kept of a file."""


@dataclass(frozen=True)
class Written:
    """A file as gureum left it: digest, owner, time (UNIX), digests of its options by address."""

    sha256: str
    time: float
    ownership: tuple[str, str, int] = ("", "", 0)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Remembered:
    """All that is known of one file; `earlier` are digests that it had from gureum before the last.

    `begun` is what a run began to write and perhaps did not. `adopted` pairs the digest of a hand
    edit with that of the intent which took it in: other in its form, the same in its options.
    """

    last: Written | None = None
    begun: Written | None = None
    earlier: tuple[str, ...] = ()
    adopted: tuple[str, str] | None = None

    @property
    def ours(self) -> tuple[str, ...]:
        """The digests that the file had from gureum itself."""
        both = [one.sha256 for one in (self.last, self.begun) if one]
        if self.adopted:
            both.append(self.adopted[0])
        return (*dict.fromkeys(both), *self.earlier)

    def as_found(self, sha256: str) -> Written | None:
        """Return which text of its own gureum takes this for: an adopted one, one begun, the last."""
        if self.last and self.adopted and self.adopted[0] == sha256:
            return replace(self.last, sha256=sha256)
        return self.begun if self.begun and self.begun.sha256 == sha256 else self.last


class Memory:
    """What is remembered of every file of a cloud, by host and path."""

    def __init__(self, folder: CloudFolder, key: Secret) -> None:
        self._folder = folder
        self._key = key.reveal().encode()
        self._files = dict(_read(folder.path / NAME))
        self._changed = False

    def of(self, host: str, path: str) -> Remembered:
        """Return what is remembered of a file; nothing for one that gureum never wrote."""
        return self._files.get(_address(host, path), Remembered())

    def begin(self, host: str, path: str, written: Written) -> None:
        """Note, before it happens, that a file is about to be written."""
        known = self.of(host, path)
        if known.last is None or known.last.sha256 != written.sha256:
            self._set(host, path, Remembered(known.last, written, known.earlier, known.adopted))

    def done(self, host: str, path: str, written: Written, *, changed: bool) -> None:
        """Note that a file is as it is wanted; the time stays that of its last change."""
        known = self.of(host, path)
        last, earlier = known.last, known.earlier
        if last is not None and last.sha256 == written.sha256:
            if not changed and known.begun is None and last.options == written.options:
                return
        elif last is not None:
            earlier = tuple(dict.fromkeys((last.sha256, *earlier)))[:EARLIER]
        self._set(host, path, Remembered(written, None, earlier))

    def adopt(self, host: str, path: str, found: str, wanted: Written) -> None:
        """Note that a file holds what is wanted, perhaps in a form of its own, that may stay."""
        known = self.of(host, path)
        adopted = None if found == wanted.sha256 else (found, wanted.sha256)
        earlier = (known.last.sha256, *known.earlier) if known.last else known.earlier
        kept = tuple(dict.fromkeys(earlier))[:EARLIER]
        self._set(host, path, Remembered(wanted, None, kept, adopted))

    def options(self, parsed: Parsed) -> dict[str, str]:
        """Return the digest of every option of a file, by `section/name`."""
        return {
            f"{section}/{name}": self.digest(section, name, values)
            for section, options in parsed.items()
            for name, values in options.items()
        }

    def digest(self, section: str, name: str, values: list[str]) -> str:
        """Return the digest of one option's values."""
        text = json.dumps([section, name, values])
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:24]

    def forget(self, host: str) -> None:
        """Forget every file of a host that has left the cloud."""
        ours = {address for address in self._files if address.startswith(f"{host}:")}
        self._files = {a: one for a, one in self._files.items() if a not in ours}
        self._changed = self._changed or bool(ours)

    def save(self) -> None:
        """Write the file, if anything was noted since it was read."""
        if self._changed:
            text = json.dumps({key: asdict(one) for key, one in sorted(self._files.items())})
            self._folder.make().write(self._folder.path / NAME, text + "\n")
            self._changed = False

    def _set(self, host: str, path: str, remembered: Remembered) -> None:
        self._files[_address(host, path)] = remembered
        self._changed = True


def _address(host: str, path: str) -> str:
    return f"{host}:{path}"


def _read(path: Path) -> Iterator[tuple[str, Remembered]]:
    try:
        data = json.loads(path.read_text())
        for key, one in data.items():
            adopted = one["adopted"]
            yield (
                key,
                Remembered(
                    _written(one["last"]),
                    _written(one["begun"]),
                    tuple(one["earlier"]),
                    (adopted[0], adopted[1]) if adopted else None,
                ),
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Missing or torn: files that differ are then nobody's known deed, and are told as such.
        return


def _written(data: Mapping[str, Any] | None) -> Written | None:
    if data is None:
        return None
    owner, group, mode = data["ownership"]
    return Written(data["sha256"], data["time"], (owner, group, mode), data["options"])
