"""What a cloud.yaml that is right becomes."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from gureum.diagnostics import Source
from gureum.errors import InputError
from gureum.model.cloud import Role
from gureum.model.load import BUILT_IN, default_cloud, load

TEXT = """\
name: lab
release: 2026.2
hosts:
  one: &one
    roles: [controller, network, compute]
    address: 192.0.2.11
networks:
config:
  nova.conf:
    DEFAULT:
      debug: yes
      cpu_allocation_ratio: 2.5
      compute: 6.10
      mode: 0640
      workers: 4
      flags: [a, b]
      reserved: true
"""
LOADED = load(Path("cloud.yaml"), TEXT)


def test_the_default_is_an_all_in_one_in_the_lab() -> None:
    """R-TOPO-1: without an input there is one host with every role that is needed."""
    cloud = default_cloud().cloud
    assert cloud.name == "cloud"
    (host,) = cloud.hosts.values()
    assert set(host.roles) == {Role.CONTROLLER, Role.NETWORK, Role.COMPUTE}
    assert load(None).cloud == cloud


def test_the_default_takes_another_name() -> None:
    assert default_cloud("second").cloud.name == "second"
    with pytest.raises(InputError, match="cannot be the name"):
        default_cloud("Second one")


def test_a_release_is_taken_as_it_is_written() -> None:
    """`2026.2` is a number to YAML; `2026.10` must not become 2026.1."""
    assert LOADED.cloud.release == "2026.2"


def test_a_key_without_a_value_counts_as_not_given() -> None:
    assert LOADED.cloud.networks == default_cloud().cloud.networks


def test_option_values_keep_what_the_operator_wrote() -> None:
    """R-CONF-6: a version or a file mode does not change on its way into a config file."""
    assert LOADED.cloud.config["nova.conf"]["DEFAULT"] == {
        "debug": "yes",
        "cpu_allocation_ratio": 2.5,
        "compute": "6.10",
        "mode": "0640",
        "workers": 4,
        "flags": ["a", "b"],
        "reserved": True,
    }


def test_addresses_are_typed() -> None:
    assert LOADED.cloud.hosts["one"].address == IPv4Address("192.0.2.11")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("hosts", "one", "roles", 2), 5),
        (("config", "nova.conf", "DEFAULT", "workers"), 15),
        (("config", "nova.conf", "DEFAULT", "not_there"), 10),
        (("config", "glance-api.conf"), 8),
        (("region",), None),
    ],
)
def test_a_key_is_located_at_its_line(path: tuple[str | int, ...], line: int | None) -> None:
    """R-CONF-1: an option that disagrees with another is named with its line."""
    assert LOADED.locate(path) == Source("cloud.yaml", line)


def test_the_built_in_cloud_says_so() -> None:
    assert default_cloud().locate(("release",)) == Source(BUILT_IN)


def test_anchors_and_merges_work() -> None:
    text = """\
hosts:
  one:
    port: 23
    <<: {roles: [controller, network, compute], port: 24, connection: ssh, address: 192.0.2.1}
networks: {provider: {cidr: 203.0.113.0/24}}
"""
    loaded = load(Path("cloud.yaml"), text)
    assert loaded.cloud.hosts["one"].port == 23
    assert loaded.locate(("hosts", "one", "port")).line == 3


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text(TEXT, encoding="utf-8-sig")
    assert load(path).cloud == LOADED.cloud
