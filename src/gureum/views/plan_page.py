"""A plan as one HTML page that a client can read, print, and keep: nothing is fetched for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gureum.moment import read
from gureum.plan.action import Action
from gureum.plan.document import Document
from gureum.plan.impact import Impact, causes, impact, of_kind
from gureum.plan.plan import Plan, PlannedStep
from gureum.program import runnable
from gureum.steps.notice import Effect
from gureum.views import plan_words as words
from gureum.views.markup import Child, Markup, tag
from gureum.views.page import (
    Section,
    State,
    badge,
    code,
    definitions,
    details,
    diff,
    note,
    page,
    table,
)

PARTS = (
    ("packages", "Packages", ("packages", "venv")),
    ("files", "Files", ("file", "directory", "users")),
    ("databases", "Databases", ("databases", "schema", "rehearsal")),
    ("identity", "Identity", ("identity",)),
    (
        "other",
        "Commands and switches",
        ("command", "http", "ovs", "queue_users", "nova_reports", "retired_units"),
    ),
)
"""Sections by the kinds of state that they show; units have one of their own."""
LEADS = {
    "packages": "What would be installed from the distribution and into the release's Python.",
    "files": "Every file that would be written, with its difference. Secrets are never shown.",
    "databases": "Databases, the users they are open to, and their tables.",
    "identity": "Services, endpoints, users and keystone roles in keystone.",
    "other": "What only a command can do, and the hosts' virtual switches.",
}
STATES = {
    Effect.NOBODY: State.GOOD,
    Effect.LATER: State.NEUTRAL,
    Effect.WAITS: State.WARNING,
    Effect.ERRORS: State.BAD,
}
EFFECTS = {
    Effect.NOBODY: "nobody",
    Effect.LATER: "done later",
    Effect.WAITS: "waits",
    Effect.ERRORS: "errors",
}


def plan_page(document: Document) -> str:
    """Return the whole page."""
    plan, found = document.plan, impact(document.plan)
    changed = bool(plan.changes)
    sections = [
        Section("impact", "Who would notice", _impact(plan, found), _order(found)),
        *(section for part in PARTS if (section := _part(plan, *part))),
        *([_in_order(plan)] if changed else []),
    ]
    return page(
        f"Cloud {document.cloud}",
        sections if changed else [Section("order", "In order", _nothing(plan))],
        kind="Plan",
        lead=words.sentence(words.summary(found)) if changed else "Nothing would change.",
        head=definitions(
            [
                ("Made", read(document.made)),
                ("OpenStack", f"release {document.release}"),
                ("Hosts", ", ".join(dict.fromkeys(step.host for step in plan.steps))),
                ("Written by", f"gureum {document.gureum}"),
            ]
        ),
        foot=(
            "This page shows what would be done and does nothing. What ",
            tag("code", runnable("gureum plan --out FILE")),
            " writes at the same time can be applied, exactly as it is, by ",
            tag("code", runnable("gureum apply FILE")),
            ".",
        ),
    )


def _order(found: Impact) -> str:
    if not found.restarts:
        return ""
    return "Units restart in this order; those of one number do so at the same time."


def _impact(plan: Plan, found: Impact) -> Child:
    vms = note(
        State.GOOD if found.untouched else State.BAD,
        "Running VMs",
        tag("p", words.sentence(words.vms(found))),
    )
    state = State.BAD if found.errors else State.WARNING if found.api_seconds else State.GOOD
    apis = note(state, "APIs", tag("p", words.sentence(words.pauses(found))))
    return [vms, apis, _restarts(plan) if found.restarts else None, _starts(found)]


def _restarts(plan: Plan) -> Markup:
    several = len({step.host for step in plan.steps}) > 1
    return table(
        ("Unit", "Turn", "Who notices", "How", "Why it restarts"),
        [
            (
                words.unit(step) + (f" on {step.host}" if several else ""),
                step.turn,
                words.sentence(words.lasting(step.notice)) if step.notice else "",
                badge(STATES[step.notice.effect], EFFECTS[step.notice.effect])
                if step.notice
                else "",
                [tag("div", tag("code", cause)) for cause in causes(plan, step)],
            )
            for step in plan.restarts
        ],
        right=" r",
    )


def _starts(found: Impact) -> Child:
    if not found.starts:
        return None
    names = ", ".join(words.unit(step) for step in found.starts)
    return tag("p", f"Started for the first time, or again after standing still: {names}.")


def _part(plan: Plan, id: str, title: str, kinds: Sequence[str]) -> Section | None:
    steps = of_kind(plan.changes, *kinds)
    if not steps:
        return None
    hosts = dict.fromkeys(step.host for step in steps)
    body: list[Child] = []
    for host in hosts:
        if len(hosts) > 1:
            body.append(tag("h3", host))
        body += [_step(plan, step) for step in steps if step.host == host]
    return Section(id, title, body, LEADS[id])


def _step(plan: Plan, step: PlannedStep) -> Markup:
    action = step.action
    state = State.GOOD if action is Action.CREATE else State.WARNING
    name = step.title or step.id
    return details(
        [tag("code", name), " ", badge(state, words.WORDS[action])],
        tag("p", words.sentence(step.why)) if step.why else None,
        list(_evidence(plan, step)),
        open=bool(step.diff) and action is Action.CHANGE,
    )


def _evidence(plan: Plan, step: PlannedStep) -> Iterator[Child]:
    if step.origin:
        yield tag("p", words.sentence(step.origin))
    if step.causes:
        yield tag("p", "Because of ", ", ".join(causes(plan, step)), ".")
    if step.versions:
        rows = [(v.package, v.now or "not installed", v.then) for v in step.versions]
        yield table(("Package", "Now", "Then"), rows)
    elif step.diff and step.action is Action.CHANGE:
        yield diff(step.diff.splitlines()[2:], f"difference of {step.title}")
    elif step.action is Action.CHANGE:
        found = list(words.differing(step.drift))
        yield code("\n".join(found), f"difference of {step.id}") if found else None


def _in_order(plan: Plan) -> Section:
    good = [step for step in plan.steps if step.action is Action.NOTHING]
    return Section(
        "order", "In order", _nothing(plan), f"{len(good)} of {len(plan.steps)} steps need nothing."
    )


def _nothing(plan: Plan) -> Child:
    good = [step for step in plan.steps if step.action is Action.NOTHING]
    services = dict.fromkeys(step.service for step in good)
    rows = [(name, words.kinds([s for s in good if s.service == name])) for name in services]
    return table(("Service", "What was found as it is wanted"), rows) if rows else None
