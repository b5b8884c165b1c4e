"""Reads the logo that the dashboard is to show, where the input names one."""

from __future__ import annotations

import re
from pathlib import Path

from gureum.diagnostics import Diagnostic
from gureum.errors import InputError
from gureum.model.load import LoadedCloud

_MOST = 256 * 1024
_ROOT = re.compile(
    r"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]", re.DOTALL
)
_ACTIVE = re.compile(r"<\s*script|\son[a-z]+\s*=|javascript:|<\s*foreignObject", re.IGNORECASE)


def logo(loaded: LoadedCloud) -> str:
    """Return the logo's SVG, or nothing where the dashboard keeps OpenStack's own.

    The path begins at the input's folder. Raises InputError where it is no picture that every page
    can bear: it lies at the dashboard's own address, so a script in it would act for its users.
    """
    named = loaded.cloud.dashboard.branding.logo
    if named is None or not loaded.cloud.dashboard.enabled:
        return ""
    path = Path(loaded.file).parent / Path(named).expanduser()
    text = problem = ""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        problem = str(error.strerror)
    except ValueError:
        problem = "it is no text, as a picture in SVG is"
    if not problem:
        problem = _wrong(text)
    if problem:
        raise InputError(
            "the dashboard's logo cannot be used",
            [
                Diagnostic(
                    f"{named} is no logo",
                    detail=f"{path}: {problem}",
                    source=loaded.locate(("dashboard", "branding", "logo")),
                    hint="name a picture in SVG, or delete the key logo",
                )
            ],
        )
    return text


def _wrong(text: str) -> str:
    if not _ROOT.match(text):
        return "it does not begin as SVG does"
    if len(text) > _MOST:
        return (
            f"it has {len(text) // 1024} KiB; every page shows it, so {_MOST // 1024} are the most"
        )
    return "it holds a script" if _ACTIVE.search(text) else ""
