"""Values as they stand in a config file, and as they may be shown."""

from __future__ import annotations

from gureum.config.setting import Value
from gureum.state.secrets import Secret


def plain(value: Value) -> str:
    """Return a value as config files spell it; secrets are revealed, lists joined by commas."""
    match value:
        case bool():
            return "true" if value else "false"
        case Secret():
            return value.reveal()
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def shown(value: Value) -> str:
    """Return a value as a reader may see it: quoted, and a secret as `***`."""
    return "***" if isinstance(value, Secret) else repr(plain(value))
