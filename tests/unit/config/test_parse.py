"""Files that somebody else wrote: what would hurt in them is found (R-PREP-8)."""

from __future__ import annotations

from gureum.config.parse import parse_ini
from gureum.diagnostics import Source
from gureum.releases import load_release

SOURCE = Source("nova.conf")


def found(text: str) -> list[tuple[int | None, str]]:
    return [(d.source.line if d.source else None, d.summary) for d in parse_ini(text, SOURCE)[1]]


def test_a_good_file_is_read_without_complaint() -> None:
    text = (
        "# a comment\n[DEFAULT]\ndebug = true\nlog_file: /var/log/x\n; another\n\n"
        '[vnc]\nserver_listen = "10.0.0.1"\nauth_schemes = none,\n  vencrypt\n'
    )
    parsed, problems = parse_ini(text, SOURCE)
    assert problems == []
    assert parsed == {
        "DEFAULT": {"debug": ["true"], "log_file": ["/var/log/x"]},
        "vnc": {"server_listen": ["10.0.0.1"], "auth_schemes": ["none,\nvencrypt"]},
    }


def test_windows_line_ends_are_found_once() -> None:
    """R-PREP-8."""
    text = "[DEFAULT]\r\ndebug = true\r\n"
    ((line, summary),) = found(text)
    assert line == 1
    assert "Windows line ends" in summary
    assert parse_ini(text, SOURCE)[0] == {"DEFAULT": {"debug": ["true"]}}


def test_white_space_before_an_option_is_found() -> None:
    """R-PREP-8: oslo.config would make it part of the option above, without a word."""
    ((line, summary),) = found("[DEFAULT]\ndebug = true\n  verbose = true\n")
    assert line == 3
    assert "verbose" in summary


def test_duplicates_are_found_with_both_lines() -> None:
    """R-PREP-8."""
    text = "[DEFAULT]\ndebug = true\n[vnc]\nenabled = no\n[DEFAULT]\ndebug = false\n"
    assert found(text) == [
        (5, "section [DEFAULT] stands twice, first in line 1"),
        (6, "[DEFAULT] debug stands twice, first in line 2"),
    ]


def test_an_option_that_may_be_repeated_is_no_duplicate() -> None:
    text = "[pci]\nalias = a\nalias = b\n"
    schema = load_release("2026.2").schema("nova")
    parsed, problems = parse_ini(text, SOURCE, schema)
    assert problems == []
    assert parsed["pci"]["alias"] == ["a", "b"]
    assert parse_ini(text, SOURCE)[1]


def test_lines_that_are_no_option_are_found() -> None:
    text = "debug = true\n[DEFAULT\n[DEFAULT]\nnonsense\n\n   lost\n= nothing\n"
    assert [line for line, _ in found(text)] == [1, 2, 4, 6, 7]
