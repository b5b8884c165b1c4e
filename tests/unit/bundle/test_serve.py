"""A bundle's server gives the manifest's files and nothing else (R-PREP-9)."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.bundle.conftest import Maker

from gureum.bundle import manifest, open_source
from gureum.bundle.guest import taken
from gureum.bundle.serve import Server, listening_on, open_server, serving
from gureum.errors import BundleError


def get(server: Server, path: str, method: str = "GET") -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def bundle(made: Maker) -> Path:
    (made.folder / "secret").write_text("not of the bundle")
    (made.root / "outside").write_text("not of the bundle")
    return made.folder


def test_files_of_the_manifest_are_given_and_no_others(bundle: Path) -> None:
    """R-PREP-9: no way leads to another file, however it is spelt."""
    name = "debian/pool/inner_2.0_amd64.deb"
    with serving(bundle) as server:
        assert get(server, f"/{name}") == (200, (bundle / name).read_bytes())
        assert get(server, "/debian/./pool//inner%5F2.0_amd64.deb")[0] == 200
        assert get(server, f"/{name}", "HEAD") == (200, b"")
        assert b"thing-1.0" in get(server, "/wheels/")[1]
        assert get(server, "/")[1] == (bundle / manifest.NAME).read_bytes()
        for path in (
            "/secret",
            "/../outside",
            "/%2e%2e/outside",
            "/debian/../../outside",
            "/debian/../secret",
            "/debian",
            "//etc/passwd",
            "/%00",
        ):
            assert get(server, path)[0] == 404, path
        assert get(server, f"/{name}", "POST")[0] == 501
        assert get(server, f"/{name}", "DELETE")[0] == 501


def test_many_are_served_at_once(bundle: Path) -> None:
    """R-PREP-9: hosts install in parallel."""
    with serving(bundle) as server, ThreadPoolExecutor(32) as pool:
        asked = list(pool.map(lambda _: get(server, "/debian/Packages"), range(64)))
    assert set(asked) == {(200, (bundle / "debian/Packages").read_bytes())}


def test_a_renewed_bundle_is_served_without_a_restart(maker: Maker, bundle: Path) -> None:
    with serving(bundle) as server:
        assert get(server, "/debian/pool/outer_1.1_amd64.deb")[0] == 404
        maker.offer(outer="1.1", inner="1:2.0", other="1.0")
        maker.create()
        assert get(server, "/debian/pool/outer_1.1_amd64.deb")[0] == 200
        assert get(server, "/debian/pool/outer_1.0_amd64.deb")[0] == 404


def test_a_bundle_is_opened_at_an_address(bundle: Path, tmp_path: Path) -> None:
    """R-PREP-9: the manifest comes from the server, and may be pinned by its digest."""
    with serving(bundle) as server:
        url = f"http://127.0.0.1:{server.port}"
        digest = manifest.digest_of(bundle / manifest.NAME)
        source = open_source(f"{url}/", digest)
        assert source.manifest == manifest.read(bundle)
        assert source.manifest.digest == digest
        image = taken(source, tmp_path / "cache")
        assert image.path.read_bytes() == b"a disk"
        assert image.properties == {"os_type": "linux"}
        with pytest.raises(BundleError, match="another than cloud"):
            open_source(url, "0" * 64)
        with pytest.raises(BundleError, match="there is no bundle at"):
            open_source(f"{url}/elsewhere")
    with pytest.raises(BundleError, match="cannot be reached"):
        open_source(url)


def test_an_image_that_was_altered_is_refused(bundle: Path, tmp_path: Path) -> None:
    (bundle / "images/guest.qcow2").write_bytes(b"a disc")
    with pytest.raises(BundleError, match=r"images/guest.qcow2 of the bundle is altered"):
        taken(open_source(str(bundle)), tmp_path)


def test_where_it_listens_is_read_and_told(bundle: Path) -> None:
    assert listening_on("192.0.2.5:80") == ("192.0.2.5", 80)
    assert listening_on("192.0.2.5") == ("192.0.2.5", 8480)
    assert listening_on(":81")[1] == 81
    for wrong in ("here:there", "192.0.2.5:", "192.0.2.5:70000"):
        with pytest.raises(BundleError, match="no address and port"):
            listening_on(wrong)
    with serving(bundle) as server, pytest.raises(BundleError, match="port is taken") as caught:
        open_server(bundle, "127.0.0.1", server.port)
    assert f"--listen 127.0.0.1:{server.port + 1}" in caught.value.hint
    with pytest.raises(BundleError, match=r"cannot listen on 192.0.2.77"):
        open_server(bundle, "192.0.2.77", 8480)


def test_there_must_be_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no bundle"):
        open_server(tmp_path, "127.0.0.1", 0)
    (tmp_path / "a.tar").write_text("")
    with pytest.raises(BundleError, match="is a file") as caught:
        manifest.read(tmp_path / "a.tar")
    assert caught.value.hint.startswith("unpack it first: tar")
