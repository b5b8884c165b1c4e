"""How a service's unprivileged process gets at the few privileged calls it needs.

oslo.privsep starts a helper that imports one named context and keeps that context's capabilities
only. sudo is what lets the helper start as root: it allows exactly the helper of this release, with
this config file and one of these contexts.
"""

from __future__ import annotations

from collections.abc import Iterable

from gureum.services.context import Context
from gureum.services.declaration import TextFile


def helper(c: Context, config: str) -> str:
    """Return the value of `helper_command`; oslo.privsep adds the context by itself."""
    return f"sudo {c.bin('privsep-helper')} --config-file {config}"


def sudoers(
    c: Context,
    user: str,
    config: str,
    contexts: Iterable[str],
    extra: Iterable[str] = (),
    *,
    search: str = "",
) -> TextFile:
    """Return the sudoers file of a service's user.

    `search` is where sudo looks for a program that the service names without its folder.
    """
    commands = [
        f"{c.bin('privsep-helper')} --config-file {config} "
        f"--privsep_context {context} --privsep_sock_path *"
        for context in contexts
    ]
    commands += extra
    lines = [f"Defaults:{user} !requiretty, !syslog, !pam_session"]
    lines += [f"Defaults:{user} secure_path={search}"] if search else []
    lines += [f"{user} ALL=(root) NOPASSWD: {command}" for command in commands]
    return TextFile(
        path=f"/etc/sudoers.d/gureum-{user}",
        content="\n".join(lines) + "\n",
        why=f"{user} runs without rights; these helpers alone may start with more, each confined to "
        "the capabilities of its context",
        mode=0o440,
    )
