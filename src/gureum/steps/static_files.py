"""The desired state of the dashboard's static files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class StaticFilesMade(State):
    """The dashboard's static files are collected, compressed and hashed, once for a release.

    `settings` are the dashboard's settings that they depend on, as Python; `lock` is what the
    virtual environment in `venv` holds. A browser gets what lies in `folder` as it is.
    """

    kind: ClassVar[str] = "static_files"
    folder: str
    venv: str
    lock: str
    settings: str

    def expected(self) -> dict[str, Any]:
        parts = (self.lock, self.settings)
        return {"stamp": hashlib.sha256("\0".join(parts).encode()).hexdigest()}

    def title(self) -> str:
        return self.folder
