"""A Ceph that is there already, by its conf and keyrings; and disks that a cluster still counts on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.errors import InputError
from gureum.model.load import LoadedCloud, load
from gureum.operate.existing_ceph import ceph_files

INPUT = """\
hosts:
  one: {roles: [controller, network, compute]}
ceph:
  existing: {conf: ceph/ceph.conf, keyrings: ceph}
"""
CLIENTS = ("glance", "cinder", "cinder-backup", "nova")


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedCloud:
    path = tmp_path / "cloud.yaml"
    path.write_text(INPUT)
    folder = tmp_path / "ceph"
    folder.mkdir()
    (folder / "ceph.conf").write_text("[global]\n\tfsid = 1\n\tmon host = 192.0.2.5\n")
    for name in CLIENTS:
        text = f'[client.{name}]\n\tkey = key-of-{name}==\n\tcaps mon = "profile rbd"\n'
        (folder / f"ceph.client.{name}.keyring").write_text(text)
    return load(path)


def test_conf_and_keys_are_read_beside_the_input(loaded: LoadedCloud) -> None:
    found = ceph_files(loaded)
    assert "mon host = 192.0.2.5" in found.conf
    assert {name: key.reveal() for name, key in found.keys.items()} == {
        f"client.{name}": f"key-of-{name}==" for name in CLIENTS
    }


def test_all_that_is_missing_is_named_at_once(loaded: LoadedCloud, tmp_path: Path) -> None:
    folder = tmp_path / "ceph"
    (folder / "ceph.conf").write_text("[global]\n")
    (folder / "ceph.client.nova.keyring").unlink()
    (folder / "ceph.client.glance.keyring").write_text("[client.other]\nkey = x\n")
    (folder / "ceph.client.cinder.keyring").write_text("no keyring\n")
    with pytest.raises(InputError) as caught:
        ceph_files(loaded)
    said = [(d.summary, d.hint) for d in caught.value.diagnostics]
    assert [summary for summary, _ in said] == [
        "there is no ceph.conf of the cluster that is there already",
        "there is no key of client.glance",
        "there is no key of client.cinder",
        "there is no key of client.nova",
    ]
    assert said[-1][1].endswith("ceph auth get client.nova -o ceph.client.nova.keyring")
    assert all(d.source and d.source.line == 4 for d in caught.value.diagnostics)


def test_a_cloud_without_one_reads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text("hosts:\n  one: {roles: [controller, network, compute]}\n")
    assert ceph_files(load(path)).keys == {}
