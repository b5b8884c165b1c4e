"""A plan as a document: written to a file, read back, and held against how things are now.

The document names no secret. What each step wants is kept as a mark, made with a key that only the
cloud's own folder holds: two marks differ where what is wanted differs, and tell nothing else. The
same key seals the whole, so that a document that was changed on its way, or belongs to another
cloud of the same name, is known.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gureum.errors import GureumError
from gureum.plan.plan import Plan
from gureum.state.secrets import Secret
from gureum.steps.step import Step

FORMAT = "gureum plan"
VERSION = 1


@dataclass(frozen=True)
class Document:
    """A plan with the cloud it is for, when and with what it was made, and marks of what is wanted.

    `wanted` has a mark for each step, `origins` one for each thing that what is wanted comes from
    (`cloud.yaml`, `secrets`, `release`, `facts`), to tell what a difference is due to.
    """

    cloud: str
    release: str
    made: str
    gureum: str
    origins: Mapping[str, str]
    wanted: Mapping[str, str]
    plan: Plan

    def to_text(self, key: Secret) -> str:
        """Return the document as JSON, sealed with the cloud's key."""
        fields = {"format": FORMAT, "version": VERSION, **asdict(self), "plan": self.plan.to_json()}
        return (
            json.dumps({**fields, "seal": _seal(fields, key)}, indent=1, ensure_ascii=False) + "\n"
        )


@dataclass(frozen=True)
class Unopened:
    """A document as it was read: of the right form, with a seal that nobody has looked at yet."""

    cloud: str
    fields: Mapping[str, Any]

    def open(self, key: Secret, name: str, again: str) -> Document:
        """Return the document; raises GureumError where the seal is not of this cloud's key."""
        fields = {k: v for k, v in self.fields.items() if k != "seal"}
        if not hmac.compare_digest(_seal(fields, key), str(self.fields.get("seal"))):
            raise GureumError(
                f"{name} is not as gureum wrote it",
                detail=f"it was changed since, or is of another cloud that is called {self.cloud!r} too",
                hint=again,
            )
        kept = {k: v for k, v in fields.items() if k not in ("format", "version")}
        return Document(**{**kept, "plan": Plan.from_json(fields["plan"])})


def read(text: str, name: str, again: str) -> Unopened:
    """Return the document that `text` holds; raises GureumError for whatever is none of this version.

    `name` is the file's and `again` the command that writes a plan, for what is said.
    """
    try:
        fields = json.loads(text)
    except ValueError:
        if text.lstrip().startswith("{") and FORMAT in text[:200]:
            raise GureumError(
                f"the plan in {name} is torn", detail="its end is missing", hint=again
            ) from None
        fields = None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise GureumError(
            f"{name} is not a plan",
            detail="a plan is what `gureum plan --out FILE` writes; a cloud's input is given by --file",
            hint=again,
        )
    if fields.get("version") != VERSION:
        raise GureumError(
            f"{name} is a plan of format {fields.get('version')}; this gureum reads format {VERSION}",
            detail=f"written by gureum {fields.get('gureum')}",
            hint=again,
        )
    return Unopened(str(fields.get("cloud")), fields)


def marks(steps: Sequence[Step], key: Secret) -> dict[str, str]:
    """Return a mark of each step's wanted state and of its place in the order, by key."""
    return {
        step.key: mark(
            {
                "kind": step.state.kind,
                "spec": step.state.spec(),
                "expected": step.state.expected(),
                "needs": sorted(step.needs),
                "watches": sorted(step.watches),
            },
            key,
        )
        for step in steps
    }


def mark(value: Any, key: Secret) -> str:
    """Return what tells one value from another and nothing about either."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hmac.new(key.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()[:20]


def differences(then: Document, now: Document) -> Iterator[str]:
    """Yield, a line each, in what the plan of now is another than the plan of then."""
    changed = [name for name, was in then.origins.items() if now.origins.get(name) != was]
    because = f" ({_spelt(changed)} changed)" if changed else ""
    for key in sorted(then.wanted.keys() | now.wanted.keys()):
        if key not in now.wanted:
            yield f"{key}: no longer wanted{because}"
        elif key not in then.wanted:
            yield f"{key}: wanted now, and not when the plan was made{because}"
        elif now.wanted[key] != then.wanted[key]:
            yield f"{key}: another state is wanted{because or ' (gureum itself changed)'}"
    for key in (key for key in then.wanted if key in now.wanted):
        yield from (f"{key}: {text}" for text in _moved(then.plan, now.plan, key))


def _moved(then: Plan, now: Plan, key: str) -> Iterator[str]:
    """Yield what the host says of a step now that it did not say then."""
    was, found = then.by_key[key], now.by_key[key]
    before, after = _public(was.reading), _public(found.reading)
    names = [n for n in sorted(before.keys() | after.keys()) if before.get(n) != after.get(n)]
    yield from (_said(name, before.get(name), after.get(name)) for name in names)
    if not names and _deed(was) != _deed(found):
        yield f"was to {_named(was)}, and is to {_named(found)} now"


def _said(name: str, before: Any, after: Any) -> str:
    if name == "sha256":
        return "somebody changed its text on the host" if before and after else _came(before)
    if name == "_exists":
        return _came(before)
    if name == "mode" and before and after:
        return f"mode was {before:04o} and is {after:04o}"
    return f"{name} was {_brief(before)} and is {_brief(after)}"


def _came(before: Any) -> str:
    return "it is gone from the host" if before else "it is on the host by now"


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _public(reading: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a step is judged by; process ids and the like come and go."""
    kept = {k: v for k, v in reading.items() if not k.startswith("_") or k in ("_exists", "_error")}
    plain: dict[str, Any] = json.loads(json.dumps(kept, default=str))
    return plain


def _deed(step: Any) -> tuple[Any, ...]:
    return step.action, tuple(sorted(step.causes)), step.versions


def _named(step: Any) -> str:
    versions = [f"{v.package} {v.then}" for v in step.versions]
    return " ".join([step.action.name.lower(), *versions, *step.causes])


def _spelt(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _seal(fields: Mapping[str, Any], key: Secret) -> str:
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False)
    return hmac.new(key.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
