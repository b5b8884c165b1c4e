"""What a user sees of a fault in gureum itself, and what is kept for the one who mends it."""

from __future__ import annotations

import platform
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from gureum import __version__
from gureum.errors import InternalError
from gureum.state.folder import home


def report(error: Exception, arguments: Sequence[str]) -> InternalError:
    """Write the traceback of `error` to a file of its own and return an error that names it.

    The file holds no values of variables, for secrets may be among them.
    """
    last = str(error).splitlines() or [""]
    what = f"{type(error).__name__}: {last[0]}".removesuffix(": ")
    text = "\n".join(
        (
            f"gureum {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: {shlex.join(['gureum', *arguments])}",
            "",
            "".join(traceback.format_exception(error)),
        )
    )
    kept = _keep(text)
    return InternalError(
        f"gureum has a bug here: {what}",
        detail=f"the traceback is in {kept}" if kept else text,
        hint="report it with that file" if kept else "report it with these lines",
    )


def _keep(text: str) -> Path | None:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for folder in (home() / "bugs", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=folder, prefix=f"gureum-bug-{stamp}-", suffix=".txt", delete=False
            ) as file:
                file.write(text)
                return Path(file.name)
        except OSError as trouble:
            print(f"cannot write to {folder}: {trouble.strerror}", file=sys.stderr)
    return None
