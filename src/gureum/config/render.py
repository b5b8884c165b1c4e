"""Writes one config file of the merged tree as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gureum.config import python_file
from gureum.config.setting import ConfigFile, ConfigTree, Setting, Value
from gureum.config.text import plain
from gureum.errors import InternalError
from gureum.releases import Release, Schema
from gureum.state.secrets import Secret

_HEADER = "# Written by gureum; change it in cloud.yaml, under config and {name}.\n"


def render(
    tree: ConfigTree, file: ConfigFile, release: Release | None = None, *, reasons: bool = False
) -> str:
    """Return the text of `file`, the same for the same tree whatever order options came in.

    With `reasons` every option carries its reason and source as a comment; in a file of Python it
    always does. The release tells which options are repeated instead of joined by commas; without
    it every list is joined. The text holds secrets.
    """
    sections = tree.files.get(file.name, {})
    if file.format == "python":
        return "".join([_HEADER.format(name=file.name), "\n", *python_file.lines(sections)])
    schema = release.schema(file.schema) if release and file.schema else None
    spell = _Spelling(file, schema)
    parts = [_HEADER.format(name=file.name)]
    for section in sorted(sections, key=lambda name: (name != "DEFAULT", name)):
        title = [f"[{section}]\n"] if section else []
        parts.append("".join([*title, *_lines(section, sections[section], spell, reasons)]))
    return "\n".join(parts)


class _Spelling:
    """How values are spelt in one file: what its reader would take for something else is quoted."""

    def __init__(self, file: ConfigFile, schema: Schema | None) -> None:
        self._schema = schema
        self._quote: Callable[[str], str] = _quote_oslo if file.schema else _quote_other
        if file.format == "properties":
            self._quote = _quote_properties
        if file.format == "paste":
            self._quote = str
        self._substitutes = file.schema is not None and file.format == "ini"

    def values(self, section: str, name: str, value: Value) -> list[str]:
        """Return a value as one or, where the option is repeated, several texts."""
        if isinstance(value, tuple) and self._repeats(section, name):
            return [self._spell(one) for one in value]
        return [self._spell(value)]

    def _repeats(self, section: str, name: str) -> bool:
        option = self._schema.option(section, name) if self._schema else None
        return option is not None and option.multi

    def _spell(self, value: Value) -> str:
        text = plain(value)
        if "\n" in text or "\r" in text:
            # The rest of the value would become an option of its own.
            raise InternalError("a value of a config file holds a line break")
        if self._substitutes and isinstance(value, Secret):
            # oslo.config takes $name for another option's value; a secret means what it says.
            if "\\$" in text:
                raise InternalError("oslo.config cannot read a secret with a backslash before a $")
            text = text.replace("$", "$$")
        return self._quote(text)


def _lines(
    section: str, settings: Mapping[str, Setting], spell: _Spelling, reasons: bool
) -> Iterator[str]:
    for name, setting in sorted(settings.items()):
        if reasons:
            for one in (setting, *setting.also):
                yield f"# {' '.join(one.why.split())} ({one.source})\n"
            if setting.instead_of:
                yield f"# instead of {setting.instead_of.source}'s value\n"
        for text in spell.values(section, name, setting.value):
            yield f"{name} = {text}\n" if text else f"{name} =\n"


def _quote_oslo(text: str) -> str:
    """Quote what oslo.config would strip: white space at the ends, or quotes around the whole."""
    quoted = text[:1] in ("'", '"') and text[0] == text[-1]
    return f'"{text}"' if quoted or text != text.strip() else text


def _quote_other(text: str) -> str:
    """Quote what MariaDB would strip or take for a comment."""
    return f'"{text}"' if "#" in text or text != text.strip() else text


def _quote_properties(text: str) -> str:
    """Quote what RabbitMQ would strip or take for a comment."""
    return f"'{text}'" if "#" in text or text != text.strip() else text
