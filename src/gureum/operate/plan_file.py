"""Writes a cloud's plan to a file, and holds such a file against the cloud as it is now."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gureum import __version__, moment
from gureum.errors import GureumError
from gureum.operate.typed import typed
from gureum.plan import Plan
from gureum.plan.document import Document, Unopened, differences, mark, marks, read
from gureum.state.secrets import Secret

if TYPE_CHECKING:
    from gureum.operate.deployment import Deployment
    from gureum.operate.run import Ready

SHOWN = 12
"""Differences that are told one by one; the rest is counted."""
LARGEST = 64_000_000
"""Bytes above which a file cannot be a plan."""


def key_of(deployment: Deployment) -> Secret:
    """Return the key that seals this cloud's plans."""
    return deployment.folder.make().secrets().password("gureum.plan")


def document(ready: Ready, plan: Plan) -> Document:
    """Return a plan as a document: with marks of all that it rests on."""
    key = ready.blueprint.secrets.password("gureum.plan")
    cloud = ready.deployment.cloud
    contexts = ready.blueprint.contexts
    context = next(iter(contexts.values()))
    origins = {
        "cloud.yaml": mark(cloud.model_dump(mode="json"), key),
        "the secrets": mark(ready.blueprint.secrets.fingerprint(without="gureum.plan"), key),
        f"release {context.release.name}": mark(context.release.lock, key),
        "what the hosts say of themselves": mark(
            {n: [dataclasses.asdict(c.facts), dict(c.addresses)] for n, c in contexts.items()}, key
        ),
    }
    return Document(
        cloud=cloud.name,
        release=context.release.name,
        made=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        gureum=__version__,
        origins=origins,
        wanted=marks(ready.blueprint.steps, key),
        plan=plan,
    )


def write_plan(ready: Ready, plan: Plan, path: Path) -> None:
    """Write the plan to `path` (mode 0600, in one move); raises GureumError where that cannot be."""
    text = document(ready, plan).to_text(ready.blueprint.secrets.password("gureum.plan"))
    # The key may have been made just now: a plan whose seal nobody knows could not be applied.
    ready.blueprint.secrets.save()
    _write(path, text, lambda head: '"format": "gureum plan"' in head)


def write_page(path: Path, text: str) -> None:
    """Write a page of HTML to `path` as `write_plan` does a plan."""
    _write(path, text, lambda head: head.lstrip().lower().startswith("<!doctype html"))


def _write(path: Path, text: str, replaces: Callable[[str], bool]) -> None:
    """Write a file of mode 0600 in one move, over an older one only if `replaces` knows it."""
    new = path.with_name(f".{path.name}.gureum-new")
    try:
        if path.exists() and not (path.is_file() and replaces(_head(path))):
            raise GureumError(
                f"{path} is there already and is not gureum's to replace",
                hint="name another file: what is there may be needed",
            )
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise GureumError(
            f"cannot write {path}: {error.strerror}",
            hint=f"ls -ld {shlex.quote(str(path.parent))}",
        ) from None


def read_plan(path: Path, deployment: Deployment) -> Document:
    """Return the document in `path`; raises GureumError unless it is a plan of this very cloud."""
    again = typed(deployment.loaded, "plan", "--out", "new-plan.json")
    try:
        if path.stat().st_size > LARGEST:
            raise GureumError(
                f"{path} is not a plan", detail="it is far too large for one", hint=again
            )
        text = path.read_bytes().decode(errors="replace")
    except OSError as error:
        raise GureumError(f"cannot read the plan {path}: {error.strerror}", hint=again) from None
    unopened: Unopened = read(text, str(path), again)
    if unopened.cloud != deployment.cloud.name:
        raise GureumError(
            f"{path} is a plan for the cloud {unopened.cloud!r}, not for {deployment.cloud.name!r}",
            hint=shlex.join(["gureum", "apply", "--cloud", unopened.cloud, str(path)]),
        )
    return unopened.open(key_of(deployment), str(path), again)


def promised(path: Path | None, deployment: Deployment) -> Callable[[Ready, Plan], None] | None:
    """Return what refuses every plan but the one in `path`; nothing without a path.

    Raises GureumError, before any host is asked, unless `path` holds a plan of this very cloud.
    """
    if path is None:
        return None
    document = read_plan(path, deployment)
    return lambda ready, plan: require_unchanged(document, ready, plan, path)


def require_unchanged(then: Document, ready: Ready, plan: Plan, path: Path) -> None:
    """Raise GureumError that names every difference, unless `plan` is still the plan of `then`."""
    found = list(differences(then, document(ready, plan)))
    if not found:
        return
    again = typed(ready.deployment.loaded, "plan", "--out", str(path))
    if not plan.changes:
        raise GureumError(
            f"nothing is left of {path} to do: everything is as it is wanted",
            detail=f"the plan was made at {moment.read(then.made)}",
            hint=again,
        )
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    raise GureumError(
        f"{path} is no longer the plan: things changed since {moment.read(then.made)}; "
        "nothing was touched",
        detail="\n".join([*found[:SHOWN], *more]),
        hint=again,
    )


def _head(path: Path) -> str:
    with open(path, "rb") as source:
        return source.read(400).decode(errors="replace")
