"""Remembers what a cloud was built from, so that later commands are about the same cloud.

Without it, a command typed in another folder would take the built-in all-in-one for the input, and
an `apply` would rebuild somebody's cloud as one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from gureum.errors import InputError
from gureum.model.cloud import Cloud
from gureum.model.load import BUILT_IN, LoadedCloud, default_cloud, load
from gureum.state.folder import CloudFolder


@dataclass(frozen=True)
class KeptInput:
    """The input of a cloud's last apply: the file it stood in, absolute, and its text then."""

    file: Path
    text: str

    def load(self) -> LoadedCloud:
        """Return the cloud of the file as it is now, or of the text where the file is gone.

        Raises InputError as `load` does.
        """
        loaded = load(self.file) if self.file.is_file() else load(self.file, self.text)
        return replace(loaded, kept=True)


def keep_input(folder: CloudFolder, loaded: LoadedCloud) -> None:
    """Write what the cloud is built from; the built-in all-in-one needs no keeping."""
    if loaded.file == BUILT_IN:
        folder.input.unlink(missing_ok=True)
        return
    kept = {"file": str(Path(loaded.file).absolute()), "text": loaded.text}
    folder.write(folder.input, json.dumps(kept) + "\n")


def built_from(folder: CloudFolder) -> Cloud | None:
    """Return the cloud as it was when it was last applied, None where that cannot be told."""
    kept = kept_input(folder)
    if kept is None:
        return default_cloud(folder.name).cloud
    try:
        return load(kept.file, kept.text).cloud
    except InputError:
        # Written by an older gureum, whose input had other keys.
        return None


def kept_input(folder: CloudFolder) -> KeptInput | None:
    """Return what the cloud was last applied from, None for the built-in all-in-one."""
    try:
        kept = json.loads(folder.input.read_text())
        return KeptInput(Path(kept["file"]), kept["text"])
    except (OSError, ValueError, KeyError):
        return None
