"""What lets VMs move between compute hosts, and what one more of them changes on the others."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gureum.model.cloud import Cloud, Driver, FirewallDriver, Host, Network, Role
from gureum.services import declarations, libvirt_tls, nova_moving
from gureum.services.context import Context, Moving, SshKey
from gureum.services.declaration import Declaration
from gureum.state.secrets import Secret


def on(context: Context, host: str, computes: int) -> Context:
    """Return a host of a cloud with a controller and some compute hosts."""
    hosts = {"ctl": Host(roles=(Role.CONTROLLER, Role.NETWORK))}
    hosts |= {f"compute-{i}": Host(roles=(Role.COMPUTE,)) for i in range(1, computes + 1)}
    moving = Moving(
        certificate="certificate of " + host,
        key=Secret("key of " + host),
        user=SshKey(Secret("the user's key"), "ssh-ed25519 USER"),
        server=SshKey(Secret("the server's key"), "ssh-ed25519 SERVER"),
    )
    return replace(
        context,
        cloud=Cloud(hosts=hosts),
        host=host,
        addresses={name: f"192.0.2.{10 + i}" for i, name in enumerate(hosts)},
        moving=moving if host != "ctl" else Moving(),
    )


def declared(context: Context) -> dict[str, Declaration]:
    return {d.service: d for d in declarations(context)}


@pytest.mark.parametrize("computes", [1, 2])
def test_one_more_compute_host_changes_nothing_on_the_others(
    context: Context, computes: int
) -> None:
    """R-OPS-6: not even the first that is added to a single one."""
    before = declared(on(context, "compute-1", computes))
    after = declared(on(context, "compute-1", computes + 1))
    assert {name for name in before if before[name] != after[name]} <= {"firewall"}


def test_one_more_compute_host_restarts_nothing_on_the_controller(context: Context) -> None:
    before, after = (declared(on(context, "ctl", computes)) for computes in (1, 2))
    changed = {
        file.path for name, d in before.items() for file in d.files if file not in after[name].files
    }
    assert changed <= {"/etc/gureum/firewall.nft"}
    assert all(before[name].options == after[name].options for name in before)
    assert all(before[name].units == after[name].units for name in before)


def test_an_all_in_one_listens_for_no_other_host(context: Context) -> None:
    numbers = {p.number for d in declarations(context) for p in d.ports}
    assert not numbers & {libvirt_tls.PORT, nova_moving.SSH_PORT}


def test_vms_move_by_tls_between_known_ends(context: Context) -> None:
    found = declared(on(context, "compute-1", 2))
    values = {o.name: o.setting.value for o in found["nova"].options if o.section == "libvirt"}
    assert values["live_migration_scheme"] == "tls"
    assert values["live_migration_with_native_tls"] is True
    assert values["live_migration_inbound_addr"] == "192.0.2.11"
    files = {f.path: f for f in found["libvirt"].files}
    assert f"OU={libvirt_tls.UNIT}" in files["/etc/libvirt/libvirtd.conf"].content
    keys = [f for d in found.values() for f in d.files if f.path.endswith(("key.pem", "_key"))]
    assert len(keys) == 6
    assert all(f.hidden and f.mode & 0o007 == 0 for f in keys)


@pytest.fixture
def deeds(context: Context, tmp_path: Path) -> Path:
    """The program that nova's key leads to, with its folder of VMs in the test's own."""
    files = {f.path: f for f in declared(on(context, "compute-1", 2))["nova"].files}
    script = files["/usr/local/lib/gureum/bin/nova-migration"].content
    path = tmp_path / "nova-migration"
    path.write_text(script.replace(nova_moving.INSTANCES, str(tmp_path / "instances")))
    (tmp_path / "instances").mkdir()
    (tmp_path / "secret").write_text("of the host\n")
    return path


def said(deeds: Path, command: str) -> int:
    place = str(deeds.parent)
    done = subprocess.run(
        ["sh", str(deeds)],
        env={"SSH_ORIGINAL_COMMAND": command.replace("@", place), "PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
    )
    return done.returncode


def test_novas_key_makes_and_removes_what_a_copy_needs(deeds: Path) -> None:
    made = deeds.parent / "instances" / "0b1c-2d" / "disk"
    assert said(deeds, "mkdir -p @/instances/0b1c-2d") == 0
    assert said(deeds, "touch @/instances/0b1c-2d/disk") == 0
    assert made.exists()
    assert said(deeds, "rm @/instances/0b1c-2d/disk") == 0
    assert not made.exists()
    assert said(deeds, "rm -rf @/instances/0b1c-2d") == 0
    assert not made.parent.exists()


@pytest.mark.parametrize(
    "command",
    [
        "",
        "sh",
        "cat @/secret",
        "rm @/secret",
        "rm -rf @",
        "rm -rf @/instances",
        "rm -rf @/instances/",
        "rm -rf @/instances/../secret",
        "touch @/instances/a @/secret",
        "touch @/instances/a;rm${IFS}@/secret",
        "touch @/instances/$(id)",
        "mkdir -p @/instances/a && id",
        "mkdir -p @/instancesx/a",
        "rm -rf @/instances/a @/secret",
    ],
)
def test_novas_key_does_nothing_else(deeds: Path, command: str) -> None:
    assert said(deeds, command) == 126
    assert (deeds.parent / "secret").exists()
    assert not list((deeds.parent / "instances").iterdir())


@pytest.mark.parametrize(
    ("network", "waits"),
    [
        (Network(), True),
        (Network(driver=Driver.OVS), True),
        (Network(driver=Driver.OVS, firewall=FirewallDriver.OPENVSWITCH), False),
    ],
)
def test_a_move_waits_for_the_port_where_it_can_be_wired_beforehand(
    context: Context, network: Network, waits: bool
) -> None:
    """R-OPS-6, R-SVC-5: a tap that libvirt makes with the VM is wired no earlier."""
    here = on(context, "compute-1", 2)
    here = replace(here, cloud=here.cloud.model_copy(update={"network": network}))
    found = {o.name for o in nova_moving.options(here)}
    assert ("live_migration_wait_for_vif_plug" not in found) is waits
