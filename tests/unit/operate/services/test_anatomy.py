"""R-SVC-9: what a unit is made of, from the declarations alone."""

from __future__ import annotations

import pytest

from gureum.operate.known import Known
from gureum.operate.services.anatomy import Anatomy, anatomies
from gureum.operate.services.peers import Peer, peers
from gureum.operate.services.selection import select


def anatomy(cloud: Known, name: str) -> Anatomy:
    [found] = anatomies(cloud, select(cloud, [name]))
    return found


def test_an_api_with_all_that_belongs_to_it(cloud: Known) -> None:
    nova = anatomy(cloud, "nova-api")
    assert nova.unit_file == "/etc/systemd/system/nova-api.service"
    assert nova.command[0].endswith("/bin/uwsgi")
    assert nova.user == "nova"
    assert nova.environment["TZ"] == "UTC"
    assert set(nova.config_files) == {"/etc/nova/nova.conf", "/etc/nova/nova-database.conf"}
    assert nova.log_files == ("/var/log/nova/nova-api.log",)
    [port] = nova.ports
    assert (port.address, port.number, port.outside) == ("127.0.0.1", 8774, "192.0.2.11:8774")
    assert [e.url for e in nova.endpoints] == ["https://192.0.2.11:8774/v2.1"]
    assert nova.databases == ("nova_api", "nova_cell0", "nova")
    assert nova.vhosts == ("nova",)
    assert "mariadb" in nova.needs


@pytest.mark.parametrize(
    ("unit", "databases", "vhosts"),
    [
        ("nova-compute", (), ("nova",)),
        ("placement-api", ("placement",), ()),
        ("neutron-api", ("neutron",), ("neutron",)),
        ("memcached", (), ()),
        ("rabbitmq-server", (), ("neutron", "nova")),
    ],
)
def test_a_unit_has_the_databases_and_queues_that_its_files_lead_to(
    cloud: Known, unit: str, databases: tuple[str, ...], vhosts: tuple[str, ...]
) -> None:
    found = anatomy(cloud, unit)
    assert (found.databases, found.vhosts) == (databases, vhosts)


def test_the_database_server_holds_all_databases(cloud: Known) -> None:
    assert set(anatomy(cloud, "mariadb").databases) >= {"keystone", "nova", "neutron", "glance"}


def test_a_unit_of_the_distribution_has_its_drop_in_and_no_file_of_ours(cloud: Known) -> None:
    found = anatomy(cloud, "ovsdb-server")
    assert (found.unit_file, found.command) == ("", ())
    assert found.drop_in.endswith("ovsdb-server.service.d/gureum.conf")


def test_nothing_of_it_is_a_secret(cloud: Known) -> None:
    secrets = [s for s in cloud.blueprint.secrets._values.values() if len(s) > 8]
    said = str(anatomies(cloud, select(cloud, [])))
    assert not [s for s in secrets if s in said]


def end(unit: str, port: int, peer: str, peer_port: int, address: str = "192.0.2.11") -> dict:  # type: ignore[type-arg]
    return {
        "address": "192.0.2.11", "port": port, "unit": unit, "process": "",
        "peer": {"address": address, "port": peer_port, "unit": peer, "process": ""},
    }  # fmt: skip


def test_peers_are_named_by_unit_host_or_address() -> None:
    connections = [
        end("mariadb.service", 3306, "nova-api.service", 40000),
        end("mariadb.service", 3306, "nova-api.service", 40001),
        end("mariadb.service", 3306, "", 40002, "192.0.2.12"),
        end("mariadb.service", 3306, "", 40003, "198.51.100.9"),
        end("mariadb.service", 50000, "haproxy.service", 5000),
        end("nova-api.service", 40000, "mariadb.service", 3306),
    ]
    found = peers("mariadb.service", {("192.0.2.11", 3306)}, connections, {"192.0.2.12": "two"})
    assert found.served == (
        Peer(name="nova-api", port=3306, count=2),
        Peer(name="198.51.100.9", port=3306, count=1),
        Peer(name="host two", port=3306, count=1),
    )
    assert found.used == (Peer(name="haproxy", port=5000, count=1),)
