"""The policy rules of a service, as the release's own code registers them."""

from __future__ import annotations

import functools
import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PolicyRule:
    """One rule: its name, the check that decides by default, and what it guards.

    `operations` are methods and paths of the API, empty for a rule that only others refer to.
    `scopes` are the kinds of token that it takes (all where empty). `old_name` and `old_check` are
    what it replaced, and since when and why. `removal` means that upstream wants to remove it.
    """

    service: str
    name: str
    check: str
    description: str = ""
    operations: tuple[tuple[str, str], ...] = ()
    scopes: tuple[str, ...] = ()
    old_name: str = ""
    old_check: str = ""
    old_since: str = ""
    old_reason: str = ""
    removal: bool = False
    removal_since: str = ""
    removal_reason: str = ""

    def default(self, *, new_defaults: bool = True) -> str:
        """Return the check that decides without an override.

        Where `[oslo_policy] enforce_new_defaults` is off, the check of the rule that this one
        replaced is good enough as well.
        """
        if new_defaults or not self.old_name or self.old_check == self.check:
            return self.check
        if not self.check or not self.old_check:
            return ""
        return f"({self.check}) or ({self.old_check})"


class PolicyRules(Mapping[str, PolicyRule]):
    """All rules of one service by name, in upstream's order."""

    def __init__(self, service: str, rules: Iterable[PolicyRule]) -> None:
        self.service = service
        self._rules = {rule.name: rule for rule in rules}

    @classmethod
    def read(cls, service: str, path: Path) -> PolicyRules:
        """Read the rules from a file that `gather_policies` made."""
        found = json.loads(lzma.decompress(path.read_bytes()))
        return cls(service, (_rule(service, facts) for facts in found))

    def __getitem__(self, name: str) -> PolicyRule:
        return self._rules[name]

    def __iter__(self) -> Any:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def successors(self, name: str) -> tuple[str, ...]:
        """Return the rules that took the place of a deprecated name, or nothing."""
        return self._successors.get(name, ()) if name not in self._rules else ()

    def checks(self, *, new_defaults: bool = True) -> dict[str, str]:
        """Return the check of every rule as it is without an override."""
        return {r.name: r.default(new_defaults=new_defaults) for r in self._rules.values()}

    @functools.cached_property
    def _successors(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for rule in self._rules.values():
            # nova and placement name the check there now and then, `rule:admin_api`.
            if rule.old_name not in ("", rule.name) and not rule.old_name.startswith("rule:"):
                found[rule.old_name] = (*found.get(rule.old_name, ()), rule.name)
        return found


def _rule(service: str, facts: Mapping[str, Any]) -> PolicyRule:
    old = facts.get("deprecated", {})
    return PolicyRule(
        service=service,
        name=facts["name"],
        check=facts["check"],
        description=facts.get("description", ""),
        operations=tuple((method, path) for method, path in facts.get("operations", ())),
        scopes=tuple(facts.get("scopes", ())),
        old_name=old.get("name", ""),
        old_check=old.get("check", ""),
        old_since=old.get("since", ""),
        old_reason=old.get("reason", ""),
        removal=facts.get("removal", False),
        removal_since=facts.get("removal_since", ""),
        removal_reason=facts.get("removal_reason", ""),
    )
