"""Asks Ceph's monitors, by the distribution's own binding: the command `ceph` takes half a second."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import last_line, run

PYTHON = "/usr/bin/python3"
CONF = "/etc/ceph/ceph.conf"
ADMIN = "client.admin"
BOOTSTRAP = "client.bootstrap-osd"
_SCRIPT = """\
import json, sys
import rados

asked = json.load(sys.stdin)
settings = {"client_mount_timeout": asked["within"], "rados_mon_op_timeout": asked["within"]}
if asked["keyring"]:
    settings["keyring"] = asked["keyring"]
settings = {name: str(value) for name, value in settings.items()}
try:
    cluster = rados.Rados(name=asked["name"], conffile=asked["conf"], conf=settings)
    cluster.connect()
except rados.Error as error:
    sys.exit("no monitor answers: " + str(error))
answers = []
for command, content in asked["commands"]:
    words = json.dumps({"format": "json", **command})
    code, output, said = cluster.mon_command(words, content.encode())
    answers.append([code, output.decode("latin-1"), said])
    if code:
        break
print(json.dumps(answers))
"""

Command = dict[str, Any]
Told = tuple[Command, str]


class Silent(Exception):
    """No monitor answered, or none could be asked."""


def ask(
    *commands: Command,
    name: str = ADMIN,
    conf: str = CONF,
    keyring: str = "",
    within: float = 8.0,
) -> list[Any]:
    """Return what the monitors answer to each command, read as JSON.

    Raises Silent where they do not answer, Failure where they refuse one.
    """
    asked: list[Told] = [(command, "") for command in commands]
    answers = [output for output, _ in _run(asked, name, conf, keyring, within)]
    return [json.loads(output) if output.strip() else None for output in answers]


def tell(
    commands: list[Told],
    evidence: list[Evidence],
    *,
    name: str = ADMIN,
    conf: str = CONF,
    keyring: str = "",
    within: float = 30.0,
) -> list[str]:
    """Have the monitors do things one after another, and return what they answer to each.

    Each is a command and what goes in with it. All go to `evidence`, without what went in. Raises
    Failure where one is refused, and those behind it are not done.
    """
    try:
        answers = _run(commands, name, conf, keyring, within)
    except Silent as silent:
        raise Failure(str(silent), evidence) from None
    for (command, _), (_, said) in zip(commands, answers):
        words = [str(value) for value in command.values()]
        evidence.append({"command": ["ceph", *words], "exit": 0, "output": said, "seconds": 0.0})
    return [output for output, _ in answers]


def mark(key: str) -> str:
    """Return what stands for a key where people read it."""
    return "key " + hashlib.sha256(key.encode()).hexdigest()[:8]


def _run(
    commands: list[Told], name: str, conf: str, keyring: str, within: float
) -> list[tuple[str, str]]:
    asked = {
        "commands": commands,
        "name": name,
        "conf": conf,
        "keyring": keyring,
        "within": int(within),
    }
    done = run((PYTHON, "-I", "-c", _SCRIPT), stdin=json.dumps(asked), timeout=within * 2 + 5)
    if done.exit:
        raise Silent(last_line(done.output) or f"the question ended with exit {done.exit}")
    answers = json.loads(done.output.strip().splitlines()[-1])
    for (command, _), (code, _, said) in zip(commands, answers):
        if code:
            raise Failure(f"Ceph refuses {command['prefix']!r}: {said or code}")
    return [(output, said) for _, output, said in answers]
