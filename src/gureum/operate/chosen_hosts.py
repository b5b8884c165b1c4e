"""Hosts of a cloud by the names that somebody typed."""

from __future__ import annotations

from collections.abc import Sequence

from gureum.diagnostics import Diagnostic, did_you_mean
from gureum.errors import InputError
from gureum.model.cloud import Cloud


def chosen_hosts(cloud: Cloud, names: Sequence[str]) -> list[str]:
    """Return `names`, or all hosts of the cloud where none is named; each once, in the input's order.

    Raises InputError that names every name that no host has.
    """
    hosts = cloud.hosts
    unknown = [name for name in dict.fromkeys(names) if name not in hosts]
    if unknown:
        raise InputError(
            f"the cloud {cloud.name!r} has other hosts",
            [
                Diagnostic(
                    f"no host is named {name!r}",
                    hint=did_you_mean(name, hosts) or f"it has: {', '.join(hosts)}",
                )
                for name in unknown
            ],
        )
    return [name for name in hosts if not names or name in names]
