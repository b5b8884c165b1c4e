"""The reference page of cloud.yaml, made from the model: a table for each part of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args, get_origin

from gureum.model import shape
from gureum.model.cloud import Cloud
from gureum.model.commented import shown, yaml
from gureum.model.part import Part
from gureum.model.problem import KeyPath, spelt

HEAD = """\
# cloud.yaml

Every key that a cloud's input may hold. `./run gureum init` writes a commented file with all of them, and
a mistake in one is named with its line and the nearest valid name before anything is changed. This
page is made from the model by `scripts/reference`.

For completion and checks in an editor, write the JSON schema beside the file and name it in the
first line:

```
./run gureum schema > cloud.schema.json
```

```yaml
# yaml-language-server: $schema=cloud.schema.json
```
"""


def reference() -> str:
    """Return the page as Markdown."""
    return "\n".join((HEAD, *_sections((), Cloud)))


def _sections(path: KeyPath, part: type[Part]) -> Iterator[str]:
    yield f"## {spelt(path) or 'The cloud'}"
    yield ""
    yield (part.__doc__ or "").strip()
    yield ""
    yield "| key | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, info in part.model_fields.items():
        wants = shape.in_words(shape.at((*path, name)))
        if info.is_required():
            default = "required"
        elif shape.part_at((*path, name)):
            default = f"see [{spelt((*path, name))}](#{_anchor((*path, name))})"
        elif info.get_default(call_default_factory=True, validated_data={}) in (None, (), {}):
            default = f"none; e.g. `{yaml(shown(info))}`"
        else:
            default = f"`{yaml(shown(info))}`"
        yield f"| `{name}` | {wants} | {default} | {info.description} |"
    yield ""
    for name in part.model_fields:
        below = (*path, name)
        annotation = shape.bare(shape.at(below))
        while get_origin(annotation) is dict:
            below, annotation = (*below, "NAME"), shape.bare(get_args(annotation)[1])
        if isinstance(annotation, type) and issubclass(annotation, Part):
            yield from _sections(below, annotation)


def _anchor(path: KeyPath) -> str:
    return spelt(path).lower().replace(".", "")
