"""`gureum tempest`: hold a cloud against OpenStack's own tests."""

from __future__ import annotations

from typing import Annotated

import typer

from gureum.cli.context import context
from gureum.cli.options import CloudName, InputFile, Json


def tempest(
    selection: Annotated[
        list[str] | None,
        typer.Argument(
            help="smoke (the default), identity, image, network, volume, object, compute, scenario, "
            "interop-compute, interop-storage, or a regular expression of tests' names; several are "
            "run together."
        ),
    ] = None,
    *,
    show_list: Annotated[
        bool,
        typer.Option("--list", help="Tell what can be run and what is left out, and run nothing."),
    ] = False,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, help="How many tests run at a time.")
    ] = 2,
    file: InputFile = None,
    name: CloudName = None,
    json: Json = False,
) -> None:
    """Run Tempest, OpenStack's own tests, against a cloud that stands; nothing of it stays.

    With --list and a selection its tests are named. Exit code 1 if a test failed.
    """
    from gureum.operate.tempest.selection import EVERYTHING
    from gureum.views import tempest_text
    from gureum.views.choose import choose
    from gureum.views.data import show

    if show_list and not selection:
        show("tempest_list", tempest_text.list_data(), tempest_text.listed(), json=json)
        return
    from gureum.operate.deployment import Deployment
    from gureum.operate.tempest import run

    view = choose(json)
    words = selection or [EVERYTHING]
    try:
        if show_list:
            tests = run.listed(words, view.event)
            show("tempest_tests", {"tests": tests}, tempest_text.tests(tests), json=json)
            return
        c = context(name, file)
        deployment = Deployment(c.loaded, c.folder)
        outcome = run.run_tempest(deployment, words, view.event, concurrency=concurrency)
    finally:
        view.close()
    show("tempest", tempest_text.data(outcome), tempest_text.lines(outcome), json=json)
    run.raise_for_failures(deployment, outcome)
