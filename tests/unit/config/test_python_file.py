"""Settings as a Python file: what it says is what was set, and every line has its reason."""

from __future__ import annotations

from typing import Any

import pytest

from gureum.config.merge import merge
from gureum.config.parse import read_file
from gureum.config.render import render
from gureum.config.setting import ConfigFile, Option, Setting, Value
from gureum.diagnostics import Source
from gureum.errors import ConfigError
from gureum.state.secrets import Secret

FILE = ConfigFile(name="settings.py", path="/etc/settings.py", format="python", why="for a test")


def option(section: str, name: str, value: Value, why: str = "because", line: int = 0) -> Option:
    source = Source("cloud.yaml", line) if line else Source("services/test.py")
    return Option("settings.py", section, name, Setting(value, why, source), override=bool(line))


def read(*options: Option) -> tuple[str, dict[str, Any]]:
    text = render(merge(options), FILE)
    found: dict[str, Any] = {}
    exec(text, {"__builtins__": {}}, found)  # noqa: S102 - it is what is tested
    return text, found


def test_a_python_file_says_what_was_set() -> None:
    """R-CONF-1: every kind of value comes out as it went in, dictionaries put together."""
    _, found = read(
        option("", "DEBUG", False),
        option("", "NAME", 'it\'s "quoted"\nwith a # and a \\'),
        option("", "HOSTS", ("one", "two")),
        option("", "SECRET", Secret("p'w")),
        option("CACHES.default", "TIMEOUT", 300),
        option("CACHES.default", "BACKEND", "memcached"),
        option("CACHES.other", "RATIO", 0.5),
    )
    assert found == {
        "DEBUG": False,
        "NAME": 'it\'s "quoted"\nwith a # and a \\',
        "HOSTS": ["one", "two"],
        "SECRET": "p'w",
        "CACHES": {
            "default": {"TIMEOUT": 300, "BACKEND": "memcached"},
            "other": {"RATIO": 0.5},
        },
    }


def test_every_setting_stands_under_its_reason() -> None:
    """R-CONF-2: the reason may be long or hold a line break, and never becomes code."""
    why = "a long\nreason " * 20
    text, found = read(option("", "A", 1, why), option("B", "c", 2, "why c is 2"))
    assert found == {"A": 1, "B": {"c": 2}}
    above = text[: text.index("A = 1")]
    assert " ".join(above.replace("# ", " ").split()).endswith("(services/test.py)")
    assert "    # why c is 2 (services/test.py)\n    'c': 2,\n" in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_is_written_is_read_back_without_running_it() -> None:
    """R-PREP-8: a hand edit of one setting is told from all others, and from what is no Python."""
    options = (
        option("", "DEBUG", False),
        option("", "HOSTS", ("one", "two")),
        option("CACHES.default", "TIMEOUT", 300),
    )
    text, _ = read(*options)
    found = read_file(text, FILE)
    assert found.parsed == {
        "": {"DEBUG": ["false"], "HOSTS": ["one,two"]},
        "CACHES.default": {"TIMEOUT": ["300"]},
    }
    assert not found.found
    edited = read_file(text.replace("DEBUG = False", "DEBUG = bool(open('/x'))"), FILE)
    assert edited.parsed[""]["DEBUG"] == ["bool(open('/x'))"]
    line = text.splitlines().index("DEBUG = False") + 1
    assert edited.lines["", "DEBUG"] == line
    (broken,) = read_file(text + "X = [\n", FILE).found
    assert "is no Python" in broken.summary


def test_an_operators_setting_wins_and_keeps_the_others_around_it() -> None:
    _, found = read(
        option("CACHES.default", "TIMEOUT", 300),
        option("CACHES.default", "BACKEND", "memcached"),
        option("CACHES.default", "TIMEOUT", 60, line=7),
    )
    assert found == {"CACHES": {"default": {"TIMEOUT": 60, "BACKEND": "memcached"}}}


@pytest.mark.parametrize("whole", ["CACHES", "ZERO"])
def test_a_dictionary_set_as_a_whole_and_in_parts_is_refused(whole: str) -> None:
    """R-CONF-3: the operator's line is named, whichever of the two comes first."""
    section = f"{whole}.default"
    with pytest.raises(ConfigError) as caught:
        read(option(section, "TIMEOUT", 300), option("", whole, "none", line=7))
    (found,) = caught.value.diagnostics
    assert str(found.source) == "cloud.yaml:7"
    assert "as a whole and in parts" in found.summary
