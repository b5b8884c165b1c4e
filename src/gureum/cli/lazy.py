"""A command group that imports a command only when it runs."""

from __future__ import annotations

import importlib
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from gureum.cli.commands import COMMANDS, Entry


class LazyCommand(TyperCommand):
    """Stands in `--help` for a command, and becomes the command itself once it is called."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, help=entry.help, rich_markup_mode=None)
        self.entry = entry

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Hand over to the real command; its context names it, so it is what gets invoked."""
        return load(self.entry).make_context(*args, **extra)


class LazyGroup(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {entry.name: LazyCommand(entry) for entry in COMMANDS}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the list, not of the alphabet."""
        return list(self.commands)


def load(entry: Entry) -> Any:
    """Import what `entry` names and return it as a command that can be called."""
    found = getattr(importlib.import_module(entry.module), entry.attribute)
    settings: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
    if isinstance(found, typer.Typer):
        app = found
        app.info.context_settings = settings
        app.rich_markup_mode = None
    else:
        app = typer.Typer(rich_markup_mode=None, add_completion=False)
        if entry.forwards:
            settings |= {"ignore_unknown_options": True, "allow_extra_args": True}
        app.command(entry.name, context_settings=settings)(found)
    command = typer.main.get_command(app)
    command.name = entry.name
    if entry.forwards:
        command.allow_interspersed_args = False
    return command
