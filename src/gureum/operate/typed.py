"""The command that a person types for one cloud: the cloud's name and input stand in it."""

from __future__ import annotations

import shlex

from gureum.model.default import all_in_one
from gureum.model.load import BUILT_IN, LoadedCloud

FOUND = "cloud.yaml"
"""The input that is taken where none is named."""


def typed(loaded: LoadedCloud, command: str, *arguments: str) -> str:
    """Return `gureum COMMAND ARGUMENTS` with the options that lead to the same cloud.

    `command` may be two words (`config adopt`). The options stand before the arguments, for some
    commands hand all that follows to a host.
    """
    options: list[str] = []
    if loaded.kept or (loaded.file == BUILT_IN and loaded.cloud.name != all_in_one().name):
        options += ["--cloud", loaded.cloud.name]
    elif loaded.file not in (BUILT_IN, FOUND):
        options += ["--file", loaded.file]
    return shlex.join(["gureum", *command.split(), *options, *arguments])
