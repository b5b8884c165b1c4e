"""Writes a cloud's input, the operator's own file: whole or not at all, with the rights that it has."""

from __future__ import annotations

import os
from pathlib import Path

from gureum.errors import GureumError


def write_input(file: Path, text: str, *, new: bool = False) -> None:
    """Write the input in one move; a `new` one must not be there yet."""
    made = file.with_name(f".{file.name}.gureum-new")
    try:
        if new and file.exists():
            raise FileExistsError(f"{file} is there already")
        made.write_text(text)
        if not new:
            status = file.stat()
            made.chmod(status.st_mode & 0o7777)
            if os.geteuid() == 0:
                os.chown(made, status.st_uid, status.st_gid)
        made.replace(file.resolve())
    except OSError as error:
        made.unlink(missing_ok=True)
        raise GureumError(
            f"{file} cannot be written: {error.strerror or error}", hint=f"ls -ld {file.parent}"
        ) from None
