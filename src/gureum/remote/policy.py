"""Asks oslo.policy's own checker, on a host, what rules say to a user."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gureum.remote.file import user_id
from gureum.remote.process import last_line, run

LIMIT = 120.0


def ask(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the checker's answers, in the order of the `questions`, and what `file` holds.

    A question is `policy` (a whole policy file's text) and `is_admin`. The same `access` (what a
    token says), `target` and `rule` go with each. All of it goes by files of mode 0600 in a folder
    that is removed, and is read under the service's own `user`.
    """
    with tempfile.TemporaryDirectory(prefix="gureum-policy-") as folder:
        os.chown(folder, user_id(spec["user"]), -1)
        paths = {name: _file(folder, name, spec[name], spec) for name in ("access", "target")}

        def one(number: int) -> dict[str, Any]:
            question = spec["questions"][number]
            policy = _file(folder, f"policy-{number}.yaml", question["policy"], spec)
            command = [*spec["program"], "--policy", policy, "--rule", spec["rule"]]
            command += ["--access", paths["access"], "--target", paths["target"]]
            command += ["--is_admin"] if question["is_admin"] else []
            done = run(command, user=spec["user"], timeout=LIMIT, dies_with_us=True)
            lines = done.output.splitlines()
            answered = done.exit == 0 and (f"passed: {spec['rule']}" in lines) != (
                f"failed: {spec['rule']}" in lines
            )
            return {
                "allowed": f"passed: {spec['rule']}" in lines if answered else None,
                "output": "" if answered else last_line(done.output) or f"exit {done.exit}",
                "seconds": round(done.seconds, 2),
            }

        with ThreadPoolExecutor(max(1, len(spec["questions"]))) as pool:
            answers = list(pool.map(one, range(len(spec["questions"]))))
    return {"answers": answers, "file": _text(spec["file"])}


def _file(folder: str, name: str, text: str, spec: dict[str, Any]) -> str:
    path = os.path.join(folder, name)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    os.chown(path, user_id(spec["user"]), -1)
    return path


def _text(path: str) -> Any:
    try:
        with open(path, encoding="utf-8", errors="replace") as source:
            return source.read()
    except OSError:
        return None
