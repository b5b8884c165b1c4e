"""Asks a cloud's API as its administrator, and says plainly where that cannot be done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from gureum.checks.client import connect, refusals
from gureum.checks.runner import first_line
from gureum.errors import GureumError
from gureum.model.load import LoadedCloud
from gureum.operate.known import api_names
from gureum.operate.pinned import pin
from gureum.operate.typed import typed
from gureum.state.folder import CloudFolder


@contextlib.contextmanager
def as_admin(loaded: LoadedCloud, folder: CloudFolder, silent: str) -> Iterator[Any]:
    """Yield the administrator's openstacksdk connection, which reaches a cloud by name as well.

    Raises GureumError where there is no cloud yet, and with `silent` as its summary where the API
    refuses what is asked within, or does not answer.
    """
    if not folder.clouds_yaml.exists():
        raise GureumError(f"there is no cloud {folder.name!r} yet", hint=typed(loaded, "up"))
    pin(api_names(folder))
    try:
        yield connect(folder.clouds_yaml, folder.name)
    except refusals() as error:
        raise GureumError(silent, detail=first_line(error), hint=typed(loaded, "status")) from None
