"""What is known of a rule: upstream's words, whom it lets, and what the operator put in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gureum.diagnostics import Source, did_you_mean
from gureum.errors import InputError
from gureum.model.cloud import Cloud
from gureum.policy.audience import Audience
from gureum.policy.check import Locate, holding, new_defaults, overrides_of
from gureum.policy.verdict import Rules
from gureum.releases import Release


@dataclass(frozen=True, kw_only=True)
class RuleFacts:
    """One rule in one cloud.

    `default` is the check of the release and `default_for` whom it lets, in words; `check` and
    `lets` are the same with the operator's overrides, of which `override` is the one of this very
    rule, with `why` and `source`. `through` are other overridden rules that this one refers to.
    `operations` are (method, path); `scopes` the kinds of token that it takes (all where empty).
    """

    service: str
    name: str
    description: str
    operations: tuple[tuple[str, str], ...]
    scopes: tuple[str, ...]
    default: str
    default_for: str
    check: str
    lets: str
    override: str | None = None
    why: str = ""
    source: Source | None = None
    through: tuple[str, ...] = ()
    old_name: str = ""
    removal: str = ""

    @property
    def full_name(self) -> str:
        """The name that no rule of another service shares."""
        return f"{self.service}:{self.name}"


class RuleBook:
    """The rules of one service in one cloud, by default and with the operator's overrides."""

    def __init__(self, cloud: Cloud, release: Release, service: str, locate: Locate) -> None:
        self.service = service
        self.rules = release.policies(service)
        self.overrides = cloud.policy.get(service, {})
        self._locate = locate
        before = self.rules.checks(new_defaults=new_defaults(cloud, service))
        self.before = Rules(before)
        self.after = Rules({**before, **overrides_of(cloud, service)})
        self._was, self._is = Audience(self.before), Audience(self.after)

    def facts(self, name: str) -> RuleFacts:
        """Return what is known of the rule `name`."""
        rule = self.rules[name]
        override = self.overrides.get(name)
        through = self.after.reached(name) & self.overrides.keys() - {name}
        removal = f"since {rule.removal_since}: {rule.removal_reason}" if rule.removal else ""
        return RuleFacts(
            service=self.service,
            name=name,
            description=" ".join(rule.description.split()),
            operations=rule.operations,
            scopes=rule.scopes,
            default=self.before.texts[name],
            default_for=self._was.words(name),
            check=self.after.texts[name],
            lets=self._is.words(name),
            override=override.rule if override else None,
            why=override.why if override else "",
            source=self._locate(("policy", self.service, name)) if override else None,
            through=tuple(sorted(through)),
            old_name=rule.old_name if rule.old_name != name else "",
            removal=removal,
        )

    def all(self) -> Iterator[RuleFacts]:
        """Yield what is known of every rule, in upstream's order."""
        return (self.facts(name) for name in self.rules)


def rule_facts(cloud: Cloud, release: Release, locate: Locate, spelt: str) -> RuleFacts:
    """Return what is known of a rule, spelt `RULE` or `SERVICE:RULE`; raises InputError as `find`."""
    service, name = find(release, spelt)
    return RuleBook(cloud, release, service, locate).facts(name)


def find(release: Release, spelt: str) -> tuple[str, str]:
    """Return service and name of a rule that is spelt `RULE`, or `SERVICE:RULE`.

    Raises InputError for a rule that no service has, that several have, or that has a new name.
    """
    services = release.services_with_policies
    service, _, rest = spelt.partition(":")
    if service in services and rest in release.policies(service):
        return service, rest
    having = [s for s in services if spelt in release.policies(s)]
    if len(having) == 1:
        return having[0], spelt
    if having:
        summary = f"{' and '.join(having)} have a rule {spelt!r} each"
        raise InputError(summary, [], hint=f"gureum policy show {having[0]}:{spelt}")
    for one in services:
        bare = rest if service == one else spelt
        if successors := release.policies(one).successors(bare):
            summary = f"{bare} is a deprecated name in {one} of release {release.name}"
            raise InputError(summary, [], hint=f"gureum policy show {one}:{successors[0]}")
    if service in services:
        known = [f"{service}:{name}" for name in release.policies(service)]
    else:
        known = [name for one in services for name in release.policies(one)]
    hint = did_you_mean(spelt, known) or holding(spelt, known) or "gureum policy list"
    raise InputError(f"release {release.name} has no policy rule {spelt!r}", [], hint=hint)
