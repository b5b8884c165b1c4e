"""What hosts take over from the machine: read from its settings, without what is only its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.lab import apt_settings, python_settings, surroundings, trust

LISTING = """\
http://mirror.example/debian/|bookworm|main|$(SIGNED_BY)|Debian
http://mirror.example/debian/|bookworm|contrib|$(SIGNED_BY)|Debian
http://mirror.example/debian/|bookworm-updates|main|$(SIGNED_BY)|
http://mirror.example/security/|bookworm-security|main|/k/debian-archive-keyring.gpg|
http://mirror.example/debian/|bookworm-backports|main|$(SIGNED_BY)|Debian
https://vendor.example/apt/|bookworm|main|/k/vendor.gpg|Vendor
https://vendor.example/apt/|bookworm|main|/k/vendor.gpg|
https://docker.example/|bookworm|stable||
file:/srv/mirror/|bookworm|main|$(SIGNED_BY)|Debian
"""


def test_debian_mirrors_serve_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LAB-1: only Debian's own entries are taken, their suites renamed."""
    monkeypatch.setattr(apt_settings, "_ask", lambda *_: LISTING.splitlines())
    text = apt_settings.sources("trixie")
    assert [line for line in text.splitlines() if line.startswith(("URIs", "Suites", "Comp"))] == [
        "URIs: http://mirror.example/debian/",
        "Suites: trixie",
        "Components: main contrib",
        "URIs: http://mirror.example/debian/",
        "Suites: trixie-updates",
        "Components: main",
        "URIs: http://mirror.example/security/",
        "Suites: trixie-security",
        "Components: main",
    ]


def test_machine_without_debian_mirrors_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LAB-1: entries of others alone are no way to Debian."""
    lines = [line for line in LISTING.splitlines() if "mirror.example" not in line]
    monkeypatch.setattr(apt_settings, "_ask", lambda *_: lines)
    assert apt_settings.sources("trixie") == ""


def test_mirror_lists_in_local_files_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """R-LAB-1: a host cannot read the machine's list of mirrors, so it gets the mirrors."""
    (tmp_path / "debian.list").write_text("# mirrors\nhttps://one.example/debian arch:amd64\n")
    line = f"mirror+file:{tmp_path}/debian.list/|bookworm|main||Debian"
    monkeypatch.setattr(apt_settings, "_ask", lambda *_: [line])
    assert "URIs: https://one.example/debian\n" in apt_settings.sources("bookworm")


def test_apt_options_keep_proxies_and_drop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LAB-1: how packages are fetched is taken over; the machine's other settings are not."""
    lines = [
        "Acquire::http::Proxy http://proxy.example:3128;",
        "Acquire::http::Proxy-Auto-Detect /usr/bin/find-proxy;",
        "Acquire::Check-Valid-Until false;",
        "APT::Default-Release bookworm;",
    ]
    monkeypatch.setattr(apt_settings, "_ask", lambda *_: lines)
    text = apt_settings.options()
    assert 'Acquire::http::Proxy "http://proxy.example:3128";' in text
    assert 'Acquire::Check-Valid-Until "false";' in text
    assert "Auto-Detect" not in text
    assert "Default-Release" not in text


def test_pip_settings_lose_what_leads_to_local_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """R-LAB-1: an index is taken over; folders of the machine are not, for they are not inside."""
    path = tmp_path / "pip.conf"
    path.write_text(
        "[global]\nindex-url = https://index.example/simple\nfind-links = /opt/wheels\n"
        "extra-index-url = file:///opt/index https://more.example/simple\n"
        f"cert = {tmp_path}/ca.pem\n[install]\nuser = yes\n"
    )
    monkeypatch.setattr(python_settings, "PIP_FILES", (str(path),))
    text = python_settings.pip_conf()
    assert "index-url = https://index.example/simple" in text
    assert "extra-index-url = https://more.example/simple\n" in text
    assert f"cert = {python_settings.BUNDLE}" in text
    assert "find-links" not in text
    assert "[install]" not in text
    monkeypatch.setattr("os.environ", {"PIP_FIND_LINKS": "/x", "PIP_CERT": "/y"})
    assert python_settings.environment()["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert python_settings.environment()["PIP_CERT"] == python_settings.BUNDLE
    assert "PIP_FIND_LINKS" not in python_settings.environment()


def test_broken_pip_settings_do_not_stop_a_lab(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """R-LAB-1: a file that pip itself refuses is left out."""
    path = tmp_path / "pip.conf"
    path.write_text("index-url = no section\n")
    monkeypatch.setattr(python_settings, "PIP_FILES", (str(path),))
    assert python_settings.pip_conf() == ""


def test_resolvers_on_loopback_are_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """R-LAB-1: a host cannot ask a resolver that listens on the machine's loopback."""
    stub, real = tmp_path / "stub", tmp_path / "real"
    stub.write_text("# made by systemd-resolved\nnameserver 127.0.0.53\nsearch example.org\n")
    real.write_text("nameserver 192.0.2.53\nsearch example.org\n")
    monkeypatch.setattr(surroundings, "RESOLVERS", (stub, real))
    assert surroundings.resolv_conf() == "nameserver 192.0.2.53\nsearch example.org\n"


def test_added_authorities_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """R-LAB-1: what the machine trusts beyond the distribution is found once, however it ends."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    shipped, local, bundle = tmp_path / "shipped", tmp_path / "local", tmp_path / "all.crt"
    for folder in (shipped, local):
        folder.mkdir()
    (shipped / "known.crt").write_text(f"{begin}\nAAAA\n{end}\n")
    (local / "own.crt").write_text(f"{begin}\r\nBBBB\r\n{end}\r\n")
    bundle.write_text(f"{begin}\nAAAA\n{end}\n{begin}\nBBBB\n{end}\n")
    monkeypatch.setattr(trust, "SHIPPED", shipped)
    monkeypatch.setattr(trust, "LOCAL", local)
    monkeypatch.setattr(trust, "SYSTEM", bundle)
    monkeypatch.setattr(trust, "BUNDLES", ())
    assert trust.additions() == (f"{begin}\nBBBB\n{end}",)
