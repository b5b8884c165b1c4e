"""Errors of gureum, one tree.

    GureumError                 base; exit code 1: the user can put it right
     ├─ InputError              cloud.yaml or an argument is wrong; carries every diagnostic found
     ├─ ConfigError             options that disagree or do not fit the release's schema
     ├─ HostError               a host cannot be reached, refused us, or went away
     ├─ StepError               a step failed on a host; carries its evidence
     ├─ LabError                the lab on this machine cannot do what was asked
     ├─ ImageError              an image cannot be had, is none, or does not fit
     ├─ BundleError             a bundle is missing, incomplete or altered, or cannot be made
     ├─ CheckError              the cloud stands, but a check of it failed
     └─ InternalError           exit code 2: a fault of gureum itself

Every error says what is wrong in `summary`, the place and the facts in `detail`, and the way out
in `hint`, a line the reader can run or do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gureum.diagnostics import Diagnostic


class GureumError(Exception):
    """Base of every error that a user of gureum sees."""

    exit_code = 1

    def __init__(self, summary: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint


class DiagnosticsError(GureumError):
    """An error made of several diagnostics, all of them reported at once."""

    def __init__(self, summary: str, diagnostics: Sequence[Diagnostic], *, hint: str = "") -> None:
        super().__init__(summary, hint=hint)
        self.diagnostics = tuple(diagnostics)


class InputError(DiagnosticsError):
    """cloud.yaml, or what was typed, is wrong."""


class ConfigError(DiagnosticsError):
    """Options disagree, or do not fit the option schema of the release."""


class HostError(GureumError):
    """A host cannot be reached, refused us, or went away."""


class StepError(GureumError):
    """A step failed on a host."""


class LabError(GureumError):
    """The lab on this machine cannot do what was asked."""


class ImageError(GureumError):
    """An image cannot be had or built, is damaged or none, or does not fit the cloud."""


class BundleError(GureumError):
    """A bundle is missing, incomplete or altered, or cannot be made."""


class CheckError(GureumError):
    """The cloud stands, but a check of it failed."""


class InternalError(GureumError):
    """A fault of gureum itself."""

    exit_code = 2
