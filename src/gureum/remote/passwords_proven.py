"""Remembers which of the services' passwords keystone has accepted as it holds them now.

To try a password costs keystone a quarter of a second of bcrypt, on purpose. One that was accepted
stays right until keystone holds another hash for its user: that is read in a moment.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from gureum.remote.mariadb import query

PATH = "/var/lib/gureum/passwords-proven.json"

_HASHES = (
    "SELECT l.name, p.password_hash FROM keystone.local_user l "
    "JOIN keystone.password p ON p.local_user_id = l.id "
    "WHERE l.domain_id = 'default' ORDER BY p.created_at_int, p.id"
)


def marks(users: dict[str, Any]) -> dict[str, str]:
    """Return what stands for each user's wanted password together with the hash keystone holds.

    A user is missing who has no hash, and all are where the database cannot be asked.
    """
    # The last row of a user is the password in force; earlier ones are history.
    hashes = dict(query(_HASHES) or [])
    return {
        name: hashlib.sha256(f"{hashes[name]}\0{password}".encode()).hexdigest()
        for name, (password, _) in users.items()
        if name in hashes
    }


def read() -> dict[str, str]:
    """Return the marks of passwords that were accepted; none where there is no whole record."""
    try:
        with open(PATH) as source:
            kept = json.load(source)
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def write(proven: dict[str, str]) -> None:
    """Keep the marks for root alone; a host without the folder simply remembers nothing."""
    new = f"{PATH}.new"
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(proven, out)
        os.replace(new, PATH)
    except OSError:
        return
