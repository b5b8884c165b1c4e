"""What a rule says to one user: by default, with the operator's policy, and in the cloud as it runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gureum.diagnostics import Diagnostic, Severity, did_you_mean
from gureum.errors import ConfigError, GureumError, InputError
from gureum.model.cloud import Role
from gureum.operate import hosts
from gureum.operate.deployment import Deployment
from gureum.operate.token_data import TokenData, token_data
from gureum.operate.typed import typed
from gureum.policy.check import check as check_policy
from gureum.policy.facts import RuleBook, RuleFacts, find
from gureum.policy.verdict import Part, RealUser, Rules
from gureum.policy.written import overrides_in, policy_yaml
from gureum.releases import Release, load_release
from gureum.services.policy import policy_path

if TYPE_CHECKING:
    from gureum.hosts import Session

TIMEOUT = 150.0
# Checks of fields are neutron's own and need its code. Its check of ownership would look into the
# database for what the target lacks, so that oslo.policy's takes its place.
_NEUTRON = """\
import warnings; warnings.simplefilter("ignore")
from neutron import policy
from oslo_policy import _checks, shell
for kind in ("project_id", "tenant_id"):
    _checks.registered_checks.pop(kind, None)
shell.main()
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer: by which policy (`default`, `input` or `cloud`), the check, and what decided it.

    `allowed` is what the service's checker says; `parts` are why, as gureum reads the same rule.
    """

    policy: str
    check: str
    allowed: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a rule says to a user about a target.

    `runs` is the policy by which the cloud decides now: `default`, `input`, or `cloud` for one that
    is neither, and `hint` what to type where it is not the input's. `scope` is empty, or why a
    project's token is refused whatever the check says.
    """

    rule: RuleFacts
    user: str
    project: str
    keystone_roles: tuple[str, ...]
    target: Mapping[str, Any]
    answers: tuple[Answer, ...]
    runs: str
    hint: str
    scope: str
    warnings: tuple[Diagnostic, ...]


def checked(deployment: Deployment) -> tuple[Release, tuple[Diagnostic, ...]]:
    """Return the cloud's release and its policy's warnings; raises ConfigError for its mistakes."""
    release = load_release(deployment.cloud.release)
    found = check_policy(deployment.cloud, release, deployment.loaded.locate)
    if any(d.severity is Severity.ERROR for d in found):
        raise ConfigError("the policy does not hold together", found)
    return release, tuple(found)


def ask(
    deployment: Deployment, spelt: str, *, user: str, project: str, target: Mapping[str, Any]
) -> Answers:
    """Return what the rule `spelt` says to `user` in `project`.

    `target` are attributes of what is acted upon; beside them it belongs to this user and project.
    Raises InputError for names that do not exist, GureumError where the cloud cannot be asked.
    """
    release, warnings = checked(deployment)
    service, name = find(release, spelt)
    book = _book(deployment, release, service)
    token = token_data(deployment.loaded, deployment.folder, user, project)
    whole = {"project_id": token.project_id, "user_id": token.user_id, **target}
    answers, runs = _Asking(deployment, release, book, name, token, whole).answers()
    facts = book.facts(name)
    return Answers(
        rule=facts,
        user=token.user,
        project=token.project,
        keystone_roles=token.roles,
        target=whole,
        answers=answers,
        runs=runs,
        hint=_way_on(deployment, runs, bool(book.overrides)),
        scope=_scope(facts),
        warnings=_about(warnings, [facts]),
    )


def _way_on(deployment: Deployment, runs: str, overrides: bool) -> str:
    if runs == "cloud":
        return typed(deployment.loaded, "plan")
    return typed(deployment.loaded, "apply") if overrides and runs != "input" else ""


def _scope(rule: RuleFacts) -> str:
    if not rule.scopes or "project" in rule.scopes:
        return ""
    return f"it takes tokens of a {' or '.join(rule.scopes)} only, and this is a project's"


