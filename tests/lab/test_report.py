"""The report of a real cloud: all of it there, none of its secrets."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="lab hosts need root"),
]

VOID = {"meta", "br", "link", "img", "col", "hr", "input", "wbr"}


class WellFormed(HTMLParser):
    """Complains of an element that is not closed where it should be."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [found[n] or "" for n in ("href", "src") if n in found]
        self.ids |= {found["id"] or ""} if "id" in found else set()
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


def secrets(cloud: Any) -> list[str]:
    """Return every password and every line of a private key that the cloud has."""
    folder = cloud.folder
    found = list(json.loads((folder.path / "secrets.json").read_text()).values())
    for path in (folder.ca_key, *folder.certificates.iterdir()):
        found += path.read_text().partition("PRIVATE KEY-----")[2].splitlines()[1:-1]
    return [value for value in found if len(value) >= 8]


def test_the_report_is_whole_and_holds_no_secret(cloud: Any, tmp_path: Path) -> None:
    """R-VERIFY-1, R-CRED-1: every check with its evidence, hosts, units, reasons; no password."""
    path = tmp_path / "report.html"
    said = cloud.gureum("report", "--out", str(path)).stdout
    assert said.startswith(f"{path}  ")
    assert path.stat().st_mode & 0o777 == 0o600
    source = path.read_text()
    page = WellFormed(source)
    assert page.links, "there is a table of contents"
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert len(secrets(cloud)) > 10
    assert not [value for value in secrets(cloud) if value in source]
    for check in cloud.verification()["checks"]:
        assert f"<code>{check['id']}</code>" in source
    words = re.sub(r"<[^>]+>", "", source)
    # Tests before this one have changed the cloud since it was verified, and put it back.
    assert re.search("This cloud works|It worked when it was last verified", words)
    assert "first VM answers ping" in words, "the run and its VM are one picture"
    assert re.search(r"rabbitmq-server\d+:?[\d.]+-", words), "the distribution's versions"
    status = json.loads(cloud.gureum("status", "--json", check=False).stdout)
    assert all(f"<code>{unit['name']}</code>" in source for unit in status["units"])


def test_without_its_hosts_the_rest_is_told(cloud: Any, tmp_path: Path) -> None:
    """What only a running host can say is left out with a plain word; the data says the same."""
    path = tmp_path / "offline.html"
    cloud.gureum("report", "--offline", "--out", str(path))
    words = re.sub(r"<[^>]+>", "", path.read_text())
    assert "The hosts were not asked" in words
    told = json.loads(cloud.gureum("report", "--offline", "--json").stdout)
    assert told["type"] == "report"
    assert told["live"]["health"] is None
    assert [host["name"] for host in told["topology"]["hosts"]] == ["one"]
    assert not [value for value in secrets(cloud) if value in json.dumps(told)]


def test_it_takes_less_than_two_seconds(cloud: Any, tmp_path: Path) -> None:
    """Of processor time, for a machine that is busy with other tests says nothing about gureum."""
    before = os.times()
    cloud.gureum("report", "--out", str(tmp_path / "r.html"))
    after = os.times()
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 2
