"""The dashboard's logo: what is taken, and what is refused with a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.errors import InputError
from gureum.model.load import load
from gureum.operate.branding import logo

ONE = "hosts:\n  one:\n    roles: [controller, network, compute]\n"
SVG = '<?xml version="1.0"?>\n<!-- ours --><svg width="9"/>\n'


def taken(tmp_path: Path, content: bytes | None, name: str = "logo.svg") -> str:
    (tmp_path / "cloud.yaml").write_text(f"{ONE}dashboard: {{branding: {{logo: {name}}}}}\n")
    if content is not None:
        (tmp_path / "logo.svg").write_bytes(content)
    return logo(load(tmp_path / "cloud.yaml"))


def test_a_logo_lies_beside_the_input(tmp_path: Path) -> None:
    """R-SVC-8: its path begins at the folder of cloud.yaml."""
    assert taken(tmp_path, SVG.encode()) == SVG
    (tmp_path / "cloud.yaml").write_text(ONE)
    assert logo(load(tmp_path / "cloud.yaml")) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"\x89PNG\r\n\x1a\n\xff", "no text"),
        (b"<html><svg></svg></html>", "does not begin as SVG"),
        (b"<svg><script>alert(1)</script></svg>", "a script"),
        (b'<svg onload="alert(1)"/>', "a script"),
        (b"<svg>" + b" " * 300_000 + b"</svg>", "KiB"),
    ],
)
def test_what_is_no_logo_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    """R-PREP-8: with the line that names it, the file and the way out."""
    with pytest.raises(InputError) as caught:
        taken(tmp_path, content)
    (found,) = caught.value.diagnostics
    assert said in found.detail
    assert found.source is not None
    assert found.source.line == 4
    assert "SVG" in found.hint