@dataclass(frozen=True)
class _Asking:
    deployment: Deployment
    release: Release
    book: RuleBook
    name: str
    token: TokenData
    target: Mapping[str, Any]

    def answers(self) -> tuple[tuple[Answer, ...], str]:
        """Return the answers, and by which policy the cloud decides now."""
        from gureum.hosts import Connections

        book = self.book
        lab = hosts.open_lab(self.deployment, lambda _: None) if self.deployment.in_lab else None
        controller = next(name for name, _ in self.deployment.cloud.hosts_with(Role.CONTROLLER))
        places = [t for t in hosts.targets(self.deployment, lab) if t.name == controller]
        policies = {"default": book.before}
        if book.overrides:
            policies["input"] = book.after
        with Connections() as connections:
            session = connections.open(places)[controller]
            found = self._ask(session, policies)
            runs, other = self._running(found["file"])
            if other is not None:
                policies["cloud"] = other
                found["answers"] += self._ask(session, {"cloud": other})["answers"]
        return tuple(
            self._answer(policy, rules, said)
            for (policy, rules), said in zip(policies.items(), found["answers"], strict=True)
        ), runs

    def _ask(self, session: Session, policies: Mapping[str, Rules]) -> dict[str, Any]:
        from gureum.remote import policy

        spec = {
            "program": self._program(policies),
            "user": self.book.service,
            "rule": self.name,
            "access": json.dumps({"token": dict(self.token.token)}),
            "target": json.dumps(dict(self.target)),
            "questions": [
                {"policy": json.dumps(rules.texts), "is_admin": self._is_admin(rules)}
                for rules in policies.values()
            ],
            "file": policy_path(self.book.service),
        }
        found: dict[str, Any] = session.call(policy.ask, spec, timeout=TIMEOUT)
        return found

    def _program(self, policies: Mapping[str, Rules]) -> list[str]:
        fields = any(
            leaf.kind == "field"
            for rules in policies.values()
            for reached in rules.reached(self.name)
            for leaf in rules.leaves(reached)
        )
        # Without a field in the target it does not matter who compares it.
        if (
            fields
            and self.book.service == "neutron"
            and set(self.target) - {"project_id", "user_id"}
        ):
            return [f"{self.release.venv}/bin/python", "-c", _NEUTRON]
        return [f"{self.release.venv}/bin/oslopolicy-checker"]

    def _running(self, text: str | None) -> tuple[str, Rules | None]:
        """Return by which policy the cloud decides, and its rules where they are none of ours."""
        book = self.book
        if text == policy_yaml(book.service, book.overrides, book.rules):
            return ("input" if book.overrides else "default"), None
        found = overrides_in(text or "")
        if found == {name: override.rule for name, override in book.overrides.items()}:
            return ("input" if found else "default"), None
        if not found:
            return "default", None
        return "cloud", Rules({**book.before.texts, **found})

    def _is_admin(self, rules: Rules) -> bool:
        """Do as the services do, who call a user an administrator by this rule of theirs."""
        if "context_is_admin" not in rules:
            return False
        judge = RealUser(self.token.credentials(), self.target)
        return rules.decide("context_is_admin", judge).allowed

    def _answer(self, policy: str, rules: Rules, said: Mapping[str, Any]) -> Answer:
        if said["allowed"] is None:
            raise GureumError(
                f"oslo.policy's checker does not answer for {self.book.service}:{self.name}",
                detail=str(said["output"]),
                hint="name what the rule looks at, e.g. --target network:project_id=ID",
            )
        judge = RealUser(self.token.credentials(is_admin=self._is_admin(rules)), self.target)
        verdict = rules.decide(self.name, judge)
        agrees = verdict.allowed == said["allowed"]
        return Answer(
            policy=policy,
            check=rules.texts[self.name],
            allowed=said["allowed"],
            parts=verdict.parts if agrees else (),
        )


def listed(
    deployment: Deployment, service: str | None, *, grep: str = "", own: bool = False
) -> tuple[tuple[RuleFacts, ...], tuple[Diagnostic, ...]]:
    """Return the rules of a service, or of all, that hold `grep` and, if `own`, are overridden.

    With them come the warnings about what they are overridden by. Raises InputError for an unknown
    service and where no rule is left.
    """
    release, warnings = checked(deployment)
    if service is not None:
        release.policies(service)
    found = tuple(
        rule
        for one in ([service] if service else release.services_with_policies)
        for rule in _book(deployment, release, one).all()
        if (not own or rule.override is not None) and grep.lower() in _searched(rule)
    )
    if not found:
        what = f" with {grep!r}" if grep else ""
        known = [name for one in release.services_with_policies for name in release.policies(one)]
        whose = f"the input's policy has no rule{what}" if own else f"there is no rule{what}"
        raise InputError(whose, [], hint=did_you_mean(grep, known) or "gureum policy list nova")
    return found, _about(warnings, found)


def shown(deployment: Deployment, spelt: str) -> tuple[RuleFacts, tuple[Diagnostic, ...]]:
    """Return what is known of a rule, and the warnings about what it is overridden by.

    Raises InputError where there is no rule of that name.
    """
    release, warnings = checked(deployment)
    service, name = find(release, spelt)
    found = _book(deployment, release, service).facts(name)
    return found, _about(warnings, [found])


def _about(warnings: Iterable[Diagnostic], rules: Iterable[RuleFacts]) -> tuple[Diagnostic, ...]:
    names = {(rule.service, name) for rule in rules for name in (rule.name, *rule.through)}
    beginnings = tuple(f"policy.{service}.{name} " for service, name in names)
    return tuple(d for d in warnings if d.summary.startswith(beginnings))


def target_of(words: Iterable[str]) -> dict[str, Any]:
    """Return the attributes that `KEY=VALUE` words name; raises InputError for another word."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not key or not equals:
            summary = f"{word!r} is no attribute of a target"
            raise InputError(summary, [], hint="write it as KEY=VALUE, e.g. shared=true")
        # neutron compares truth with truth, not with a word for it.
        found[key] = {"true": True, "false": False}.get(value.lower(), value)
    return found


def _book(deployment: Deployment, release: Release, service: str) -> RuleBook:
    return RuleBook(deployment.cloud, release, service, deployment.loaded.locate)


def _searched(rule: RuleFacts) -> str:
    paths = (f"{method} {path}" for method, path in rule.operations)
    return "\n".join((rule.full_name, rule.description, *paths)).lower()
