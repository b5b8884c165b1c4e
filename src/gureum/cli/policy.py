"""`gureum policy`: who may do what, by the release and by the operator."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json

app = typer.Typer(help="Who may do what: rules, the operator's own, and what they say to a user.")

Rule = Annotated[
    str, typer.Argument(help="A rule, or SERVICE:RULE where several services have it.")
]


@app.command("list")
def list_rules(
    service: Annotated[
        str | None, typer.Argument(help="Only this service, e.g. nova.", show_default=False)
    ] = None,
    grep: Annotated[
        str, typer.Option(help="Only rules with this text in name, description or path.")
    ] = "",
    *,
    own: Annotated[
        bool, typer.Option("--own", help="Only those that the input overrides.")
    ] = False,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """List the rules: whom each lets, its check, and what the input puts in its place."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.policy import listed
    from gureum.views import policy_text
    from gureum.views.choose import choose
    from gureum.views.data import show

    c = context(name, file)
    found, warnings = listed(Deployment(c.loaded, c.folder), service, grep=grep, own=own)
    choose(json).diagnostics(warnings)
    show("policy_list", {"rules": found}, policy_text.listing(found), json=json)


@app.command("show")
def show_rule(
    rule: Rule, file: InputFile = None, name: CloudName = None, json: Json = False
) -> None:
    """Show all that is known of one rule: what it guards, whom it lets, and by which checks."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.policy import shown
    from gureum.views import policy_text
    from gureum.views.choose import choose
    from gureum.views.data import show

    c = context(name, file)
    found, warnings = shown(Deployment(c.loaded, c.folder), rule)
    choose(json).diagnostics(warnings)
    show("policy_rule", found, policy_text.rule(found), json=json)


@app.command("check")
def check_rule(
    rule: Rule,
    *,
    user: Annotated[str, typer.Option(help="A user, by name or id.", show_default=False)],
    project: Annotated[str, typer.Option(help="A project, by name or id.", show_default=False)],
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="An attribute of what is acted upon, e.g. network:project_id=ID; by default it "
            "belongs to the user and the project.",
        ),
    ] = None,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Ask the service's own checker what a rule says to a user, by default and with the input."""
    from gureum.operate.deployment import Deployment
    from gureum.operate.policy import ask, target_of
    from gureum.views import policy_text
    from gureum.views.data import show

    c = context(name, file)
    attributes = target_of(target or ())
    found = ask(Deployment(c.loaded, c.folder), rule, user=user, project=project, target=attributes)
    show("policy_check", found, policy_text.answers(found), json=json)
