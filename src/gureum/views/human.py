"""The live view on a terminal: phases, running steps with their times, what changed or failed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from gureum.apply.events import (
    Event,
    Message,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
    Warned,
)
from gureum.diagnostics import Diagnostic
from gureum.drift.events import EditsFound
from gureum.errors import GureumError
from gureum.plan.plan import Plan
from gureum.views import edits_text, plan_text, wording

if TYPE_CHECKING:
    from rich.console import RenderableType

SHOWN = 10
"""Running steps that are shown at once, the longest running first."""
SLOW = 5.0
"""A step that took longer (seconds) leaves a line behind; quick ones are only counted."""
STYLES = {"+": "green", "~": "yellow", "↻": "magenta", "-": "red", "@": "cyan"}


class Human:
    """A live view on `err`; data goes to `out`. Colour never says what words do not."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        self._data = Console(file=out, highlight=False, soft_wrap=True)
        self._console = Console(file=err, highlight=False, soft_wrap=True)
        self._running: dict[str, tuple[float, StepStarted]] = {}
        self._skipped: list[StepFinished] = []
        self._phase = ""
        self._done = self._steps = 0
        self._began = time.monotonic()
        self._expected = 0.0
        self._live = Live(
            get_renderable=self._render, console=self._console, refresh_per_second=8, transient=True
        )

    def event(self, event: Event) -> None:
        """Show what happened, above the lines that tell what is being done."""
        if isinstance(event, Message):
            self._message(event)
        elif isinstance(event, RunStarted):
            self._done, self._steps = 0, event.steps
            self._began, self._expected = time.monotonic(), event.expected_seconds
            self._skipped.clear()
            self._live.start()
        elif isinstance(event, EditsFound):
            self._print(edits_text.lines(event), "yellow")
        elif isinstance(event, StepStarted):
            self._running[event.key] = (time.monotonic(), event)
        elif isinstance(event, StepFinished):
            self._finished(event)
        elif isinstance(event, Warned):
            self.diagnostics(event.diagnostics)
        elif isinstance(event, RunFinished):
            self._running.clear()
            self._live.stop()
            self._print(wording.skipped(self._skipped), "yellow")
            failed = event.counts.get(Status.FAILED) or event.stopped
            self._print([wording.finished(event)], "bold red" if failed else "bold green")

    def plan(self, plan: Plan, whole: bool = False) -> None:
        """Print the plan, coloured as diffs are."""
        from rich.text import Text

        for line in plan_text.lines(plan, whole):
            self._data.print(Text(line, STYLES.get(line.strip()[:1], "")))

    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Print every diagnostic."""
        for problem in diagnostics:
            self._print(wording.diagnostic(problem), "")

    def error(self, error: GureumError) -> None:
        """Print an error; its first line stands out."""
        first, *others = wording.error(error)
        self._print([first], "bold red")
        self._print(others, "")

    def close(self) -> None:
        """Take the live lines off the terminal."""
        self._live.stop()

    def _message(self, event: Message) -> None:
        if event.phase != self._phase:
            self._phase = event.phase
            self._print([event.phase], "bold")
        if event.text:
            self._print([f"  {event.text}"], "")

    def _finished(self, event: StepFinished) -> None:
        self._running.pop(event.key, None)
        self._done += 1
        if event.status is Status.FAILED:
            first, *others = wording.failure(event)
            self._print([first], "bold red")
            self._print(others, "")
        elif event.status is Status.SKIPPED:
            self._skipped.append(event)
        elif event.status is Status.CHANGED and event.seconds >= SLOW:
            name = wording.named(event.key, event.title)
            self._print([f"  {name} {wording.seconds(event.seconds)}"], "")

    def _print(self, lines: Iterable[str], style: str) -> None:
        from rich.text import Text

        for line in lines:
            self._console.print(Text(line, style))

    def _render(self) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_column(no_wrap=True)
        usual = f" of usually {wording.seconds(self._expected)}" if self._expected > 1 else ""
        table.add_row(
            Text(f"{self._done}/{self._steps} steps", "bold"),
            Text(wording.seconds(now - self._began) + usual),
        )
        longest = sorted(self._running.values(), key=lambda entry: entry[0])
        for began, step in longest[:SHOWN]:
            known = step.expected_seconds > 0
            expected = f" of usually {wording.seconds(step.expected_seconds)}" if known else ""
            name = wording.named(step.key, step.title)
            table.add_row(Text(f"  {name}"), Text(wording.seconds(now - began) + expected))
        if len(longest) > SHOWN:
            table.add_row(Text(f"  and {len(longest) - SHOWN} more"), Text(""))
        return table
