"""The entry of gureum: runs a command and turns whatever ends it into words and an exit code.

0 is success, 1 what the user can put right, 2 a fault of gureum itself, 130 Ctrl-C.
"""

from __future__ import annotations

import gc
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
import typer.main

from gureum import __version__
from gureum.cli.lazy import LazyGroup
from gureum.errors import GureumError
from gureum.program import runnable

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What Typer raises for arguments that make no sense; it exports no name for it."""

EPILOG = runnable(
    "Start with `gureum up`: it builds a cloud on this machine and leaves the rest as it is."
)

app = typer.Typer(
    name="gureum",
    cls=LazyGroup,
    help="Build OpenStack clouds, prove that they work, find and put right what is broken.",
    epilog=EPILOG,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gureum {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


_OBJECTS = 50_000
"""New objects after which Python looks for garbage."""


def main() -> NoReturn:
    """Run the command that was typed, and exit.

    To be told to end is what Ctrl-C is, also where a shell lets background jobs ignore Ctrl-C.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What is imported stays: to look through it for garbage every 700 objects takes a tenth of a
    # short command's time.
    gc.set_threshold(_OBJECTS)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name and return its exit code; nothing escapes."""
    command = typer.main.get_command(app)
    try:
        result = command.main(list(arguments), prog_name="gureum", standalone_mode=False)
    except SystemExit as leaving:
        result = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    except KeyboardInterrupt:
        result = 130
    except Exception as error:
        result = _end(error, arguments)
    if result == 130:
        _say("stopped; nothing is lost, and this goes on where it was:")
        _say(runnable(f"  {shlex.join(['gureum', *arguments])}"))
    return result if isinstance(result, int) else 0


def _end(error: Exception, arguments: Sequence[str]) -> int:
    """Say what `error` means to the user and return the exit code."""
    if isinstance(error, UsageError):
        return _misused(error)
    if isinstance(error, typer.Abort):
        return 1
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has seen enough, as in `gureum … | head`.
        _forget_stdout()
        return 1
    if isinstance(error, PermissionError) and os.geteuid() != 0:
        error = _forbidden(error, arguments)
    if not isinstance(error, GureumError):
        from gureum.cli.bug import report

        error = report(error, arguments)
    _tell(error, arguments)
    return error.exit_code


def _forbidden(error: PermissionError, arguments: Sequence[str]) -> GureumError:
    """Return what to say to a user who may not touch what root made."""
    return GureumError(
        f"this user has no right to {error.filename or 'do that'}",
        detail="clouds in lab hosts, and what root made, are for root",
        hint=shlex.join(["sudo", "gureum", *arguments]),
    )


def _tell(error: GureumError, arguments: Sequence[str]) -> None:
    from gureum.views.choose import choose

    view = choose("--json" in arguments)
    try:
        view.error(error)
    finally:
        view.close()


def _misused(error: Exception) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        _say(context.get_help() if context else "")
        return 1
    message = str(getattr(error, "format_message", lambda: error)())
    message, _, near = message.replace("Value error, ", "").partition(" Did you mean ")
    path = context.command_path if context else "gureum"
    _say(f"error: {message[:1].lower()}{message[1:].rstrip('.')}")
    _say(f"hint: did you mean {near}" if near else runnable(f"hint: {path} --help"))
    return 1


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _forget_stdout() -> None:
    """Keep Python from complaining at exit that what is left in its buffer cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
