"""Writes the report where it was asked for: as a file of one page, or as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from gureum.errors import GureumError
from gureum.report.cloud_report import CloudReport
from gureum.views.data import plain
from gureum.views.report_page import report_page


def write_report(report: CloudReport, path: Path, redact: Callable[[str], str]) -> str:
    """Write the page (0600, in one move) and return the line that says where it is.

    Raises GureumError where it cannot be written there.
    """
    text = redact(report_page(report))
    if path.is_dir():
        name = f"gureum-report-{report.name}.html"
        raise GureumError(
            f"{path} is a folder", hint=f"name a file in it: gureum report --out {path / name}"
        )
    try:
        handle, new = tempfile.mkstemp(dir=path.parent, prefix=".gureum-report-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
            os.replace(new, path)
        except BaseException:
            Path(new).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GureumError(
            f"the report cannot be written to {path}",
            detail=error.strerror or str(error),
            hint="name another file: gureum report --out FILE",
        ) from None
    return f"{path}  {len(text.encode()) / 1024:.0f} KB"


def report_json(report: CloudReport, redact: Callable[[str], str]) -> str:
    """Return the report's content as one JSON object."""
    fields = {"type": "report", **plain(report)}
    return redact(json.dumps(fields, ensure_ascii=False, default=str))
