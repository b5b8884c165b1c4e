"""A host that installs from a bundle looks there and nowhere else (R-PREP-9)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gureum.remote import bundle, packages
from gureum.remote.failure import Failure
from gureum.remote.process import Done

WAY = {"url": "http://127.0.0.1:8480", "index": "", "constraints": "wheel==1 --hash=sha256:00\n"}


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in ("FOLDER", "LISTS", "SOURCES", "CONSTRAINTS"):
        place = str(getattr(bundle, name)).replace("/var/lib/gureum/bundle", str(tmp_path))
        monkeypatch.setattr(bundle, name, place)
    told = {**WAY, "index": hashlib.sha256(b"Package: a\n").hexdigest()}
    bundle.use(told)
    return told


def test_a_host_that_was_told_no_way_says_so() -> None:
    bundle.use({})
    with pytest.raises(Failure, match="no way to the bundle /srv/b"):
        bundle.way({"bundle": "/srv/b"})


def test_apt_sees_the_bundle_alone(way: dict[str, str], tmp_path: Path) -> None:
    """R-PREP-9: a host's sources, pins and proxies stay where they are, and are not used."""
    bundle.prepare_apt(way)
    (line,) = Path(bundle.SOURCES).read_text().splitlines()
    assert line.startswith("deb [trusted=yes ")
    assert line.endswith("] http://127.0.0.1:8480/debian ./")
    options = dict(option.removeprefix("-o=").split("=", 1) for option in bundle.apt_options())
    assert options["Dir::Etc::sourcelist"] == bundle.SOURCES
    assert options["Dir::Etc::sourceparts"] == "/dev/null"
    assert options["Dir::Etc::preferencesparts"] == "/dev/null"
    assert options["Dir::State::lists"] == f"{tmp_path}/lists"
    assert options["Acquire::http::Proxy"] == "DIRECT"


def test_a_list_that_gureum_does_not_know_is_refused(way: dict[str, str], tmp_path: Path) -> None:
    """R-PREP-9: the index is proven by the manifest's checksum, so it needs no signature."""
    bundle.prepare_apt(way)
    assert not bundle.lists_usable()
    found = tmp_path / "lists/127.0.0.1:8480_debian_._Packages"
    found.write_bytes(b"Package: a\n")
    assert bundle.lists_usable()
    bundle.check_lists([])
    # The next way through SSH has another port, under which apt would look for a list of its own.
    bundle.use({**way, "url": "http://127.0.0.1:8481"})
    assert not bundle.lists_usable()
    bundle.use(way)
    found.write_bytes(b"Package: evil\n")
    with pytest.raises(Failure, match="not the one that its manifest names"):
        bundle.check_lists([])
    assert not found.exists()


def test_python_s_installers_see_the_bundle_alone(
    way: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-PREP-9: indexes and proxies that a host's environment names are not used."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://elsewhere.example")
    monkeypatch.setenv("PIP_INDEX_URL", "http://elsewhere.example")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")
    monkeypatch.setenv("UV_CACHE_DIR", "/var/cache/uv")
    command = bundle.python_command("uv", "pip", *bundle.uv_options(way))
    unset = {command[i + 1] for i, word in enumerate(command) if word == "-u"}
    assert {"UV_DEFAULT_INDEX", "PIP_INDEX_URL", "HTTP_PROXY"} <= unset
    assert "UV_CACHE_DIR" not in unset
    assert "PIP_CONFIG_FILE=/dev/null" in command
    tail = command[command.index("uv") :]
    assert tail[2:4] == ("--no-config", "--no-index")
    assert tail[4:6] == ("--find-links", "http://127.0.0.1:8480/wheels/")
    assert Path(bundle.CONSTRAINTS).read_text() == way["constraints"]
    assert bundle.pip_options(way)[-2:] == ("--trusted-host", "127.0.0.1:8480")


def test_packages_come_with_the_bundle_s_options(
    way: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-PREP-9: the list is fetched only where it is not the wanted one, and apt gets the options."""
    ran: list[tuple[str, tuple[str, ...]]] = []

    def update(source: tuple[str, ...] = ()) -> Done:
        ran.append(("update", source))
        (tmp_path / "lists/127.0.0.1:8480_debian_._Packages").write_bytes(b"Package: a\n")
        return Done(("apt-get",), 0, "", 0.1)

    def install(names: list[str], source: tuple[str, ...] = ()) -> Done:
        ran.append((" ".join(names), source))
        return Done(("apt-get",), 0, "", 0.1)

    monkeypatch.setattr(packages.apt_run, "update", update)
    monkeypatch.setattr(packages.apt_run, "install", install)
    monkeypatch.setattr(packages.apt_lock, "wait", lambda: None)
    monkeypatch.setattr(packages, "interrupted", lambda: False)
    spec = {"names": ["no-such-a", "no-such-b"], "bundle": "/srv/b"}
    packages.change(spec, {})
    packages.change(spec, {})
    assert [what for what, _ in ran] == ["update", "no-such-a no-such-b", "no-such-a no-such-b"]
    assert {source for _, source in ran} == {bundle.apt_options()}
    assert way["url"] in Path(bundle.SOURCES).read_text()


def test_a_server_that_went_away_is_told_with_its_address(
    way: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = (
        "Err:1 http://127.0.0.1:8480 ./ Release\n  Could not connect: Connection refused\nE: Unable"
    )
    monkeypatch.setattr(packages.apt_run, "update", lambda _: Done(("apt-get",), 100, said, 0.1))
    with pytest.raises(Failure, match="cannot fetch the bundle's list of packages") as caught:
        packages._install_from_bundle(way, ["a"], [], "cannot install a")
    assert caught.value.hint.startswith("curl -sI http://127.0.0.1:8480/debian/Packages")
