"""Checks the operator's policy against the release's own rules, before a host is touched (R-CONF-5)."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gureum.diagnostics import Diagnostic, Severity, Source, did_you_mean
from gureum.model.cloud import Cloud, PolicyOverride
from gureum.policy.audience import PROJECT
from gureum.policy.language import Leaf, Misspelt, leaves, parse
from gureum.policy.opening import openings
from gureum.policy.verdict import Rules
from gureum.releases import Release
from gureum.releases.policies import PolicyRules

Locate = Callable[[tuple[Any, ...]], Source]
"""Returns the place of a key path (`("policy", "nova", …)`) in cloud.yaml."""

CREDENTIALS = frozenset(
    {
        *(
            "user_id",
            "project_id",
            "domain_id",
            "user_domain_id",
            "project_domain_id",
            "system_scope",
        ),
        *("is_admin", "is_admin_project", "role", "roles", "service_roles", "service_user_id"),
        *(
            "service_project_id",
            "tenant_id",
            "tenant",
            "user",
            "rule",
            "http",
            "https",
            "request_id",
        ),
    }
)
"""What a check may begin with in every service: what oslo.policy has, and what a token says."""


def check(
    cloud: Cloud, release: Release, locate: Locate, deployed: Collection[str] | None = None
) -> list[Diagnostic]:
    """Return everything that is wrong with a cloud's `policy`, and what it opens as warnings.

    Errors are unknown services and rules, deprecated names, and checks that a service could not
    read or that refer to what does not exist. `deployed` are the services that this cloud has.
    """
    found: list[Diagnostic] = []
    for service, overrides in cloud.policy.items():
        place = locate(("policy", service))
        if service not in release.services_with_policies:
            known = release.services_with_policies
            summary = f"policy.{service}: release {release.name} has no policy of such a service"
            hint = did_you_mean(service, known) or f"the services are {', '.join(known)}"
            found.append(Diagnostic(summary, source=place, hint=hint))
        elif deployed is not None and service not in deployed:
            summary = f"policy.{service}: this cloud has no {service}"
            hint = f"take policy.{service} out; its services are {', '.join(sorted(deployed))}"
            found.append(Diagnostic(summary, source=place, hint=hint))
        else:
            by_new = new_defaults(cloud, service)
            rules = release.policies(service)
            found += _Service(service, rules, overrides, locate, by_new, release).problems()
    return found


def new_defaults(cloud: Cloud, service: str) -> bool:
    """Tell whether a service goes by new defaults alone, upstream's choice, or by old ones as well."""
    for file, sections in cloud.config.items():
        if file.partition(".")[0].removesuffix("-api") == service:
            chosen = sections.get("oslo_policy", {}).get("enforce_new_defaults", True)
            return str(chosen).lower() not in ("false", "0", "no", "off")
    return True


def overrides_of(cloud: Cloud, service: str) -> dict[str, str]:
    """Return the checks that the operator puts in the place of a service's own, by rule."""
    return {name: override.rule for name, override in cloud.policy.get(service, {}).items()}


