"""Applying: bringing every step of a plan about on its host."""

from gureum.apply.events import (
    Event,
    Message,
    Problem,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)
from gureum.apply.journal import Journal
from gureum.apply.result import Result
from gureum.apply.run import run

__all__ = [
    "Event",
    "Journal",
    "Message",
    "Problem",
    "Result",
    "RunFinished",
    "RunStarted",
    "Status",
    "StepFinished",
    "StepStarted",
    "run",
]
