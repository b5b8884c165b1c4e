"""The desired state of a host's own list of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class NamesKnown(State):
    """/etc/hosts leads each of these names to its address and to no other: name -> address.

    They stand in a block of gureum's own. Every other line is the operator's and stays, but for a
    cloud's name in it, as Debian writes one beside 127.0.1.1: two answers to one question are none.
    """

    kind: ClassVar[str] = "names"
    names: Mapping[str, str]

    def expected(self) -> dict[str, Any]:
        return {"names": dict(self.names), "elsewhere": []}

    def title(self) -> str:
        return "/etc/hosts"
