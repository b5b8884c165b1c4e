"""The desired state of a host's firewall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from gureum.steps.step import State


@dataclass(frozen=True, kw_only=True)
class FirewallLoaded(State):
    """The kernel holds exactly the table that these rules make; rules that make none want it gone.

    A change of it could cut the host off from who changes it. So it is proven by a fresh connection
    from outside, and the host takes it back by itself where nobody says that this came about.
    """

    kind: ClassVar[str] = "firewall"
    proven_from_outside: ClassVar[bool] = True
    table: str
    rules: str

    def expected(self) -> dict[str, Any]:
        return {"missing": [], "foreign": []}

    def title(self) -> str:
        return f"table inet {self.table}"