@dataclass(frozen=True)
class _Service:
    name: str
    rules: PolicyRules
    overrides: Mapping[str, PolicyOverride]
    locate: Locate
    new_defaults: bool
    release: Release

    def problems(self) -> list[Diagnostic]:
        found = [d for name, override in self.overrides.items() for d in self._rule(name, override)]
        if any(d.severity is Severity.ERROR for d in found):
            return found
        before = self.rules.checks(new_defaults=self.new_defaults)
        after = {**before, **{name: override.rule for name, override in self.overrides.items()}}
        found += self._circles(Rules(after))
        if any(d.severity is Severity.ERROR for d in found):
            return found
        for opening in openings(self.rules, before, {n: o.rule for n, o in self.overrides.items()}):
            found.append(
                Diagnostic(
                    f"{self._at(opening.rule)} {opening.summary}",
                    Severity.WARNING,
                    detail=f"{opening.possible}\nits why: {self.overrides[opening.rule].why}",
                    source=self._place(opening.rule, "rule"),
                    hint=f"gureum policy show {self.name}:{opening.rule}{self._input}",
                )
            )
        return found

    def _at(self, name: str) -> str:
        return f"policy.{self.name}.{name}"

    @property
    def _input(self) -> str:
        """The option that leads to the input, for commands to type."""
        file = self._place("").file
        return "" if file == "cloud.yaml" else f" --file {shlex.quote(file)}"

    def _place(self, name: str, *keys: str) -> Source:
        return self.locate(("policy", self.name, name, *keys))

    def _rule(self, name: str, override: PolicyOverride) -> Iterator[Diagnostic]:
        if name not in self.rules:
            yield self._unknown(name)
            return
        yield from self._text(name, override.rule)
        known = self.rules[name]
        if known.removal:
            since = f" since {known.removal_since}" if known.removal_since else ""
            yield self._warning(name, f"is deprecated for removal{since}", known.removal_reason)
        if override.rule.split() == known.default(new_defaults=self.new_defaults).split():
            yield self._warning(
                name, "is the release's own rule, word for word", hint="take it out"
            )

    def _unknown(self, name: str) -> Diagnostic:
        successors = self.rules.successors(name)
        place = self._place(name)
        if successors:
            summary = f"{self._at(name)} is a deprecated name in release {self.release.name}"
            hint = f"write {successors[0]}"
            if len(successors) > 1:
                hint = f"it was split: write {', '.join(successors[:-1])} or {successors[-1]}"
            return Diagnostic(summary, source=place, hint=hint)
        services = self.release.services_with_policies
        others = [s for s in services if name in self.release.policies(s)]
        hint = (
            did_you_mean(name, self.rules)
            or holding(name, self.rules)
            or (f"it belongs under policy.{others[0]}" if others else "")
            or f"gureum policy list {self.name}"
        )
        summary = f"{self._at(name)}: {self.name} of release {self.release.name} has no such rule"
        return Diagnostic(summary, source=place, hint=hint)

    def _text(self, name: str, text: str) -> Iterator[Diagnostic]:
        place = self._place(name, "rule")
        try:
            checks = list(leaves(parse(text)))
        except Misspelt as wrong:
            summary = f"{self._at(name)}: {text!r} cannot be read: {wrong}"
            yield Diagnostic(summary, source=place, hint=wrong.hint or _EXAMPLE)
            return
        for leaf in checks:
            for summary, hint in self._leaf(leaf):
                yield Diagnostic(f"{self._at(name)}: {summary}", source=place, hint=hint)
            if leaf.kind == "role" and not leaf.target_keys and leaf.match not in self._roles:
                near = did_you_mean(leaf.match, self._roles)
                if near:
                    summary = (
                        f"names the keystone role {leaf.match!r}, and no rule of {self.name} does"
                    )
                    yield self._warning(name, summary, hint=near)

    def _leaf(self, leaf: Leaf) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with one part of a check, and the way out."""
        listed = f"gureum policy list {self.name}"
        if leaf.kind == "rule" and leaf.match not in self.rules:
            successors = self.rules.successors(leaf.match)
            hint = f"write rule:{successors[0]}" if successors else ""
            hint = hint or did_you_mean(leaf.match, self.rules) or listed
            yield f"{leaf} refers to a rule that {self.name} does not have", hint
        elif self.name == "neutron" and leaf.kind in PROJECT and not _ATTRIBUTE.match(leaf.match):
            # neutron reads it as a check of ownership, and fails every request over another.
            hint = f"write {leaf.kind}:%(project_id)s"
            yield f"{leaf}: neutron compares {leaf.kind} with an attribute only", hint
        elif leaf.kind == "field":
            if self.name != "neutron":
                yield f"{leaf}: only neutron compares fields", listed
            elif ":" not in leaf.match or "=" not in leaf.match.partition(":")[2]:
                yield (
                    f"{leaf} is no comparison of a field",
                    "write it as field:networks:shared=True",
                )
        elif leaf.kind not in ("@", "!") and not self._known_kind(leaf.kind):
            yield (
                f"{leaf}: a user has no {leaf.kind!r}",
                did_you_mean(leaf.kind, self._kinds)
                or f"write one of {', '.join(sorted(self._kinds))}",
            )

    def _known_kind(self, kind: str) -> bool:
        try:
            ast.literal_eval(kind)
        except (ValueError, SyntaxError):
            return kind in self._kinds or kind.startswith("token.")
        return True

    @property
    def _kinds(self) -> frozenset[str]:
        """What the checks of this service begin with."""
        used = {leaf.kind for leaf in self._own_leaves}
        return frozenset(k for k in {*CREDENTIALS, *used} if k not in ("@", "!") and "'" not in k)

    @property
    def _roles(self) -> frozenset[str]:
        named = {leaf.match for leaf in self._own_leaves if leaf.kind == "role"}
        return frozenset({"admin", "manager", "member", "reader", "service", *named})

    @property
    def _own_leaves(self) -> Iterator[Leaf]:
        for rule in self.rules.values():
            yield from leaves(parse(rule.check))

    def _circles(self, rules: Rules) -> Iterator[Diagnostic]:
        for name in self.overrides:
            way = _circle(rules, name, (name,))
            if way:
                summary = f"{self._at(name)} refers to itself: {' -> '.join(way)}"
                hint = "name the roles or the owner instead"
                yield Diagnostic(summary, source=self._place(name, "rule"), hint=hint)

    def _warning(self, name: str, summary: str, detail: str = "", hint: str = "") -> Diagnostic:
        return Diagnostic(
            f"{self._at(name)} {summary}", Severity.WARNING, detail, self._place(name), hint
        )


def holding(text: str, names: Iterable[str]) -> str:
    """Return a hint of the first names that hold `text`, for one who left the beginning out."""
    found = [name for name in names if text and text in name]
    return f"did you mean {' or '.join(repr(name) for name in found[:3])}?" if found else ""


_ATTRIBUTE = re.compile(r"%\([^()]+\)s\Z")
_EXAMPLE = 'e.g. "role:admin or role:member"'


def _circle(rules: Rules, name: str, way: tuple[str, ...]) -> tuple[str, ...]:
    """Return the way from a rule back to itself, or nothing."""
    for leaf in leaves(rules.check(name)):
        if leaf.kind == "rule" and leaf.match in rules:
            if leaf.match == way[0]:
                return (*way, leaf.match)
            if leaf.match not in way and (found := _circle(rules, leaf.match, (*way, leaf.match))):
                return found
    return ()
