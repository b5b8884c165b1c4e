"""The cloud's own authority: its certificates verify, and change only when they must."""

from __future__ import annotations

import datetime
import ipaddress
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store

from gureum.state.authority import Authority
from gureum.state.folder import CloudFolder


@pytest.fixture
def folder(tmp_path: Path) -> CloudFolder:
    return CloudFolder("t", tmp_path).make()


def test_a_certificate_verifies_for_its_names_and_addresses(folder: CloudFolder) -> None:
    authority = Authority(folder)
    issued = authority.certificate("one", ["one", "10.0.0.10"])
    leaf = x509.load_pem_x509_certificate(issued.chain.encode())
    store = Store([x509.load_pem_x509_certificate(authority.pem.encode())])
    for name in (x509.DNSName("one"), x509.IPAddress(ipaddress.ip_address("10.0.0.10"))):
        chain = PolicyBuilder().store(store).build_server_verifier(name).verify(leaf, [])
        assert len(chain) == 2
    assert load_pem_private_key(issued.key.encode(), None).public_key() == leaf.public_key()


def test_the_same_names_get_the_same_certificate(folder: CloudFolder) -> None:
    first = Authority(folder).certificate("one", ["one", "10.0.0.10"])
    assert Authority(folder).certificate("one", ["10.0.0.10", "one"]).bundle == first.bundle
    assert Authority(folder).certificate("one", ["one"]).bundle != first.bundle


def test_a_certificate_near_its_end_is_replaced(
    folder: CloudFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Authority(folder).certificate("one", ["one"])
    monkeypatch.setattr("gureum.state.authority._RENEW_DAYS", 10000)
    assert Authority(folder).certificate("one", ["one"]).bundle != first.bundle


def test_keys_are_for_their_owner_only(folder: CloudFolder) -> None:
    Authority(folder).certificate("one", ["one"])
    for path in (folder.ca_key, *folder.certificates.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_authority_lasts_longer_than_what_it_issues(folder: CloudFolder) -> None:
    authority = Authority(folder)
    ca = x509.load_pem_x509_certificate(authority.pem.encode())
    leaf = x509.load_pem_x509_certificate(authority.certificate("one", ["one"]).chain.encode())
    assert leaf.not_valid_after_utc < ca.not_valid_after_utc
    assert leaf.not_valid_before_utc < datetime.datetime.now(datetime.UTC)
