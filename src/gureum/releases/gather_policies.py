"""Gathers the policy rules of one service; runs with the Python of the release itself.

    python gather_policies.py SERVICE     the rules in upstream's order, as JSON on stdout

It imports nothing of gureum, only what the release's virtual environment holds.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from typing import Any

GROUP = "oslo.policy.policies"


def rules(service: str) -> list[dict[str, Any]]:
    """Return the rules that a service registers; one that stands twice is kept once."""
    points = [p for p in importlib.metadata.entry_points(group=GROUP) if p.name == service]
    if not points:
        sys.exit(f"the environment has no policy rules of {service!r}")
    found: dict[str, dict[str, Any]] = {}
    for point in points:
        for rule in point.load()():
            found.setdefault(rule.name, _describe(rule))
    return list(found.values())


def _describe(rule: Any) -> dict[str, Any]:
    """Return all that is known of a rule, without what is as usual."""
    facts = {
        "name": rule.name,
        "check": rule.check_str,
        "description": (rule.description or "").strip(),
        "operations": [
            [method, operation["path"]]
            for operation in getattr(rule, "operations", None) or ()
            for method in _methods(operation["method"])
        ],
        "scopes": list(rule.scope_types or ()),
        "deprecated": _deprecated(rule),
        "removal": bool(rule.deprecated_for_removal),
        "removal_since": str(rule.deprecated_since or "") if rule.deprecated_for_removal else "",
        "removal_reason": _reason(rule.deprecated_reason) if rule.deprecated_for_removal else "",
    }
    return {key: value for key, value in facts.items() if value or key == "check"}


def _methods(method: Any) -> list[str]:
    return [method] if isinstance(method, str) else list(method)


def _deprecated(rule: Any) -> dict[str, str]:
    old = rule.deprecated_rule
    if old is None:
        return {}
    return {
        "name": old.name,
        "check": old.check_str,
        "since": str(old.deprecated_since or rule.deprecated_since or ""),
        "reason": _reason(old.deprecated_reason or rule.deprecated_reason),
    }


def _reason(text: Any) -> str:
    return " ".join(str(text or "").split())


def main(arguments: list[str]) -> None:
    """Gather one service's rules; all that libraries print meanwhile goes to stderr."""
    stdout, sys.stdout = sys.stdout, sys.stderr
    json.dump(rules(arguments[0]), stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1:])
