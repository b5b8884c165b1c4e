"""Gathers the options of a config file that its project describes by a sample, as Swift does.

    python gather_samples.py SCHEMAS.TOML NAME SAMPLES RELEASE     the schema, as JSON on stdout

Swift's files are not oslo.config's: which options there are, their defaults and their help stand in the
samples beside its source, in the folder SAMPLES. A middleware of another project that a sample only
mentions takes its options from a schema in the folder RELEASE. It imports nothing of gureum.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

Options = dict[str, dict[str, Any]]

_SECTION = re.compile(r"#? ?\[([^\]\s][^\]]*)\]\s*")
_OPTION = re.compile(r"(# ?)?((?:set )?[A-Za-z_][\w.<>-]*) ?=(?: (.*)|)")
_TRUTHS = ("true", "false", "yes", "no", "on", "off")
_PLACE = re.compile(r"<[^>]*>")


def main(arguments: list[str]) -> None:
    """Print the schema NAME; its options are those of the sample and of what the spec adds to it."""
    schemas, name, samples, release = arguments
    spec = tomllib.loads(Path(schemas).read_text())["schemas"][name]
    sections = sample((Path(samples) / spec["sample"]).read_text())
    if "with" in spec:
        # A file with a pipeline of its own refers to another's for what the parts of it take.
        for section, options in sample((Path(samples) / spec["with"]).read_text()).items():
            if section in sections:
                sections[section] = {**options, **sections[section]}
    for section, there in spec.get("like", {}).items():
        other, _, wanted = there.partition(":")
        sections[section] = {**_like(Path(release), other, wanted), **sections.get(section, {})}
    for section, added in spec.get("also", {}).items():
        sections.setdefault(section, {}).update({one: {"type": "str"} for one in added})
    json.dump(
        {"beside": [], "dynamic": [], "plugin": {}, "sections": sections},
        sys.stdout,
        sort_keys=True,
        ensure_ascii=False,
    )


def sample(text: str) -> dict[str, Options]:
    """Return the options of a sample by section, those that are commented out as well."""
    sections: dict[str, Options] = {}
    section: str = ""
    said: list[str] = []
    for line in text.splitlines():
        if named := _SECTION.fullmatch(line):
            section, said = named[1], []
            sections.setdefault(section, {})
        elif (option := _OPTION.fullmatch(line)) and section:
            name, default = _PLACE.sub("*", option[2]), option[3] or ""
            facts = _described(default, " ".join(said), commented=bool(option[1]))
            known = sections[section].setdefault(name, facts)
            if known["type"] != facts["type"]:
                # Where one example is a number and another is not, either will do.
                known["type"] = "str"
            said = []
        elif not line.strip("# "):
            said = []
        else:
            said.append(line.lstrip("# "))
    return sections


def _described(default: str, words: str, *, commented: bool) -> dict[str, Any]:
    default = default.strip()
    facts: dict[str, Any] = {"type": "str"}
    if default.lower() in _TRUTHS:
        facts["type"] = "bool"
    elif re.fullmatch(r"-?\d+(\.\d+)?", default):
        facts["type"] = "float"
    if commented and default:
        facts["default"] = default
    if words:
        facts["help"] = words
    return facts


def _like(release: Path, schema: str, section: str) -> Options:
    data = json.loads(lzma.decompress((release / f"{schema}.options.json.xz").read_bytes()))
    return {
        name: data["plugin"][name] if "plugin" in facts else facts
        for name, facts in data["sections"][section].items()
    }


if __name__ == "__main__":
    main(sys.argv[1:])
